import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBootClock } from '../../gateway/doors/freshness.ts';
import { createLimiter } from '../../gateway/doors/limiter.ts';

describe('the clock of a boot', () => {
  test('counts what a message waited above the quickest one', () => {
    const clock = createBootClock();
    expect(clock.age(1_000, 100)).toBe(0);
    expect(clock.age(2_000, 700)).toBe(400);
    expect(clock.age(3_000, 2_105)).toBe(0);
  });

  test('knows the running time only after a message', () => {
    const clock = createBootClock();
    expect(clock.runningAt(5_000)).toBeUndefined();
    clock.age(5_000, 1_200);
    expect(clock.runningAt(6_500)).toBe(2_700);
    expect(clock.runningAt(5_000 + 8 * 3_600_000)).toBe(1_200 + 8 * 3_600_000);
  });

  test('does not let a device that runs 100 ppm slow grow old in a day', () => {
    const clock = createBootClock();
    for (let at = 0; at <= 86_400_000; at += 30_000) expect(clock.age(1_000_000 + at, Math.floor(at * (1 - 100e-6)))).toBeLessThanOrEqual(1);
    expect(clock.age(1_000_000 + 86_430_500, Math.floor(86_430_000 * (1 - 100e-6)))).toBeGreaterThan(480);
  });

  test('never says less than nothing, and never more than the true wait above the quickest', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(10_000), fc.nat(2_000)), { minLength: 1, maxLength: 40 }), (steps) => {
        const clock = createBootClock();
        let sent = 0;
        let arrived = 0;
        for (const [gap, wait] of steps) {
          sent += gap;
          arrived = Math.max(arrived, sent + wait);
          const age = clock.age(arrived + 777, sent);
          expect(age).toBeGreaterThanOrEqual(0);
          expect(age).toBeLessThanOrEqual(arrived - sent);
        }
      }),
      { numRuns: 200 },
    );
  });
});

test('a limiter allows its burst, counts each key alone, and begins anew with the next window', () => {
  let at = 0;
  const limiter = createLimiter(2, 60_000, () => at);
  expect(['a', 'a', 'a', 'b', 'b', 'b'].map((key) => limiter.allow(key))).toEqual([true, true, false, true, true, false]);
  at = 59_999;
  expect(limiter.allow('a')).toBe(false);
  at = 60_000;
  expect(limiter.allow('a')).toBe(true);
});
