import { describe, expect, test } from 'vitest';
import {
  daySpanned,
  eligible,
  isSuspended,
  permitAfter,
  permitNeedsWords,
  PERMIT_STATES,
  PERMIT_STEPS,
  type PermitState,
  permitSteps,
  stayCategory,
} from '../../gateway/core/permit.ts';

const NOW = Date.UTC(2026, 6, 1, 4);
const DAY = 86_400_000;
const stand = (state: PermitState, about: object = {}) => ({ state, validUntil: null, windowFrom: null, sameAddress: true, ...about });

describe('the ladder of a permit', () => {
  const TABLE: Readonly<Record<PermitState, readonly [holder: string, station: string]>> = {
    none: ['apply', ''],
    applied: ['', 'accept refuse'],
    accepted: ['', 'issue'],
    issued: ['', 'replace end'],
    refused: ['apply', ''],
    ended: ['apply', ''],
  };
  test.each(PERMIT_STATES)('from %s', (state) => {
    expect([permitSteps(stand(state), 'holder', NOW).join(' '), permitSteps(stand(state), 'station', NOW).join(' ')]).toEqual(TABLE[state]);
  });
  test.each([
    ['the day before its window', { windowFrom: NOW + 1 }, 'replace end'],
    ['in its window', { windowFrom: NOW }, 'endorse replace end'],
    ['late', { windowFrom: NOW - 60 * DAY, validUntil: NOW - 1 }, 'endorse replace end'],
    ['at another address', { sameAddress: false }, 'move replace end'],
  ])('issued, %s', (_when, about, steps) => {
    expect(permitSteps(stand('issued', about), 'station', NOW).join(' ')).toBe(steps);
  });
  test('a late endorsement suspends it, and nothing else does', () => {
    expect(
      [stand('issued', { validUntil: NOW - 1 }), stand('issued', { validUntil: NOW }), stand('issued'), stand('ended', { validUntil: 0 })].map((one) => isSuspended(one, NOW)),
    ).toEqual([true, false, false, false]);
  });
  test('each step leads somewhere, and what is taken away needs its basis', () => {
    expect(PERMIT_STEPS.map((step) => `${step} ${permitAfter(step)} ${permitNeedsWords(step)}`)).toEqual([
      'apply applied false',
      'accept accepted false',
      'refuse refused true',
      'issue issued false',
      'endorse issued false',
      'move issued false',
      'replace issued false',
      'end ended true',
    ]);
  });
});

describe('who may ask for one', () => {
  const half = { residence: { amount: 6, unit: 'month' }, minAge: undefined };
  const classic = { residence: { amount: 1, unit: 'month' }, minAge: 16 };
  test.each([
    [half, { registeredOn: '2026-01-01', born: '' }, { bars: [], from: '2026-07-01' }],
    [half, { registeredOn: '2026-01-02', born: '' }, { bars: ['tooShort'], from: '2026-07-02' }],
    [half, { registeredOn: null, born: '' }, { bars: ['notRegistered'], from: null }],
    [half, { registeredOn: '2025-08-31', born: '' }, { bars: [], from: '2026-02-28' }],
    [
      { residence: undefined, minAge: undefined },
      { registeredOn: '2026-07-01', born: '' },
      { bars: [], from: '2026-07-01' },
    ],
    [classic, { registeredOn: '2026-01-01', born: '2010-07-02' }, { bars: ['tooYoung'], from: '2026-02-01' }],
    [classic, { registeredOn: '2026-01-01', born: '2010-07-01' }, { bars: [], from: '2026-02-01' }],
    [classic, { registeredOn: '2026-01-01', born: '' }, { bars: [], from: '2026-02-01' }],
    [half, { registeredOn: '2026-01-01', born: '2026-01-01' }, { bars: [], from: '2026-07-01' }],
    [classic, { registeredOn: '2026-06-30', born: '2015-01-01' }, { bars: ['tooShort', 'tooYoung'], from: '2026-07-30' }],
  ])('%j, %j: %j', (rules, person, answer) => {
    expect(eligible(rules, person, '2026-07-01')).toEqual(answer);
  });
  test.each([
    [{ amount: 1, unit: 'year' }, false, '2025-02-28'],
    [{ amount: 1, unit: 'month' }, true, '2024-01-29'],
    [{ amount: 60, unit: 'calendarDay' }, true, '2023-12-31'],
  ])('%j, back %s, of 29 February 2024: %s', (span, back, day) => {
    expect(daySpanned('2024-02-29', span, back)).toBe(day);
  });
});

test.each([
  [{ seen: false, registeredOn: '2020-01-01', months: 12 }, 'documentPending'],
  [{ seen: true, registeredOn: null, months: 12 }, undefined],
  [{ seen: true, registeredOn: '2026-01-01', months: 0 }, 'resident'],
  [{ seen: true, registeredOn: '2026-01-02', months: 0 }, 'temporary'],
  [{ seen: true, registeredOn: '2026-06-20', months: 1 }, 'temporary'],
  [{ seen: true, registeredOn: '2026-06-01', months: 0 }, 'temporary'],
  [{ seen: true, registeredOn: '2026-06-02', months: 0 }, 'transient'],
] as const)('%j is %s', (stay, category) => {
  expect(stayCategory(stay, '2026-07-01')).toBe(category);
});
