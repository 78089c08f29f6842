import { gzipSync } from 'node:zlib';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { REASONS } from '../../gateway/core/reasons.ts';
import { daysIn } from '../../console/admin/review/range.ts';
import { nextWait } from '../../console/parts/back-off.ts';
import { doorShape, shapeTone } from '../../console/parts/door-state.ts';
import { foldLines, lastIndex, mergeLines } from '../../console/parts/ledger-fold.ts';
import { fill } from '../../console/parts/fill.ts';
import { en as enFirst } from '../../console/parts/messages/en.ts';
import { enLaw } from '../../console/parts/messages/law-en.ts';
import { zhLaw } from '../../console/parts/messages/law-zh.ts';
import { enLines } from '../../console/parts/messages/lines-en.ts';
import { zhLines } from '../../console/parts/messages/lines-zh.ts';
import { enRoster } from '../../console/parts/messages/roster-en.ts';
import { zhRoster } from '../../console/parts/messages/roster-zh.ts';
import { enRegistration } from '../../console/parts/messages/registration-en.ts';
import { zhRegistration } from '../../console/parts/messages/registration-zh.ts';
import { zh as zhFirst } from '../../console/parts/messages/zh.ts';
import { idFrom, matchPath, safeNext } from '../../console/parts/route-match.ts';
import { age, clockTime, DAY_MS, dayEnd, dayName, dayNumber, dayOf, dayShort, dayStart, moment, monthName } from '../../console/parts/time.ts';
import { daysTo, toDo } from '../../console/parts/unit-words.ts';
import { access, line, units } from './demo-data.ts';

const ROOT = join(import.meta.dirname, '../..');
const NOON = Date.UTC(2026, 10, 22, 4); // 12:00 in China

/** The words of the first visit, and those that come with a page. */
const zh = { ...zhFirst, ...zhLines, ...zhLaw, ...zhRoster, ...zhRegistration };
const en = { ...enFirst, ...enLines, ...enLaw, ...enRoster, ...enRegistration };

describe('messages', () => {
  test('both languages have the same keys, all filled', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
    for (const table of [zh, en]) expect(Object.entries(table).filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  test('words that come with a page are none of the first visit', () => {
    expect(Object.keys({ ...zhLines, ...zhLaw, ...zhRoster, ...zhRegistration }).filter((key) => Object.hasOwn(zhFirst, key))).toEqual([]);
  });

  test('both languages fill the same values', () => {
    const values = (text: string): string[] => [...new Set(text.match(/\{\w+\}/g) ?? [])].filter((value) => value !== '{n}').sort();
    for (const key of Object.keys(zh)) expect([key, values(Reflect.get(en, key))]).toEqual([key, values(Reflect.get(zh, key))]);
  });

  test('English is English, Chinese is Chinese', () => {
    expect(
      Object.entries(en)
        .filter(([key, text]) => /\p{Script=Han}/u.test(text) && !key.startsWith('menu.lang'))
        .map(([key]) => key),
    ).toEqual([]);
    expect(
      Object.entries(zh)
        .filter(([key, text]) => !/\p{Script=Han}/u.test(text) && !/^(\{\w+\}|\p{P})+$/u.test(text) && !key.startsWith('menu.lang'))
        .map(([key]) => key),
    ).toEqual([]);
  });

  test('every reason of a decision has its short title', () => {
    expect(REASONS.filter((reason) => !Object.hasOwn(zh, `code.${reason}`))).toEqual([]);
  });

  test('one and many', () => {
    expect(fill('1 key|{n} keys', { n: 1 })).toBe('1 key');
    expect(fill('1 key|{n} keys', { n: 3 })).toBe('3 keys');
    expect(fill('{n} 把钥匙', { n: 1 })).toBe('1 把钥匙');
    expect(fill('open for {s} s', { s: 5 })).toBe('open for 5 s');
  });
});

describe('the ledger as shown', () => {
  test('two overlapping sets become one, newest first, each line once, the newest kept', () => {
    const at = (index: number) => access(index, NOON, 'OK');
    expect(mergeLines([at(3), at(2)], [at(3), at(5)], 10).map((row) => row.index)).toEqual([5, 3, 2]);
    expect(mergeLines([at(3), at(2)], [at(4)], 2).map((row) => row.index)).toEqual([4, 3]);
    expect(lastIndex([at(2), at(9), at(4)])).toBe(9);
    expect(lastIndex([])).toBe(0);
  });

  test('an outcome joins its decision; alone when the decision is not here', () => {
    const outcome = line(8, NOON, { kind: 'outcome', code: 'opened', ref: 7 });
    const both = foldLines([outcome, access(7, NOON, 'OK')]);
    expect(both.map((row) => [row.index, row.outcome?.code])).toEqual([[7, 'opened']]);
    expect(foldLines([outcome]).map((row) => row.index)).toEqual([8]);
  });
});

describe('times, as people in China read them', () => {
  test('clock, day and month', () => {
    expect(clockTime(NOON)).toBe('12:00:00');
    expect(clockTime(Date.UTC(2026, 10, 21, 16))).toBe('00:00:00');
    expect(dayName(NOON, NOON, 'zh')).toBe('11 月 22 日');
    expect(dayName(NOON, NOON, 'en')).toBe('22 Nov');
    expect(dayName(Date.UTC(2027, 1, 3), NOON, 'zh')).toBe('2027 年 2 月 3 日');
    expect(dayName(Date.UTC(2027, 1, 3), NOON, 'en')).toBe('3 Feb 2027');
    expect([dayShort(NOON, 'zh'), dayShort(NOON, 'en')]).toEqual(['11-22', '22 Nov']);
    expect([monthName(Date.UTC(2027, 1, 3), 'zh'), monthName(Date.UTC(2027, 1, 3), 'en')]).toEqual(['27-02', 'Feb 27']);
    expect(moment(NOON - 86_400_000, NOON, 'zh')).toBe('11 月 21 日 12:00');
  });

  test('days change at midnight in China, not in UTC', () => {
    expect(dayNumber(Date.UTC(2026, 10, 22, 15, 59, 59)) - dayNumber(NOON)).toBe(0);
    expect(daysTo(Date.UTC(2026, 10, 22, 16), NOON)).toBe(1);
  });

  test('a date field holds a day in China, from its first moment to the first of the next', () => {
    expect(dayStart('2026-11-22')).toBe(Date.UTC(2026, 10, 21, 16));
    expect(dayEnd('2026-11-22')).toBe(Date.UTC(2026, 10, 22, 16));
    expect([dayOf(dayStart('2026-11-22') - 1), dayOf(dayStart('2026-11-22')), dayOf(dayEnd('2026-11-22') - 1), dayOf(dayEnd('2026-11-22'))]).toEqual([
      '2026-11-21',
      '2026-11-22',
      '2026-11-22',
      '2026-11-23',
    ]);
    expect(dayEnd('2026-11-22') - dayStart('2026-11-22')).toBe(DAY_MS);
    expect([dayStart(''), dayEnd('')]).toEqual([Number.NaN, Number.NaN]);
  });

  test('days of a range count both ends; what is none has no days', () => {
    expect([daysIn('2026-11-22', '2026-11-22'), daysIn('2026-02-27', '2026-03-01'), daysIn('2026-11-22', '2026-11-21'), daysIn('', '2026-11-22')]).toEqual([1, 3, 0, 0]);
  });

  test('ages in the largest unit that fits', () => {
    expect([age(-5), age(8 * 60_000), age(47 * 3_600_000), age(72 * 3_600_000)]).toEqual([
      { n: 0, unit: 'min' },
      { n: 8, unit: 'min' },
      { n: 47, unit: 'hour' },
      { n: 3, unit: 'day' },
    ]);
  });
});

describe('coming back after a break', () => {
  test('pauses double up to a quarter of a minute, and no two consoles keep the same beat', () => {
    expect([0, 1, 2, 5, 40].map((attempt) => nextWait(attempt, 1))).toEqual([500, 1000, 2000, 15_000, 15_000]);
    expect(nextWait(2, 0)).toBe(1500);
  });
});

describe('doors, homes and addresses', () => {
  const live = { online: true, since: 0, contact: 'closed', lock: 'locked', power: true, queued: 0, have: '', want: '' } as const;
  test.each([
    [undefined, false, 'none', 'off'],
    [live, false, 'closed', 'calm'],
    [{ ...live, contact: 'open' as const }, false, 'open', 'go'],
    [{ ...live, contact: 'open' as const }, true, 'held', 'attend'],
    [{ ...live, lock: 'unlocked' as const }, false, 'unlocked', 'go'],
    [{ ...live, contact: 'unknown' as const }, true, 'unknown', 'calm'],
    [{ ...live, online: false, contact: 'open' as const }, true, 'offline', 'off'],
    [{ ...live, online: false, power: false }, false, 'dark', 'attend'],
  ])('door %#', (state, held, shape, tone) => {
    expect(doorShape(state, held)).toBe(shape);
    expect(shapeTone(doorShape(state, held))).toBe(tone);
  });

  test('what needs doing comes soonest due first', () => {
    expect(toDo(units(NOON)).map((unit) => unit.room)).toEqual(['0302', '0403', '0503']);
  });

  test('addresses: patterns, ids, and where to go after signing in', () => {
    expect(matchPath('/unit/:id', '/unit/12')).toEqual({ id: '12' });
    expect(matchPath('/building/:id', '/building/1/import')).toBeUndefined();
    expect(matchPath('/unit/:id', '/unit/12/')).toEqual({ id: '12' });
    expect(['7', '0', '-1', '1e3', '', undefined, '12345678901234567890'].map(idFrom)).toEqual([7, 0, 0, 0, 0, 0, 0]);
    expect(['/unit/3?x=1', '//evil', '/\\evil', 'https://evil', '/login', null].map(safeNext)).toEqual(['/unit/3?x=1', '/', '/', '/', '/', '/']);
  });
});

describe('the built console', () => {
  const dist = join(ROOT, 'dist/console');
  test('first load stays within 95 kB gzip', () => {
    const page = readFileSync(join(dist, 'index.html'), 'utf8');
    const named = [...page.matchAll(/\/assets\/([\w.-]+\.(?:js|css))/g)].map(([, name]) => name ?? '');
    // The words come in one language, after the page.
    const words = readdirSync(join(dist, 'assets')).filter((name) => /^(zh|en)-[\w-]+\.js$/.test(name));
    expect(words.length).toBe(2);
    const bytes = [...named, ...words.slice(0, 1)].reduce((sum, name) => sum + gzipSync(readFileSync(join(dist, 'assets', name))).length, 0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThanOrEqual(95_000);
  });

  test('nothing inline: the page stands under script-src and style-src self', () => {
    const html = readFileSync(join(dist, 'index.html'), 'utf8');
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/);
    expect([...html.matchAll(/(?:src|href)="([^"]+)"/g)].every(([, url]) => url?.startsWith('/') === true && !url.startsWith('//'))).toBe(true);
  });
});
