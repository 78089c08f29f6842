import { consistencyProof, inclusionProof, rangeRoot } from '../core/merkle-proof.ts';
import { type LogRow, openProofRows, type ProofRows } from '../store/journal-proofs.ts';
import { type Checkpoint, checkpointOf, type HeldCheckpoint, judge, type Judged, originOfLog } from './checkpoints.ts';
import { sha256 } from './sha256.ts';
import { verifierKey } from './signing.ts';
import { nodesOf } from './tree.ts';

/** A log in the journal, as its proofs name it. */
export interface LogSummary {
  readonly origin: string;
  /** Index of its first entry in the journal. */
  readonly first: number;
  readonly size: number;
  /** The log before it, as `origin size root`. */
  readonly cites: string | undefined;
  /** The key its checkpoints are signed with, in the C2SP form. Undefined before its writer opened it. */
  readonly key: string | undefined;
  /** Hex of the id in its leaves. */
  readonly logId: string;
}

/** Which entry is proven against which checkpoint. `proof`: lowest hash first. */
export interface EntryProof {
  readonly origin: string;
  /** The entry's place in its log. */
  readonly leafIndex: number;
  readonly size: number;
  readonly proof: readonly Uint8Array[];
}

/** Proofs about the log, in any thread, on a read-only connection. Nothing here needs a key. */
export interface Proofs {
  logs(): readonly LogSummary[];
  /** The newest checkpoint of the newest log; undefined before the first. */
  newest(): Checkpoint | undefined;
  /** The newest checkpoint of a log. Throws RangeError for a log that is not here. */
  newestOf(origin: string): Checkpoint | undefined;
  /** Checkpoints of a log over more than `size` entries, smallest first. */
  after(origin: string, size: number, limit: number): readonly Checkpoint[];
  /** Checkpoints of a log over less than `size` entries, largest first. */
  before(origin: string, size: number, limit: number): readonly Checkpoint[];
  /** Proves entries (indexes of the journal, all of one log) against that log's first `size` entries. Throws RangeError. */
  inclusion(origin: string, indexes: readonly number[], size: number): readonly EntryProof[];
  /** Proves that a log's first `from` entries are the beginning of its first `to`. Throws RangeError. */
  consistency(origin: string, from: number, to: number): readonly Uint8Array[];
  /** Root of a log's first `size` entries. Throws RangeError. */
  rootAt(origin: string, size: number): Uint8Array;
  /** What a checkpoint from outside says of the log. */
  judge(held: HeldCheckpoint): Judged;
  close(): void;
}

function logNamed(rows: ProofRows, origin: string): LogRow {
  const log = rows.logs().find((each) => originOfLog(each) === origin);
  if (log === undefined) throw new RangeError(`origin: expected a log of this journal, got ${origin.slice(0, 80)}`);
  return log;
}

function sized(rows: ProofRows, log: LogRow, name: string, size: number): void {
  const most = rows.sizeOf(log);
  if (!Number.isSafeInteger(size) || size < 1 || size > most) throw new RangeError(`${name}: expected 1 to ${most}, got ${size}`);
}

/** Opens proofs over a journal that its writer has brought up to date. Throws what the database says. */
export function openProofs(file: string): Proofs {
  const { rows, close } = openProofRows(file);

  function newestOf(log: LogRow | undefined): Checkpoint | undefined {
    const row = log && rows.newest(log);
    return log && row && checkpointOf(log, row);
  }

  return {
    close,
    judge: (held) => judge(rows, held),
    logs: () =>
      rows.logs().map((log) => {
        const key = rows.signer(log);
        const origin = originOfLog(log);
        return { origin, first: log.first, size: rows.sizeOf(log), cites: log.cites, key: key && verifierKey(origin, key), logId: log.logId.toString('hex') };
      }),
    newest: () => newestOf(rows.logs().at(-1)),
    newestOf: (origin) => newestOf(logNamed(rows, origin)),
    after(origin, size, limit) {
      const log = logNamed(rows, origin);
      return rows.after(log, size, limit).map((row) => checkpointOf(log, row));
    },
    before(origin, size, limit) {
      const log = logNamed(rows, origin);
      return rows.before(log, size, limit).map((row) => checkpointOf(log, row));
    },
    inclusion(origin, indexes, size) {
      const log = logNamed(rows, origin);
      sized(rows, log, 'size', size);
      const nodeOf = nodesOf(rows, log);
      return indexes.map((index) => ({ origin, leafIndex: index - log.first, size, proof: inclusionProof(nodeOf, index - log.first, size, sha256) }));
    },
    consistency(origin, from, to) {
      const log = logNamed(rows, origin);
      sized(rows, log, 'to', to);
      return consistencyProof(nodesOf(rows, log), from, to, sha256);
    },
    rootAt(origin, size) {
      const log = logNamed(rows, origin);
      sized(rows, log, 'size', size);
      return rangeRoot(nodesOf(rows, log), [0, size], sha256);
    },
  };
}
