import { expect, test } from 'vitest';
import { ControllerId, DoorId } from '../../gateway/core/ids.ts';
import type { DoorSide, Tap, Verdict } from '../../gateway/doors/link.ts';
import { createCardWatch } from '../../gateway/card-watch.ts';

const DOOR = DoorId(7);
const tapOf = (over: Partial<Tap> = {}): Tap => ({
  key: { controllerId: ControllerId(9), instance: '0', boot: 1, seq: 1 },
  doorId: DOOR,
  method: 'card',
  credential: { bits: 32, hex: '1A2B3C4D' },
  deviceTime: 0,
  ageMs: 0,
  budgetMs: 3000,
  list: '',
  ...over,
});

test('a card that opens nothing is told where one is waited for, as it was decided, until the time is over or it is called off', async () => {
  const told: unknown[] = [];
  let now = 1000;
  let verdict: Verdict = { granted: false, reason: 'UNKNOWN_CREDENTIAL', note: undefined, openMs: 0, entry: 5, answer: true };
  const done: Pick<DoorSide, 'outcome' | 'happened' | 'link' | 'state'> = { outcome: async () => {}, happened: async () => {}, link: async () => {}, state: () => {} };
  const watch = createCardWatch(
    (message) => told.push(message),
    () => now,
  );
  const side = watch.over({ ...done, tap: async () => verdict });
  const tap = async (over: Partial<Tap> = {}): Promise<number> => {
    told.length = 0;
    expect(await side.tap(tapOf(over))).toBe(verdict);
    return told.length;
  };
  expect(await tap()).toBe(0);
  watch.watch(DOOR, 61_000);
  expect([await tap(), told]).toEqual([1, [{ t: 'card-read', doorId: DOOR, reading: { bits: 32, hex: '1A2B3C4D' }, entry: 5 }]]);
  expect([await tap({ doorId: DoorId(8) }), await tap({ doorId: 0 }), await tap({ method: 'pin' }), await tap({ credential: undefined })]).toEqual([0, 0, 0, 0]);
  // Whoever may go in goes in; what no entry was made of, or came too late, is given to nobody.
  for (const other of [{ granted: true }, { entry: 0 }, { answer: false }]) {
    const before = verdict;
    verdict = { ...verdict, ...other };
    expect(await tap()).toBe(0);
    verdict = before;
  }
  now = 61_000;
  expect(await tap()).toBe(0);
  watch.watch(DOOR, 99_000);
  expect(await tap()).toBe(1);
  watch.watch(DOOR, 0);
  expect(await tap()).toBe(0);
});
