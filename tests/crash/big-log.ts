import { randomBytes } from 'node:crypto';
import path from 'node:path';
import Database from 'better-sqlite3';
import { openLog } from '../../gateway/journal/log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { loadKeys } from '../../gateway/store/keys.ts';
import { tapEntry } from '../journal/samples.ts';

/** Real entries behind the made ones: more than are looked at when a log is opened. */
const REAL = 1500;
const SPAN_MS = 184 * 86_400_000;
/** Bytes of a sealed half, as most entries have it. */
const HALF_BYTES = 190;

/** Random bytes, fast: a window into a buffer that is made anew now and then. */
function bytesFrom(): (count: number) => Buffer {
  let [pool, at] = [randomBytes(1 << 20), 0];
  return (count) => {
    if (at + count > pool.length) [pool, at] = [randomBytes(1 << 20), 0];
    at += count;
    return pool.subarray(at - count, at);
  };
}

/** Columns that hold a tag of so many different things. */
const TAGS = { buildingTag: 3, doorTag: 200, personTag: 4000, unitTag: 2000, reasonTag: 0, accountTag: 0 } as const;

function insertRows(db: Database.Database, count: number): void {
  const random = bytesFrom();
  const tags = Object.entries(TAGS).map(([name, of]) => ({ name, values: Array.from({ length: of }, () => randomBytes(8)) }));
  const columns = ['idx', 'at', 'kind', 'result', 'dedup', 'cEvent', 'cPerson', 'leafHash', 'event', 'person', ...tags.map(({ name }) => name)];
  const insert = db.prepare(`INSERT INTO entry (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`);
  const began = Date.now() - SPAN_MS;
  for (let idx = 1; idx < count; idx++) {
    const at = began + Math.floor((idx / count) * SPAN_MS);
    const halves = [random(HALF_BYTES), random(HALF_BYTES)];
    insert.run(
      idx,
      at,
      1,
      1,
      random(16),
      random(32),
      random(32),
      random(32),
      ...halves,
      ...tags.map(({ values }, tag) => values[(idx * (tag + 7919)) % (values.length || 1)] ?? null),
    );
  }
}

/**
 * Puts so many entries into the log of a data directory, with the indexes, times, tiles and checkpoints of one that grew to
 * that size. All but the newest are random bytes where sealed contents would be: nothing opens them, and opening the log
 * does not either. Through the log itself it would take four times as long.
 */
export function makeBigLog(data: string, count: number): void {
  const keysDir = path.join(data, 'keys');
  const place = { file: path.join(data, 'journal.sqlite'), keysDir, root: loadKeys(keysDir).journalRoot };
  openLog(place).close();
  const db = new Database(place.file);
  db.pragma('synchronous = OFF');
  const indexes = db.prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'entry' AND sql IS NOT NULL").all();
  db.exec('BEGIN');
  for (const { name } of indexes) db.exec(`DROP INDEX ${name}`);
  insertRows(db, count - REAL);
  for (const { sql } of indexes) db.exec(sql);
  db.exec('COMMIT');
  db.close();
  // Makes the tiles, as for a log of an older version, and signs.
  const log = openLog(place);
  for (let seq = 1; seq <= REAL; seq += 500) log.append(Array.from({ length: Math.min(500, REAL - seq + 1) }, (_, at) => stage(tapEntry(seq + at, { gatewayTime: Date.now() }))));
  log.close();
}
