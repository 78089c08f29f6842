import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';
import { createAccessIndex } from '../../gateway/core/access-index.ts';
import { openIndexSource } from '../../gateway/store/index-source.ts';
import { migrateRegister } from '../../gateway/store/migrate.ts';
import { bounded, type Row } from './row.ts';

const PEOPLE = 1_140_000;
const UNITS = 443_000;
const BUILDINGS = 20_000;
const CREDENTIALS = 1_500_000;

/** One statement for each table, counting up, so that a district is made in seconds. Triggers are off: nobody follows this file. */
const FILL = [
  `INSERT INTO "Site" ("id", "code", "name") VALUES (1, 'bench', 'Bench')`,
  `INSERT INTO "Building" ("id", "code", "siteId", "name") SELECT value, 'B' || value, 1, '' FROM generate_series(1, ${BUILDINGS})`,
  `INSERT INTO "RentalUnit" ("id", "code", "buildingId", "floor", "room") SELECT value, 'U' || value, value % ${BUILDINGS} + 1, 1, value FROM generate_series(1, ${UNITS})`,
  `INSERT INTO "Door" ("id", "code", "buildingId", "kind", "name") SELECT value, 'D' || value, value, 'street', '' FROM generate_series(1, ${BUILDINGS})`,
  `INSERT INTO "Person" ("id", "nameSealed", "documentCheckedBy", "createdAt") SELECT value, zeroblob(40), 'landlord', 1 FROM generate_series(1, ${PEOPLE})`,
  `INSERT INTO "Tenancy" ("id", "unitId", "startAt", "createdAt") SELECT value, value, 1000, 1 FROM generate_series(1, ${UNITS})`,
  `INSERT INTO "Occupant" ("tenancyId", "personId", "fromAt") SELECT value % ${UNITS} + 1, value, 1000 FROM generate_series(1, ${PEOPLE})`,
  `INSERT INTO "Credential" ("id", "fingerprint", "valueSealed", "tail", "personId", "createdAt") SELECT value, randomblob(12), zeroblob(34), '0000', value % ${PEOPLE} + 1, 1 FROM generate_series(1, ${CREDENTIALS})`,
];

/** The driver's SQLite has no generate_series: a counting query in its place. */
const series = (sql: string): string =>
  sql.replace(
    /generate_series\(1, (\d+)\)/,
    (_, last: string) => `(WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < ${last}) SELECT value FROM n)`,
  );

function fill(file: string): void {
  const db = new Database(file);
  db.pragma('synchronous = OFF');
  db.pragma('foreign_keys = OFF');
  const triggers = db.prepare(`SELECT name FROM sqlite_master WHERE type = 'trigger'`).pluck().all();
  for (const name of triggers) db.exec(`DROP TRIGGER "${String(name)}"`);
  for (const sql of FILL) db.exec(series(sql));
  db.close();
}

/** How long a gateway reads a whole district into its index at start, against reading the same credential rows and keeping nothing. */
export function loadBench(): Row[] {
  const dir = mkdtempSync(path.join(tmpdir(), 'doorbook-index-'));
  const file = path.join(dir, 'register.sqlite');
  try {
    migrateRegister(file);
    fill(file);
    const source = openIndexSource(file);
    const index = createAccessIndex(CREDENTIALS);
    const began = performance.now();
    source.load(index);
    const ours = (performance.now() - began) / 1000;
    source.close();
    if (index.credentials !== CREDENTIALS) throw new Error(`the index holds ${index.credentials} credentials`);
    const db = new Database(file, { readonly: true });
    const read = performance.now();
    for (const _ of db.prepare('SELECT "id", "fingerprint", "status", "validFrom", "validUntil", "personId" FROM "Credential"').raw().iterate());
    const bare = (performance.now() - read) / 1000;
    db.close();
    return [bounded('load the access index at start, 1.5 m credentials', { ours, bare }, 10, 's')];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
