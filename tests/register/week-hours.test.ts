import { describe, expect, test } from 'vitest';
import { readWeek, writeWeek } from '../../gateway/register/week-hours.ts';

const week = (days: Readonly<Record<number, readonly string[]>>): string[][] => Array.from({ length: 8 }, (_, day) => [...(days[day] ?? [])]);

describe('hours as people write them', () => {
  test('are minutes of the day, with either dash, in order, those that touch made one', () => {
    expect(readWeek(week({ 0: ['14:00-18:00', '08:00–12:00'], 1: ['08:00–12:00', '12:00 - 13:30', '09:00–10:00'], 2: ['00:00–24:00'] })).slice(0, 3)).toEqual([
      [
        [480, 720],
        [840, 1080],
      ],
      [[480, 810]],
      [[0, 1440]],
    ]);
  });

  test('that go over night end on the next morning: after Sunday on Monday’s, after a holiday on the holiday’s own', () => {
    const plan = readWeek(week({ 4: ['22:00–06:00'], 6: ['22:00–06:00'], 7: ['23:00–01:00'], 2: ['22:00–00:00'] }));
    expect(plan[4]).toEqual([[1320, 1440]]);
    expect(plan[5]).toEqual([[0, 360]]);
    expect([plan[6], plan[0]]).toEqual([[[1320, 1440]], [[0, 360]]]);
    expect(plan[7]).toEqual([
      [0, 60],
      [1380, 1440],
    ]);
    expect([plan[2], plan[3]]).toEqual([[[1320, 1440]], []]);
  });

  test('come back as they are kept', () => {
    const days = week({ 0: ['08:00–12:00', '14:00–24:00'], 7: ['00:00–24:00'] });
    expect(writeWeek(readWeek(days))).toEqual(days);
    expect(writeWeek([])).toEqual(week({}));
  });

  test('that are none name their place', () => {
    for (const text of ['8:00–12:00', '08:00–24:30', '24:00–06:00', '08:00–08:00', '25:00–26:00', '08:60–09:00', '', 'x'])
      expect(() => readWeek(week({ 2: ['01:00–02:00', text] })), text).toThrow(new RangeError('days[2][1]'));
    expect(() => readWeek([[]])).toThrow(new RangeError('days'));
    const many = Array.from({ length: 9 }, (_, hour) => `0${hour}:00–0${hour}:30`);
    expect(() => readWeek(week({ 5: many }))).toThrow(new RangeError('days[5]'));
  });
});
