import Database from 'better-sqlite3';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openLog } from '../../gateway/journal/log.ts';
import { eachImage, type Image, placeIn, record, type Recording, withoutSyncs } from './cut-images.ts';
import { againstTold, wrongWithLog } from './log-check.ts';
import { randomOf } from './random.ts';
import { noStrace } from './strace.ts';

const ROUNDS = Number(process.env['CRASH_LIES'] ?? 8);
const SEED = Number(process.env['CRASH_SEED'] ?? 1);

const why = noStrace();
let work = '';
beforeAll(() => {
  work = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'doorbook-lie-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

/** What tells the operator: opening refuses, the writer raises an alarm, the database is not sound, or a checkpoint that somebody outside holds. */
function detected({ dir, heard }: Image): string | undefined {
  const place = placeIn(dir);
  try {
    const log = openLog(place);
    const { fault, lostKeys } = log;
    log.close();
    if (fault !== undefined || lostKeys !== undefined) return fault ?? lostKeys;
    const db = new Database(place.file, { readonly: true });
    const sound = db.pragma('integrity_check', { simple: true });
    db.close();
    return sound === 'ok' ? heard.told && againstTold(place, heard.told) : `integrity_check: ${String(sound)}`;
  } catch (error) {
    return `refused: ${String(error)}`;
  }
}

function wrongWith({ dir, heard }: Image): string[] {
  try {
    return wrongWithLog(placeIn(dir), { acknowledged: heard.acknowledged });
  } catch (error) {
    return [`cannot be read: ${String(error)}`];
  }
}

/** Is all that is missing newer than the newest checkpoint? Nobody outside has proof of it: that is the window the promise leaves (design.md 8). */
function isInWindow({ heard }: Image, wrong: readonly string[]): boolean {
  return wrong.every((each) => Number(/^lost: .* was acknowledged as (\d+) and is not there$/.exec(each)?.[1] ?? -1) >= (heard.told?.size ?? 0));
}

describe('a disk that says it has stored what it has not', () => {
  beforeEach((context) => {
    if (why !== undefined) context.skip(why);
  });
  let log: Recording;
  beforeAll(async () => {
    if (why !== undefined) return;
    log = await record('log', work, { count: 500, seed: SEED });
  });

  test.each([
    ['the write-ahead log', /-wal$/],
    ['the database', /\.sqlite$/],
    ['both', /\.sqlite(-wal)?$/],
    ['the key slots', /slots/],
    ['everything', /./],
  ])(
    'about %s, and loses what somebody was told: it is found',
    async (_, files) => {
      const random = randomOf(SEED);
      const seen = { lost: 0, found: 0, window: 0 };
      const silent: string[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const from = random.below(log.events.length - 100);
        const lying = withoutSyncs(log, (name, at) => at >= from && files.test(name));
        await eachImage(lying, { count: 2, seed: SEED + round, work, from }, (image) => {
          const how = detected(image);
          const wrong = wrongWith(image);
          if (wrong.length === 0) return [];
          seen.lost += 1;
          if (how !== undefined) seen.found += 1;
          else if (isInWindow(image, wrong)) seen.window += 1;
          else silent.push(`${image.name}: told ${image.heard.told?.size}; ${wrong.slice(0, 2).join('; ')}`);
          return [];
        });
      }
      expect(silent).toEqual([]);
      expect([seen.lost > 0, seen.found > 0, seen.found + seen.window], JSON.stringify(seen)).toEqual([true, true, seen.lost]);
    },
    60_000 + ROUNDS * 2000,
  );
});
