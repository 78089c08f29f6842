import type { SheetBody } from '../register/commissioning.ts';
import type { CommissioningSheet } from './generated/client.ts';
import type { Register, WriteDb } from './register.ts';
import { ms, msOrNull, wordOf } from './values.ts';
import type { Vault } from './vault.ts';

const STATES = ['draft', 'signed'] as const;

/** One version of a door's sheet. Times are epoch ms; accounts null: the local operator, or nobody yet. */
export interface SheetRow {
  readonly id: number;
  readonly doorId: number;
  readonly version: number;
  readonly state: (typeof STATES)[number];
  readonly revision: number;
  readonly body: SheetBody;
  readonly photoId: number | null;
  readonly changedAt: number;
  readonly changedBy: number | null;
  readonly signedAt: number | null;
  readonly signedBy: number | null;
  readonly retestDue: number | null;
  readonly entryIndex: number | null;
}

/** A photo, clean as it was stored. */
export interface PhotoRow {
  readonly id: number;
  readonly type: string;
  readonly image: Uint8Array;
}

/** Commissioning sheets of doors: reading. `register/commission-door.ts` writes them. */
export interface Sheets {
  /** Every version, newest first. */
  of(doorId: number): Promise<readonly SheetRow[]>;
  photo(id: number): Promise<PhotoRow | undefined>;
}

/** A row as it is known outside; the vault opens what is sealed. */
const sheetRow = (vault: Vault, { bodySealed, state, changedAt, signedAt, retestDue, entryIndex, ...sheet }: CommissioningSheet): SheetRow => ({
  ...sheet,
  state: wordOf('CommissioningSheet.state', STATES, state),
  body: JSON.parse(vault.open('sheet.body', bodySealed)),
  changedAt: ms(changedAt),
  signedAt: msOrNull(signedAt),
  retestDue: msOrNull(retestDue),
  entryIndex: msOrNull(entryIndex),
});

/** The newest version of a door's sheet, through a running write or outside of one. */
export async function newestSheet(db: Pick<WriteDb, 'commissioningSheet'>, vault: Vault, doorId: number): Promise<SheetRow | undefined> {
  const found = await db.commissioningSheet.findFirst({ where: { doorId }, orderBy: { version: 'desc' } });
  return found === null ? undefined : sheetRow(vault, found);
}

/** Commissioning sheets of the register. */
export function sheetsOf({ read, vault }: Register): Sheets {
  return {
    of: async (doorId) => (await read.commissioningSheet.findMany({ where: { doorId }, orderBy: { version: 'desc' } })).map((row) => sheetRow(vault, row)),
    async photo(id) {
      const found = await read.doorPhoto.findUnique({ where: { id } });
      return found === null ? undefined : { id, type: found.type, image: vault.openBytes('photo.image', found.imageSealed) };
    },
  };
}
