import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isBuildingCode, isGridCode, readDoorCode, readRoom, readUnitCode, unitCode } from '../../gateway/core/codes.ts';
import { addDays, dateAt, endOfDay, localDate, startOfDay, timeAt } from '../../gateway/core/local-date.ts';
import { maskDocument, maskName, maskPhone } from '../../gateway/core/mask.ts';
import { readPhone, writtenPhone } from '../../gateway/core/phone.ts';
import { readRosterDate, serialDate } from '../../gateway/core/roster-date.ts';

const phone = (text: string, on = true): string => {
  const read = readPhone(text, on ? ['120'] : []);
  return read.ok ? read.e164 : read.code;
};

describe('phone (domain.md 3.7)', () => {
  test.each(['+8612000000001', '+8657100000000', '+861000000000', '+8675512345678', '+861012000000'])('%s is read again as it is written', (e164) => {
    expect(writtenPhone(e164)).toMatch(/^\d+$/);
    expect(phone(writtenPhone(e164))).toBe(e164);
  });

  test.each([
    ['+8612000000001', '12000000001'],
    ['+861000000000', '01000000000'],
    ['+8657100000000', '057100000000'],
    ['+862112345678901', '2112345678901'],
    ['+86101234567890', '101234567890'],
    ['+1200000000', '+1200000000'],
    ['', ''],
  ])('%s is written as %s', (e164, written) => {
    expect(writtenPhone(e164)).toBe(written);
  });

  test.each([
    ['+86 120-0000-0001', '+8612000000001'],
    ['8612000000001', '+8612000000001'],
    ['008612000000001', '+8612000000001'],
    ['１２００００００００１', '+8612000000001'],
    ['0571-00000000', '+8657100000000'],
    ['010 0000 0000', '+861000000000'],
    ['1200000000', 'PHONE_FORMAT'],
    ['120000000011', 'PHONE_FORMAT'],
    ['+1 2000000001', 'PHONE_FORMAT'],
    ['', 'PHONE_FORMAT'],
    ['=12000000001', 'PHONE_FORMAT'],
    ['8686 12000000001', 'PHONE_FORMAT'],
    ['010-8600-0000', '+861086000000'],
    ['+861200000000', 'PHONE_FORMAT'],
    ['00861234567', 'PHONE_FORMAT'],
    ['862345678901', 'PHONE_FORMAT'],
    ['0571-000000000', 'PHONE_FORMAT'],
  ])('%s → %s', (text, expected) => {
    expect(phone(text)).toBe(expected);
  });

  test('of one it takes, it says whether it rings in a pocket', () => {
    // A number somebody could have: it is not written out here.
    const mobile = `1${'3000000000'}`;
    expect(readPhone(mobile, [])).toEqual({ ok: true, e164: `+86${mobile}`, kind: 'mobile' });
    expect(readPhone('010-12000000', [])).toEqual({ ok: true, e164: '+861012000000', kind: 'landline' });
    expect([phone('113000000000', false), phone('130000000001', false)]).toEqual(['PHONE_FORMAT', 'PHONE_FORMAT']);
  });

  test('the test prefix is off in production', () => {
    expect(phone('12000000001', false)).toBe('PHONE_FORMAT');
    expect(phone('１２００００００００１', false)).toBe('PHONE_FORMAT');
  });

  test('prefixes 13 to 19 pass without one, 10 to 12 do not', () => {
    expect([10, 11, 12, 13, 14, 19].map((prefix) => phone(`${prefix}000000000`, false) !== 'PHONE_FORMAT')).toEqual([false, false, false, true, true, true]);
  });
});

describe('roster dates', () => {
  const day = (text: string): string => {
    const read = readRosterDate(text);
    return read.ok ? read.date : read.code;
  };

  test.each([
    ['2026-03-01', '2026-03-01'],
    ['2026/3/1', '2026-03-01'],
    ['2026.3.1', '2026-03-01'],
    ['2026年3月1日', '2026-03-01'],
    ['2026 年 3 月 1 日', '2026-03-01'],
    ['20260301', '2026-03-01'],
    ['46082', '2026-03-01'],
    ['46082.5', '2026-03-01'],
    ['２０２６－０３－０１', '2026-03-01'],
    ['２０２６年３月１日', '2026-03-01'],
    ['2026-03-01 00:00:00', '2026-03-01'],
    ['2024-02-29', '2024-02-29'],
    ['2026-02-29', 'DATE_INVALID'],
    ['2026-13-01', 'DATE_INVALID'],
    ['2026/0/1', 'DATE_INVALID'],
    ['60', 'DATE_INVALID'],
    ['0', 'DATE_INVALID'],
    ['9999999', 'DATE_INVALID'],
    ['01/03/2026', 'DATE_FORMAT'],
    ['三月', 'DATE_FORMAT'],
    ['', 'DATE_FORMAT'],
    ['=TODAY()', 'DATE_FORMAT'],
    ['2026-3', 'DATE_FORMAT'],
    ['2026年12月31日', '2026-12-31'],
    ['2026年3月1', '2026-03-01'],
    ['2026  年  3  月  1  日', '2026-03-01'],
    ['2026-03-01T08:30', '2026-03-01'],
    ['2026-03-01 8:30', '2026-03-01'],
    ['2026-03-01 08:30:15.125', '2026-03-01'],
    ['46082.25', '2026-03-01'],
    ['12026-03-01', 'DATE_FORMAT'],
    ['x2026-03-01', 'DATE_FORMAT'],
    ['2026-03-01x', 'DATE_FORMAT'],
    ['2026-03-01 08:3', 'DATE_FORMAT'],
    ['2026-03-01 08:30:1', 'DATE_FORMAT'],
    ['x20260301', 'DATE_FORMAT'],
    ['20260301x', 'DATE_FORMAT'],
    ['120260301', 'DATE_FORMAT'],
    ['202603011', 'DATE_FORMAT'],
    ['x46082', 'DATE_FORMAT'],
    ['46082x', 'DATE_FORMAT'],
    ['2958465', '9999-12-31'],
    ['2958466', 'DATE_INVALID'],
  ])('%s → %s', (text, expected) => {
    expect(day(text)).toBe(expected);
  });

  test('serials step over the 29 February 1900 that never was', () => {
    expect([1, 59, 60, 61, 25569].map(serialDate)).toEqual(['1900-01-01', '1900-02-28', undefined, '1900-03-01', '1970-01-01']);
  });

  test('a day is three whole numbers of the calendar, from year 1 to 9999', () => {
    expect([localDate(1, 1, 1), localDate(9999, 12, 31), localDate(2024, 2, 29)]).toEqual(['0001-01-01', '9999-12-31', '2024-02-29']);
    for (const [year, month, day] of [
      [0, 1, 1],
      [10_000, 1, 1],
      [2026, 0, 1],
      [2026, 13, 1],
      [2026, 1, 0],
      [2026, 4, 31],
      [2026, 1, 366],
      [2026.5, 1, 1],
      [2026, 1.5, 1],
      [2026, 1, 1.5],
      [Number.NaN, 1, 1],
      [2026, Number.POSITIVE_INFINITY, 1],
    ] as const)
      expect(localDate(year, month, day), `${year} ${month} ${day}`).toBeUndefined();
  });

  test('every serial from 61 on is one day after the one before', () => {
    fc.assert(fc.property(fc.integer({ min: 61, max: 2_958_464 }), (serial) => serialDate(serial + 1) === addDays(serialDate(serial) ?? '', 1)));
  });

  test('a day starts at 00:00 +08:00 and its last millisecond is still that day', () => {
    expect(startOfDay('2026-03-01')).toBe(Date.UTC(2026, 1, 28, 16));
    expect([dateAt(startOfDay('2026-03-01') - 1), dateAt(startOfDay('2026-03-01')), dateAt(endOfDay('2026-03-01')), dateAt(endOfDay('2026-03-01') + 1)]).toEqual([
      '2026-02-28',
      '2026-03-01',
      '2026-03-01',
      '2026-03-02',
    ]);
  });

  test('the time of a moment is that of its own day, whole seconds', () => {
    expect([timeAt(startOfDay('2026-03-01')), timeAt(endOfDay('2026-02-28')), timeAt(Date.UTC(2026, 6, 1, 12, 3, 7, 999))]).toEqual([
      '2026-03-01 00:00:00',
      '2026-02-28 23:59:59',
      '2026-07-01 20:03:07',
    ]);
    fc.assert(fc.property(fc.integer({ min: 0, max: 4_000_000_000_000 }), (at) => Date.parse(`${timeAt(at).replace(' ', 'T')}+08:00`) === at - (at % 1000)));
  });
});

describe('codes of places (domain.md 3.4)', () => {
  test('the examples', () => {
    expect(isBuildingCode('890101001001B00042')).toBe(true);
    expect(isGridCode('890101001001007')).toBe(true);
    expect(readDoorCode('890101001001B00042D01')).toEqual({ building: '890101001001B00042', number: 1 });
    expect(readUnitCode('890101001001B00042-0503')).toEqual({ building: '890101001001B00042', floor: 5, room: '0503' });
    expect(readUnitCode('890101001001B00042-B101')).toEqual({ building: '890101001001B00042', floor: -1, room: 'B101' });
    expect(unitCode('890101001001B00042', { floor: 5, room: '0503' })).toBe('890101001001B00042-0503');
  });

  test('other forms are none of them', () => {
    for (const text of ['x890101001001B00042', '890101001001B00042x', '890101001001B000421']) expect(isBuildingCode(text)).toBe(false);
    for (const text of ['x890101001001B00042D01', '890101001001B00042D011']) expect(readDoorCode(text)).toBeUndefined();
    for (const text of ['890101001001B00042-503', 'x890101001001B00042-0503', '890101001001B00042-0503x', '890101001001B00042-050312']) expect(readUnitCode(text)).toBeUndefined();
    expect([isBuildingCode('890101001001A00042'), isGridCode('8901010010010071'), readDoorCode('890101001001B00042D1'), readUnitCode('890101001001B00042-5')]).toEqual([
      false,
      false,
      undefined,
      undefined,
    ]);
  });

  test.each([
    ['0503', 5, '0503'],
    ['503', 5, '0503'],
    ['503室', 5, '0503'],
    ['5-03', 5, '0503'],
    ['5层3', 5, '0503'],
    ['5楼03房', 5, '0503'],
    ['１２０３', 12, '1203'],
    ['12003', 12, '12003'],
    ['B101', -1, 'B101'],
    ['b1-01', -1, 'B101'],
    ['负1-01', -1, 'B101'],
    ['地下1层01室', -1, 'B101'],
    ['12-03', 12, '1203'],
    ['12 03', 12, '1203'],
    ['503号房间', 5, '0503'],
  ])('room %s', (text, floor, room) => {
    expect(readRoom(text)).toEqual({ floor, room });
  });

  test.each(['123-03', 'B10123', '房503', '', '5', '1-203', '阁楼', '3栋503', '=503', '123456'])('%s is no room', (text) => {
    expect(readRoom(text)).toBeUndefined();
  });
});

describe('masks', () => {
  test('keep only what the vectors keep', () => {
    expect(maskDocument('890101199003070118')).toBe('890101********0118');
    expect(maskDocument('H00000001')).toBe('*****0001');
    expect([maskDocument('123456789012345'), maskDocument('12345678901234')]).toEqual(['123456*****2345', '**********1234']);
    expect([maskName(' 李雷 '), maskPhone('+86120000001'), maskPhone('+8612000001'), maskPhone('120+86000001')]).toEqual(['李*', '120**0001', '********', '120*****0001']);
    expect([maskName('李雷'), maskName('欧阳小明'), maskName('𠮷野'), maskName('')]).toEqual(['李*', '欧*', '𠮷*', '']);
    expect([maskPhone('+8612000000001'), maskPhone('+8657100000000'), maskPhone('')]).toEqual(['120****0001', '571****0000', '']);
  });

  test('never show more than half of a short number', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Z0-9]{0,14}$/),
        (number) => maskDocument(number).replaceAll('*', '').length <= number.length / 2 && maskDocument(number).length === number.length,
      ),
    );
  });
});
