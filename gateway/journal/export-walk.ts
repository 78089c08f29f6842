import { EMPTY_FRONTIER, frontierRoot, withLeaf } from '../core/merkle.ts';
import type { ExportRows, ProvenRow } from '../store/journal-export.ts';
import type { CheckpointRow, LogRow } from '../store/journal-proofs.ts';
import { RESULT } from '../store/journal-store.ts';
import { CborError } from '../wire/cbor.ts';
import { decodeEvent } from './encode.ts';
import { type Halves, openHalves } from './export-halves.ts';
import { leafHash } from './leaf.ts';
import { keyDay, type Keys } from './seal.ts';
import { sha256 } from './sha256.ts';
import { TILE_LEVELS } from './tree.ts';

/** Something in the database that is not as the log wrote it. `entry`: number in the journal; `size`: of the checkpoint. */
export interface ExportFault {
  readonly what: 'leaf-hash' | 'tile' | 'columns' | 'contents' | 'checkpoint' | 'missing' | 'truncated' | 'log';
  /** Which log, from 1. */
  readonly log: number;
  readonly entry?: number;
  readonly size?: number;
}

/** Where an export is made from. */
export interface Source {
  readonly rows: ExportRows;
  readonly keys: Keys;
  /** Brings the keys up to date. */
  readonly refresh: () => void;
}

/** A log, its place among the others from 1, and how many entries of it are exported. `newest`: its newest checkpoint at that moment. */
export interface Part {
  readonly log: LogRow;
  readonly no: number;
  readonly size: number;
  readonly newest: CheckpointRow | undefined;
}

/** Rows read at once: each read is short, so that the log's writer is not held up. */
const PAGE = 512;
const R_BYTES = 32;

/** Do the columns that are not in the leaf say the same as the event? What another version wrote is passed over. */
function columnsAgree({ at, result }: ProvenRow, event: Buffer): boolean {
  try {
    const { kind, granted, gatewayTime } = decodeEvent(event.subarray(R_BYTES));
    if (at !== gatewayTime) return false;
    if (kind === 'access') return result === (granted ? RESULT.granted : RESULT.refused);
    return result === RESULT.other || (kind === 'outcome' && result === RESULT.outcome);
  } catch (error) {
    if (error instanceof CborError) return true;
    throw error;
  }
}

/** Opens the halves of rows one after the other. A row without a key is tried with the days around it: its time may have been changed. */
export function opener({ keys }: Source, log: LogRow): (row: ProvenRow, next: ProvenRow | undefined) => { readonly halves: Halves; readonly agrees: boolean } {
  let lastAt: number | undefined;
  return (row, next) => {
    const halves = openHalves(row, log, keys);
    if (halves.event !== undefined) lastAt = row.at;
    if (halves.state !== 'gg') return { halves, agrees: halves.event === undefined || columnsAgree(row, halves.event) };
    for (const at of [lastAt, next?.at]) {
      if (at === undefined || keyDay(row.kind, at) === keyDay(row.kind, row.at)) continue;
      const moved = openHalves(row, log, keys, at);
      if (moved.event !== undefined) return { halves: moved, agrees: false };
    }
    return { halves, agrees: true };
  };
}

/** Entries of a log in order, page by page. */
export function* rowsOf({ rows, refresh }: Source, { log, size }: Part): Generator<{ readonly row: ProvenRow; readonly next: ProvenRow | undefined }> {
  const until = log.first + size - 1;
  for (let page = rows.after(log.first - 1, until, PAGE); page.length > 0; page = rows.after(page.at(-1)?.idx ?? until, until, PAGE)) {
    // A key is on disk before the row that needs it: after this it is known here.
    refresh();
    for (const [at, row] of page.entries()) yield { row, next: page[at + 1] };
  }
}

/** Which stored hashes a log's tree is at odds with. */
export function treeOver({ rows }: Source, { log, no }: Part): { add(row: ProvenRow): ExportFault[]; root(): Uint8Array; size(): number } {
  let frontier = EMPTY_FRONTIER;
  return {
    add({ idx, kind, cEvent, cPerson, leafHash: stored }) {
      const leaf = leafHash({ kind, flags: 0, logId: log.logId, index: idx - log.first, cEvent, cPerson });
      const found: ExportFault[] = leaf.equals(stored) ? [] : [{ what: 'leaf-hash', log: no, entry: idx }];
      frontier = withLeaf(frontier, leaf, sha256, (level, root) => {
        if (level % TILE_LEVELS !== 0) return;
        const n = (frontier.size + 1) / 2 ** level - 1;
        const [tile] = rows.proofs.hashes(log, level / TILE_LEVELS, n, n + 1);
        if (tile?.equals(root) !== true) found.push({ what: 'tile', log: no, entry: idx });
      });
      return found;
    },
    root: () => frontierRoot(frontier, sha256),
    size: () => frontier.size,
  };
}
