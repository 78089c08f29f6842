import type { RosterFinding } from '../http/schemas/roster.ts';
import { halfWidth } from '../core/text.ts';
import { type CsvLine, MAX_CELL, readCsv } from './csv-table.ts';
import { isZip, MAX_FILE_BYTES, readFileText } from './file-text.ts';
import { type Columns, headerOf, type Meaning, readColumns } from './roster-columns.ts';
import { readRow, type RosterContext, type RosterRow } from './roster-row.ts';
import { findClashes } from './roster-twice.ts';
import { type RosterCode, rosterWords } from './roster-words.ts';
import { createBreath } from './slice.ts';
import { readWorkbook, type Workbook } from './workbook.ts';

/** A roster read and checked by itself; what the register says of it comes later. */
export interface RosterFile {
  readonly encoding: string;
  /** Rows below the header that are not empty. */
  readonly rowCount: number;
  readonly columns: Columns['shown'];
  /** Rows without an error, in the order of the file. */
  readonly rows: readonly RosterRow[];
  readonly findings: readonly RosterFinding[];
  /** False when the file as a whole cannot be used. */
  readonly usable: boolean;
  /** Header of a column as the file writes it, for findings made later. */
  header(meaning: Meaning): string;
}

const SHOWN_CHARS = 64;
const shown = (text: string): string => (text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS)}…` : text);

/** A finding with its sentence. Row 0: the file as a whole. */
export function findingOf(where: { row: number; column: string; value: string }, code: RosterCode, warning = false): RosterFinding {
  return { row: where.row, column: where.column, value: shown(where.value), code, reason: rosterWords(code), warning };
}

const unusable = (encoding: string, finding: RosterFinding): RosterFile => ({
  encoding,
  rowCount: 0,
  columns: [],
  rows: [],
  findings: [finding],
  usable: false,
  header: () => '',
});

/** Fewer cells than this full of letters say nothing about a column. */
const HEX_CELLS = 8;

/**
 * Are digits without a letter hex in this column? Yes when at least eight cells of eight characters have a letter
 * A–F, and twice as many as have none: UIDs in hex lack letters now and then, printed decimals always.
 */
function bareDigits(lines: readonly CsvLine[], at: number | undefined): 'decimal' | 'hex' {
  const cells = at === undefined ? [] : lines.map((line) => halfWidth(line.cells[at] ?? '')).filter((cell) => /^[0-9A-Fa-f]{8}$|^[0-9A-Fa-f]{10}$/.test(cell));
  const lettered = cells.filter((cell) => /[A-Fa-f]/.test(cell)).length;
  const bare = cells.filter((cell) => /^\d{8}$/.test(cell)).length;
  return lettered >= HEX_CELLS && lettered >= 2 * bare ? 'hex' : 'decimal';
}

type Say = (finding: RosterFinding) => void;

function readLine(line: CsvLine, columns: Columns, say: Say): Parameters<typeof readRow>[0] {
  const cell = (meaning: Meaning): string => line.cells[columns.at[meaning] ?? -1] ?? '';
  return {
    row: line.row,
    cell,
    say: (meaning, code, warning) => say(findingOf({ row: line.row, column: headerOf(columns, meaning), value: cell(meaning).trim() }, code, warning)),
  };
}

/** True, and said, when the line is out of bounds: content beyond the header, or a cell too long. */
function outOfBounds(line: CsvLine, columns: Columns, say: Say): boolean {
  const beyond = line.cells.slice(columns.headers.length).find((cell) => cell.trim() !== '');
  if (beyond !== undefined) say(findingOf({ row: line.row, column: '', value: beyond }, 'ROW_TOO_WIDE'));
  const long = line.cells.findIndex((cell) => cell.length > MAX_CELL);
  if (long >= 0) say(findingOf({ row: line.row, column: columns.headers[long] ?? '', value: line.cells[long] ?? '' }, 'CELL_TOO_LONG'));
  return beyond !== undefined || long >= 0;
}

/** Reads lines below a header, all of one building: rows without an error, and what was found. */
export async function readLines(lines: readonly CsvLine[], columns: Columns, context: RosterContext): Promise<Pick<RosterFile, 'rows' | 'findings'>> {
  const findings: RosterFinding[] = [];
  const say: Say = (finding) => void findings.push(finding);
  const breathe = createBreath();
  const bare = bareDigits(lines, columns.at.card);
  const byRow = new Map<number, Parameters<typeof readRow>[0]>();
  const read: RosterRow[] = [];
  for (const line of lines) {
    await breathe();
    if (outOfBounds(line, columns, say)) continue;
    const cells = readLine(line, columns, say);
    byRow.set(line.row, cells);
    const row = readRow(cells, context, bare);
    if (row !== undefined) read.push(row);
  }
  for (const clash of await findClashes(sound(read, findings))) byRow.get(clash.row)?.say(clash.meaning, clash.code);
  return { rows: sound(read, findings), findings: findings.sort((a, b) => a.row - b.row) };
}

/** The rows nobody has found an error in. */
export function sound<T extends { readonly row: number }>(rows: readonly T[], findings: readonly RosterFinding[]): T[] {
  const bad = new Set(findings.filter((finding) => !finding.warning).map((finding) => finding.row));
  return rows.filter((row) => !bad.has(row.row));
}

/** The lines of a file: the first sheet of a workbook, or CSV text in one of its encodings. */
async function readTable(bytes: Uint8Array): Promise<(Workbook | { readonly ok: false; readonly code: RosterCode; readonly row: number }) & { readonly encoding: string }> {
  if (isZip(bytes) && bytes.length <= MAX_FILE_BYTES) return { encoding: 'XLSX', ...(await readWorkbook(bytes)) };
  const text = await readFileText(bytes);
  return text.ok ? { encoding: text.encoding, ...(await readCsv(text.text)) } : { ok: false, code: text.code, row: 0, encoding: '' };
}

/** The header of a file and the lines below it, or why it cannot be used. */
export async function readHeaded(
  bytes: Uint8Array,
): Promise<{ readonly encoding: string } & ({ readonly columns: Columns; readonly lines: readonly CsvLine[] } | { readonly columns: undefined; readonly finding: RosterFinding })> {
  const { encoding, ...table } = await readTable(bytes);
  const unfit = (row: number, column: string, code: RosterCode) => ({ encoding, columns: undefined, finding: findingOf({ row, column, value: '' }, code) }) as const;
  if (!table.ok) return unfit(table.row, '', table.code);
  const header = readColumns(table.lines);
  if (!header.ok) return unfit(0, header.columns.join(', '), header.code);
  const { columns } = header;
  const lines = table.lines.filter((line) => line.row > columns.headerRow);
  return lines.length === 0 ? unfit(0, '', 'FILE_NO_ROWS') : { encoding, columns, lines };
}

/**
 * Reads a roster: bytes, text, cells, columns, rows. Nothing in a cell is evaluated. Gives the thread away at least
 * every few milliseconds, so that it can run beside the desk's requests.
 */
export async function readRosterFile(bytes: Uint8Array, context: RosterContext): Promise<RosterFile> {
  const headed = await readHeaded(bytes);
  const { encoding, columns } = headed;
  if (columns === undefined) return unusable(encoding, headed.finding);
  const read = await readLines(headed.lines, columns, context);
  return {
    encoding,
    rowCount: headed.lines.length,
    columns: columns.shown,
    ...read,
    usable: true,
    header: (meaning) => headerOf(columns, meaning),
  };
}
