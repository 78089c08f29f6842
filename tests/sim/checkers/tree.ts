import { createHash } from 'node:crypto';
import type { EntryRow } from '../../../gateway/store/journal-store.ts';
import type { Checkpoint } from '../../../gateway/journal/checkpoints.ts';
import type { Checker, Scene } from './checker.ts';

const sha = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const [ZERO, ONE] = [Buffer.of(0), Buffer.of(1)];
/** Longest time entries wait for a checkpoint (design.md 8), and what a commit and a hop may add, ms. */
const LATEST_MS = 10_000 + 2000;
const SERIAL_BYTES = 4;

/** Leaf and commitments by the words of design.md 8, not by the code that made them. */
function leafOf(row: EntryRow, logId: Buffer, first: number): Buffer {
  const index = Buffer.alloc(8);
  index.writeBigUInt64BE(BigInt(row.idx - first));
  return sha(ZERO, Buffer.of(1, row.kind, 0, 0), logId, index, row.cEvent, row.cPerson);
}

function committed(label: string, opening: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(opening.length - 32);
  return sha(Buffer.from(`doorbook/${label}/1\0`), opening.subarray(0, 32), length, opening.subarray(32));
}

/** A tree that grows: roots of full subtrees with their sizes, largest first. */
function grow(peaks: { size: number; hash: Buffer }[], leaf: Buffer): void {
  let top = { size: 1, hash: leaf };
  for (let left = peaks.at(-1); left !== undefined && left.size === top.size; left = peaks.at(-1)) {
    peaks.pop();
    top = { size: left.size * 2, hash: sha(ONE, left.hash, top.hash) };
  }
  peaks.push(top);
}

const rootOf = (peaks: readonly { hash: Buffer }[]): Buffer => peaks.slice(0, -1).reduceRight((right, { hash }) => sha(ONE, hash, right), peaks.at(-1)?.hash ?? sha());

/** 5. The log is a tree that every checkpoint ever told is a beginning of; rows are what their leaves say; and no entry waits longer for a checkpoint than promised. */
export function treeChecker({ world, fail }: Scene): Checker {
  const told: Checkpoint[] = [];
  let since: number | undefined;
  let covered = 0;

  function verify(): void {
    const [log] = world.disk.logs;
    if (log === undefined) return fail('there is no log');
    const peaks: { size: number; hash: Buffer }[] = [];
    const roots = new Map<number, Buffer>();
    const wanted = new Set([...told.map(({ size }) => size), ...world.disk.checkpoints.map(({ size }) => size)]);
    world.disk.rows.forEach((row, place) => {
      if (row.idx !== place) fail(`row ${place} has index ${row.idx}`);
      const leaf = leafOf(row, log.logId, log.first);
      if (!leaf.equals(row.leafHash)) fail(`the leaf of entry ${row.idx} is not that of its row`);
      if (!world.sealed && !(committed('event', row.event.subarray(SERIAL_BYTES)).equals(row.cEvent) && committed('person', row.person).equals(row.cPerson)))
        fail(`entry ${row.idx} does not open its commitments`);
      grow(peaks, leaf);
      if (wanted.has(peaks.reduce((sum, { size }) => sum + size, 0))) roots.set(place + 1, rootOf(peaks));
    });
    for (const { size, root } of [...told, ...world.disk.checkpoints])
      if (roots.get(size)?.equals(root) !== true) fail(`the checkpoint of ${size} entries is not of this log, which has ${world.disk.rows.length}`);
  }

  return {
    checkpointed(checkpoint) {
      const before = told.at(-1);
      if (before !== undefined && checkpoint.size < before.size) fail(`a checkpoint of ${checkpoint.size} entries came after one of ${before.size}`);
      if (checkpoint.size > world.disk.durable()) fail(`a checkpoint of ${checkpoint.size} entries was told when ${world.disk.durable()} were on disk`);
      told.push(checkpoint);
      covered = Math.max(covered, checkpoint.size);
      since = undefined;
    },
    started() {
      covered = Math.max(covered, world.gateway.run?.journal.checkpoint()?.size ?? 0);
      since = undefined;
    },
    tick() {
      if (world.disk.durable() <= covered) since = undefined;
      else since ??= world.now();
      const waited = since === undefined ? 0 : Math.min(world.now() - since, world.steady.journal);
      if (waited > LATEST_MS) fail(`${world.disk.durable() - covered} entries have waited ${waited} ms for a checkpoint`);
    },
    ended: verify,
  };
}
