import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openLog, type Log, type LogPlace } from '../../gateway/journal/log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { newPlace, tapEntry } from './samples.ts';

let place: LogPlace;
let log: Log | undefined;

beforeEach(() => {
  place = newPlace();
});
afterEach(() => {
  vi.restoreAllMocks();
  log?.close();
  log = undefined;
  rmSync(dirname(place.file), { recursive: true, force: true });
});

const batch = (from: number, count: number): ReturnType<typeof stage>[] => Array.from({ length: count }, (_, place) => stage(tapEntry(from + place)));
const indexes = (answers: readonly { readonly index: number }[]): number[] => answers.map((answer) => answer.index);

describe('the store of the log', () => {
  test('the write connection reads back WAL and synchronous=FULL', () => {
    const pragma = vi.spyOn(Database.prototype, 'pragma');
    log = openLog(place);
    const read = new Map(pragma.mock.calls.map(([text], call) => [text, pragma.mock.results[call]?.value]));
    expect(read.get('journal_mode')).toBe('wal');
    expect(read.get('synchronous')).toBe(2);
  });

  test('a setting that does not take stops the opening', () => {
    const real = Database.prototype.pragma;
    vi.spyOn(Database.prototype, 'pragma').mockImplementation(function (this: Database.Database, text, options) {
      return real.call(this, text.startsWith('synchronous =') ? 'synchronous = NORMAL' : text, options);
    });
    expect(() => openLog(place)).toThrow(/synchronous reads 1, expected 2/);
  });

  test('a batch that fails in the middle leaves nothing and costs no index', () => {
    log = openLog(place);
    const unsealable = { ...stage(tapEntry(3)), event: new Uint8Array(70_000) };
    expect(() => log?.append([...batch(1, 2), unsealable, ...batch(4, 1)])).toThrow(RangeError);
    expect(log.last()).toBe(0);
    expect(indexes(log.append(batch(1, 3)))).toEqual([1, 2, 3]);
  });

  test('the log keeps its name and goes on where it was after a restart', () => {
    const first = openLog(place);
    first.append(batch(1, 5));
    first.close();
    log = openLog(place);
    expect(log.logId.equals(first.logId)).toBe(true);
    expect(indexes(log.append(batch(4, 4)))).toEqual([4, 5, 6, 7]);
  });

  test('the write-ahead log is cut when it has outgrown its bound', () => {
    log = openLog(place);
    log.append(batch(1, 500));
    expect(log.trimWal(1e9)).toBeGreaterThan(100_000);
    expect(log.trimWal(100_000)).toBe(0);
  });

  test('a reader that stays holds up the cutting, not the log', () => {
    log = openLog(place);
    log.append(batch(1, 300));
    const db = new Database(place.file, { readonly: true });
    db.exec('BEGIN');
    db.prepare('SELECT max(idx) FROM entry').get();
    log.append(batch(1001, 300));
    const start = performance.now();
    expect(log.trimWal(1000)).toBeGreaterThan(1000);
    expect(performance.now() - start).toBeLessThan(800);
    expect(indexes(log.append(batch(2001, 1)))).toEqual([601]);
    db.close();
    expect(log.trimWal(1000)).toBe(0);
  });

  test('a reused key whose old content can no longer be read is never called the same', () => {
    log = openLog(place);
    log.append(batch(1, 1));
    log.close();
    log = openLog({ ...place });
    const db = new Database(place.file);
    db.exec('DROP TRIGGER entry_no_update; UPDATE entry SET event = zeroblob(80) WHERE idx = 1');
    db.close();
    expect(log.append(batch(1, 1))).toMatchObject([{ index: 1, duplicate: true, same: false, stored: { what: 'erased' } }]);
  });
});
