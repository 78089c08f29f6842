import Database from 'better-sqlite3';
import { migrateRegister } from '../../gateway/store/migrate.ts';
import { pragmaStatements } from '../../gateway/store/sqlite.ts';

/** Tables a roster fills, each after those it hangs on. */
const TABLES = ['Site', 'Building', 'RentalUnit', 'Person', 'Tenancy', 'Occupant', 'Credential'];
const IN_BATCH = 2000;

type Cells = (string | number | bigint | Buffer | null)[];

function* rowsOf(from: Database.Database, table: string): Generator<Cells> {
  yield* from.prepare<[], Cells>(`SELECT * FROM "${table}"`).raw().iterate();
}

/** Only reads: what this costs is no part of writing. */
function reading(from: Database.Database): number {
  const began = performance.now();
  let rows = 0;
  for (const table of TABLES) for (const row of rowsOf(from, table)) rows += row.length > 0 ? 1 : 0;
  return rows === 0 ? 0 : performance.now() - began;
}

function writing(from: Database.Database, to: Database.Database): number {
  const began = performance.now();
  for (const table of TABLES) {
    const columns = from.prepare(`SELECT * FROM "${table}" LIMIT 1`).columns().length;
    const insert = to.prepare(`INSERT INTO "${table}" VALUES (${Array.from({ length: columns }, () => '?').join(', ')})`);
    let batch: Cells[] = [];
    const flush = to.transaction(() => {
      for (const row of batch) insert.run(row);
    });
    for (const row of rowsOf(from, table)) {
      batch.push(row);
      if (batch.length < IN_BATCH) continue;
      flush();
      batch = [];
    }
    flush();
  }
  return performance.now() - began;
}

/** Puts the people, homes and cards of a register into an empty one by prepared statements, 2,000 rows a transaction: seconds for the writing alone. */
export function plainCopy(source: string, target: string): number {
  migrateRegister(target);
  const [from, to] = [new Database(source, { readonly: true }), new Database(target)];
  for (const statement of pragmaStatements(false)) to.pragma(statement.replace(/^PRAGMA /, ''));
  for (const table of TABLES) to.exec(`DELETE FROM "${table}"`);
  const [read, both] = [reading(from), writing(from, to)];
  from.close();
  to.close();
  return (both - read) / 1000;
}
