import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ageOn, checkCharacter, checkCitizenId } from '../../gateway/core/citizen-id.ts';
import { MAINLAND_DIVISIONS, TEST_DIVISIONS } from '../../gateway/core/division.ts';

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
    expect(checkCharacter('34052419800101001')).toBe('X');
  });

  test('age is completed years; the birthday counts, or the day after under that rule', () => {
    expect([ageOn('2010-01-02', '2026-01-01'), ageOn('2010-01-02', '2026-01-02')]).toEqual([15, 16]);
    expect([ageOn('2010-01-02', '2026-01-02', 'dayAfter'), ageOn('2010-01-02', '2026-01-03', 'dayAfter')]).toEqual([15, 16]);
    expect([ageOn('1996-02-29', '2014-02-28'), ageOn('1996-02-29', '2014-03-01')]).toEqual([17, 18]);
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
