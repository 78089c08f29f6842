import { halfWidth } from './text.ts';
import { addDays, localDate, type LocalDate } from './local-date.ts';

/** A date as a roster writes it, read; or why it cannot be. */
export type RosterDate = { readonly ok: true; readonly date: LocalDate } | { readonly ok: false; readonly code: 'DATE_FORMAT' | 'DATE_INVALID' };

const WRITTEN = /^(\d{4})(?:[-/.](\d{1,2})[-/.](\d{1,2})|年(\d{1,2})月(\d{1,2})日?)(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/;
const SERIAL = /^(\d{1,7})(?:\.\d+)?$/;

/**
 * Day of a spreadsheet serial in the 1900 system: 1 is 1900-01-01. The system has a 29 February 1900 (serial 60),
 * which never was: it has no day, and every later serial is one too high. A fraction is the time of day.
 */
export function serialDate(serial: number): LocalDate | undefined {
  if (!Number.isSafeInteger(serial) || serial < 1 || serial === 60 || serial > 2_958_465) return undefined;
  return addDays('1899-12-31', serial < 61 ? serial : serial - 1);
}

const answer = (date: LocalDate | undefined): RosterDate => (date === undefined ? { ok: false, code: 'DATE_INVALID' } : { ok: true, date });

/**
 * Reads 2026-03-01, 2026/3/1, 2026.3.1, 2026年3月1日, 20260301 and spreadsheet serial days (46082), full-width
 * digits too. DATE_FORMAT: none of these forms. DATE_INVALID: such a form, but no such day.
 */
export function readRosterDate(text: string): RosterDate {
  const plain = halfWidth(text).replace(/\s*([年月日])\s*/g, '$1');
  const written = WRITTEN.exec(plain);
  if (written !== null) return answer(localDate(Number(written[1]), Number(written[2] ?? written[4]), Number(written[3] ?? written[5])));
  const compact = COMPACT.exec(plain);
  if (compact !== null) return answer(localDate(Number(compact[1]), Number(compact[2]), Number(compact[3])));
  const serial = SERIAL.exec(plain);
  return serial === null ? { ok: false, code: 'DATE_FORMAT' } : answer(serialDate(Number(serial[1])));
}
