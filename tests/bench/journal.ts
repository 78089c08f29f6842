import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { BuildingId, ControllerId, CredentialId, DoorId, PersonId, TenancyId, UnitId } from '../../gateway/core/ids.ts';
import { eventOf, type NewEntry, NO_PERSON } from '../../gateway/journal/entry.ts';
import { type Log, type LogPlace, openLog } from '../../gateway/journal/log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { median, type Row, share } from './row.ts';

/** Rows both files hold before anything is timed: in a small file every index page is hot and SQL costs next to nothing. */
const BEFORE = 200_000;
const ROUNDS = 12;
const ROUND_ROWS = 5000;
const [BUILDINGS, DOORS, PERSONS, UNITS] = [200, 1000, 2000, 900];

let made = 0;

/** The next tap of a busy district, as the unlock path hands it over. */
function tap(now: number): NewEntry {
  made += 1;
  const granted = made % 10 !== 0;
  return {
    event: eventOf({
      kind: 'access',
      key: { controllerId: ControllerId(1 + (made % 500)), instance: '0123456789abcdef', boot: 3, seq: made },
      buildingId: BuildingId(1 + (made % BUILDINGS)),
      doorId: DoorId(1 + (made % DOORS)),
      granted,
      reason: granted ? 'OK' : 'WRONG_DOOR',
      method: 'card',
      openMs: 5000,
      deviceTime: now - 3,
      gatewayTime: now,
      skewMs: -3,
      list: '1.7',
      digest: '0011223344556677',
    }),
    person: {
      ...NO_PERSON,
      personId: PersonId(1 + (made % PERSONS)),
      unitId: UnitId(1 + (made % UNITS)),
      tenancyId: TenancyId(1 + (made % PERSONS)),
      credentialId: CredentialId(1 + (made % 3000)),
    },
  };
}

type RawRow = (number | Buffer | null)[];

/** Ready-made rows of the same shape: as many bytes in each column, as many different tags. */
function rowMaker(): (idx: number, now: number) => RawRow {
  const tags = Array.from({ length: BUILDINGS + DOORS + PERSONS + UNITS }, () => randomBytes(8));
  const noise = randomBytes(1 << 20);
  const bytes = (at: number, length: number): Buffer => noise.subarray((at * 97) % 900_000, ((at * 97) % 900_000) + length);
  const tag = (at: number): Buffer => tags[at] ?? Buffer.alloc(8);
  return (idx, now) => [
    idx,
    now,
    1,
    idx % 10 === 0 ? 2 : 1,
    tag(idx % BUILDINGS),
    tag(BUILDINGS + (idx % DOORS)),
    tag(BUILDINGS + DOORS + (idx % PERSONS)),
    randomBytes(16),
    bytes(idx, 32),
    bytes(idx + 1, 32),
    bytes(idx + 2, 32),
    bytes(idx + 3, 149),
    bytes(idx + 4, 316),
    tag(BUILDINGS + DOORS + PERSONS + (idx % UNITS)),
    idx % 10 === 0 ? tag(idx % BUILDINGS) : null,
    null,
  ];
}

interface Bare {
  append(rows: readonly RawRow[]): void;
  close(): void;
}

/** The bare engine: one prepared INSERT, one transaction a batch, WAL and FULL, all else as it comes. */
function openBare(file: string): Bare {
  const db = new Database(file);
  for (const pragma of ['journal_mode = WAL', 'synchronous = FULL', 'cache_size = -65536']) db.pragma(pragma);
  const insert = db.prepare('INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const [begin, commit] = [db.prepare('BEGIN IMMEDIATE'), db.prepare('COMMIT')];
  return {
    append(rows) {
      begin.run();
      for (const row of rows) insert.run(...row);
      commit.run();
    },
    close: () => void db.close(),
  };
}

function secondsOf(work: () => void): number {
  const start = performance.now();
  work();
  return (performance.now() - start) / 1000;
}

interface Both {
  readonly log: Log;
  readonly bare: Bare;
  readonly nextRow: (now: number) => RawRow;
}

/** Turn about, so that both meet the same weather; what is made for them is not timed, but our encoding is. */
function compare({ log, bare, nextRow }: Both, batch: number): Row {
  const speeds: { readonly ours: number; readonly bare: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const seconds = { ours: 0, bare: 0 };
    for (let done = 0; done < ROUND_ROWS; done += batch) {
      const now = Date.now();
      const entries = Array.from({ length: batch }, () => tap(now));
      const rows = Array.from({ length: batch }, () => nextRow(now));
      seconds.ours += secondsOf(() => log.append(entries.map(stage)));
      seconds.bare += secondsOf(() => bare.append(rows));
    }
    speeds.push({ ours: ROUND_ROWS / seconds.ours, bare: ROUND_ROWS / seconds.bare });
  }
  const speed = { ours: median(speeds.map((each) => each.ours)), bare: median(speeds.map((each) => each.bare)) };
  return share(`durable append, batch ${batch}`, speed, batch === 100 ? 0.7 : 0.8, 'entries/s');
}

/** One file for both sides, filled with the same rows. */
function fill(place: LogPlace, rows: (idx: number) => RawRow): void {
  openLog(place).close();
  const db = openBare(place.file);
  for (let from = 1; from < BEFORE; from += 10_000) db.append(Array.from({ length: 10_000 }, (_, at) => rows(from + at)));
  db.close();
}

/** Durable appends per second, from the entry as an object to the commit, against raw better-sqlite3 with rows ready-made. */
export async function journalBench(): Promise<Row[]> {
  const dir = mkdtempSync(join(tmpdir(), 'doorbook-bench-journal-'));
  const place: LogPlace = { file: join(dir, 'journal.sqlite'), keysDir: join(dir, 'keys'), root: randomBytes(32) };
  const makeRow = rowMaker();
  fill(place, (idx) => makeRow(idx, Date.now()));
  const bareFile = join(dir, 'bare.sqlite');
  copyFileSync(place.file, bareFile);
  const [log, bare] = [openLog(place), openBare(bareFile)];
  let idx = log.last();
  try {
    for (let warm = 0; warm < 4; warm += 1) log.append(Array.from({ length: 1000 }, () => stage(tap(Date.now()))));
    const both: Both = {
      log,
      bare,
      nextRow(now) {
        idx += 1;
        return makeRow(idx, now);
      },
    };
    return [compare(both, 100), compare(both, 1000)];
  } finally {
    log.close();
    bare.close();
    rmSync(dir, { recursive: true, force: true });
  }
}
