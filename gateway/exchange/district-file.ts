import type { ReaderProfile } from '../core/cards.ts';
import { readUnitCode } from '../core/codes.ts';
import { halfWidth } from '../core/text.ts';
import type { RosterFinding } from '../http/schemas/roster.ts';
import type { CsvLine } from './csv-table.ts';
import { COLUMN_NAMES, headerOf, type Meaning, MEANINGS } from './roster-columns.ts';
import { findingOf, readHeaded, readLines } from './roster-file.ts';
import { type RosterRow, rosterContext } from './roster-row.ts';

/** A piece of a district's roster, read: rows without an error, by building. Row numbers are those of the piece. */
export interface DistrictPart {
  /** False: it cannot be used as a whole, and the one finding says why. */
  readonly usable: boolean;
  readonly rowCount: number;
  readonly buildings: readonly { readonly code: string; readonly rows: readonly RosterRow[] }[];
  readonly findings: readonly RosterFinding[];
  /** Headers of the columns as the file writes them. */
  readonly headers: Readonly<Record<Meaning, string>>;
}

/** What a piece is read against. `readers`: what readers of a building give, for the buildings that may come in. */
export interface DistrictContext {
  readonly readers: ReadonlyMap<string, ReaderProfile>;
  /** Epoch ms. */
  readonly now: number;
}

/** A building's code as it stands in the codes of homes: in ASCII, whatever the encoding of the file. */
const BUILDINGS = /\d{12}B\d{5}(?=-)/g;

/** The buildings a piece may speak of, without reading it. */
export const buildingCodesIn = (bytes: Uint8Array): string[] => [...new Set(Buffer.from(bytes).toString('latin1').match(BUILDINGS) ?? [])];

/** Reads a piece of a roster in which the room is the whole code of a home (domain.md 3.4). */
export async function readDistrictPart(bytes: Uint8Array, { readers, now }: DistrictContext): Promise<DistrictPart> {
  const headed = await readHeaded(bytes);
  const { columns } = headed;
  if (columns === undefined) return { usable: false, rowCount: 0, buildings: [], findings: [headed.finding], headers: COLUMN_NAMES };
  const findings: RosterFinding[] = [];
  const byBuilding = new Map<string, CsvLine[]>();
  for (const line of headed.lines) {
    const cell = line.cells[columns.at.room ?? -1] ?? '';
    const code = readUnitCode(halfWidth(cell).replace(/^'/, '').toUpperCase())?.building ?? '';
    const problem = code === '' ? 'UNIT_CODE_NEEDED' : readers.has(code) ? undefined : 'BUILDING_UNKNOWN';
    if (problem === undefined) byBuilding.set(code, [...(byBuilding.get(code) ?? []), line]);
    else findings.push(findingOf({ row: line.row, column: headerOf(columns, 'room'), value: cell.trim() }, problem));
  }
  const buildings: { code: string; rows: readonly RosterRow[] }[] = [];
  for (const [code, lines] of byBuilding) {
    const profile = readers.get(code);
    if (profile === undefined) continue;
    const read = await readLines(lines, columns, rosterContext(code, profile, now));
    findings.push(...read.findings);
    if (read.rows.length > 0) buildings.push({ code, rows: read.rows });
  }
  const headers = { ...COLUMN_NAMES };
  for (const meaning of MEANINGS) headers[meaning] = headerOf(columns, meaning);
  return { usable: true, rowCount: headed.lines.length, buildings, findings, headers };
}
