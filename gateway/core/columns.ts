/** A growing column of unsigned numbers, indexed by row number; unset rows read 0. */
export interface Column {
  get(row: number): number;
  set(row: number, value: number): void;
  readonly bytes: number;
}

type Cells = Uint8Array | Uint32Array;

function column(make: (length: number) => Cells, rows: number): Column {
  let cells = make(Math.max(rows, 16));
  return {
    get: (row) => cells[row] ?? 0,
    set(row, value) {
      if (row >= cells.length) {
        const wider = make(Math.max(row + 1, Math.ceil(cells.length * 1.5)));
        wider.set(cells);
        cells = wider;
      }
      cells[row] = value;
    },
    get bytes() {
      return cells.byteLength;
    },
  };
}

/** Column of numbers 0 to 4294967295; `rows` is the size to start with. */
export const u32Column = (rows = 0): Column => column((length) => new Uint32Array(length), rows);
/** Column of numbers 0 to 255. */
export const u8Column = (rows = 0): Column => column((length) => new Uint8Array(length), rows);

const LAST_SECOND = 2 ** 32 - 1;
/** Epoch ms → whole seconds in a u32 cell; 0 stays "none", earlier than 1970 counts as its first second. */
export const toSeconds = (ms: number): number => (ms === 0 ? 0 : Math.min(Math.max(Math.floor(ms / 1000), 1), LAST_SECOND));
/** The cell back to epoch ms; 0: none. */
export const toMs = (seconds: number): number => seconds * 1000;
