/**
 * A growing table of u32 cells, a few to a row, rows side by side in one array: what a decision reads of a row
 * lies in one or two cache lines, which at 1.5 million rows is what its time goes to. Unset cells read 0.
 */
export interface U32Table {
  get(row: number, cell: number): number;
  set(row: number, cell: number, value: number): void;
  readonly bytes: number;
}

/** A table of `cells` numbers a row, each 0 to 4294967295; `rows` is the size to start with. */
export function u32Table(cells: number, rows = 0): U32Table {
  let array = new Uint32Array(cells * Math.max(rows, 16));
  return {
    get: (row, cell) => array[row * cells + cell] ?? 0,
    set(row, cell, value) {
      const at = row * cells + cell;
      if (at >= array.length) {
        const wider = new Uint32Array(Math.max((row + 1) * cells, Math.ceil(array.length * 1.5)));
        wider.set(array);
        array = wider;
      }
      array[at] = value;
    },
    get bytes() {
      return array.byteLength;
    },
  };
}

const LAST_SECOND = 2 ** 32 - 1;
/** Epoch ms → whole seconds in a u32 cell; 0 stays "none", earlier than 1970 counts as its first second. */
export const toSeconds = (ms: number): number => (ms === 0 ? 0 : Math.min(Math.max(Math.floor(ms / 1000), 1), LAST_SECOND));
/** The cell back to epoch ms; 0: none. */
export const toMs = (seconds: number): number => seconds * 1000;
