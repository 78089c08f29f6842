import { beforeAll, describe, expect, test } from 'vitest';
import { beginExport, checkpointsIn, endExport, readLine } from '../../docs/verify.mjs';
import { campaign, cutEverywhere, ground } from './campaign.ts';
import { type Ground, HISTORY, NEAT, ON_FILE, ON_LOG } from './kinds.ts';

let on: Ground;
beforeAll(async () => {
  on = await ground(7);
});

/** The whole campaign is attacks.slow.test.ts; this is a moment of it. */
describe('an attacker who', () => {
  test.each([
    ['has no key and changes what the log says', ON_LOG, 'none', 500],
    ['has no key and changes any byte of the file', ON_FILE, 'none', 100],
    ['has no key and makes all numbers fit', NEAT, 'none', 20],
    ['could sign the end of the file, and changes what the log says', ON_LOG, 'end', 500],
    ['could sign the end of the file, and makes all numbers fit', NEAT, 'end', 20],
    ['has the key and signs another history, of which an older checkpoint is outside', HISTORY, 'all', 20],
  ] as const)('%s is found', (_, kinds, power, times) => {
    expect([...campaign(on, kinds, { times, power }).values()].reduce((sum, count) => sum + count, 0)).toBe(times);
  });

  test('cuts the file is found, whatever he can sign', () => {
    expect([...cutEverywhere(on, 'none', 151).keys()].sort()).toEqual(['end-signature', 'size', 'truncated']);
    expect([...cutEverywhere(on, 'all', 301).keys()]).toEqual(expect.arrayContaining(['truncated', 'outside-stranger']));
  });
});

describe('without anything from outside', () => {
  /** A file cut at a checkpoint by somebody who can sign. */
  function cut(): string[] {
    const { lines } = on.target;
    const at = lines.findLastIndex((line, place) => line.startsWith('{"checkpoint"') && place < lines.length - 2);
    return lines.slice(0, at + 1);
  }

  test('a cut file that has no end is found, and a checkpoint shows the rest', () => {
    const [alone, held] = [beginExport(), beginExport({ checkpoints: checkpointsIn(on.target.note).map((checkpoint) => ({ from: 'a controller', checkpoint })) })];
    for (const state of [alone, held]) {
      for (const line of cut()) readLine(state, line);
      expect(endExport(state)).toBe(false);
    }
    expect(alone.faults.list.map(({ code }) => code)).toEqual(['size', 'end-missing', 'header-counts']);
    expect(held.faults.list.map(({ code }) => code)).toContain('truncated');
  });
});
