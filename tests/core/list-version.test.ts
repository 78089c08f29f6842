import { describe, expect, test } from 'vitest';
import { acknowledges, LIST_VALID_MS, neededList } from '../../gateway/core/list-version.ts';

/** The list a door must acknowledge after these sights of it, for change 50. */
const neededAfter = (...sights: readonly (readonly [want: string, covers: number])[]): string =>
  sights.reduce((known, [want, covers]) => neededList({ have: '', want, covers }, 50, known), '');

describe('the list a door must acknowledge', () => {
  test.each([
    ['none while lists do not cover the change', [['1.40', 49]], ''],
    ['the one it should hold when they first do', [['1.50', 50]], '1.50'],
    ['also one made before, when its rows came out the same', [['1.40', 51]], '1.40'],
    [
      'and still that one when newer ones are made',
      [
        ['1.50', 50],
        ['1.60', 60],
        ['1.70', 70],
      ],
      '1.50',
    ],
    [
      'in a new epoch the first of that',
      [
        ['1.50', 50],
        ['2.51', 51],
        ['2.60', 60],
      ],
      '2.51',
    ],
    ['a door without a list needs none yet', [['', 60]], ''],
    [
      'and what was known stays when it has none any more',
      [
        ['1.50', 50],
        ['', 60],
      ],
      '1.50',
    ],
    [
      'what was known stays while an older picture comes by',
      [
        ['1.50', 50],
        ['1.40', 40],
      ],
      '1.50',
    ],
  ] as const)('%s', (_, sights, needed) => {
    expect(neededAfter(...sights)).toBe(needed);
  });
});

describe('a door acknowledges', () => {
  test.each([
    ['1.50', '1.50', '1.50', true, 'that very list'],
    ['1.60', '1.60', '1.50', true, 'a later one'],
    ['1.55', '1.60', '1.50', true, 'one between it and the newest'],
    ['1.9', '1.50', '1.50', false, 'nothing with an older one: 9 comes before 50'],
    ['1.499', '2.50', '2.50', false, 'nothing with a list of an older epoch, whatever its number'],
    ['2.50', '2.50', '2.50', true, 'a list of the new epoch'],
    ['1.70', '1.60', '1.50', false, 'nothing with one newer than any made for it'],
    ['3.10', '1.60', '1.50', false, 'nothing with one of an epoch that is not ours'],
    ['', '1.60', '1.50', false, 'nothing while it holds none'],
    ['1.60', '1.60', '', false, 'nothing while no list covers the change'],
    ['1.55', '2.60', '1.50', false, 'nothing when a new epoch has begun'],
    ['2.55', '2.60', '1.50', false, 'nothing of the epoch that the needed list was of'],
    ['', '', '', false, 'nothing where there are no lists'],
    ['x.y', '1.60', '1.50', false, 'nothing with what is no version'],
  ])('have %s, want %s, needed %s: %s (%s)', (have, want, needed, is) => {
    expect(acknowledges({ have, want, covers: 99 }, needed)).toBe(is);
  });
});

test('a list holds for thirty days', () => {
  expect(LIST_VALID_MS).toBe(30 * 24 * 3_600_000);
});
