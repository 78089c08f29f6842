import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { merkleRoot } from '../../gateway/core/merkle.ts';
import { isConsistent, rootOfInclusion } from '../../gateway/core/merkle-proof.ts';
import type { Checkpoint } from '../../gateway/journal/checkpoints.ts';
import { openLog, type Log, type LogPlace } from '../../gateway/journal/log.ts';
import { beginNewLog } from '../../gateway/journal/new-log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { openProofs } from '../../gateway/journal/proofs.ts';
import { openReader } from '../../gateway/journal/reader.ts';
import { sha256 } from '../../gateway/journal/sha256.ts';
import { isSignedBy } from '../../gateway/journal/signing.ts';
import { parseCheckpoint } from '../../gateway/wire/checkpoint.ts';
import { newPlace, NOON, plainEntry, tapEntry } from './samples.ts';

let place: LogPlace;
let log: Log;
let now: number;
/** How far the wall clock was set back, ms. */
let wallLost: number;

const hex = (bytes: Uint8Array | undefined): string => (bytes === undefined ? 'none' : Buffer.from(bytes).toString('hex'));
const batch = (from: number, count: number): ReturnType<typeof stage>[] => Array.from({ length: count }, (_, n) => stage(tapEntry(from + n)));
const reopen = (): Log => openLog(place, () => ({ now, uptime: now + wallLost }));

function leaves(): Buffer[] {
  const db = new Database(place.file, { readonly: true });
  const found = db.prepare<[], Buffer>('SELECT leafHash FROM entry ORDER BY idx').pluck().all();
  db.close();
  return found;
}

/** As somebody would who can write the file: the guards of the table taken off and put back. */
function tamper(sql: string): void {
  const db = new Database(place.file);
  const guards = db.prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all();
  for (const { name } of guards) db.exec(`DROP TRIGGER ${name}`);
  db.exec(sql);
  for (const guard of guards) db.exec(guard.sql);
  db.close();
}

beforeEach(() => {
  place = newPlace();
  now = NOON;
  wallLost = 0;
  log = reopen();
});
afterEach(() => {
  log.close();
  rmSync(dirname(place.file), { recursive: true, force: true });
});

describe('checkpoints of the log', () => {
  test('one is signed after 64 entries, over exactly the entries that are on disk', () => {
    log.append(batch(1, 62));
    expect(log.checkpoint()).toBeUndefined();
    log.append(batch(100, 3));
    const made = log.checkpoint();
    expect(made?.size).toBe(66);
    expect(hex(made?.root)).toBe(hex(merkleRoot(leaves(), sha256)));
    log.append(batch(200, 63));
    expect(log.checkpoint()?.size).toBe(66);
    log.append(batch(300, 1));
    expect(log.checkpoint()?.size).toBe(130);
  });

  test('entries that wait get one within ten seconds, also when the clock went back', () => {
    log.append(batch(1, 1));
    now += 8999;
    log.signIfDue();
    expect(log.checkpoint()).toBeUndefined();
    now += 1;
    log.signIfDue();
    expect(log.checkpoint()?.size).toBe(2);
    log.append(batch(2, 1));
    now += 8000;
    // The wall clock is set back for an hour; running time goes on.
    now -= 3_600_000;
    wallLost = 3_600_000;
    log.signIfDue();
    expect(log.checkpoint()?.size).toBe(2);
    now += 1000;
    log.signIfDue();
    expect(log.checkpoint()?.size).toBe(3);
  });

  test('a repeat when nothing waits is no entry, and does not make the next one wait less long', () => {
    log.append(batch(1, 70));
    log.append(batch(1, 1));
    now += 8000;
    log.append(batch(100, 1));
    now += 8999;
    log.signIfDue();
    expect(log.checkpoint()?.size).toBe(71);
    now += 1;
    log.signIfDue();
    expect(log.checkpoint()?.size).toBe(72);
    now += 20_000;
    log.signIfDue();
    expect(log.checkpoint()?.size).toBe(72);
  });

  test('what was written before a restart is signed at the first look after it', () => {
    log.append(batch(1, 5));
    log.close();
    log = reopen();
    expect(log.checkpoint()).toBeUndefined();
    log.signIfDue();
    expect(log.checkpoint()?.size).toBe(6);
  });

  test('the note is the C2SP form, signed by the key that the log was begun with', () => {
    log.append(batch(1, 70));
    const { note = '', origin = '' } = log.checkpoint() ?? {};
    const parsed = parseCheckpoint(note);
    expect(note.split('\n').slice(0, 4)).toEqual([origin, '71', parsed.root, '']);
    expect(origin).toBe(`doorbook/log/${log.logId.toString('hex')}`);
    const db = new Database(place.file, { readonly: true });
    const key = db.prepare<[], Buffer>('SELECT key FROM signer').pluck().get();
    db.close();
    expect(isSignedBy(parsed, key ?? Buffer.alloc(32))).toBe(true);
    expect(isSignedBy({ ...parsed, text: parsed.text.replace('71', '72') }, key ?? Buffer.alloc(32))).toBe(false);
    const other = Buffer.from(key ?? Buffer.alloc(32));
    other[0] = (other[0] ?? 0) ^ 1;
    expect(isSignedBy(parsed, other)).toBe(false);
  });

  test('a batch that is not stored leaves the tree as it was', () => {
    log.append(batch(1, 10));
    const unsealable = { ...stage(tapEntry(50)), event: new Uint8Array(70_000) };
    expect(() => log.append([...batch(20, 60), unsealable])).toThrow(RangeError);
    log.append(batch(100, 60));
    expect(hex(log.checkpoint()?.root)).toBe(hex(merkleRoot(leaves(), sha256)));
    expect(log.checkpoint()?.size).toBe(71);
  });

  test('the tree goes on over tiles and restarts, and every checkpoint begins the next', () => {
    for (let round = 0; round < 12; round += 1) {
      log.append(batch(round * 1000, 97));
      if (round % 3 !== 0) continue;
      log.close();
      log = reopen();
    }
    const proofs = openProofs(place.file);
    const made = proofs.after(log.checkpoint()?.origin ?? '', 0, 1000);
    expect(made.length).toBe(12);
    const all = leaves();
    made.forEach((newer, at) => {
      expect(hex(newer.root)).toBe(hex(merkleRoot(all.slice(0, newer.size), sha256)));
      const older: Checkpoint | undefined = made[at - 1];
      if (older === undefined) return;
      const proof = proofs.consistency(newer.origin, older.size, newer.size);
      expect(isConsistent({ from: older.size, to: newer.size, fromRoot: older.root, toRoot: newer.root, proof }, sha256)).toBe(true);
    });
    const newest = made.at(-1);
    for (const index of [0, 1, 255, 256, 700, 1000])
      for (const { proof, leafIndex } of proofs.inclusion(newest?.origin ?? '', [index], newest?.size ?? 0))
        expect(hex(rootOfInclusion({ index: leafIndex, size: newest?.size ?? 0, leaf: all[index] ?? Buffer.alloc(0), proof }, sha256))).toBe(hex(newest?.root));
    expect(() => proofs.inclusion(newest?.origin ?? '', [5], 5000)).toThrow(/^size: expected 1 to 1165, got 5000/);
    expect(() => proofs.rootAt('doorbook/log/00', 1)).toThrow(/^origin: expected a log of this journal/);
    proofs.close();
  });

  test('a log without tiles, or with a part of them, gets them when it is opened', () => {
    log.append(batch(1, 1500));
    const root = hex(log.checkpoint()?.root);
    log.close();
    const db = new Database(place.file, { readonly: true });
    const tiles = db.prepare('SELECT * FROM tile').all();
    db.close();
    for (const sql of ['DELETE FROM tile', 'DELETE FROM tile WHERE n > 1']) {
      tamper(sql);
      reopen().close();
      const again = new Database(place.file, { readonly: true });
      expect(again.prepare('SELECT * FROM tile').all()).toEqual(tiles);
      again.close();
    }
    log = reopen();
    const proofs = openProofs(place.file);
    expect(hex(proofs.rootAt(log.checkpoint()?.origin ?? '', 1501))).toBe(root);
    proofs.close();
  });
});

describe('tiles that cannot be made good', () => {
  test('stop the opening with what the database says, and nothing is written', () => {
    log.append(batch(1, 1500));
    log.close();
    tamper('DELETE FROM tile WHERE n NOT IN (1, 3)');
    expect(reopen).toThrow(/UNIQUE constraint failed: tile/);
    const db = new Database(place.file, { readonly: true });
    expect(db.prepare('SELECT n FROM tile').pluck().all()).toEqual([1, 3]);
    db.close();
    tamper('DELETE FROM tile');
    log = reopen();
    expect(log.last()).toBe(1500);
  });
});

describe('a log that is not what its checkpoint says', () => {
  test.each([
    ['whose newest entries are gone', 'DELETE FROM entry WHERE idx > 60', /has 61 entries, and a checkpoint of it says 71/],
    ['in which an entry was changed', 'UPDATE entry SET leafHash = zeroblob(32) WHERE idx = 9', /not those its checkpoint was signed over/],
    ['whose checkpoint was changed', 'UPDATE checkpoint SET root = zeroblob(32)', /not those its checkpoint was signed over/],
  ])('%s takes entries, says so and signs nothing more', (_, sql, fault) => {
    log.append(batch(1, 70));
    log.close();
    tamper(sql);
    log = reopen();
    expect(log.fault).toMatch(fault);
    log.append(batch(100, 200));
    log.signIfDue();
    expect(log.checkpoint()?.size).toBe(71);
  });
});

describe('a checkpoint that somebody outside holds', () => {
  const held = (made: Checkpoint | undefined, over: { size?: number; root?: string; logId?: string } = {}) =>
    log.judge({ logId: log.logId.toString('hex'), size: made?.size ?? 0, root: hex(made?.root), ...over });

  test('agrees when it was signed here, also long ago', () => {
    log.append(batch(1, 70));
    const first = log.checkpoint();
    log.append(batch(100, 70));
    expect(held(first)).toBe('agrees');
    expect(held(log.checkpoint())).toBe('agrees');
  });

  test('does not when another root, another size or another log was never signed here', () => {
    log.append(batch(1, 70));
    const made = log.checkpoint();
    expect(held(made, { root: '0'.repeat(64) })).toBe('differs');
    expect(held(made, { size: 70 })).toBe('differs');
    expect(held(made, { size: 72 })).toBe('ahead');
    expect(held(made, { logId: '0'.repeat(32) })).toBe('stranger');
  });

  test('tells of entries lost in a restore from forgery', () => {
    log.append(batch(1, 70));
    const made = log.checkpoint();
    const logId = log.logId.toString('hex');
    log.close();
    beginNewLog(place.file);
    log = reopen();
    expect(log.judge({ logId, size: 71, root: hex(made?.root) })).toBe('agrees');
    expect(log.judge({ logId, size: 72, root: '0'.repeat(64) })).toBe('lost');
  });
});

describe('a log that goes on from another', () => {
  test('begins with an entry of its own, cites the other under its signature, and all entries are found', () => {
    log.append(batch(1, 70));
    const older = log.checkpoint();
    log.append(batch(100, 4));
    const before = leaves();
    log.close();
    const cites = beginNewLog(place.file);
    expect(cites).toBe(`${older?.origin} 75 ${Buffer.from(merkleRoot(before, sha256)).toString('base64')}`);
    log = reopen();
    log.append(batch(200, 70));
    const newer = log.checkpoint();
    expect(newer?.origin).not.toBe(older?.origin);
    expect([newer?.first, newer?.size]).toEqual([75, 71]);
    expect(parseCheckpoint(newer?.note ?? '').cites).toBe(cites);
    expect(hex(newer?.root)).toBe(hex(merkleRoot(leaves().slice(75), sha256)));
    const reader = openReader(place);
    expect(reader.since(-1, 1000)).toHaveLength(146);
    expect(reader.at(75)).toMatchObject({ event: { what: 'log-started' }, person: { words: cites } });
    expect(reader.before({ personId: 9001 }, 1000)).toHaveLength(144);
    reader.close();
    // A repeat of what the first log has is found, and answered from there.
    expect(log.append(batch(100, 1))).toEqual([expect.objectContaining({ index: 71, duplicate: true, same: true })]);
    const proofs = openProofs(place.file);
    expect(proofs.logs().map(({ first, size }) => [first, size])).toEqual([
      [0, 75],
      [75, 71],
    ]);
    expect(proofs.newest()).toEqual(newer);
    proofs.close();
  });

  test('is begun too when the checkpoint key was lost', () => {
    log.append(batch(1, 70));
    const older = log.checkpoint();
    log.close();
    for (const name of ['checkpoint.json', 'checkpoint-mirror.json']) rmSync(`${place.keysDir}/${name}`);
    log = reopen();
    log.append([stage(plainEntry())]);
    now += 10_000;
    log.signIfDue();
    expect(parseCheckpoint(log.checkpoint()?.note ?? '').cites).toContain(`${older?.origin} 71 `);
  });
});
