import Database from 'better-sqlite3';
import { merkleRoot } from '../../gateway/core/merkle.ts';
import { rangeRoot } from '../../gateway/core/merkle-proof.ts';
import { decodeEvent } from '../../gateway/journal/encode.ts';
import { originOfLog } from '../../gateway/journal/checkpoints.ts';
import { commitment, leafHash } from '../../gateway/journal/leaf.ts';
import { type LogPlace, unsealRow } from '../../gateway/journal/log.ts';
import { keysOf } from '../../gateway/journal/seal.ts';
import { sha256 } from '../../gateway/journal/sha256.ts';
import { openSlotReader } from '../../gateway/journal/slots.ts';
import { nodesOf } from '../../gateway/journal/tree.ts';
import { type CheckpointRow, type LogRow, proofRows } from '../../gateway/store/journal-proofs.ts';
import type { EntryRow } from '../../gateway/store/journal-store.ts';

/** Bytes of the random number in front of the data of each half. */
const R_BYTES = 32;

/** A checkpoint as somebody outside was told it. `root`: base64. */
export interface Told {
  readonly origin: string;
  readonly size: number;
  readonly root: string;
}

/** What the world outside knows of a log: acknowledged entries by the name of their key, with their index where it was told, and the newest checkpoint. */
export interface Known {
  readonly acknowledged: ReadonlyMap<string, number | undefined>;
  readonly told?: Told | undefined;
}

/** Rows that need not be opened again: seen before, byte for byte, under the index. */
export type Verified = Map<number, { readonly leafHash: Buffer; readonly name: string }>;

/** `controller.boot.seq` of an entry from a device. */
export const keyName = (key: { readonly controllerId: number; readonly boot: number; readonly seq: number }): string => `${key.controllerId}.${key.boot}.${key.seq}`;

interface Opened {
  readonly rows: readonly EntryRow[];
  readonly logs: readonly LogRow[];
  readonly wrong: string[];
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Opens a row with the keys that are there and computes its commitments and its leaf anew; the name of its key. */
function opened(row: EntryRow, log: LogRow, keys: ReturnType<typeof keysOf>): string {
  const { event, person } = unsealRow(row, log, keys);
  if (event === undefined || person === undefined) throw new Error(`row ${row.idx} does not open`);
  const [cEvent, cPerson] = [commitment('event', event), commitment('person', person)];
  const leaf = leafHash({ kind: row.kind, flags: 0, logId: log.logId, index: row.idx - log.first, cEvent, cPerson });
  if (!sameBytes(leaf, row.leafHash)) throw new Error(`the leaf of row ${row.idx} is not its entry`);
  const { key } = decodeEvent(event.subarray(R_BYTES));
  return key === undefined ? '' : keyName(key);
}

/** Opens every row not seen before, and of the others the newest and each sixteenth, for their keys may be gone. */
function namesOf(place: LogPlace, { rows, logs, wrong }: Opened, verified: Verified): Map<string, number> {
  const keys = keysOf(openSlotReader(place.keysDir, place.root));
  const names = new Map<string, number>();
  rows.forEach((row, at) => {
    if (row.idx !== at) wrong.push(`the row at place ${at} has index ${row.idx}`);
    const log = logs.findLast(({ first }) => first <= row.idx);
    const seen = verified.get(row.idx);
    const isSeen = seen !== undefined && sameBytes(seen.leafHash, row.leafHash) && at < rows.length - 70 && at % 16 !== 0;
    try {
      if (log === undefined) throw new Error(`row ${row.idx} is in no log`);
      const name = isSeen ? seen.name : opened(row, log, keys);
      verified.set(row.idx, { leafHash: row.leafHash, name });
      if (name !== '' && names.has(name)) wrong.push(`${name} is stored twice: ${names.get(name)} and ${row.idx}`);
      names.set(name, row.idx);
    } catch (error) {
      wrong.push(String(error));
    }
  });
  return names;
}

/** Every stored checkpoint, and the root by the tiles, against the leaves themselves. */
function checkTree(db: Database.Database, { rows, logs, wrong }: Opened): void {
  const checkpoints = db.prepare<[number], CheckpointRow>('SELECT * FROM checkpoint WHERE log = ?');
  logs.forEach((log, at) => {
    const leaves = rows.slice(log.first, logs[at + 1]?.first ?? rows.length).map((row) => row.leafHash);
    for (const { size, root } of checkpoints.all(log.no))
      if (size > leaves.length || !sameBytes(merkleRoot(leaves.slice(0, size), sha256), root)) wrong.push(`the checkpoint of ${size} entries is not the tree's`);
    if (leaves.length === 0) return;
    const byTiles = rangeRoot(nodesOf(proofRows(db), log), [0, leaves.length], sha256);
    if (!sameBytes(byTiles, merkleRoot(leaves, sha256))) wrong.push('the tiles are not those of the leaves');
  });
}

/** Is the log still the one an outsider holds a checkpoint of? What says no, as he would see it. */
export function againstTold({ file }: Pick<LogPlace, 'file'>, told: Told): string | undefined {
  const db = new Database(file, { readonly: true });
  try {
    const rows = proofRows(db);
    const log = rows.logs().find((each) => originOfLog(each) === told.origin);
    if (log === undefined) return `there is no log ${told.origin}`;
    if (rows.sizeOf(log) < told.size) return `the log has ${rows.sizeOf(log)} entries, a checkpoint of it was told with ${told.size}`;
    const root = Buffer.from(rangeRoot(nodesOf(rows, log), [0, told.size], sha256)).toString('base64');
    return root === told.root ? undefined : `the root over ${told.size} entries is not the one that was told`;
  } finally {
    db.close();
  }
}

/**
 * What is wrong with a log that nobody has open: the database as such, every entry opened and its leaf computed anew,
 * the tree and all checkpoints, and each acknowledged entry there once, under the index that was told. Empty: nothing.
 */
export function wrongWithLog(place: LogPlace, { acknowledged, told }: Known, verified: Verified = new Map()): string[] {
  const wrong: string[] = [];
  const db = new Database(place.file, { readonly: true });
  try {
    const sound = db.pragma('integrity_check', { simple: true });
    if (sound !== 'ok') wrong.push(`integrity_check: ${String(sound).slice(0, 200)}`);
    const log: Opened = { rows: db.prepare<[], EntryRow>('SELECT * FROM entry ORDER BY idx').all(), logs: proofRows(db).logs(), wrong };
    const names = namesOf(place, log, verified);
    for (const [name, index] of acknowledged) {
      const found = names.get(name);
      if (found === undefined || found !== (index ?? found)) wrong.push(`lost: ${name} was acknowledged as ${index ?? 'stored'} and is ${found ?? 'not there'}`);
    }
    checkTree(db, log);
  } finally {
    db.close();
  }
  const broken = told && againstTold(place, told);
  if (broken !== undefined) wrong.push(broken);
  return wrong;
}
