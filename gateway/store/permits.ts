import { PERMIT_REASONS, PERMIT_STATES, type PermitReason, type PermitState } from '../core/permit.ts';
import type { ReadDb, Register, WriteDb } from './register.ts';
import { msOrNull, wordOf } from './values.ts';
import type { Vault } from './vault.ts';

/** A person's residence permit; one, or none yet. Unsealed: for views alone. Times are epoch ms. */
export interface PermitRow {
  readonly personId: number;
  /** Where he is registered by what is on it; 0: none. */
  readonly occupantId: number;
  readonly state: PermitState;
  readonly reason: PermitReason | '';
  /** Why it was refused or ended; '' nothing. */
  readonly words: string;
  readonly appliedAt: number | null;
  readonly acceptedAt: number | null;
  /** By when it is issued, counted from the acceptance. */
  readonly issueDueAt: number | null;
  /** 16 hexadecimal digits; '' it was not issued. */
  readonly number: string;
  readonly issuedAt: number | null;
  /** The yearly endorsement is due by then. */
  readonly validUntil: number | null;
  /** Years of residence count from here: from the issue, or from the last endorsement that was late. */
  readonly countedFrom: number | null;
  readonly replaced: number;
  /** 0: there is none. */
  readonly version: number;
}

const reasonOf = (word: string): PermitReason | '' => PERMIT_REASONS.find((reason) => reason === word) ?? '';

/** The permit of a person as the register has it. */
export async function permitOf(db: Pick<ReadDb | WriteDb, 'residencePermit'>, vault: Vault, personId: number): Promise<PermitRow> {
  const row = await db.residencePermit.findUnique({ where: { personId } });
  if (row === null) {
    const never = { appliedAt: null, acceptedAt: null, issueDueAt: null, issuedAt: null, validUntil: null, countedFrom: null } as const;
    return { ...never, personId, occupantId: 0, state: 'none', reason: '', words: '', number: '', replaced: 0, version: 0 };
  }
  const { occupantId, number, replaced, version } = row;
  return {
    ...{ personId, occupantId, number, replaced, version },
    state: wordOf('ResidencePermit.state', PERMIT_STATES, row.state),
    reason: reasonOf(row.reason),
    words: row.wordsSealed === null ? '' : vault.open('permit.words', row.wordsSealed),
    appliedAt: msOrNull(row.appliedAt),
    acceptedAt: msOrNull(row.acceptedAt),
    issueDueAt: msOrNull(row.issueDueAt),
    issuedAt: msOrNull(row.issuedAt),
    validUntil: msOrNull(row.validUntil),
    countedFrom: msOrNull(row.countedFrom),
  };
}

/** Occupants with a permit the counter has to act on: asked for, to be issued, or to be endorsed by `dueBy` (epoch ms); the first due first. `buildings` undefined: everywhere. */
export async function permitsWaiting({ read }: Pick<Register, 'read'>, buildings: readonly number[] | undefined, dueBy: number, limit: number): Promise<number[]> {
  const rows = await read.residencePermit.findMany({
    where: {
      OR: [{ state: { in: ['applied', 'accepted'] } }, { state: 'issued', validUntil: { lte: BigInt(dueBy) } }],
      ...(buildings === undefined ? {} : { occupant: { tenancy: { unit: { buildingId: { in: [...buildings] } } } } }),
    },
    orderBy: [{ issueDueAt: { sort: 'asc', nulls: 'last' } }, { id: 'asc' }],
    take: limit,
    select: { occupantId: true },
  });
  return rows.map(({ occupantId }) => occupantId);
}
