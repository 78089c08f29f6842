import Papa, { type LocalFile, type ParseConfig, type ParseLocalConfig } from 'papaparse';

/** Bounds of a roster: rows below the header, columns, characters in a cell. */
export const MAX_ROWS = 20_000;
export const MAX_COLUMNS = 64;
export const MAX_CELL = 512;

/** A line of the file. `row` is its number as a spreadsheet shows it: the first is 1, and empty lines count. */
export interface CsvLine {
  readonly row: number;
  readonly cells: readonly string[];
}

/** The lines that are not empty, or what keeps the file from being read, and where. */
export type CsvTable =
  | { readonly ok: true; readonly lines: readonly CsvLine[] }
  | { readonly ok: false; readonly code: 'FILE_ROWS' | 'FILE_COLUMNS' | 'FILE_QUOTES'; readonly row: number };

// Parsing this much takes a millisecond or two; between two pieces the thread is given away.
const CHUNK_CHARS = 64 * 1024;
const HEADER_LINES = 1;

/** What may part cells, the likeliest first. */
const DELIMITERS = [',', '\t', ';'];
/** Lines by which the delimiter is told. */
const TOLD_BY_LINES = 10;

const isBlank = (cells: readonly string[]): boolean => cells.every((cell) => cell.trim() === '');

interface Guess {
  readonly delimiter: string;
  readonly columns: number;
  /** By how much lines differ in their number of cells. */
  readonly spread: number;
}

function guess(head: string, delimiter: string): Guess | undefined {
  const { data, errors } = Papa.parse<string[]>(head, { delimiter, preview: TOLD_BY_LINES });
  const widths = data.filter((cells) => !isBlank(cells)).map((cells) => cells.length);
  if (errors.some(({ type }) => type === 'Quotes') || widths.length === 0) return undefined;
  return { delimiter, columns: Math.max(...widths), spread: Math.max(...widths) - Math.min(...widths) };
}

/**
 * The delimiter under which the first lines agree best on their number of cells, of equals the one with more cells.
 * One that leaves a quote open is none: a `;` inside quotes must not be taken for it.
 */
function delimiterOf(text: string): string {
  const head = text.slice(0, CHUNK_CHARS);
  const guesses = DELIMITERS.flatMap((delimiter) => guess(head, delimiter) ?? []).filter(({ columns }) => columns > 1);
  const [best] = guesses.sort((a, b) => a.spread - b.spread || b.columns - a.columns);
  return best?.delimiter ?? ',';
}

/** Splits CSV text (comma, semicolon or tab) into cells, exactly as written: nothing is converted or evaluated. */
export function readCsv(text: string): Promise<CsvTable> {
  return new Promise((resolve) => {
    const lines: CsvLine[] = [];
    let seen = 0;
    let stopped: CsvTable | undefined;

    function take(cells: readonly string[]): CsvTable | undefined {
      seen += 1;
      if (isBlank(cells)) return undefined;
      if (cells.length > MAX_COLUMNS) return { ok: false, code: 'FILE_COLUMNS', row: seen };
      lines.push({ row: seen, cells });
      return lines.length > MAX_ROWS + HEADER_LINES ? { ok: false, code: 'FILE_ROWS', row: seen } : undefined;
    }

    const config: ParseLocalConfig<string[], LocalFile> & ParseConfig<string[]> & { worker?: false | undefined; download?: false | undefined } = {
      chunkSize: CHUNK_CHARS,
      delimiter: delimiterOf(text),
      chunk(results, parser) {
        const quotes = results.errors.find((error) => error.type === 'Quotes');
        // A piece without the end of a line is longer than any line within the bounds: a quote was left open.
        if (quotes !== undefined || results.data.length === 0) stopped = { ok: false, code: 'FILE_QUOTES', row: seen + (quotes?.row ?? 0) + 1 };
        for (const cells of results.data) stopped ??= take(cells);
        if (stopped !== undefined) return parser.abort();
        parser.pause();
        setImmediate(() => parser.resume());
      },
      complete: () => resolve(stopped ?? { ok: true, lines }),
    };
    Papa.parse<string[]>(text, config);
  });
}
