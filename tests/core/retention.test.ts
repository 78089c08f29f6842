import { describe, expect, test } from 'vitest';
import { DAY_MS } from '../../gateway/core/local-date.ts';
import { cutoffOf, daysRefused, firstDayKept, RETENTION, RETENTION_KINDS, retentionKind } from '../../gateway/core/retention.ts';

/** 30 June 2026, 20:00 in Shanghai. */
const NOW = Date.UTC(2026, 5, 30, 12);

describe('retention rules', () => {
  test.each([
    ['entries', 184],
    ['departed', 730],
    ['audit', 1095],
    ['assessments', 1095],
    ['purposes', 1095],
    ['requests', 1095],
    ['doorAlarms', 184],
    ['sheets', 1095],
  ] as const)('%s is kept %i days unless somebody says otherwise (domain.md 4.6)', (kind, days) => {
    expect(RETENTION.get(kind)?.usual).toBe(days);
  });

  test('every kind has a rule whose borders hold its usual time and its presets, and a reason in both languages', () => {
    for (const kind of RETENTION_KINDS) {
      const rule = RETENTION.get(kind);
      if (rule === undefined) throw new Error(kind);
      for (const days of [rule.usual, ...rule.presets]) expect(days >= rule.least && days <= rule.most, `${kind} ${days}`).toBe(true);
      for (const { zh, en } of [rule.law, rule.name, rule.after]) expect([zh, en], kind).toEqual([expect.stringMatching(/[一-鿿]/), expect.stringMatching(/^[A-Z].*[a-z]/)]);
    }
  });

  test('only working copies go by themselves; the audit log never goes', () => {
    const automatic = [...RETENTION.values()].filter((rule) => rule.automatic).map(({ kind }) => kind);
    expect(automatic).toEqual(['imports', 'outbox', 'invitations', 'sessions', 'answers']);
    expect([...RETENTION.values()].filter(({ by }) => by !== 'run').map(({ kind, by }) => [kind, by])).toEqual([
      ['unknownCredentials', 'entries'],
      ['audit', 'kept'],
    ]);
  });

  test('entries below 184 days ask for a person who has read which law that sets aside', () => {
    const entries = RETENTION.get('entries');
    if (entries === undefined) throw new Error('entries');
    expect(daysRefused(entries, 184, false)).toBeUndefined();
    expect(daysRefused(entries, 183, false)).toBe('warning');
    expect(daysRefused(entries, 30, true)).toBeUndefined();
    expect(daysRefused(entries, 29, true)).toBe('borders');
    expect([daysRefused(entries, 730, true), daysRefused(entries, 731, true)]).toEqual([undefined, 'borders']);
    for (const words of Object.values(entries.warn?.words ?? {})) expect(words).toMatch(/GB 50396-2007.+180/);
    expect(entries.presets).toEqual([30, 90, 184]);
  });

  test('where no law is set aside nobody is asked to read one', () => {
    const departed = RETENTION.get('departed');
    if (departed === undefined) throw new Error('departed');
    expect([daysRefused(departed, 184, false), daysRefused(departed, 183, true)]).toEqual([undefined, 'borders']);
    expect(departed.presets).toEqual([184, 365, 730]);
    expect(RETENTION.get('doorAlarms')?.presets).toEqual([184, 365]);
  });

  test('entries go by whole local days, all else to the millisecond', () => {
    expect(firstDayKept(30, NOW)).toBe('2026-05-31');
    expect(cutoffOf('entries', 30, NOW)).toBe(Date.UTC(2026, 4, 30, 16));
    expect(cutoffOf('departed', 30, NOW)).toBe(NOW - 30 * DAY_MS);
  });

  test('an unknown word is no kind', () => {
    expect(retentionKind('visitorPasses')).toBeUndefined();
    expect(retentionKind('entries')).toBe('entries');
  });
});
