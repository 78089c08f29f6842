import type { DivisionTable } from './division.ts';
import { addDays, completedYears, localDate, type LocalDate } from './local-date.ts';
import { halfWidth } from './text.ts';

/** What can be wrong with a citizen identity number, in the order in which one is shown (domain.md 3.1). */
export type CitizenIdCode = 'ID_LENGTH' | 'ID_CHARS' | 'ID_DIVISION_UNKNOWN' | 'ID_DATE_INVALID' | 'ID_DATE_FUTURE' | 'ID_AGE_OVER_130' | 'ID_CHECKSUM';

/** One thing found in a number. A warning (an abolished division) does not make it unusable. */
export interface FormatFinding<C extends string = string> {
  readonly code: C;
  readonly warning: boolean;
}

/** A number taken apart. `birth` and `sex` are empty and 0 while the number is not usable. */
export interface CitizenId {
  /** Normalised: half-width, capital X, no outer space. */
  readonly number: string;
  readonly birth: LocalDate | '';
  /** GB/T 2261.1: 1 male, 2 female, 0 unknown. */
  readonly sex: 0 | 1 | 2;
  /** Every finding, first the one to show. The checksum proves typing, not identity. */
  readonly findings: readonly FormatFinding<CitizenIdCode>[];
}

/** Against what a number is checked: the local date and the division table. */
export interface CitizenIdContext {
  readonly today: LocalDate;
  readonly divisions: DivisionTable;
}

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2] as const;
const CHECKS = '10X98765432';
const OLDEST_YEARS = 130;

/** Check character of the first 17 digits: MOD 11-2 of GB 11643-1999 (ISO 7064). Throws RangeError on anything else. */
export function checkCharacter(body: string): string {
  if (!/^\d{17}$/.test(body)) throw new RangeError('body: expected 17 digits');
  const sum = WEIGHTS.reduce((total, weight, at) => total + weight * Number(body[at]), 0);
  return CHECKS.charAt(sum % 11);
}

/** The field `yyyymmdd` as a day, or undefined when there is no such day. */
export const birthField = (digits: string): LocalDate | undefined => localDate(Number(digits.slice(0, 4)), Number(digits.slice(4, 6)), Number(digits.slice(6, 8)));

function dateCodes(birth: LocalDate | undefined, today: LocalDate): CitizenIdCode[] {
  if (birth === undefined) return ['ID_DATE_INVALID'];
  if (birth > today) return ['ID_DATE_FUTURE'];
  return completedYears(birth, today) > OLDEST_YEARS ? ['ID_AGE_OVER_130'] : [];
}

/** Checks a citizen identity number (GB 11643-1999): 6 digits division, 8 birth, 3 sequence (odd: male), 1 check. */
export function checkCitizenId(text: string, context: CitizenIdContext): CitizenId {
  const number = halfWidth(text).toUpperCase();
  const shape: CitizenIdCode[] = [];
  if (number.length !== 18) shape.push('ID_LENGTH');
  if (!/^\d*[\dX]$/.test(number)) shape.push('ID_CHARS');
  if (shape.length > 0) return { number, birth: '', sex: 0, findings: shape.map((code) => ({ code, warning: false })) };
  const findings: FormatFinding<CitizenIdCode>[] = [];
  const division = context.divisions(number.slice(0, 6));
  if (division !== 'listed') findings.push({ code: 'ID_DIVISION_UNKNOWN', warning: division === 'historical' });
  const birth = birthField(number.slice(6, 14));
  for (const code of dateCodes(birth, context.today)) findings.push({ code, warning: false });
  if (checkCharacter(number.slice(0, 17)) !== number[17]) findings.push({ code: 'ID_CHECKSUM', warning: false });
  const usable = findings.every((finding) => finding.warning);
  return { number, birth: (usable ? birth : undefined) ?? '', sex: usable ? sexOf(number) : 0, findings };
}

/** Sex by the sequence digit: odd male, even female. */
const sexOf = (number: string): 1 | 2 => (Number(number[16]) % 2 === 1 ? 1 : 2);

/** When a year of age is completed: on the birthday, or (some local rules) the day after. */
export type AgeRule = 'birthday' | 'dayAfter';

/** Completed years on the local date `today`. */
export const ageOn = (birth: LocalDate, today: LocalDate, rule: AgeRule = 'birthday'): number => completedYears(birth, rule === 'birthday' ? today : addDays(today, -1));
