import { type U32Table, u32Table } from './columns.ts';

/** Fingerprint (12 bytes: an unknown card meets a known one by chance about once in 10^22) → credential row number, by open addressing with linear probing. Rows are numbered from 1. */
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

const word = (bytes: Uint8Array, at: number): number => (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0;

/** Cells of a row that hold its fingerprint: the first three. */
export const FINGERPRINT_CELLS = 3;

/** Slots of row numbers, probed one after the other from a row's home; 0 is an empty slot. */
function createSlots(rows: number, firstWord: (row: number) => number) {
  let slots = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(rows, 8) * 2)));
  const homeOf = (hash: number): number => hash & (slots.length - 1);
  const next = (slot: number): number => (slot + 1) & (slots.length - 1);
  /** The slot where `stop` says so, or the empty one that ends the run. */
  function probe(hash: number, stop: (row: number) => boolean): number {
    let slot = homeOf(hash);
    for (let row = slots[slot] ?? 0; row !== 0 && !stop(row); row = slots[slot] ?? 0) slot = next(slot);
    return slot;
  }
  return {
    probe,
    at: (slot: number): number => slots[slot] ?? 0,
    set(slot: number, row: number): void {
      slots[slot] = row;
    },
    /** Empties a slot and pulls later rows of the same run forward, so that no search stops early. */
    vacate(slot: number): void {
      let hole = slot;
      for (let ahead = next(hole); slots[ahead] !== 0; ahead = next(ahead)) {
        const home = homeOf(firstWord(slots[ahead] ?? 0));
        const reaches = hole <= ahead ? home <= hole || home > ahead : home <= hole && home > ahead;
        if (!reaches) continue;
        slots[hole] = slots[ahead] ?? 0;
        hole = ahead;
      }
      slots[hole] = 0;
    },
    widen(): void {
      const held = slots.filter((row) => row !== 0);
      slots = new Uint32Array(slots.length * 2);
      for (const row of held) slots[probe(firstWord(row), () => false)] = row;
    },
    get size() {
      return slots.length;
    },
  };
}

/**
 * An empty table with room for `rows` credentials before it grows. Fingerprints are uniform, so their first word
 * is the hash. They are kept in the first cells of `cells`, beside what else the caller knows of a row.
 */
export function createCredentialTable(cells: U32Table = u32Table(FINGERPRINT_CELLS), rows = 0): CredentialTable {
  const slots = createSlots(rows, (row) => cells.get(row, 0));
  let size = 0;

  function slotOf(fingerprint: Uint8Array): number {
    const [a, b, c] = [word(fingerprint, 0), word(fingerprint, 4), word(fingerprint, 8)];
    return slots.probe(a, (row) => cells.get(row, 0) === a && cells.get(row, 1) === b && cells.get(row, 2) === c);
  }

  function remove(row: number): void {
    const slot = slots.probe(cells.get(row, 0), (other) => other === row);
    if (slots.at(slot) === 0) return;
    slots.vacate(slot);
    size -= 1;
  }

  return {
    find: (fingerprint) => slots.at(slotOf(fingerprint)),
    put(row, fingerprint) {
      remove(row);
      if ((size + 1) * 2 > slots.size) slots.widen();
      for (let at = 0; at < FINGERPRINT_CELLS; at++) cells.set(row, at, word(fingerprint, at * 4));
      const slot = slotOf(fingerprint);
      // A row that gave this fingerprint up may not have been removed yet: the newer row takes the slot.
      if (slots.at(slot) === 0) size += 1;
      slots.set(slot, row);
    },
    remove,
    get size() {
      return size;
    },
    get bytes() {
      return slots.size * Uint32Array.BYTES_PER_ELEMENT;
    },
  };
}
