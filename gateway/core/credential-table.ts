import { type Column, u32Column } from './columns.ts';

/** Bytes of a credential fingerprint: 96 bits, so that an unknown card meets a known one by chance about once in 10^22. */
export const FINGERPRINT_BYTES = 12;

/** Fingerprint → credential row number, by open addressing with linear probing. Rows are numbered from 1. */
export interface CredentialTable {
  /** Row of this fingerprint, or 0. */
  find(fingerprint: Uint8Array): number;
  /** Sets or moves the fingerprint of a row. */
  put(row: number, fingerprint: Uint8Array): void;
  remove(row: number): void;
  readonly size: number;
  readonly bytes: number;
}

const word = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;

/** An empty table with room for `rows` credentials before it grows. Fingerprints are uniform, so their first word is the hash. */
export function createCredentialTable(rows = 0): CredentialTable {
  const words: readonly [Column, Column, Column] = [u32Column(rows + 1), u32Column(rows + 1), u32Column(rows + 1)];
  let slots = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(rows, 8) * 2)));
  let size = 0;

  const home = (row: number): number => words[0].get(row) & (slots.length - 1);
  const next = (slot: number): number => (slot + 1) & (slots.length - 1);
  const isRow = (row: number, a: number, b: number, c: number): boolean => words[0].get(row) === a && words[1].get(row) === b && words[2].get(row) === c;

  function slotOf(fingerprint: Uint8Array): number {
    const [a, b, c] = [word(fingerprint, 0), word(fingerprint, 4), word(fingerprint, 8)];
    let slot = a & (slots.length - 1);
    for (let row = slots[slot] ?? 0; row !== 0; row = slots[slot] ?? 0) {
      if (isRow(row, a, b, c)) return slot;
      slot = next(slot);
    }
    return slot;
  }

  function place(row: number): void {
    let slot = home(row);
    while (slots[slot] !== 0) slot = next(slot);
    slots[slot] = row;
  }

  function widen(): void {
    const rowsHeld = slots.filter((row) => row !== 0);
    slots = new Uint32Array(slots.length * 2);
    for (const row of rowsHeld) place(row);
  }

  /** Empties a slot and pulls later rows of the same run forward, so that no search stops early. */
  function vacate(slot: number): void {
    let hole = slot;
    for (let probe = next(hole); slots[probe] !== 0; probe = next(probe)) {
      const wanted = home(slots[probe] ?? 0);
      const reaches = hole <= probe ? wanted <= hole || wanted > probe : wanted <= hole && wanted > probe;
      if (!reaches) continue;
      slots[hole] = slots[probe] ?? 0;
      hole = probe;
    }
    slots[hole] = 0;
  }

  function remove(row: number): void {
    let slot = home(row);
    while (slots[slot] !== row) {
      if (slots[slot] === 0) return;
      slot = next(slot);
    }
    vacate(slot);
    size -= 1;
  }

  return {
    find: (fingerprint) => slots[slotOf(fingerprint)] ?? 0,
    put(row, fingerprint) {
      remove(row);
      if ((size + 1) * 2 > slots.length) widen();
      words.forEach((column, at) => {
        column.set(row, word(fingerprint, at * 4));
      });
      const slot = slotOf(fingerprint);
      // A row that gave this fingerprint up may not have been removed yet: the newer row takes the slot.
      if (slots[slot] === 0) size += 1;
      slots[slot] = row;
    },
    remove,
    get size() {
      return size;
    },
    get bytes() {
      return slots.byteLength + words.reduce((sum, column) => sum + column.bytes, 0);
    },
  };
}
