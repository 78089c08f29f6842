import type { Hold } from './generated/client.ts';
import type { ReadDb, Register } from './register.ts';
import { ms, msOrNull, wordOf } from './values.ts';
import type { Vault } from './vault.ts';

const SUBJECTS = ['person', 'unit', 'building', 'entries'] as const;
/** What a hold is on; `entries`: a building's part of the log. */
export type HoldSubject = (typeof SUBJECTS)[number];

/** Data that is kept for a case beyond its time. Times are epoch ms. */
export interface HoldRow {
  readonly id: number;
  readonly caseNumber: string;
  readonly subject: HoldSubject;
  readonly subjectId: number;
  /** Of entries: the range held; `rangeUntil` is not in it. */
  readonly rangeFrom: number | null;
  readonly rangeUntil: number | null;
  readonly reason: string;
  /** Why it was ended, '' while it stands. */
  readonly releaseNote: string;
  readonly placedBy: number;
  readonly placedAt: number;
  readonly reviewAt: number;
  readonly releasedBy: number | null;
  readonly releasedAt: number | null;
}

export type NewHold = Omit<HoldRow, 'id' | 'releaseNote' | 'releasedBy' | 'releasedAt' | 'placedAt'>;

/** What stands at one moment, for a question "may this go?". */
export interface Held {
  readonly persons: ReadonlySet<number>;
  readonly units: ReadonlySet<number>;
  readonly buildings: ReadonlySet<number>;
  readonly cases: ReadonlySet<string>;
  readonly ranges: readonly { readonly buildingId: number; readonly from: number; readonly until: number }[];
}

/** Holds by case. */
export interface Holds {
  place(hold: NewHold, now: number): Promise<HoldRow>;
  find(id: number): Promise<HoldRow | undefined>;
  /** False: it was released before. */
  release(id: number, by: { readonly accountId: number; readonly note: string }, now: number): Promise<boolean>;
  /** Standing ones by review date, the nearest first, or released ones, newest first; behind a row if one is named. */
  list(released: boolean, limit: number, after?: { readonly at: number; readonly id: number }): Promise<readonly HoldRow[]>;
}

/** Both notes in one sealed column: the release is told with the hold it ends. */
interface Notes {
  readonly reason: string;
  readonly release: string;
}

const sealNotes = (vault: Vault, notes: Notes): Uint8Array<ArrayBuffer> => vault.seal('hold.reason', JSON.stringify(notes));
function openNotes(vault: Vault, sealed: Uint8Array): Notes {
  const notes: Notes = JSON.parse(vault.open('hold.reason', sealed));
  return notes;
}

function holdRow(vault: Vault, { reasonSealed, ...row }: Hold): HoldRow {
  const { reason, release } = openNotes(vault, reasonSealed);
  return {
    ...row,
    reason,
    releaseNote: release,
    subject: wordOf('Hold.subject', SUBJECTS, row.subject),
    rangeFrom: msOrNull(row.rangeFrom),
    rangeUntil: msOrNull(row.rangeUntil),
    placedAt: ms(row.placedAt),
    reviewAt: ms(row.reviewAt),
    releasedAt: msOrNull(row.releasedAt),
  };
}

/** Everything held now, read through the handle given: inside a write nobody can place another one meanwhile. A hold whose review date passed still holds. */
export async function heldNow(db: Pick<ReadDb, 'hold'>): Promise<Held> {
  const rows = await db.hold.findMany({ where: { releasedAt: null }, select: { subject: true, subjectId: true, caseNumber: true, rangeFrom: true, rangeUntil: true } });
  const of = (wanted: HoldSubject): Set<number> => new Set(rows.filter(({ subject }) => subject === wanted).map(({ subjectId }) => subjectId));
  const ranges = rows
    .filter(({ subject }) => subject === 'entries')
    .map(({ subjectId, rangeFrom, rangeUntil }) => ({ buildingId: subjectId, from: ms(rangeFrom ?? 0n), until: msOrNull(rangeUntil) ?? Number.MAX_SAFE_INTEGER }));
  return { persons: of('person'), units: of('unit'), buildings: of('building'), cases: new Set(rows.map(({ caseNumber }) => caseNumber)), ranges };
}

const behind = (column: 'reviewAt' | 'releasedAt', { at, id }: { at: number; id: number }) =>
  column === 'reviewAt'
    ? { OR: [{ reviewAt: { gt: BigInt(at) } }, { reviewAt: BigInt(at), id: { gt: id } }] }
    : { OR: [{ releasedAt: { lt: BigInt(at) } }, { releasedAt: BigInt(at), id: { lt: id } }] };

/** Holds of the register. */
export function holdsOf({ read, write, vault }: Register): Holds {
  return {
    async place({ reason, rangeFrom, rangeUntil, reviewAt, ...hold }, now) {
      const range = { rangeFrom: rangeFrom === null ? null : BigInt(rangeFrom), rangeUntil: rangeUntil === null ? null : BigInt(rangeUntil) };
      const data = { ...hold, ...range, reviewAt: BigInt(reviewAt), placedAt: BigInt(now), reasonSealed: sealNotes(vault, { reason, release: '' }) };
      return holdRow(vault, await write((db) => db.hold.create({ data })));
    },
    async find(id) {
      const row = await read.hold.findUnique({ where: { id } });
      return row === null ? undefined : holdRow(vault, row);
    },
    release: (id, { accountId, note }, now) =>
      write(async (db) => {
        const row = await db.hold.findUnique({ where: { id } });
        if (row === null || row.releasedAt !== null) return false;
        const reasonSealed = sealNotes(vault, { ...openNotes(vault, row.reasonSealed), release: note });
        await db.hold.update({ where: { id }, data: { releasedBy: accountId, releasedAt: BigInt(now), reasonSealed } });
        return true;
      }),
    async list(released, limit, after) {
      const column = released ? 'releasedAt' : 'reviewAt';
      const order = released ? 'desc' : 'asc';
      const rows = await read.hold.findMany({
        where: { releasedAt: released ? { not: null } : null, ...(after === undefined ? {} : { AND: behind(column, after) }) },
        orderBy: [{ [column]: order }, { id: order }],
        take: limit,
      });
      return rows.map((row) => holdRow(vault, row));
    },
  };
}
