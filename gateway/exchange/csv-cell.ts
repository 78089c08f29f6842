/** A spreadsheet takes a cell that begins so for a formula, also behind spaces; full-width forms count in Chinese Excel. */
const FORMULA = /^[\s\u00a0\u3000]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;
const NUMBER = /^-?\d{1,15}(\.\d{1,15})?$/;
const QUOTED = /[",;\t\r\n]|^\s|\s$/;

/**
 * A value as one cell of a CSV file (RFC 4180). Text that a spreadsheet would run as a formula gets an apostrophe in front
 * (OWASP "CSV injection", ASVS 1.2.10); plain numbers, also negative ones, stay numbers. Null and undefined are empty cells.
 */
export function csvCell(value: string | number | bigint | boolean | null | undefined): string {
  if (value === null || value === undefined) return '';
  const text = String(value).replaceAll('\u0000', '');
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A row of cells, with the line end of RFC 4180. */
export const csvRow = (cells: readonly Parameters<typeof csvCell>[0][]): string => `${cells.map(csvCell).join(',')}\r\n`;
