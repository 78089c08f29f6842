import { header } from '../helpers/lists.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { epochAfter, openListEpoch, readEpoch, writeEpoch } from '../../gateway/list-epoch.ts';
import { decode, encode } from '../../gateway/wire/mqtt/messages.ts';

let data: string;
beforeEach(() => {
  data = mkdtempSync(path.join(tmpdir(), 'doorbook-epoch-'));
});
afterEach(() => rmSync(data, { recursive: true }));

const NOW = Date.UTC(2026, 10, 1);
const MINUTES = NOW / 60_000;
const open = (n: number) =>
  openListEpoch(
    data,
    () => n,
    () => NOW,
  );

describe('the epoch of access lists', () => {
  test('is 1 for a site that was never restored, and what was written last', () => {
    expect(readEpoch(data)).toBe(1);
    writeEpoch(data, 7);
    expect([readEpoch(data), open(0).current()]).toEqual([7, 7]);
  });

  test('outlives the loss of either file', () => {
    writeEpoch(data, 7);
    writeFileSync(path.join(data, 'epoch.json'), '{');
    expect(open(0).current()).toBe(7);
    writeFileSync(path.join(data, 'epoch-mirror.json'), '');
    expect(open(0).current()).toBe(7);
  });

  test('rises by the minute, and by one where the clock stands behind', () => {
    expect(epochAfter([1], NOW)).toBe(MINUTES);
    expect(epochAfter([MINUTES], NOW)).toBe(MINUTES + 1);
    expect(epochAfter([1, MINUTES + 5], NOW)).toBe(MINUTES + 6);
    expect(epochAfter([3], 0)).toBe(4);
  });

  test('fits the protocol until the year 10000', () => {
    const e = epochAfter([1], Date.UTC(9999, 11, 31));
    const want = header({ e });
    expect(decode('acl/want', encode('acl/want', want))).toEqual(want);
    expect(decode('acl/have', encode('acl/have', { v: 1, i: '0'.repeat(16), b: 1, l: `${e}.4294967295` })).l).toBe(`${e}.4294967295`);
  });

  test('a door that holds a newer list than was ever made begins the next one', () => {
    const epoch = open(10);
    expect(['', '1.9', '1.10'].map(epoch.saw)).toEqual([false, false, false]);
    expect(epoch.saw('1.11')).toBe(true);
    expect([epoch.current(), readEpoch(data)]).toEqual([MINUTES, MINUTES]);
    expect([epoch.saw('1.11'), epoch.saw(`${MINUTES}.10`)]).toEqual([false, false]);
    expect([epoch.saw(`${MINUTES + 3}.1`), epoch.current()]).toEqual([true, MINUTES + 4]);
  });

  test('a door that claims a list from decades ahead is not believed: it would leave no epoch for the others', () => {
    const epoch = open(10);
    expect([epoch.saw('4294967295.1'), epoch.current()]).toEqual([false, 1]);
  });
});
