import Database from 'better-sqlite3';
import { type SealedTable, SEALED_TABLES } from './sealed-columns.ts';
import { type Connection, explained, openReadWrite, StoreError } from './sqlite.ts';
import type { Vault } from './vault.ts';

/** What a register file says about itself. */
export interface RegisterFacts {
  /** Number of its newest change. */
  readonly n: number;
  /** Name of its newest schema change. */
  readonly schema: string;
  readonly people: number;
  readonly credentials: number;
}

/** A gap in the row numbers, larger than what a site adds between two backups: entries of the log name people by number, so none may come twice. */
const ROW_GAP = 100_000;

const one = (db: Connection, sql: string): unknown => db.prepare(sql).pluck().get();

/** For reading, in whatever journal mode: the databases of a backup are single files. */
function openCopy(file: string): Connection {
  try {
    return new Database(file, { readonly: true, fileMustExist: true });
  } catch (error) {
    throw explained(file, error);
  }
}

/** Tables whose row numbers are counted and that never had a row. */
const UNCOUNTED = `INSERT INTO "sqlite_sequence" ("name", "seq") SELECT "name", 0 FROM "sqlite_master"
  WHERE "type" = 'table' AND "sql" LIKE '%AUTOINCREMENT%' AND "name" NOT IN (SELECT "name" FROM "sqlite_sequence")`;

/** Reads them. Throws StoreError. */
export function registerFacts(file: string): RegisterFacts {
  const db = openCopy(file);
  try {
    return {
      n: Number(one(db, `SELECT coalesce(max("seq"), 0) FROM "sqlite_sequence" WHERE "name" = 'Change'`)),
      schema: String(one(db, `SELECT max("migration_name") FROM "_prisma_migrations" WHERE "finished_at" IS NOT NULL`)),
      people: Number(one(db, 'SELECT count(*) FROM "Person"')),
      credentials: Number(one(db, 'SELECT count(*) FROM "Credential"')),
    };
  } catch (error) {
    throw explained(file, error);
  } finally {
    db.close();
  }
}

/** A value of each key that sealed something in this table, by what sealed values begin with. */
function samples(db: Connection, { table, columns }: SealedTable): { readonly column: string; readonly value: Buffer }[] {
  return Object.keys(columns).flatMap((column) =>
    db
      .prepare<[], { value: Buffer }>(`SELECT "${column}" AS value FROM "${table}" WHERE length("${column}") > 0 GROUP BY substr("${column}", 1, 3)`)
      .all()
      .map(({ value }) => ({ column, value })),
  );
}

/** Opens one value of every sealed column and key. Throws StoreError when the keys are not those of this register. */
export function checkSealed(file: string, vault: Vault): void {
  const db = openCopy(file);
  try {
    for (const sealed of SEALED_TABLES) {
      for (const { column, value } of samples(db, sealed)) {
        const field = sealed.columns[column];
        if (field !== undefined) vault.openBytes(field, value);
      }
    }
  } catch (error) {
    throw error instanceof StoreError ? new StoreError(`The keys do not open ${file}: ${error.message}`, { cause: error }) : explained(file, error);
  } finally {
    db.close();
  }
}

/**
 * Makes a register that was restored one to go on with: nobody is signed in, links not taken up yet are withdrawn
 * (some were, after the backup), and row numbers go on behind a gap. `now`: epoch ms. Throws StoreError.
 */
export function beginAgain(file: string, now: number): void {
  const db = openReadWrite(file);
  try {
    db.transaction(() => {
      db.exec('DELETE FROM "Session"; DELETE FROM "IdempotentAnswer"');
      db.prepare('UPDATE "Invitation" SET "revokedAt" = ? WHERE "usedAt" IS NULL AND "revokedAt" IS NULL').run(BigInt(now));
      db.exec(UNCOUNTED);
      db.prepare(`UPDATE "sqlite_sequence" SET "seq" = "seq" + ? WHERE "name" <> 'Change'`).run(ROW_GAP);
    })();
  } catch (error) {
    throw explained(file, error);
  } finally {
    db.close();
  }
}
