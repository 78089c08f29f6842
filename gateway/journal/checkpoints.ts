import { type Frontier, frontierRoot, withLeaf } from '../core/merkle.ts';
import { frontierOf, rangeRoot } from '../core/merkle-proof.ts';
import type { CheckpointRow, LogRow, ProofRows } from '../store/journal-proofs.ts';
import type { JournalStore } from '../store/journal-store.ts';
import { originOf } from '../wire/checkpoint.ts';
import { sha256 } from './sha256.ts';
import type { Signer } from './signing.ts';
import { nodesOf, TILE_LEVELS } from './tree.ts';

/** Entries after which a checkpoint is signed, and how long entries wait for one at most, less the second between two looks, ms. */
const EVERY = 64;
const LATEST_MS = 9000;
/** Leaves read at once while tiles are made for a log that has none. */
const CATCH_UP = 4096;

/** A signed statement about the first `size` entries of a log, on disk here before anybody is told of it. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
  /** Gateway time, epoch ms. Not signed. */
  readonly at: number;
  /** The C2SP signed note. */
  readonly note: string;
  /** Index of the log's first entry in the journal: `first + size − 1` is the newest entry it covers. */
  readonly first: number;
}

/** Name of a log in its checkpoints. */
export const originOfLog = ({ logId }: LogRow): string => originOf(logId.toString('hex'));

/** A stored checkpoint as the rest of the program knows it. */
export const checkpointOf = (log: LogRow, { size, root, at, note }: CheckpointRow): Checkpoint => ({ origin: originOfLog(log), size, root, at, note, first: log.first });

/** A checkpoint somebody outside holds. `logId`: 32 hex digits; `root`: 64. */
export interface HeldCheckpoint {
  readonly logId: string;
  readonly size: number;
  readonly root: string;
}

/**
 * What such a checkpoint says of the log here. `differs`: never signed here in this form. `ahead`: over more entries
 * than the log has. `lost`: the same of a log that a restore ended. `stranger`: of a log that is not here.
 */
export type Judged = 'agrees' | 'differs' | 'ahead' | 'lost' | 'stranger';

/** Compares a checkpoint from outside with what was signed here: all of that is kept, so one look-up tells. */
export function judge(rows: ProofRows, { logId, size, root }: HeldCheckpoint): Judged {
  const logs = rows.logs();
  const log = logs.find((each) => each.logId.toString('hex') === logId);
  if (log === undefined) return 'stranger';
  if (size > rows.sizeOf(log)) return log === logs.at(-1) ? 'ahead' : 'lost';
  return rows.rootSigned(log, size)?.toString('hex') === root ? 'agrees' : 'differs';
}

/** A moment by both clocks: `now` epoch ms, for what is written down; `uptime` monotonic ms, for how long something waits, which a wall clock set back must not prolong. */
export interface Moment {
  readonly now: number;
  readonly uptime: number;
}

/** The tree over one log as it grows. What it adds is in the transaction of the entries; `settled` says what became of that. */
export interface Tree {
  add(leafHash: Uint8Array): void;
  /** Signs when it is time. */
  sign(at: Moment): void;
  isDue(uptime: number): boolean;
  settled(committed: boolean): void;
  /** The newest checkpoint on disk. */
  newest(): Checkpoint | undefined;
  /** Why no checkpoint is signed any more: the log is not what its last checkpoint says. */
  readonly fault: string | undefined;
}

interface State {
  frontier: Frontier;
  newest: Checkpoint | undefined;
  /** When the oldest entry that no checkpoint covers was added, monotonic ms; before the log was opened: long ago; while none waits: never. */
  waitingSince: number;
}

/** Adds a leaf and writes each tile root that it completes. */
function grown(store: JournalStore, log: LogRow, frontier: Frontier, leafHash: Uint8Array): Frontier {
  return withLeaf(frontier, leafHash, sha256, (level, root) => {
    if (level % TILE_LEVELS === 0) store.add.tile(log, level / TILE_LEVELS, (frontier.size + 1) / 2 ** level - 1, root);
  });
}

/** The frontier of a log on disk. Tiles that are missing are made: a log of an older version has none. */
function frontierOnDisk(store: JournalStore, log: LogRow): Frontier {
  const { proofs } = store;
  const size = proofs.sizeOf(log);
  const tiles = Math.floor(size / 2 ** TILE_LEVELS);
  if (tiles === 0 || proofs.hashes(log, 1, tiles - 1, tiles).length === 1) return frontierOf(nodesOf(proofs, log), size);
  let there = 0;
  while (proofs.hashes(log, 1, there, there + 1).length === 1) there += 1;
  let frontier = frontierOf(nodesOf(proofs, log), there * 2 ** TILE_LEVELS);
  while (frontier.size < size) {
    store.begin();
    try {
      for (const leaf of proofs.hashes(log, 0, frontier.size, Math.min(size, frontier.size + CATCH_UP))) frontier = grown(store, log, frontier, leaf);
      store.commit();
    } catch (error) {
      store.rollback();
      throw error;
    }
  }
  return frontier;
}

/** Size and root of a log as it is on disk. */
export function stateOf(store: JournalStore, log: LogRow): { readonly size: number; readonly root: Uint8Array } {
  const frontier = frontierOnDisk(store, log);
  return { size: frontier.size, root: frontierRoot(frontier, sha256) };
}

/** What is wrong between a log and its newest checkpoint; undefined: nothing. */
function faultOf(store: JournalStore, log: LogRow, size: number, newest: Checkpoint | undefined): string | undefined {
  if (newest === undefined) return undefined;
  if (newest.size > size) return `The log has ${size} entries, and a checkpoint of it says ${newest.size}: entries are gone.`;
  const root = rangeRoot(nodesOf(store.proofs, log), [0, newest.size], sha256);
  return sha256(root).equals(sha256(newest.root)) ? undefined : `The first ${newest.size} entries of the log are not those its checkpoint was signed over.`;
}

/** Opens the tree of a log. Makes tiles where they are missing; throws what the database says. */
export function openTree(store: JournalStore, log: LogRow, signer: Signer): Tree {
  const frontier = frontierOnDisk(store, log);
  const row = store.proofs.newest(log);
  const newest = row && checkpointOf(log, row);
  const fault = faultOf(store, log, frontier.size, newest);
  let state: State = { frontier, newest, waitingSince: frontier.size > (newest?.size ?? 0) ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY };
  let before = state;

  const covered = (): number => state.newest?.size ?? 0;
  const isDue = (uptime: number): boolean => fault === undefined && (state.frontier.size - covered() >= EVERY || uptime - state.waitingSince >= LATEST_MS);

  return {
    fault,
    newest: () => state.newest,
    isDue,
    add(leafHash) {
      state = { ...state, frontier: grown(store, log, state.frontier, leafHash) };
    },
    sign({ now, uptime }) {
      if (state.frontier.size > covered()) state = { ...state, waitingSince: Math.min(state.waitingSince, uptime) };
      if (!isDue(uptime)) return;
      const root = Buffer.from(frontierRoot(state.frontier, sha256));
      const { size } = state.frontier;
      const note = signer.sign({ origin: originOfLog(log), size, root: root.toString('base64'), cites: log.cites });
      const made: CheckpointRow = { log: log.no, size, at: now, root, note };
      store.add.checkpoint(made);
      state = { ...state, newest: checkpointOf(log, made), waitingSince: Number.POSITIVE_INFINITY };
    },
    settled(committed) {
      if (committed) before = state;
      else state = before;
    },
  };
}
