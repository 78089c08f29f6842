import { type U32Table, u32Table } from './columns.ts';

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
  /** Of the slots; the cells are the caller's. */
  readonly bytes: number;
}

const word = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;

/** Cells of a row that hold its fingerprint: the first three. */
export const FINGERPRINT_CELLS = 3;

/**
 * An empty table with room for `rows` credentials before it grows. Fingerprints are uniform, so their first word
 * is the hash. They are kept in the first cells of `cells`, beside what else the caller knows of a row.
 */
export function createCredentialTable(cells: U32Table = u32Table(FINGERPRINT_CELLS), rows = 0): CredentialTable {
  let slots = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(rows, 8) * 2)));
  let size = 0;

  const home = (row: number): number => cells.get(row, 0) & (slots.length - 1);
  const next = (slot: number): number => (slot + 1) & (slots.length - 1);
  const isRow = (row: number, a: number, b: number, c: number): boolean => cells.get(row, 0) === a && cells.get(row, 1) === b && cells.get(row, 2) === c;

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
      for (let at = 0; at < FINGERPRINT_CELLS; at++) cells.set(row, at, word(fingerprint, at * 4));
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
      return slots.byteLength;
    },
  };
}
