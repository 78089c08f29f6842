import { describe, expect, test } from 'vitest';
import {
  CHECK_ITEMS,
  FILING_STATES,
  FILING_STEPS,
  type FilingState,
  type FilingStep,
  filingDue,
  gapsOf,
  needsReason,
  stateAfter,
  stepsFrom,
  TITLE_KINDS,
} from '../../gateway/core/filing.ts';

// The ladder of domain.md 5.2-4 and S8.11, written out: state, what a landlord may do, what the station may do.
const LADDER: readonly (readonly [FilingState, string, string])[] = [
  ['draft', 'submit cancel', 'orderFile'],
  ['submitted', 'cancel', 'inspect accept supplement orderFix rejectFire'],
  ['inspecting', 'cancel', 'accept supplement orderFix rejectFire'],
  ['filed', 'cancel', 'orderFix rejectFire suspend'],
  ['orderedToFix', 'submit cancel', ''],
  ['orderedToFile', 'submit cancel', ''],
  ['rejectedFire', 'submit cancel', ''],
  ['suspended', 'cancel', 'rejectFire resume'],
  ['cancelled', '', 'orderFile'],
];

describe('the ladder of a filing', () => {
  test.each(LADDER)('%s: the landlord may %j, the station %j', (state, landlord, station) => {
    expect([stepsFrom(state, 'landlord', false).join(' '), stepsFrom(state, 'station', false).join(' ')]).toEqual([landlord, station]);
    const once = station.split(' ').filter((step) => step !== 'supplement');
    expect(stepsFrom(state, 'station', true)).toEqual(once.filter((step) => step !== ''));
    expect(stepsFrom(state, 'landlord', true).join(' ')).toBe(landlord);
  });

  test.each<[FilingStep, FilingState, boolean]>([
    ['submit', 'submitted', false],
    ['inspect', 'inspecting', false],
    ['accept', 'filed', false],
    ['supplement', 'draft', true],
    ['orderFix', 'orderedToFix', true],
    ['orderFile', 'orderedToFile', true],
    ['rejectFire', 'rejectedFire', true],
    ['suspend', 'suspended', true],
    ['resume', 'filed', true],
    ['cancel', 'cancelled', false],
  ])('%s leads to %s; a reason is asked: %s', (step, state, reason) => {
    expect([stateAfter(step), needsReason(step)]).toEqual([state, reason]);
  });

  test('every state and step is in the tables here', () => {
    expect(LADDER.map(([state]) => state)).toEqual([...FILING_STATES]);
    expect(new Set(LADDER.flatMap(([, landlord, station]) => [...landlord.split(' '), ...station.split(' ')].filter((step) => step !== '')))).toEqual(new Set(FILING_STEPS));
    expect(TITLE_KINDS).toEqual(['deed', 'land', 'purchase', 'public', 'villageProof', 'other']);
  });
});

describe('what is missing before it is sent in', () => {
  const whole = { titleKind: 'deed', titleNumber: '样2026-17', area: 1, checked: [...CHECK_ITEMS] };
  test.each([
    [{}, []],
    [{ titleKind: '' }, ['title']],
    [{ titleNumber: '' }, ['title']],
    [{ area: 0 }, ['area']],
    [{ checked: CHECK_ITEMS.slice(1) }, ['check']],
    [{ titleKind: '', area: 0, checked: [] }, ['title', 'area', 'check']],
  ])('%j: %j', (about, gaps) => {
    expect(gapsOf({ ...whole, ...about })).toEqual(gaps);
  });

  test('every item is looked at by itself', () => {
    expect(CHECK_ITEMS).toEqual(['extinguisher', 'wayOut', 'wiring', 'gas', 'noPartition', 'livingRooms']);
    for (const item of CHECK_ITEMS) expect(gapsOf({ ...whole, checked: CHECK_ITEMS.filter((each) => each !== item) })).toEqual(['check']);
  });
});

describe('when it is due', () => {
  const calendar = { holidays: new Set(['2026-07-06']), makeUpDays: new Set<string>(), lastYear: 2026 };
  const WEDNESDAY = Date.parse('2026-07-01T12:00:00+08:00');
  const end = (day: string): number => Date.parse(`${day}T00:00:00+08:00`) - 1;
  test.each<[FilingState, number | null]>([
    ['submitted', end('2026-07-10')],
    ['inspecting', end('2026-07-10')],
    ['orderedToFix', end('2026-07-17')],
    ['orderedToFile', end('2026-07-17')],
    ...(['draft', 'filed', 'rejectedFire', 'suspended', 'cancelled'] as const).map((state): [FilingState, null] => [state, null]),
  ])('%s: %s', (state, due) => {
    expect(filingDue(state, WEDNESDAY, calendar)).toBe(due);
  });
});
