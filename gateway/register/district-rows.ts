import { type DistrictContext, type DistrictPart, readDistrictPart } from '../exchange/district-file.ts';
import type { RosterRow } from '../exchange/roster-row.ts';
import { createBreath } from '../exchange/slice.ts';
import type { Vault } from '../store/vault.ts';
import { type PersonSeals, sealingWith } from './roster-flip.ts';
import { keysOf, type RowKeys } from './roster-known.ts';

/** A row with everything that takes time already made: what it is found by, and its sealed columns. */
export interface SealedRow {
  readonly row: RosterRow;
  readonly keys: RowKeys;
  readonly person: PersonSeals;
  /** In the order of the row's cards. */
  readonly cards: readonly string[];
}

/** A piece of a district's roster that only has to be held against the register and written. */
export interface SealedPart extends Omit<DistrictPart, 'buildings'> {
  readonly buildings: readonly { readonly code: string; readonly rows: readonly SealedRow[] }[];
  /** Under which keys: of other ones it is made again. */
  readonly hashKey: number;
  readonly sealHead: Uint8Array;
}

/** Makes it; another thread's work, so that the desk only writes (design.md 4). */
export type SealPart = (bytes: Uint8Array, context: DistrictContext) => Promise<SealedPart>;

/** Reads, hashes and seals a piece. Gives the thread away in between. */
export const sealPartWith =
  (vault: Vault): SealPart =>
  async (bytes, context) => {
    const { hashKey, sealHead } = vault;
    const part = await readDistrictPart(bytes, context);
    const sealing = sealingWith(vault);
    const breathe = createBreath();
    const buildings: { code: string; rows: readonly SealedRow[] }[] = [];
    for (const { code, rows } of part.buildings) {
      const sealed: SealedRow[] = [];
      for (const [at, keys] of (await keysOf(vault, rows)).entries()) {
        await breathe();
        const row = rows[at];
        if (row !== undefined) sealed.push({ row, keys, person: sealing.person(row), cards: row.cards.map((card) => sealing.card(card)) });
      }
      buildings.push({ code, rows: sealed });
    }
    return { ...part, buildings, hashKey, sealHead };
  };
