import { existsSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isConsistent, rootOfInclusion } from '../../gateway/core/merkle-proof.ts';
import { type LogPlace, openLog } from '../../gateway/journal/log.ts';
import { beginNewLog } from '../../gateway/journal/new-log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { openProofs, type Proofs } from '../../gateway/journal/proofs.ts';
import { sha256 } from '../../gateway/journal/sha256.ts';
import { clockAt, newPlace, NOON, tapEntry } from './samples.ts';

const hex = (bytes: Uint8Array | undefined): string => (bytes === undefined ? 'none' : Buffer.from(bytes).toString('hex'));

/** One file with two logs: 71 entries with one checkpoint, then after a restore 301 with two; 4 wait for the next. */
let place: LogPlace;
let proofs: Proofs;
let cites: string | undefined;
let old = '';
let origin = '';

function append(counts: readonly number[], from: number): void {
  const log = openLog(
    place,
    clockAt(() => NOON),
  );
  let next = from;
  for (const count of counts) {
    log.append(Array.from({ length: count }, (_, at) => stage(tapEntry(next + at))));
    next += count;
  }
  log.close();
}

beforeAll(() => {
  place = newPlace();
  append([70], 1);
  cites = beginNewLog(place.file);
  append([99, 197, 4], 1000);
  proofs = openProofs(place.file);
  [old = '', origin = ''] = proofs.logs().map((log) => log.origin);
});
afterAll(() => {
  proofs.close();
  rmSync(dirname(place.file), { recursive: true, force: true });
});

/** A log of one entry, and a new one begun behind it that nobody has opened. */
function begunAnew(): LogPlace {
  const other = newPlace();
  openLog(
    other,
    clockAt(() => NOON),
  ).close();
  beginNewLog(other.file);
  return other;
}

describe('a new log', () => {
  test('cites the one before it as it stood, and nobody keeps the file open', () => {
    expect(cites).toBe(`${old} 71 ${Buffer.from(proofs.rootAt(old, 71)).toString('base64')}`);
    const other = begunAnew();
    expect(existsSync(`${other.file}-wal`)).toBe(false);
    rmSync(dirname(other.file), { recursive: true, force: true });
  });
});

describe('the logs of a journal', () => {
  test('are told with their place, size, key and what they cite', () => {
    expect(proofs.logs()).toEqual([
      { origin: old, first: 0, size: 71, cites: undefined, key: expect.stringMatching(`^${old}\\+[0-9a-f]{8}\\+[A-Za-z0-9+/=]{44}$`), logId: old.slice(-32) },
      { origin, first: 71, size: 301, cites, key: expect.stringMatching(`^${origin}\\+`), logId: origin.slice(-32) },
    ]);
  });

  test('have no key before their writer opened them', () => {
    const other = begunAnew();
    const those = openProofs(other.file);
    expect([those.logs().map((log) => log.key !== undefined), those.newest()]).toEqual([[true, false], undefined]);
    those.close();
    rmSync(dirname(other.file), { recursive: true, force: true });
  });

  test('have checkpoints, the newest of the newest log first asked for', () => {
    expect([proofs.newest()?.size, proofs.newest()?.origin, proofs.newest()?.first]).toEqual([297, origin, 71]);
    expect([proofs.newestOf(old)?.size, proofs.newestOf(origin)?.size]).toEqual([71, 297]);
    const sizes = (found: readonly { readonly size: number }[]): number[] => found.map(({ size }) => size);
    expect([sizes(proofs.after(origin, 0, 9)), sizes(proofs.after(origin, 100, 9)), sizes(proofs.after(origin, 0, 1))]).toEqual([[100, 297], [297], [100]]);
    expect([sizes(proofs.before(origin, 999, 9)), sizes(proofs.before(origin, 297, 9)), sizes(proofs.before(origin, 999, 1))]).toEqual([[297, 100], [100], [297]]);
    expect(proofs.before(origin, 999, 1)).toEqual([proofs.newest()]);
  });

  test('have a newest checkpoint also when there is but one log', () => {
    const other = newPlace();
    const log = openLog(
      other,
      clockAt(() => NOON),
    );
    log.append(Array.from({ length: 70 }, (_, at) => stage(tapEntry(at))));
    const those = openProofs(other.file);
    expect(those.newest()).toEqual(log.checkpoint());
    expect(those.newest()?.size).toBe(71);
    those.close();
    log.close();
    rmSync(dirname(other.file), { recursive: true, force: true });
  });

  test('agree with what was signed, and with nothing else', () => {
    const held = { logId: origin.slice(-32), size: 297, root: hex(proofs.newest()?.root) };
    expect([proofs.judge(held), proofs.judge({ ...held, size: 296 }), proofs.judge({ ...held, size: 302 })]).toEqual(['agrees', 'differs', 'ahead']);
    expect([proofs.judge({ ...held, logId: old.slice(-32), size: 72 }), proofs.judge({ ...held, logId: '0'.repeat(32) })]).toEqual(['lost', 'stranger']);
  });

  test('that are not here have nothing', () => {
    for (const ask of [() => proofs.newestOf('doorbook/log/x'), () => proofs.after('x', 0, 1), () => proofs.before('x', 9, 1), () => proofs.rootAt('x', 1)])
      expect(ask).toThrow(RangeError);
  });
});

describe('proofs', () => {
  test('of entries are by their place in their own log', () => {
    const db = new Database(place.file, { readonly: true });
    const leaves = db.prepare<[], Buffer>('SELECT leafHash FROM entry ORDER BY idx').pluck().all();
    db.close();
    const indexes = [71, 72, 200, 371];
    const made = proofs.inclusion(origin, indexes, 301);
    expect(made.map((each) => [each.origin, each.leafIndex, each.size])).toEqual(indexes.map((index) => [origin, index - 71, 301]));
    for (const [at, { leafIndex, size, proof }] of made.entries())
      expect(hex(rootOfInclusion({ index: leafIndex, size, leaf: leaves[indexes[at] ?? 0] ?? new Uint8Array(), proof }, sha256))).toBe(hex(proofs.rootAt(origin, 301)));
    expect(() => proofs.inclusion(origin, [70], 301)).toThrow(RangeError);
    expect(() => proofs.inclusion(origin, [372], 301)).toThrow(RangeError);
  });

  test('of a history lead from any size to any later one', () => {
    for (const [from, to] of [
      [1, 301],
      [100, 297],
      [256, 301],
    ] as const)
      expect(isConsistent({ from, to, fromRoot: proofs.rootAt(origin, from), toRoot: proofs.rootAt(origin, to), proof: proofs.consistency(origin, from, to) }, sha256)).toBe(true);
  });

  test.each([0, -1, 1.5, 302, Number.NaN])('over %d of 301 entries there are none', (size) => {
    expect(() => proofs.rootAt(origin, size)).toThrow(/^size: expected 1 to 301/);
    expect(() => proofs.inclusion(origin, [71], size)).toThrow(/^size: expected 1 to 301/);
    expect(() => proofs.consistency(origin, 1, size)).toThrow(/^to: expected 1 to 301/);
  });

  test('over a single entry are its own hash', () => {
    expect(proofs.inclusion(origin, [71], 1)).toEqual([{ origin, leafIndex: 0, size: 1, proof: [] }]);
  });

  test('are not made from a tree that lacks a part', () => {
    const other = newPlace();
    const log = openLog(
      other,
      clockAt(() => NOON),
    );
    log.append(Array.from({ length: 300 }, (_, at) => stage(tapEntry(at))));
    log.close();
    const db = new Database(other.file);
    for (const name of db.prepare<[], string>("SELECT name FROM sqlite_master WHERE type = 'trigger'").pluck().all()) db.exec(`DROP TRIGGER ${name}`);
    db.exec('DELETE FROM tile');
    db.close();
    const those = openProofs(other.file);
    expect(() => those.rootAt(those.logs()[0]?.origin ?? '', 300)).toThrow(/lacks hashes at level 1/);
    those.close();
    rmSync(dirname(other.file), { recursive: true, force: true });
  });
});
