import { randomInt } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLog } from '../../gateway/journal/log.ts';
import { openReader } from '../../gateway/journal/reader.ts';
import { dayOf } from '../../gateway/journal/seal.ts';
import { newSlotPaths, slotPaths } from '../../gateway/journal/slots.ts';
import { loadKeys, readRoots } from '../../gateway/store/keys.ts';
import { killedAfterLines } from './killed-child.ts';

const CHILD = fileURLToPath(new URL('./destroy-load.mjs', import.meta.url));
const KILLS = Number(process.env['DESTROY_KILLS'] ?? 12);
const FIRST_DAY = 20_000;

let dir: string;
let file: string;
let keysDir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'doorbook-destroy-'));
  file = path.join(dir, 'journal.sqlite');
  keysDir = path.join(dir, 'keys');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('destroying entries, killed at random moments', () => {
  test(`${KILLS} times: nothing that stays is lost, nothing that is gone comes back, no day is half gone`, async () => {
    const root = loadKeys(keysDir).journalRoot;
    const entries = new Map<number, number>();
    const audits: number[] = [];
    let [gone, going, newest] = [0, 0, FIRST_DAY];
    let finished = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      for (const line of await killedAfterLines(CHILD, [file, keysDir, String(newest + 1)], randomInt(1, 300))) {
        const [kind = '', one = '', other = ''] = line.split(' ');
        if (kind === 'entry') {
          entries.set(Number(one), Number(other));
          newest = Math.max(newest, Number(other));
        } else if (kind === 'audit') audits.push(Number(one));
        else if (kind === 'going') going = Math.max(going, Number(one));
        else {
          gone = Math.max(gone, Number(one));
          finished += 1;
        }
      }
      const log = openLog({ file, keysDir, root });
      const reader = openReader({ file, keysDir, root });
      const read = new Map(reader.since(0, 1_000_000).map(({ index, event }) => [index, dayOf(event.gatewayTime)]));
      expect(
        audits.filter((index) => !read.has(index) || (reader.at(index)?.person.personId ?? 0) === 0),
        `kill ${kill}: audit entries`,
      ).toEqual([]);
      const half = new Map<number, Set<boolean>>();
      for (const [index, day] of entries) {
        const there = read.has(index);
        if (day < gone && there) throw new Error(`kill ${kill}: entry ${index} of day ${day} can be read, all before ${gone} was gone`);
        if (day >= going && !there) throw new Error(`kill ${kill}: entry ${index} of day ${day} is lost, only what is before ${going} was to go`);
        half.set(day, (half.get(day) ?? new Set()).add(there));
      }
      expect([...half].filter(([, states]) => states.size > 1).map(([day]) => day)).toEqual([]);
      reader.close();
      log.close();
      const [a, b] = slotPaths(keysDir).map((each) => readFileSync(each));
      expect(a).toEqual(b);
      expect([readRoots(keysDir)?.length, newSlotPaths(keysDir).some((each) => existsSync(each))]).toEqual([1, false]);
    }
    expect([entries.size > KILLS * 20, finished > 0, audits.length > KILLS]).toEqual([true, true, true]);
  }, 240_000);
});
