import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ageOn, checkCharacter, checkCitizenId } from '../../gateway/core/citizen-id.ts';
import { MAINLAND_DIVISIONS, TEST_DIVISIONS, TEST_PROVINCE } from '../../gateway/core/division.ts';

const context = { today: '2026-11-22', divisions: TEST_DIVISIONS };
const codes = (text: string): string[] => checkCitizenId(text, context).findings.map((finding) => finding.code);

describe('citizen identity number (GB 11643)', () => {
  test.each([
    ['adult man', '890101199003070118', 1, '1990-03-07'],
    ['adult woman', '890101198808150225', 2, '1988-08-15'],
    ['same day, next man', '890101199003070134', 1, '1990-03-07'],
    ['X check', '89010119920510008X', 2, '1992-05-10'],
    ['X check, lower case', '89010119920510008x', 2, '1992-05-10'],
    ['leap day', '89010219960229104X', 2, '1996-02-29'],
    ['child', '890102201506010156', 1, '2015-06-01'],
    ['turns 16 on 2026-01-02', '890102201001020164', 2, '2010-01-02'],
    ['full-width digits and outer space', ' ８９０１０１１９９００３０７０１１８　', 1, '1990-03-07'],
  ])('%s is taken', (_name, text, sex, birth) => {
    expect(checkCitizenId(text, context)).toMatchObject({ sex, birth, findings: [] });
  });

  test.each([
    ['890101199003070117', ['ID_CHECKSUM']],
    ['89010119970229011X', ['ID_DATE_INVALID']],
    ['890101209901010113', ['ID_DATE_FUTURE']],
    ['890199199003070113', ['ID_DIVISION_UNKNOWN']],
    ['89010119900307011', ['ID_LENGTH']],
    ['890101900307011', ['ID_LENGTH']],
    ['89010119900307O118', ['ID_CHARS']],
    ['8901011990-3070118', ['ID_CHARS']],
    ['890X01199003070118', ['ID_CHARS']],
    ['张三', ['ID_LENGTH', 'ID_CHARS']],
    ['', ['ID_LENGTH', 'ID_CHARS']],
    ['890199199002300110', ['ID_DIVISION_UNKNOWN', 'ID_DATE_INVALID', 'ID_CHECKSUM']],
  ])('%s is refused with every finding, the first to show in front', (text, expected) => {
    expect(codes(text)).toEqual(expected);
  });

  test('of a number that is refused neither birth nor sex is told, and nothing of it is a mere warning', () => {
    for (const number of ['890101199003070117', '890101209901010113', '89010119900307011', '89010119970229011X', '890199199003070113']) {
      const { findings, ...rest } = checkCitizenId(number, context);
      expect(rest).toEqual({ number, birth: '', sex: 0 });
      expect(findings.map((finding) => finding.warning)).toEqual([false]);
    }
  });

  test('somebody born today has a number', () => {
    const body = '89010120261122011';
    expect(checkCitizenId(body + checkCharacter(body), context)).toMatchObject({ birth: '2026-11-22', findings: [] });
  });

  test('an age over 130 is refused, 130 is not', () => {
    const at = (body: string): string[] => codes(body + checkCharacter(body));
    expect(at('89010118951122011')).toEqual(['ID_AGE_OVER_130']);
    expect(at('89010118951123011')).toEqual([]);
  });

  test('an abolished division is a warning and the number stays usable', () => {
    const body = '89011019900307011';
    const read = checkCitizenId(body + checkCharacter(body), context);
    expect(read.findings).toEqual([{ code: 'ID_DIVISION_UNKNOWN', warning: true }]);
    expect(read.birth).toBe('1990-03-07');
  });

  test('the test province is unknown to the production table', () => {
    const read = checkCitizenId('890101199003070118', { ...context, divisions: MAINLAND_DIVISIONS });
    expect(read.findings.map((finding) => finding.code)).toEqual(['ID_DIVISION_UNKNOWN']);
  });

  test('the published example body 34052419800101001 has check X', () => {
    const body17 = '34052419800101001';
    expect(checkCharacter(body17)).toBe('X');
    for (const body of ['', '3405241980010100', `${body17}1`, '3405241980010100X', `X${body17}`]) expect(() => checkCharacter(body)).toThrow(RangeError);
  });

  test('age is completed years; the birthday counts, or the day after under that rule', () => {
    expect([ageOn('2010-01-02', '2026-01-01'), ageOn('2010-01-02', '2026-01-02')]).toEqual([15, 16]);
    expect([ageOn('2010-01-02', '2026-01-02', 'dayAfter'), ageOn('2010-01-02', '2026-01-03', 'dayAfter')]).toEqual([15, 16]);
    expect([ageOn('1996-02-29', '2014-02-28'), ageOn('1996-02-29', '2014-03-01')]).toEqual([17, 18]);
  });
});

describe('divisions', () => {
  test('every county of the 31 mainland provinces is listed, and no other prefix', () => {
    const prefixes = Array.from({ length: 100 }, (_, at) => String(at).padStart(2, '0'));
    const listed = prefixes.filter((prefix) => MAINLAND_DIVISIONS(`${prefix}0102`) === 'listed');
    expect(listed.join(' ')).toBe('11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65');
    expect(prefixes.filter((prefix) => MAINLAND_DIVISIONS(`${prefix}0102`) !== 'listed').map((prefix) => MAINLAND_DIVISIONS(`${prefix}0102`))).toEqual(Array(69).fill('unlisted'));
    expect(['110000', '110001', '110100', '119900'].map(MAINLAND_DIVISIONS)).toEqual(['unlisted', 'unlisted', 'listed', 'listed']);
  });

  test('the test province has nine counties and one that is abolished, beside the mainland', () => {
    expect(['890101', '890109', '890110', '890100', '890111', '891101', '110101', '710101'].map(TEST_DIVISIONS)).toEqual([
      'listed',
      'listed',
      'historical',
      'unlisted',
      'unlisted',
      'unlisted',
      'listed',
      'unlisted',
    ]);
    expect(['8901010', '1890101', '89890101'].map(TEST_DIVISIONS)).toEqual(['unlisted', 'unlisted', 'unlisted']);
    expect(TEST_PROVINCE).toBe('89');
  });
});

describe('the check character catches typing', () => {
  const body = fc.tuple(fc.integer({ min: 0, max: 999_999_999 }), fc.integer({ min: 0, max: 99_999_999 })).map(([a, b]) => String(a).padStart(9, '0') + String(b).padStart(8, '0'));
  const complete = (digits: string): string => digits + checkCharacter(digits);
  const fits = (number: string): boolean => /^\d{17}/.test(number) && complete(number.slice(0, 17)) === number;

  test('every single wrong digit', () => {
    fc.assert(
      fc.property(body, fc.integer({ min: 0, max: 16 }), fc.integer({ min: 1, max: 9 }), (digits, at, shift) => {
        const number = complete(digits);
        const wrong = String((Number(number[at]) + shift) % 10);
        return !fits(number.slice(0, at) + wrong + number.slice(at + 1));
      }),
      { numRuns: 2000 },
    );
  });

  test('every swap of unlike neighbours', () => {
    fc.assert(
      fc.property(body, fc.integer({ min: 0, max: 15 }), (digits, at) => {
        const number = complete(digits);
        fc.pre(number[at] !== number[at + 1]);
        return !fits(number.slice(0, at) + number.charAt(at + 1) + number.charAt(at) + number.slice(at + 2));
      }),
      { numRuns: 2000 },
    );
  });
});
