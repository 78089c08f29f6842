import { addVaultKeys, dropOldVaultKeys } from './keys.ts';
import { type PersonTerms, personTermsOf } from './person-terms.ts';
import type { Register, WriteDb } from './register.ts';
import { ROWS_AT_ONCE, SEALED_TABLES, type SealedTable } from './sealed-columns.ts';
import { StoreError } from './sqlite.ts';

/**
 * New keys for sealing and for search hashes, while everything runs (design.md 10). The state is the key file alone:
 * as long as it holds two keys of a kind a change is under way, and going through the register again finishes it,
 * whatever happened in between.
 */
export interface Rotation {
  /** Begun and not finished, also in an earlier life of the process. */
  pending(): boolean;
  /** Puts new keys on disk, in both copies, and uses them from now on; between two writes, never during one. Nothing else is changed yet. */
  begin(): Promise<void>;
  /** Goes through everything once, in small writes; `told` hears after each how many rows were sealed anew, and is waited for. Resolves with the number, 0: nothing was left under an old key. */
  pass(told: (rows: number) => Promise<void>, goOn: () => boolean): Promise<number>;
  /** Forgets the old keys. For after a pass that found nothing and that began when no value sealed before was on its way any more. */
  finish(): Promise<void>;
}

type Found = readonly (readonly [rowid: number, ...sealed: string[]])[];

/** Seals anew what of one window of a table is under an old key; how many rows that were. */
async function resealWindow(db: WriteDb, { vault }: Pick<Register, 'vault'>, { table, columns, rows = ROWS_AT_ONCE }: SealedTable, from: number): Promise<number> {
  const head = Buffer.from(vault.sealHead).toString('hex');
  const names = Object.keys(columns);
  const old = names.map((name) => `(length("${name}") > 0 AND substr("${name}", 1, 3) <> unhex(?))`).join(' OR ');
  const ask = `SELECT json_group_array(json_array("rowid", ${names.map((name) => `hex("${name}")`).join(', ')})) AS "rows" FROM "${table}" WHERE "rowid" > ? AND "rowid" <= ? AND (${old})`;
  const [answer] = await db.$queryRawUnsafe<{ rows: string }[]>(ask, from, from + rows, ...names.map(() => head));
  const found: Found = JSON.parse(answer?.rows ?? '[]');
  if (found.length === 0) return 0;
  const fields = Object.values(columns);
  const anew = found.map(([rowid, ...sealed]) => [
    rowid,
    ...sealed.map((text, at) => {
      const field = fields[at];
      if (field === undefined || text === '') return null;
      try {
        return Buffer.from(vault.sealBytes(field, vault.openBytes(field, Buffer.from(text, 'hex')))).toString('hex');
      } catch (error) {
        throw new StoreError(`${table} ${rowid}, ${names[at]}: the value does not open, so the keys cannot be changed. Restore the register from a backup.`, { cause: error });
      }
    }),
  ]);
  const sets = names.map((name, at) => `"${name}" = coalesce(unhex(j."value"->>${at + 1}), "${name}")`).join(', ');
  await db.$executeRawUnsafe(`UPDATE "${table}" SET ${sets} FROM json_each(?) AS j WHERE "${table}"."rowid" = j."value"->>0`, JSON.stringify(anew));
  return found.length;
}

/** Changing the keys of a register whose key files lie in `dir`. */
export function rotationOf(register: Register, dir: string, terms: PersonTerms = personTermsOf(register)): Rotation {
  const { vault, read } = register;
  /** First and last row behind one; undefined: there is none. */
  async function rowsBehind(table: string, row: number): Promise<{ first: number; last: number } | undefined> {
    const [found] = await read.$queryRawUnsafe<{ first: number | bigint | null; last: number | bigint | null }[]>(
      `SELECT (SELECT min("rowid") FROM "${table}" WHERE "rowid" > ?) AS "first", (SELECT max("rowid") FROM "${table}") AS "last"`,
      row,
    );
    return found?.first == null ? undefined : { first: Number(found.first), last: Number(found.last) };
  }
  return {
    pending: () => vault.changing,
    begin: () =>
      register.write(async () => {
        addVaultKeys(dir);
        vault.refresh();
      }),
    async pass(told, goOn) {
      let rows = 0;
      const add = (more: number): Promise<void> => {
        rows += more;
        return told(more);
      };
      for (const sealed of SEALED_TABLES) {
        const last = (await rowsBehind(sealed.table, 0))?.last ?? 0;
        // Gaps are stepped over: rows that live for a day have high numbers in time.
        for (let at = await rowsBehind(sealed.table, 0); at !== undefined && at.first <= last && goOn(); ) {
          const from = at.first - 1;
          await add(await register.write((db) => resealWindow(db, register, sealed, from)));
          at = await rowsBehind(sealed.table, from + (sealed.rows ?? ROWS_AT_ONCE));
        }
      }
      for (let more = 1; more > 0 && goOn(); ) {
        more = await terms.catchUp();
        await add(more);
      }
      return rows;
    },
    finish: () =>
      register.write(async () => {
        dropOldVaultKeys(dir);
        vault.refresh();
      }),
  };
}
