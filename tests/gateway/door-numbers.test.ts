import { describe, expect, test } from 'vitest';
import { LATENCY_S, meterTaps } from '../../gateway/door-numbers.ts';
import type { DoorSide, Tap, Verdict } from '../../gateway/doors/link.ts';
import type { Reason } from '../../gateway/core/reasons.ts';
import { ControllerId, DoorId } from '../../gateway/core/ids.ts';

const TAP: Tap = {
  key: { controllerId: ControllerId(1), instance: 'a', boot: 1, seq: 1 },
  doorId: DoorId(1),
  method: 'card',
  credential: undefined,
  deviceTime: 0,
  ageMs: 0,
  budgetMs: 400,
  list: '',
};
const verdict = (reason: Reason): Verdict => ({ granted: reason === 'OK', reason, note: undefined, openMs: 0, entry: 1, answer: true });

/** A door side whose next verdict takes so long, by a clock of our own. */
function timed() {
  const clock = { now: 0 };
  const next = { reason: 'OK' as Reason | Error, ms: 0 };
  const nothing = async (): Promise<void> => undefined;
  const side: DoorSide = {
    async tap() {
      clock.now += next.ms;
      if (next.reason instanceof Error) throw next.reason;
      return verdict(next.reason);
    },
    outcome: nothing,
    happened: nothing,
    link: nothing,
    state: () => undefined,
  };
  const meter = meterTaps(side, () => clock.now);
  const tap = (reason: Reason | Error, ms: number): Promise<Verdict> => {
    Object.assign(next, { reason, ms });
    return meter.side.tap(TAP);
  };
  return { meter, tap };
}

describe('the meter around the unlock path', () => {
  test('counts verdicts by reason and puts each into the class of its time, the bound included', async () => {
    const { meter, tap } = timed();
    expect(await tap('OK', 1)).toEqual(verdict('OK'));
    await tap('OK', 1.1);
    await tap('WRONG_DOOR', 200);
    await tap('UNAVAILABLE', 3001);
    const { byReason, latency, seconds, failed } = meter.counts();
    expect(byReason).toEqual({ OK: 2, WRONG_DOOR: 1, UNAVAILABLE: 1 });
    expect(latency).toHaveLength(LATENCY_S.length + 1);
    expect([latency[0], latency[1], latency[LATENCY_S.indexOf(0.2)], latency.at(-1)]).toEqual([1, 1, 1, 1]);
    expect(latency.reduce((sum, n) => sum + n, 0)).toBe(4);
    expect(seconds).toBeCloseTo(3.2031, 4);
    expect(failed).toBe(0);
  });

  test('an error goes on to the link as it was, and is counted apart', async () => {
    const { meter, tap } = timed();
    await expect(tap(new Error('no verdict'), 5)).rejects.toThrow('no verdict');
    expect(meter.counts()).toMatchObject({ byReason: {}, failed: 1, seconds: 0 });
  });

  test('what it hands out does not change afterwards', async () => {
    const { meter, tap } = timed();
    await tap('OK', 1);
    const before = meter.counts();
    await tap('OK', 1);
    expect([before.byReason, before.latency[0]]).toEqual([{ OK: 1 }, 1]);
  });
});
