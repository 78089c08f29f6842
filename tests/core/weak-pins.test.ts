import { describe, expect, test } from 'vitest';
import { isWeakPin } from '../../gateway/core/weak-pins.ts';

describe('a PIN that a thief tries first', () => {
  test.each([
    ['0000', 'one digit'],
    ['1212', 'two digits again'],
    ['123123', 'three digits again'],
    ['4747', 'two that are no day'],
    ['474747', 'the same, three times'],
    ['1234', 'a run'],
    ['4321', 'a run backwards'],
    ['7890', 'a run over the nought'],
    ['89012345', 'a long one'],
    ['121212', 'two digits three times'],
    ['0101', 'the first day of the year'],
    ['0415', 'month and day'],
    ['1115', 'a late month'],
    ['0431', 'the end of a month'],
    ['1504', 'day and month'],
    ['1511', 'the same, late'],
    ['3104', 'the same, at the end'],
    ['1987', 'a year'],
    ['2003', 'another century'],
    ['870412', 'year, month, day'],
    ['120487', 'day, month, year'],
    ['041599', 'a day that is one only with the month first'],
    ['991504', 'one only with the day first'],
    ['198799', 'a year before something'],
    ['991987', 'a year after something'],
    ['19870412', 'a birthday'],
    ['12041987', 'the same, the day first'],
  ])('%s: %s', (pin) => {
    expect(isWeakPin(pin)).toBe(true);
  });

  test.each([
    ['2468', '9173', '1300', '0032', '3413', '1850', '0400', '0004', '0015', '1500'],
    ['91212', '12129', '90412', '04129', '70394'],
    ['480591', '904129'],
    ['9053172', '1990412'],
    ['70419365', '19879912', '99121987', '04129987', '99870412', '20451300'],
  ])('%s and others of that length are none', (...pins) => {
    expect(pins.filter(isWeakPin)).toEqual([]);
  });
});
