import { serialDate } from '../core/roster-date.ts';
import { type CsvLine, type CsvTable, MAX_COLUMNS, MAX_ROWS } from './csv-table.ts';
import { walkXml } from './xml-walk.ts';
import { openZip, type ZipParts } from './zip-parts.ts';

/** The lines of a workbook's first sheet that can be seen, or why there are none. */
export type Workbook = CsvTable | { readonly ok: false; readonly code: 'FILE_WORKBOOK'; readonly row: number };

/** How the numbers of a cell are shown: as they are, as days, or filled up with zeros to so many digits. */
type NumberForm = 'plain' | 'date' | number;

/** What cells refer to. */
interface Book {
  readonly strings: readonly string[];
  /** By the number of a cell's style. */
  readonly forms: readonly NumberForm[];
  /** Days are counted from 1904. */
  readonly from1904: boolean;
}

const FOLDER = 'xl/';
const DAYS_TO_1904 = 1462;
/** Formats that need no definition: those of dates (ECMA-376 part 1, 18.8.30; those from 27 on are dates in East Asian versions). */
const DATE_FORMATS: readonly (readonly [number, number])[] = [
  [14, 17],
  [22, 22],
  [27, 31],
  [36, 36],
  [50, 58],
];
/** A spreadsheet keeps 15 digits; of a longer number the others are zeros that nobody wrote. */
const KEPT_DIGITS = 15;

const partName = (target: string): string => (target.startsWith('/') ? target.slice(1) : `${FOLDER}${target.replace(/^\.\//, '')}`);

/** Does a format show a date? Words in quotes, colours and currencies in brackets, and escaped signs say nothing. */
function formOf(code: string): NumberForm {
  if (/^0{2,}$/.test(code)) return code.length;
  const bare = code.replace(/"[^"]*"|\[[^\]]*\]|\\.|_./g, '');
  return /[yd]/i.test(bare) || /m.*[/-]|年|月|日/i.test(bare) ? 'date' : 'plain';
}

async function readForms(text: string): Promise<NumberForm[]> {
  const codes = new Map<number, NumberForm>();
  const forms: NumberForm[] = [];
  let inCells = false;
  await walkXml(text, {
    begin({ name, attributes }) {
      const id = Number(attributes['numFmtId'] ?? 0);
      if (name === 'cellXfs') inCells = true;
      else if (name === 'numFmt') codes.set(id, formOf(attributes['formatCode'] ?? ''));
      else if (name === 'xf' && inCells) forms.push(codes.get(id) ?? (DATE_FORMATS.some(([from, to]) => id >= from && id <= to) ? 'date' : 'plain'));
    },
    end(name) {
      if (name === 'cellXfs') inCells = false;
    },
  });
  return forms;
}

/** Text as it was meant: what XML has no place for is written _x000D_ (ECMA-376 part 1, 22.9.2.19). */
const meant = (text: string): string => text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));

async function readStrings(text: string): Promise<string[]> {
  const strings: string[] = [];
  let pieces = '';
  let inReading = false;
  await walkXml(text, {
    begin({ name }) {
      if (name === 'si') pieces = '';
      // How a word is pronounced stands beside it.
      if (name === 'rPh') inReading = true;
    },
    end(name, inside) {
      if (name === 't' && !inReading) pieces += meant(inside);
      if (name === 'rPh') inReading = false;
      if (name === 'si') strings.push(pieces);
    },
  });
  return strings;
}

/** The part that is the first sheet somebody sees, and from when days are counted. */
async function firstSheet(parts: ZipParts): Promise<{ readonly name: string; readonly from1904: boolean } | undefined> {
  const [book, links] = await Promise.all([parts.text(`${FOLDER}workbook.xml`), parts.text(`${FOLDER}_rels/workbook.xml.rels`)]);
  if (book === undefined || links === undefined) return undefined;
  const targets = new Map<string, string>();
  await walkXml(links, {
    begin({ name, attributes }) {
      if (name === 'Relationship') targets.set(attributes['Id'] ?? '', attributes['Target'] ?? '');
    },
    end: () => undefined,
  });
  let from1904 = false;
  const sheets: string[] = [];
  await walkXml(book, {
    begin({ name, attributes }) {
      if (name === 'workbookPr') from1904 = attributes['date1904'] === '1' || attributes['date1904'] === 'true';
      // `r:id`; its prefix is taken off.
      if (name === 'sheet' && (attributes['state'] ?? 'visible') === 'visible') sheets.push(attributes['id'] ?? '');
    },
    end: () => undefined,
  });
  const target = targets.get(sheets[0] ?? '');
  return target === undefined ? undefined : { name: partName(target), from1904 };
}

/** A number as the sheet shows it. */
function numberText(value: string, form: NumberForm, from1904: boolean): string {
  const number = Number(value);
  if (value === '' || !Number.isFinite(number)) return value;
  if (form === 'date') return serialDate(Math.floor(number) + (from1904 ? DAYS_TO_1904 : 0)) ?? value;
  if (!Number.isInteger(number)) return value;
  if (Math.abs(number) >= 10 ** KEPT_DIGITS) return number.toExponential().toUpperCase();
  return typeof form === 'number' ? String(number).padStart(form, '0') : String(number);
}

/** Column of a reference such as AB12, from 0; -1 when it names none. */
function columnOf(reference: string): number {
  const letters = /^[A-Z]{1,3}/.exec(reference)?.[0] ?? '';
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
}

interface Cell {
  readonly column: number;
  readonly type: string;
  readonly style: number;
}

/** Text of a cell. A formula counts as what it came to when the file was saved: nothing is evaluated. */
function cellText({ type, style }: Cell, value: string, inline: string, { strings, forms, from1904 }: Book): string {
  if (type === 's') return strings[Number(value)] ?? '';
  if (type === 'inlineStr') return inline;
  return type === 'n' ? numberText(value, forms[style] ?? 'plain', from1904) : value;
}

/** Ends the walk: there is more than may be. */
class Beyond extends Error {
  readonly code: 'FILE_ROWS' | 'FILE_COLUMNS';
  readonly row: number;

  constructor(code: 'FILE_ROWS' | 'FILE_COLUMNS', row: number) {
    super(code);
    this.code = code;
    this.row = row;
  }
}

async function readSheet(text: string, book: Book): Promise<CsvLine[]> {
  const lines: CsvLine[] = [];
  let row = 0;
  let cells: string[] = [];
  let cell: Cell = { column: -1, type: 'n', style: 0 };
  let value = '';
  let inline = '';
  function endCell(): void {
    const shown = cellText(cell, value, inline, book);
    if (shown.trim() === '') return;
    if (cell.column >= MAX_COLUMNS) throw new Beyond('FILE_COLUMNS', row);
    while (cells.length < cell.column) cells.push('');
    cells[cell.column] = shown;
  }
  function endRow(): void {
    if (cells.length === 0) return;
    if (lines.length > MAX_ROWS) throw new Beyond('FILE_ROWS', row);
    lines.push({ row, cells });
  }
  await walkXml(text, {
    begin({ name, attributes }) {
      if (name === 'row') {
        row = Number(attributes['r'] ?? row + 1);
        cells = [];
        cell = { column: -1, type: 'n', style: 0 };
      } else if (name === 'c') {
        const named = columnOf(attributes['r'] ?? '');
        cell = { column: named < 0 ? cell.column + 1 : named, type: attributes['t'] ?? 'n', style: Number(attributes['s'] ?? 0) };
        value = '';
        inline = '';
      }
    },
    end(name, inside) {
      if (name === 'v') value = inside;
      else if (name === 't') inline += meant(inside);
      else if (name === 'c') endCell();
      else if (name === 'row') endRow();
    },
  });
  return lines;
}

/**
 * Reads the first sheet of an .xlsx workbook (ECMA-376) into lines as its CSV would have them, but for dates, which come
 * as 2026-03-01 whatever the sheet shows. FILE_WORKBOOK: it is damaged, locked with a password, or of another kind.
 */
export async function readWorkbook(bytes: Uint8Array): Promise<Workbook> {
  try {
    const parts = await openZip(bytes);
    const sheet = await firstSheet(parts);
    const text = sheet === undefined ? undefined : await parts.text(sheet.name);
    if (sheet === undefined || text === undefined) return { ok: false, code: 'FILE_WORKBOOK', row: 0 };
    const [strings, forms] = [await parts.text(`${FOLDER}sharedStrings.xml`), await parts.text(`${FOLDER}styles.xml`)];
    const book = { strings: await readStrings(strings ?? '<sst/>'), forms: await readForms(forms ?? '<styleSheet/>'), from1904: sheet.from1904 };
    return { ok: true, lines: await readSheet(text, book) };
  } catch (error) {
    return error instanceof Beyond ? { ok: false, code: error.code, row: error.row } : { ok: false, code: 'FILE_WORKBOOK', row: 0 };
  }
}
