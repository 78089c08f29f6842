import type { Purpose } from './generated/client.ts';
import type { Register } from './register.ts';
import { ms, msOrNull, wordOf } from './values.ts';
import type { Vault } from './vault.ts';

const KINDS = ['case', 'filing', 'incident', 'safety', 'request'] as const;
/** What somebody looks for (domain.md 5.3). */
export type PurposeKind = (typeof KINDS)[number];

/** A stated purpose. Times are epoch ms. */
export interface PurposeRow {
  readonly id: number;
  readonly accountId: number;
  readonly purpose: PurposeKind;
  readonly caseNumber: string;
  /** When the case number must be there; null: none is needed. */
  readonly caseDueAt: number | null;
  readonly reason: string;
  /** Null: the whole site, for the privacy officer. */
  readonly buildingId: number | null;
  readonly rangeFrom: number;
  readonly rangeUntil: number;
  readonly openedAt: number;
  readonly expiresAt: number;
  readonly closedAt: number | null;
  /** When the second act opened it for persons. */
  readonly peopleAt: number | null;
  /** Journal entry that says it was opened; what is done under it cites this index. */
  readonly entryIndex: number;
}

export type NewPurpose = Omit<PurposeRow, 'id' | 'closedAt' | 'peopleAt'>;

/** Purposes under which people are looked at. */
export interface Purposes {
  open(purpose: NewPurpose): Promise<PurposeRow>;
  find(id: number): Promise<PurposeRow | undefined>;
  /** The account's own, newest first. */
  ofAccount(accountId: number, most: number): Promise<readonly PurposeRow[]>;
  /** Case purposes whose number is late at `now`, of one account or of all, oldest first. */
  overdue(now: number, accountId?: number): Promise<readonly PurposeRow[]>;
  setCaseNumber(id: number, caseNumber: string): Promise<PurposeRow>;
  close(id: number, now: number): Promise<PurposeRow>;
  openPeople(id: number, now: number): Promise<PurposeRow>;
  /** Kinds of the purposes that these journal entries opened, by index of the entry. */
  kindsByEntry(indexes: readonly number[]): Promise<ReadonlyMap<number, PurposeKind>>;
}

const purposeRow = (vault: Vault, { reasonSealed, purpose, ...row }: Purpose): PurposeRow => ({
  ...row,
  purpose: wordOf('Purpose.purpose', KINDS, purpose),
  reason: vault.open('purpose.reason', reasonSealed),
  caseDueAt: msOrNull(row.caseDueAt),
  rangeFrom: ms(row.rangeFrom),
  rangeUntil: ms(row.rangeUntil),
  openedAt: ms(row.openedAt),
  expiresAt: ms(row.expiresAt),
  closedAt: msOrNull(row.closedAt),
  peopleAt: msOrNull(row.peopleAt),
});

/** Purposes of the register. */
export function purposesOf({ read, write, vault }: Register): Purposes {
  const row = (purpose: Purpose): PurposeRow => purposeRow(vault, purpose);
  const change = async (id: number, data: { caseNumber: string } | { closedAt: number } | { peopleAt: number }): Promise<PurposeRow> =>
    row(await write((db) => db.purpose.update({ where: { id }, data })));
  return {
    open: async ({ reason, ...purpose }) => row(await write((db) => db.purpose.create({ data: { ...purpose, reasonSealed: vault.seal('purpose.reason', reason) } }))),
    async find(id) {
      const found = await read.purpose.findUnique({ where: { id } });
      return found === null ? undefined : row(found);
    },
    ofAccount: async (accountId, most) => (await read.purpose.findMany({ where: { accountId }, orderBy: { id: 'desc' }, take: most })).map(row),
    async overdue(now, accountId) {
      const where = { caseNumber: '', caseDueAt: { lte: now }, ...(accountId === undefined ? {} : { accountId }) };
      return (await read.purpose.findMany({ where, orderBy: { id: 'asc' } })).map(row);
    },
    setCaseNumber: (id, caseNumber) => change(id, { caseNumber }),
    close: (id, now) => change(id, { closedAt: now }),
    openPeople: (id, now) => change(id, { peopleAt: now }),
    async kindsByEntry(indexes) {
      const found = await read.purpose.findMany({ where: { entryIndex: { in: [...new Set(indexes)] } }, select: { entryIndex: true, purpose: true } });
      return new Map(found.map(({ entryIndex, purpose }) => [entryIndex, wordOf('Purpose.purpose', KINDS, purpose)]));
    },
  };
}
