import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ControllerId } from '../../../gateway/core/ids.ts';
import { LineDoors, type OrderResult } from '../../../gateway/doors/serial/line-doors.ts';
import { createTeller } from '../../../gateway/doors/serial/teller.ts';
import type { Order } from '../../../gateway/wire/osdp/acu-model.ts';
import { OUTPUT } from '../../../gateway/wire/osdp/messages.ts';
import { fakeSide } from '../harness.ts';
import { lineRecord, NO_HOURS } from './line-rig.ts';

const READER = 1;
const LATE_MS = 2000;
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A door whose unit is up and busy for `busyMs`: orders that wait longer than they may are late. What its lock was told, and when. */
function busyDoor(busyMs: number) {
  const side = fakeSide();
  const began = performance.now();
  const told: { readonly at: number; readonly control: number }[] = [];
  const saysAt = (order: Order): void => {
    if (order.name === 'OUT') for (const { control } of order.body) told.push({ at: performance.now() - began, control });
  };
  const order = (_address: number, given: Order, withinMs: number): Promise<OrderResult> =>
    new Promise((resolve) => {
      const wait = busyMs - (performance.now() - began);
      if (wait > withinMs) return void setTimeout(() => resolve('late'), withinMs);
      return void setTimeout(
        () => {
          saysAt(given);
          resolve('ok');
        },
        Math.max(0, wait),
      );
    });
  const moment = () => ({ u: performance.now(), wall: Date.now() });
  let seq = 0;
  const key = () => {
    seq += 1;
    return { controllerId: ControllerId(9), instance: 'a', boot: 1, seq };
  };
  const record = lineRecord({ fire: { address: READER, input: 2, activeLow: false } });
  const doors = new LineDoors(record, { side, teller: createTeller(side, silent), log: silent, calendar: NO_HOURS, moment, key, order, isUp: () => true, isTesting: () => false });
  const fire = (on: boolean): void => doors.inputs(READER, [0, 0, Number(on)]);
  return { doors, fire, told, side };
}

test('a unit that was busy when the fire began opens as soon as it hears again, and not only at the next renewal', async () => {
  const { doors, fire, told } = busyDoor(5000);
  fire(true);
  await vi.advanceTimersByTimeAsync(5000 + LATE_MS);
  expect(told).toEqual([{ at: 5000, control: OUTPUT.timedOn }]);
  doors.stop();
});

test('and one that was busy when the fire was over shuts', async () => {
  const { doors, fire, told } = busyDoor(5000);
  fire(true);
  await vi.advanceTimersByTimeAsync(1000);
  fire(false);
  await vi.advanceTimersByTimeAsync(5000 + LATE_MS);
  expect(told.at(-1)?.control).toBe(OUTPUT.off);
  expect(told.some(({ control }) => control === OUTPUT.timedOn)).toBe(false);
  doors.stop();
});

test('whoever was let in at a busy unit is not let in later', async () => {
  const { doors, told, side } = busyDoor(5000);
  await doors.card(READER, 0, { w: 32, x: '0000000A' });
  await vi.advanceTimersByTimeAsync(20_000);
  expect(side.outcomes.map(({ final }) => final)).toEqual(['not-executed']);
  expect(told.some(({ control }) => control === OUTPUT.timedOn)).toBe(false);
  doors.stop();
});
