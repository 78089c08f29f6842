import { inclusionProof } from '../core/merkle-proof.ts';
import { type ExportRows, openExportRows, type ProvenRow } from '../store/journal-export.ts';
import type { CheckpointRow, LogRow } from '../store/journal-proofs.ts';
import { originOfLog } from './checkpoints.ts';
import { openHalves } from './export-halves.ts';
import type { LogPlace } from './log.ts';
import { type Keys, keysOf } from './seal.ts';
import { sha256 } from './sha256.ts';
import { verifierKey } from './signing.ts';
import { openSlotReader } from './slots.ts';
import { nodesOf } from './tree.ts';

/**
 * Single entries of the log that prove themselves: format `evidence/1`, written down in docs/log-export.md and checked
 * by docs/verify.mjs. Bytes are in base64.
 */

/** One entry. Of each half either the opening, `r ‖ data`, or the commitment alone. */
export interface EvidenceEntry {
  /** Its number in the journal. */
  readonly index: number;
  /** Its place in its log. */
  readonly leafIndex: number;
  readonly kind: number;
  readonly flags: number;
  readonly event?: string;
  readonly cEvent?: string;
  readonly person?: string;
  readonly cPerson?: string;
  /** Inclusion proof in the log's first `size` entries, lowest hash first. */
  readonly proof: readonly string[];
}

/** A log with what signs it. All logs up to the newest are there, for each is cited by the next; most have no entries here. */
export interface EvidenceLog {
  readonly origin: string;
  /** 32 hex digits. */
  readonly logId: string;
  /** Verifier key in the C2SP form. */
  readonly key: string | null;
  readonly first: number;
  /** `origin size root` of the log before it. */
  readonly cites: string | null;
  /** Its newest signed checkpoint. `at`: epoch ms, not signed. */
  readonly checkpoint: { readonly at: number; readonly note: string } | null;
  /** Size of the tree that the proofs lead to the root of: the checkpoint's, or the one the next log cites. */
  readonly size: number;
  readonly entries: readonly EvidenceEntry[];
}

/**
 * A line as a person is shown it. The verifier compares what the log proves and fails when the two differ: the fields
 * named here. Whatever else stands in it (names of doors, people, homes) is the register's word, and is said to be.
 * Every field may be left out. Times: epoch ms; `null` is the same as left out.
 */
export interface EvidenceSaid {
  readonly index: number;
  /** The gateway's time. */
  readonly at?: number | null;
  readonly deviceTime?: number | null;
  readonly kind?: string | null;
  /** Reason of a decision; else the word for what happened. */
  readonly code?: string | null;
  readonly granted?: boolean | null;
  readonly offline?: boolean | null;
  readonly note?: string | null;
  readonly final?: string | null;
  readonly buildingId?: number | null;
  readonly doorId?: number | null;
  readonly personId?: number | null;
  readonly unitId?: number | null;
  readonly [words: string]: unknown;
}

/** Who made the file, when (epoch ms) and why: the gateway's word. */
export interface EvidenceAbout {
  readonly by: string;
  readonly at: number;
  readonly purpose: string;
  readonly reason: string;
  readonly filter: Readonly<Record<string, unknown>>;
  readonly [more: string]: unknown;
}

/** The whole file. */
export interface EvidenceFile {
  readonly doorbook: 'evidence/1';
  readonly about: EvidenceAbout;
  readonly logs: readonly EvidenceLog[];
  readonly said: readonly EvidenceSaid[];
}

/** What could be had of the entries asked for. The lists hold indexes. */
export interface Gathered {
  readonly logs: readonly EvidenceLog[];
  /** Newer than the newest checkpoint: ask again in ten seconds. They are not in `logs`. */
  readonly uncovered: readonly number[];
  /** What is sealed is not what the log proves, or there is no such row: raise an alarm. Those there are stand in `logs` without the half that is wrong. */
  readonly damaged: readonly number[];
  /** Their keys were destroyed: they stand in `logs` with commitments alone. */
  readonly unreadable: readonly number[];
}

/** May the half about a person be in the file? Asked for each entry. */
export type MayShowPerson = (index: number) => boolean;

/** Read-only, in any thread. */
export interface Evidence {
  /**
   * The entries at these indexes of the journal, in any order, each once. Without `mayShowPerson` no half about a person
   * is in. `heads`: logs of an earlier answer, for a file made in several goes: proofs lead to the same checkpoints.
   * Throws when the file lacks a part of the tree.
   */
  of(indexes: readonly number[], mayShowPerson?: MayShowPerson, heads?: readonly EvidenceLog[]): Gathered;
  close(): void;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** Size of the tree that entries of a log are proven in: all of a log that the next one cites under its signature. */
const headSize = (own: CheckpointRow | undefined, next: LogRow | undefined, ofNext: CheckpointRow | undefined): number =>
  Math.max(ofNext === undefined ? 0 : Number(next?.cites?.split(' ')[1] ?? 0), own?.size ?? 0);

/** Where the entries of one log are looked up. */
interface Source {
  readonly rows: ExportRows;
  readonly keys: Keys;
  readonly mayShowPerson: MayShowPerson;
  readonly heads: readonly EvidenceLog[];
  readonly noted: { readonly damaged: number[]; readonly unreadable: number[] };
}

function entryOf(row: ProvenRow, log: LogRow, { keys, mayShowPerson, noted }: Source): Omit<EvidenceEntry, 'proof'> {
  const { event, person, state } = openHalves(row, log, keys);
  if (state.includes('x')) noted.damaged.push(row.idx);
  else if (state.includes('g')) noted.unreadable.push(row.idx);
  const shown = mayShowPerson(row.idx) ? person : undefined;
  return {
    index: row.idx,
    leafIndex: row.idx - log.first,
    kind: row.kind,
    flags: 0,
    ...(event === undefined ? { cEvent: base64(row.cEvent) } : { event: base64(event) }),
    ...(shown === undefined ? { cPerson: base64(row.cPerson) } : { person: base64(shown) }),
  };
}

function entriesOf(indexes: readonly number[], log: LogRow, size: number, source: Source): EvidenceEntry[] {
  const { rows, noted } = source;
  const nodeOf = nodesOf(rows.proofs, log);
  return indexes.flatMap((index) => {
    const row = rows.row(index);
    if (row === undefined) noted.damaged.push(index);
    return row === undefined ? [] : [{ ...entryOf(row, log, source), proof: inclusionProof(nodeOf, index - log.first, size, sha256).map(base64) }];
  });
}

function gather(wanted: readonly number[], source: Source): Gathered {
  const { proofs } = source.rows;
  const logs = proofs.logs();
  // Looked up once: the log's writer may sign the next while this goes on.
  const checkpoints = logs.map((log) => proofs.newest(log));
  const indexes = [...new Set(wanted)].sort((a, b) => a - b);
  const left = new Set(indexes);
  const found = logs.map((log, at): EvidenceLog => {
    const newest = checkpoints[at];
    const head = source.heads.find(({ origin: same }) => same === originOfLog(log));
    const size = head?.size ?? headSize(newest, logs[at + 1], checkpoints[at + 1]);
    const own = indexes.filter((index) => index >= log.first && index < log.first + size);
    for (const index of own) left.delete(index);
    const [signer, origin] = [proofs.signer(log), originOfLog(log)];
    return {
      origin,
      logId: log.logId.toString('hex'),
      key: signer === undefined ? null : verifierKey(origin, signer),
      first: log.first,
      cites: log.cites ?? null,
      checkpoint: head?.checkpoint ?? (newest === undefined ? null : { at: newest.at, note: newest.note }),
      size,
      entries: entriesOf(own, log, size, source),
    };
  });
  // Newest logs that nothing signs yet prove nothing.
  return { logs: found.slice(0, found.findLastIndex(({ size }) => size > 0) + 1), uncovered: [...left], ...source.noted };
}

/** Opens the journal for making evidence. Its writer must have brought it up to date. `onDamaged` is told each index of `damaged`. Throws what the database or the disk says. */
export function openEvidence({ file, keysDir, root }: LogPlace, onDamaged: (index: number) => void = () => undefined): Evidence {
  const slots = openSlotReader(keysDir, root);
  const keys = keysOf(slots);
  const rows = openExportRows(file);
  return {
    of(indexes, mayShowPerson = () => false, heads = []) {
      slots.refresh();
      const gathered = gather(indexes, { rows, keys, mayShowPerson, heads, noted: { damaged: [], unreadable: [] } });
      gathered.damaged.forEach(onDamaged);
      return gathered;
    },
    close: rows.close,
  };
}
