const DIGITS = '01234567890123456789';
/** Of four digits. */
const MONTH_DAY = /(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])/;
const DAY_MONTH = /(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])/;
const YEAR = /(19|20)\d\d/;

const backwards = (digits: string): string => [...digits].reverse().join('');
/** One digit all along, or the same few again. */
const repeats = (digits: string): boolean => /^(\d+)\1+$/.test(digits);
const runs = (digits: string): boolean => DIGITS.includes(digits) || DIGITS.includes(backwards(digits));

/** Could it be somebody's day: month and day, a year, or both, however they are put together. */
function isDay(digits: string): boolean {
  if (digits.length === 4) return MONTH_DAY.test(digits) || DAY_MONTH.test(digits) || YEAR.test(digits);
  const [head, tail] = [digits.slice(0, 4), digits.slice(-4)];
  const monthDay = (part: string): boolean => MONTH_DAY.test(part) || DAY_MONTH.test(part);
  if (digits.length === 6) return monthDay(head) || monthDay(tail) || YEAR.test(head) || YEAR.test(tail);
  return digits.length === 8 && ((YEAR.test(head) && monthDay(tail)) || (monthDay(head) && YEAR.test(tail)));
}

/** Is it one of the PINs a thief tries first: a row, a run, a day? For digits that somebody chose himself. */
export const isWeakPin = (digits: string): boolean => repeats(digits) || runs(digits) || isDay(digits);
