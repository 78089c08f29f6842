import { describe, expect, test } from 'vitest';
import { findings } from './files.ts';

/** Six digits of place, eight of birth, three of order, one check character (GB 11643). */
const IDENTITY = /(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![0-9A-Za-z])/;
/**
 * Province 89 is unused. In the cards of other residents it stands second (9 89 …, and 8 89 … as a wrong one); the
 * permits of Hong Kong, Macao and Taiwan have a fixed place, there a birth in January 1900 makes them nobody's.
 */
const NOBODY = /^(89|[89]89|8[123]000019000101)/;
/** The form before 1999: a place that exists, a date without century, three of order. */
const OLD_IDENTITY = /(?<![0-9A-Za-z])(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])\d{4}\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}(?![0-9A-Za-z])/;
/** A mobile number as people write it; prefix 120 is nobody's. */
const MOBILE = /(?<![0-9A-Za-z.])(?:\+?(?:00)?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?![0-9A-Za-z])/;

describe("personal data in the tree is nobody's (domain.md 3)", () => {
  test('the patterns find what they are for', () => {
    const sample = (place: string): string => [place, '0101', '19900307', '002X'].join('');
    expect([NOBODY.test(sample('89')), NOBODY.test(sample('11')), NOBODY.test(['81', '0000', '19900101', '0114'].join(''))]).toEqual([true, false, false]);
    expect([IDENTITY.test(sample('89')), IDENTITY.test(sample('11')), MOBILE.test(['138', '0013', '8000'].join(' ')), MOBILE.test('12000000001')]).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  test('every identity number is one that nobody has', () => {
    expect(findings(IDENTITY, (match) => !NOBODY.test(match[0]))).toEqual([]);
  });

  test('no identity number of the old form has a province that exists', () => {
    expect(findings(OLD_IDENTITY)).toEqual([]);
  });

  test("no phone number could be somebody's", () => {
    expect(findings(MOBILE)).toEqual([]);
  });
});
