import { RANGE_COLUMNS, type RangeColumn, readRange, type StreetRange } from '../core/address.ts';
import { type CsvTable, readCsv } from './csv-table.ts';

/** What is wrong with a line of a dictionary file. `row` as a spreadsheet shows it; 0: the file as a whole. */
export interface StreetFault {
  readonly row: number;
  readonly field: RangeColumn | 'file';
  readonly expected: string;
}

/** A street dictionary file as read: its rows, or everything that is wrong with it. */
export interface StreetFile {
  readonly ranges: readonly (StreetRange & { readonly row: number })[];
  readonly faults: readonly StreetFault[];
}

const HEADER = `首行是列名 / a first line with the names: ${RANGE_COLUMNS.join(',')}`;

function broken(table: Extract<CsvTable, { ok: false }>): StreetFile {
  return { ranges: [], faults: [{ row: table.row, field: 'file', expected: '可以读的 CSV，最多 20000 行 / a CSV file that can be read, at most 20,000 lines' }] };
}

/** Reads the text of a street dictionary: CSV with the columns of `RANGE_COLUMNS` in any order. */
export async function readStreetFile(text: string): Promise<StreetFile> {
  const table = await readCsv(text.replace(/^\uFEFF/, ''));
  if (!table.ok) return broken(table);
  const [head, ...lines] = table.lines;
  const at = new Map((head?.cells ?? []).map((name, column) => [name.trim(), column]));
  // Whether the file says which station is its own business; all else must be there.
  if (RANGE_COLUMNS.some((name) => name !== 'stationCode' && !at.has(name)) || lines.length === 0) return { ranges: [], faults: [{ row: 1, field: 'file', expected: HEADER }] };
  const ranges: (StreetRange & { row: number })[] = [];
  const faults: StreetFault[] = [];
  for (const { row, cells } of lines) {
    const cell = (name: RangeColumn): string => cells[at.get(name) ?? cells.length] ?? '';
    const range = readRange({
      streetCode: cell('streetCode'),
      street: cell('street'),
      fromNo: cell('fromNo'),
      toNo: cell('toNo'),
      side: cell('side'),
      communityCode: cell('communityCode'),
      stationCode: cell('stationCode'),
    });
    if ('field' in range) faults.push({ row, ...range });
    else ranges.push({ row, ...range });
  }
  return { ranges, faults };
}
