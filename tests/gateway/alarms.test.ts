import { describe, expect, test } from 'vitest';
import { ALARM_WORDS, isAlarmKind } from '../../gateway/alarm-words.ts';
import { createAlarms } from '../../gateway/alarms.ts';

function alarmsAt(time: { now: number }) {
  const lines: string[] = [];
  const keep = (about: object, line: string): void => void lines.push(`${line} ${JSON.stringify(about)}`);
  return { lines, alarms: createAlarms(() => time.now, { error: keep, warn: keep }) };
}

describe('alarms of the gateway itself', () => {
  test('last from the first word to the last, with the sentence people are shown, oldest first', () => {
    const time = { now: 1000 };
    const { alarms, lines } = alarmsAt(time);
    expect(alarms.raise('stalled', 'three seconds')).toBe(true);
    time.now = 5000;
    alarms.raise('disk-80');
    expect(alarms.raise('stalled', 'three seconds')).toBe(false);
    expect(alarms.current()).toEqual([
      { what: 'stalled', message: ALARM_WORDS.stalled, since: 1000 },
      { what: 'disk-80', message: ALARM_WORDS['disk-80'], since: 5000 },
    ]);
    alarms.clear('stalled');
    expect(alarms.current().map(({ what }) => what)).toEqual(['disk-80']);
    expect(alarms.isRaised('stalled')).toBe(false);
    expect(lines.at(-1)).toContain('stalled is over');
  });

  test('one that is raised again and again is counted once and said twice a minute; another detail is said at once', () => {
    const time = { now: 0 };
    const { alarms, lines } = alarmsAt(time);
    for (; time.now < 50_000; time.now += 250) alarms.raise('register-unread', 'locked');
    expect(lines).toHaveLength(2);
    alarms.raise('register-unread', 'disk I/O error');
    expect(lines).toHaveLength(3);
    expect(alarms.counts()).toEqual({ 'register-unread': 1 });
    expect(alarms.current()).toMatchObject([{ since: 0 }]);
  });

  test('one that ends and comes back is counted twice, and ending what never was says nothing', () => {
    const { alarms, lines } = alarmsAt({ now: 0 });
    alarms.clear('stalled');
    alarms.raise('stalled');
    alarms.clear('stalled');
    alarms.raise('stalled');
    expect(alarms.counts()).toEqual({ stalled: 2 });
    expect(lines).toHaveLength(3);
  });

  test('every kind says in both languages what is so and what to do', () => {
    for (const [what, { zh, en }] of Object.entries(ALARM_WORDS)) {
      expect(isAlarmKind(what)).toBe(true);
      expect(zh, what).toMatch(/[一-龥]{5}/);
      expect(en, what).toMatch(/^[A-Z].*\.( Run: .*)?$|Run: /);
    }
    expect(isAlarmKind('toString')).toBe(false);
  });
});
