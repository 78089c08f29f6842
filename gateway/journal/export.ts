import { createHash } from 'node:crypto';
import { findCheckpointKey } from '../store/checkpoint-key.ts';
import { openExportRows } from '../store/journal-export.ts';
import { type Checkpoint, checkpointOf, originOfLog } from './checkpoints.ts';
import { isGenuine, walkCheckpoints } from './export-checkpoints.ts';
import { type ExportFault, opener, type Part, rowsOf, type Source, treeOver } from './export-walk.ts';
import type { LogPlace } from './log.ts';
import { keysOf } from './seal.ts';
import { noteSigner, publicKeyOf, verifierKey } from './signing.ts';
import { openSlotReader } from './slots.ts';

/** Why no export can be made. `old`: the file is of a version without proofs. `unsigned`: the key that signs the newest log is not here. Starting the gateway once puts either right. */
export class ExportRefused extends Error {
  override readonly name = 'ExportRefused';
  readonly why: 'old' | 'unsigned';
  constructor(why: 'old' | 'unsigned') {
    super(`the log cannot be exported: ${why}`);
    this.why = why;
  }
}

/** What an export came to. `faults`: what was wrong in the database; each is in the file too, which then does not verify. */
export interface Exported {
  readonly logs: number;
  readonly entries: number;
  readonly faults: readonly ExportFault[];
  /** The newest checkpoint in it. */
  readonly newest: Checkpoint | undefined;
}

/** `at`: epoch ms. `every`: one checkpoint for so many entries goes in, beside the last of each day. */
export interface ExportWish {
  readonly at: number;
  readonly every?: number;
}

const EVERY = 1000;
const LEAST_VERSION = 3;

/** An export while it is made. */
interface Making extends Source {
  readonly every: number;
  readonly faults: ExportFault[];
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const line = (value: object): string => `${JSON.stringify(value)}\n`;

function faultLine({ faults }: Making, fault: ExportFault): string {
  faults.push(fault);
  return line({ fault });
}

/** The entries and checkpoints of one log. */
function* logBody(making: Making, part: Part): Generator<string> {
  const { log, no, size } = part;
  const { proofs } = making.rows;
  const key = proofs.signer(log);
  const checkpoints = walkCheckpoints(proofs, log, { size, every: making.every });
  const [open, tree] = [opener(making, log), treeOver(making, part)];
  let due = checkpoints.next().value;
  let expected = log.first;
  for (const { row, next } of rowsOf(making, part)) {
    if (row.idx !== expected) yield faultLine(making, { what: 'missing', log: no, entry: expected });
    expected = row.idx + 1;
    const { halves, agrees } = open(row, next);
    yield `[${row.idx - log.first},${row.kind},0,"${base64(row.cEvent)}","${base64(row.cPerson)}","${halves.state}"]\n`;
    for (const fault of tree.add(row)) yield faultLine(making, fault);
    if (!agrees) yield faultLine(making, { what: 'columns', log: no, entry: row.idx });
    // Its line says so already.
    if (halves.state.includes('x')) making.faults.push({ what: 'contents', log: no, entry: row.idx });
    for (; due !== undefined && due.row.size <= expected - log.first; due = checkpoints.next().value) {
      const genuine = due.row.size === tree.size() && isGenuine(due.row, log, key, tree.root());
      if (!genuine) yield faultLine(making, { what: 'checkpoint', log: no, size: due.row.size });
      if (due.kept) yield line({ checkpoint: { at: due.row.at, note: due.row.note } });
    }
  }
  if (expected < log.first + size) yield faultLine(making, { what: 'missing', log: no, entry: expected });
}

function* logLines(making: Making, part: Part, before: Part | undefined): Generator<string> {
  const { log, no, size, newest } = part;
  const signer = making.rows.proofs.signer(log);
  const origin = originOfLog(log);
  const key = signer === undefined ? null : verifierKey(origin, signer);
  yield line({ log: { origin, logId: log.logId.toString('hex'), key, first: log.first, size, cites: log.cites ?? null } });
  if (log.first !== (before === undefined ? 0 : before.log.first + before.size)) yield faultLine(making, { what: 'log', log: no });
  yield* logBody(making, part);
  if (newest === undefined || newest.size <= size) return;
  yield faultLine(making, { what: 'truncated', log: no, size: newest.size });
  yield line({ checkpoint: { at: newest.at, note: newest.note } });
}

/** The logs as they stand now. Checkpoints are looked at before entries: what they cover is then there, unless it was taken away. */
function partsOf({ rows }: Source): Part[] {
  const logs = rows.proofs.logs();
  const newest = logs.map((log) => rows.proofs.newest(log));
  const end = rows.last() + 1;
  return logs.map((log, at) => ({ log, no: at + 1, size: Math.max(0, (logs[at + 1]?.first ?? end) - log.first), newest: newest[at] }));
}

/** Signs for the newest log that has a key: it is the one whose key is here. */
function endSigner({ rows }: Source, parts: readonly Part[], keysDir: string): { readonly origin: string; readonly sign: (text: string) => string } {
  const seed = findCheckpointKey(keysDir);
  const part = parts.findLast(({ log }) => rows.proofs.signer(log) !== undefined);
  if (seed === undefined || part === undefined || rows.proofs.signer(part.log)?.equals(publicKeyOf(seed)) !== true) throw new ExportRefused('unsigned');
  const origin = originOfLog(part.log);
  return { origin, sign: noteSigner(seed, origin) };
}

function newestOf(parts: readonly Part[]): Checkpoint | undefined {
  const part = parts.findLast(({ newest }) => newest !== undefined);
  return part?.newest && checkpointOf(part.log, part.newest);
}

function* exportLines(making: Making, keysDir: string, at: number): Generator<string, Exported> {
  const parts = partsOf(making);
  const { origin, sign } = endSigner(making, parts, keysDir);
  const entries = parts.reduce((sum, { size }) => sum + size, 0);
  const digest = createHash('sha256');
  let lines = 0;
  function* counted(text: Iterable<string>): Generator<string> {
    for (const each of text) {
      digest.update(each);
      lines += 1;
      yield each;
    }
  }
  yield* counted([line({ doorbook: 'log-export/1', at, logs: parts.length, entries })]);
  for (const [place, part] of parts.entries()) yield* counted(logLines(making, part, parts[place - 1]));
  yield line({ end: sign(`doorbook/log-export/1\n${lines}\n${digest.digest('base64')}\n${origin}\n`) });
  return { logs: parts.length, entries, faults: making.faults, newest: newestOf(parts) };
}

/**
 * The whole log as lines of an export (docs/log-export.md), each with its line feed. Reads only, page by page, also while
 * the gateway writes: what comes meanwhile is not in it. Throws ExportRefused, and what the database or the disk says.
 */
export function* exportLog({ file, keysDir, root }: LogPlace, { at, every = EVERY }: ExportWish): Generator<string, Exported> {
  const rows = openExportRows(file);
  try {
    if (rows.version < LEAST_VERSION) throw new ExportRefused('old');
    const slots = openSlotReader(keysDir, root);
    return yield* exportLines({ rows, keys: keysOf(slots), refresh: slots.refresh, every, faults: [] }, keysDir, at);
  } finally {
    rows.close();
  }
}
