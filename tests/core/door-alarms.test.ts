import { describe, expect, test } from 'vitest';
import { ALARM_WORDS, alarmTold, type AlarmWord, dayOnly, DOOR_ALARMS, endedBy, isAlarmWord, isMoment, OFFLINE_MS } from '../../gateway/core/door-alarms.ts';
import { DOOR_WORDS } from '../../gateway/wire/mqtt/door-words.ts';

/** Alarms that links raise, and words that end them, besides what doors say. */
const OF_LINKS = ['offline', 'online', 'new-instance', 'channel'];

describe('alarms of doors', () => {
  test('are named by words that doors say, and end by such', () => {
    const said = new Set<string>([...DOOR_WORDS, ...OF_LINKS]);
    for (const word of ALARM_WORDS) expect([word, said.has(word), said.has(DOOR_ALARMS[word].ends ?? word)]).toEqual([word, true, true]);
    expect(ALARM_WORDS).toHaveLength(14);
    expect([isAlarmWord('forced'), isAlarmWord('closed'), isAlarmWord('toString')]).toEqual([true, false, false]);
  });

  test('end with the word of their end, or are moments', () => {
    expect(endedBy('closed')).toEqual(['forced', 'held']);
    expect(endedBy('online')).toEqual(['offline']);
    expect(endedBy('exit')).toEqual([]);
    expect(ALARM_WORDS.filter(isMoment)).toEqual(['clock-jump', 'pin-tries', 'duress', 'new-instance', 'channel']);
    expect(OFFLINE_MS).toBe(600_000);
  });

  const told = (form: Parameters<typeof alarmTold>[0], home: boolean): Record<string, AlarmWord[]> => ({
    whole: ALARM_WORDS.filter((word) => alarmTold(form, word, home) === 'whole'),
    day: ALARM_WORDS.filter((word) => alarmTold(form, word, home) === 'day'),
    none: ALARM_WORDS.filter((word) => alarmTold(form, word, home) === 'none'),
  });
  const all = [...ALARM_WORDS];
  const without = (...left: AlarmWord[]): AlarmWord[] => all.filter((word) => !left.includes(word));

  test.each([true, false])('officers are told all, the operator all but duress (home: %s)', (home) => {
    expect(told('', home)).toEqual({ whole: all, day: [], none: [] });
    expect(told('technical', home)).toEqual({ whole: without('duress'), day: [], none: ['duress'] });
    expect(told('aggregate', home)).toEqual({ whole: [], day: [], none: all });
    expect(told(undefined, home)).toEqual({ whole: [], day: [], none: all });
  });

  test('a landlord is told nothing that says when somebody passed', () => {
    expect(told('state', false)).toEqual({ whole: without('held', 'duress'), day: ['held'], none: ['duress'] });
    expect(told('state', true)).toEqual({ whole: without('forced', 'held', 'pin-tries', 'duress'), day: ['forced', 'pin-tries'], none: ['held', 'duress'] });
  });

  test('a time told by the day is the first moment of that day in China', () => {
    expect(dayOnly(Date.parse('2026-11-23T00:00:00+08:00'))).toBe(Date.parse('2026-11-23T00:00:00+08:00'));
    expect(dayOnly(Date.parse('2026-11-23T23:59:59+08:00'))).toBe(Date.parse('2026-11-23T00:00:00+08:00'));
  });
});
