import { plainRow, settings } from '../helpers/lists.ts';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openEventStore } from '../../firmware-sim/event-store.ts';
import { applyChange, newImage, type StoreChange, type StoredRecord, type StoreImage } from '../../firmware-sim/store-image.ts';

const FRESH = 'aaaaaaaaaaaaaaaa';
const OTHER = 'bbbbbbbbbbbbbbbb';
let dir = '';
let path = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'doorbook-store-'));
  path = join(dir, 'device.events');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const event = (n: number): StoredRecord => ({ kind: 'event', n, body: { v: 1, i: FRESH, b: 1, n, u: n, t: 0, k: 'door', d: 1, w: 'exit', off: false } });
const plain = ({ instance, boot, seq, records, list, floor }: StoreImage): object => ({ instance, boot, seq, records: [...records], list, floor });
const CHANGES: StoreChange[] = [
  { put: [event(1)] },
  { put: [event(2), event(3)] },
  { erase: [1] },
  { floor: 1_700_000_000_000 },
  { list: { e: 1, n: 2, until: 9, dig: '00', doors: [settings()], tz: 480, sched: [], hol: [], work: [], rows: [plainRow('0123456789abcdef01234567')], boot: 1, u: 5 } },
  { put: [event(4)], erase: [2] },
];

/** Writes CHANGES; gives the file after them and the length of the file after each. */
function written(): { bytes: Buffer; ends: number[] } {
  const store = openEventStore(path, FRESH);
  const ends = [statSync(path).size];
  for (const change of CHANGES) {
    store.write(change);
    ends.push(statSync(path).size);
  }
  store.close();
  return { bytes: readFileSync(path), ends };
}

function imageAfter(changes: number): StoreImage {
  const image = { ...newImage(FRESH), boot: 2 };
  for (const change of CHANGES.slice(0, changes)) applyChange(image, change);
  return image;
}

describe('the store of a device', () => {
  test('gives back what was written, with the next boot number, at every opening', () => {
    written();
    for (const boot of [2, 3, 4]) {
      const store = openEventStore(path, OTHER);
      expect(plain(store.image)).toEqual({ ...plain(imageAfter(CHANGES.length)), boot });
      store.close();
    }
  });

  test('cut at every byte it holds exactly the writes that were whole', () => {
    const { bytes, ends } = written();
    for (let length = ends[0] ?? 0; length <= bytes.length; length += 1) {
      writeFileSync(path, bytes.subarray(0, length));
      const store = openEventStore(path, OTHER);
      const whole = ends.filter((end) => end <= length).length - 1;
      expect(plain(store.image), `cut at ${length}`).toEqual(plain(imageAfter(whole)));
      store.write({ put: [event(9)] });
      store.close();
      const again = openEventStore(path, OTHER);
      expect(again.image.records.has(9), `cut at ${length}: the next write`).toBe(true);
      expect(again.image.boot).toBe(3);
      again.close();
    }
  });

  test('a tail of zeros, as a file system may leave it, is a torn write', () => {
    const { bytes } = written();
    writeFileSync(path, Buffer.concat([bytes, Buffer.alloc(512)]));
    const store = openEventStore(path, OTHER);
    expect(plain(store.image)).toEqual(plain(imageAfter(CHANGES.length)));
    store.close();
  });

  test('cut within its first frame it begins anew, as a new instance', () => {
    const { ends } = written();
    for (const length of [0, 1, 8, (ends[0] ?? 0) - 1]) {
      truncateSync(path, length);
      const store = openEventStore(path, OTHER);
      expect(plain(store.image)).toEqual({ ...plain(newImage(OTHER)), boot: 1 });
      store.close();
      written();
      rmSync(path);
      written();
    }
  });

  test('any flipped bit is found: nothing altered is read, and no number is used twice under one instance', () => {
    const { bytes, ends } = written();
    for (let at = 0; at < bytes.length; at += 1) {
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(at) ^ 0x10, at);
      writeFileSync(path, flipped);
      const store = openEventStore(path, OTHER);
      const whole = ends.filter((end) => end <= at).length - 1;
      const expected = whole < 0 ? { ...newImage(OTHER), boot: 1 } : { ...imageAfter(whole), instance: at < (ends.at(-2) ?? 0) ? OTHER : FRESH };
      expect(plain(store.image), `bit flipped at ${at}`).toEqual(plain(expected));
      store.close();
    }
  });

  test('stays small over many writes and keeps its numbers', () => {
    const store = openEventStore(path, FRESH);
    for (let n = 1; n <= 1200; n += 1) {
      store.write({ put: [event(n)] });
      if (n > 3) store.write({ erase: [n - 3] });
    }
    store.close();
    expect(statSync(path).size).toBeLessThan(80_000);
    const again = openEventStore(path, OTHER);
    expect([...again.image.records.keys()]).toEqual([1198, 1199, 1200]);
    expect(again.image).toMatchObject({ instance: FRESH, boot: 2, seq: 1200 });
    again.write({ erase: [1198, 1199, 1200] });
    again.close();
    const empty = openEventStore(path, OTHER);
    expect(empty.image.seq).toBe(1200);
    empty.close();
  });

  test('is readable by this account only', () => {
    openEventStore(path, FRESH).close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});
