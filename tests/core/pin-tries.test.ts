import { describe, expect, test } from 'vitest';
import { createPinTries, isShut, PIN_PAUSE_MS, PIN_TRIES, triesOf } from '../../gateway/core/pin-tries.ts';

const NOW = 1_797_000_000_000;
/** So many wrong ones, one a second; what each was told. */
const wrong = (tries: ReturnType<typeof createPinTries>, times: number, from = NOW): boolean[] => Array.from({ length: times }, (_, n) => tries.begin('card 7', from + n * 1000));

describe('a row of wrong PINs', () => {
  test('is shut by the fifth, for fifteen minutes to the millisecond', () => {
    expect([PIN_TRIES, PIN_PAUSE_MS]).toEqual([5, 900_000]);
    expect(triesOf(4, NOW)).toEqual({ wrong: 4, shutUntil: 0 });
    expect(isShut(triesOf(4, NOW), NOW)).toBe(false);
    expect(isShut(undefined, NOW)).toBe(false);
    expect(isShut(triesOf(5, NOW), NOW)).toBe(true);
    expect(isShut(triesOf(5, NOW), NOW + PIN_PAUSE_MS - 1)).toBe(true);
    expect(isShut(triesOf(5, NOW), NOW + PIN_PAUSE_MS)).toBe(false);
  });

  test('is not shut for longer because a clock was set back', () => {
    expect(isShut(triesOf(5, NOW), NOW - 1)).toBe(false);
  });

  test('is begun by the key, and of that key alone', () => {
    const tries = createPinTries();
    expect(wrong(tries, 6)).toEqual([true, true, true, true, true, false]);
    expect(tries.hasShut('card 7', NOW + 5000)).toBe(true);
    expect(tries.hasShut('card 8', NOW + 5000)).toBe(false);
    expect(tries.begin('card 8', NOW + 5000)).toBe(true);
  });

  test('a try that finds it shut makes the pause no longer', () => {
    const tries = createPinTries();
    wrong(tries, 5, NOW - 4000);
    expect(tries.begin('card 7', NOW + PIN_PAUSE_MS - 1)).toBe(false);
    expect(tries.begin('card 7', NOW + PIN_PAUSE_MS)).toBe(true);
  });

  test('goes on after the pause: one more wrong PIN shuts it again, a right one ends it', () => {
    const tries = createPinTries();
    wrong(tries, 5);
    const later = NOW + 4000 + PIN_PAUSE_MS;
    expect(tries.begin('card 7', later)).toBe(true);
    expect(tries.hasShut('card 7', later)).toBe(true);
    tries.right('card 7');
    expect(tries.hasShut('card 7', later)).toBe(false);
    expect(tries.rows()).toEqual([]);
    expect(wrong(tries, 5, later)).toEqual([true, true, true, true, true]);
  });

  test('does not count a repeat', () => {
    const tries = createPinTries();
    wrong(tries, 5);
    tries.undo('card 7', NOW + 4000);
    expect(tries.rows()).toEqual([['card 7', { wrong: 4, shutUntil: 0 }]]);
    expect(tries.hasShut('card 7', NOW + 4000)).toBe(false);
    for (let n = 0; n < 3; n += 1) tries.undo('card 7', NOW);
    expect(tries.rows()).toEqual([['card 7', { wrong: 1, shutUntil: 0 }]]);
    tries.undo('card 7', NOW);
    expect(tries.rows()).toEqual([]);
    tries.undo('card 8', NOW);
    expect(tries.rows()).toEqual([]);
  });

  test('a repeat after the pause neither shuts it nor lets it forget that it was shut', () => {
    const tries = createPinTries([['card 7', { wrong: 5, shutUntil: NOW - 1 }]]);
    expect(tries.begin('card 7', NOW)).toBe(true);
    tries.undo('card 7', NOW);
    expect(tries.hasShut('card 7', NOW)).toBe(false);
    expect(tries.rows()).toEqual([['card 7', { wrong: 5, shutUntil: NOW }]]);
  });

  test('goes on after a restart', () => {
    const before = createPinTries();
    wrong(before, 5);
    const tries = createPinTries(before.rows());
    expect(tries.begin('card 7', NOW + 5000)).toBe(false);
  });

  test('of ten thousand and one the one that is longest ago is forgotten', () => {
    const tries = createPinTries();
    for (let n = 0; n < 10_000; n += 1) tries.begin(`card ${n}`, NOW);
    tries.begin('card 0', NOW);
    tries.begin('another', NOW);
    const keys = tries.rows().map(([key]) => key);
    expect(keys).toHaveLength(10_000);
    expect([keys.at(0), keys.at(-2), keys.at(-1)]).toEqual(['card 2', 'card 0', 'another']);
  });
});
