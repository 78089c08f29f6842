import { describe, expect, test } from 'vitest';
import { isWeakPin } from '../../gateway/core/weak-pins.ts';

describe('a PIN that a thief tries first', () => {
  test.each([
    ['0000', 'one digit'],
    ['1212', 'two digits again'],
    ['123123', 'three digits again'],
    ['1234', 'a run'],
    ['4321', 'a run backwards'],
    ['7890', 'a run over the nought'],
    ['89012345', 'a long one'],
    ['0101', 'the first day of the year'],
    ['1231', 'the last day'],
    ['3112', 'the same, the day first'],
    ['1987', 'a year'],
    ['2003', 'another century'],
    ['870412', 'year, month, day'],
    ['120487', 'day, month, year'],
    ['198704', 'year and month'],
    ['041987', 'month and year'],
    ['19870412', 'a birthday'],
    ['12041987', 'the same, the day first'],
  ])('%s: %s', (pin) => {
    expect(isWeakPin(pin)).toBe(true);
  });

  test.each(['2468', '9173', '1300', '0032', '3413', '1850', '70394', '480591', '9053172', '70419365', '19879912', '99121987', '20451300'])('%s is none', (pin) => {
    expect(isWeakPin(pin)).toBe(false);
  });
});
