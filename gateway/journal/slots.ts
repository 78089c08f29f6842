import { closeSync, existsSync, fdatasyncSync, fstatSync, ftruncateSync, mkdirSync, openSync, readFileSync, readSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../store/durable-file.ts';
import { readRoots, writeRoots } from '../store/keys.ts';
import { isForeign, mergeMirrors, newRecord, rootOf, SLOT, SLOT_HEADER, type SlotName, wholeLength } from './slot-file.ts';
import { addRecords, emptyImage, type Image, type KeySource, keySource, type SlotState } from './slot-image.ts';
import { rewrapSlots, type Rewrapped, type RewrapWish } from './slot-rewrap.ts';

/** The writer's handle; only one may exist. */
export interface SlotWriter extends KeySource {
  /** Makes the keys that do not exist yet and flushes them to both files. Throws the file system's error; then nothing was made. */
  ensure(names: Iterable<SlotName>): void;
  /**
   * Leaves out the keys that are not to be kept and wraps the others under a new root; the old root is forgotten. Works
   * in slices between other calls; a key that was asked for meanwhile is kept. Rejects when the handle was closed in
   * between, or with the file system's error: then the handle is not to be used any more, opening again finds out.
   */
  rewrap(wish: RewrapWish): Promise<Rewrapped>;
  close(): void;
}

/** The reader's handle: reads on when the file has grown. */
export interface SlotReader extends KeySource {
  refresh(): void;
}

/** The two files mirrored in a key directory. */
export const slotPaths = (dir: string): readonly [string, string] => [join(dir, 'slots.a'), join(dir, 'slots.b')];
/** What they are written as before they take the place of the two. */
export const newSlotPaths = (dir: string): readonly [string, string] => [join(dir, 'slots.a.new'), join(dir, 'slots.b.new')];

const readIfThere = (path: string): Buffer => (existsSync(path) ? readFileSync(path) : Buffer.alloc(0));
/** Roots a file may be under: the current one, and while keys are destroyed the next. `given`: when no key file is there. */
const rootsIn = (dir: string, given: Uint8Array): readonly Uint8Array[] => readRoots(dir) ?? [given];

/**
 * Finishes or undoes a destruction that a crash cut short. New files come into place whole, one after the other: one
 * that is there under the next root says that both were written, so the old root has nothing left to open.
 */
function settleRoots(dir: string, given: Uint8Array): Uint8Array {
  const [current = given, next] = rootsIn(dir, given);
  for (const path of newSlotPaths(dir)) rmSync(path, { force: true });
  if (next === undefined) return current;
  // A mirror still under the old root is made good when both are loaded.
  const root = slotPaths(dir).some((path) => rootOf(readIfThere(path), [next]) !== undefined) ? next : current;
  writeRoots(dir, [root]);
  return root;
}

/** Reads both mirrors and writes back whichever differs from what they say together. A mirror under another root is none. */
function loadAndRepair(dir: string, root: Uint8Array): Buffer {
  const paths = slotPaths(dir);
  const found = paths.map((path) => ({ path, file: readIfThere(path) }));
  const files = found.map(({ file }) => file);
  if (files.some((file) => file.length > 0) && files.every((file) => mergeMirrors(file, file) === undefined))
    throw new Error(`key slots: neither ${paths[0]} nor its mirror is a slots file`);
  const own = files.filter((file) => !isForeign(file, root));
  if (own.length < files.length && !own.some((file) => rootOf(file, [root]) !== undefined))
    throw new Error('key slots: the journal key does not open them; journal key and slots files are from different data directories');
  const merged = mergeMirrors(own[0] ?? Buffer.alloc(0), own[1] ?? Buffer.alloc(0));
  const image = merged?.image ?? SLOT_HEADER;
  for (const { path, file } of found) if (!file.equals(image)) replaceFile(path, image);
  return image;
}

/** Writes one after the other and flushes each; on failure both are cut back, so that no half record stays. */
function appendToBoth(handles: readonly number[], records: Buffer, length: number): void {
  try {
    for (const handle of handles) {
      for (let at = 0; at < records.length; ) at += writeSync(handle, records, at, records.length - at, length + at);
      fdatasyncSync(handle);
    }
  } catch (error) {
    for (const handle of handles) ftruncateSync(handle, length);
    throw error;
  }
}

/**
 * Opens the slots for writing, repairs torn or damaged files from their mirrors, makes them when missing, and finishes
 * what a crash left of a destruction. Throws when the files belong to another root key.
 */
export function openSlotWriter(dir: string, given: Uint8Array): SlotWriter {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const root = settleRoots(dir, given);
  const state: SlotState = { image: emptyImage(), root, generation: 0 };
  addRecords(state.image, loadAndRepair(dir, root), SLOT_HEADER.length);
  let handles: readonly number[] = slotPaths(dir).map((path) => openSync(path, 'r+'));
  let closed = false;
  /** People whose keys were asked for while a destruction is under way. */
  let asked: Set<number> | undefined;

  function ensure(names: Iterable<SlotName>): void {
    const { image } = state;
    const made = new Map<string, Buffer>();
    for (const name of names) {
      if (name.type === SLOT.person) asked?.add(name.id);
      const known = image.places.get(name.type)?.has(name.id) === true;
      const label = `${name.type}.${name.id}`;
      if (!known && !made.has(label)) made.set(label, newRecord(name, image.nextSerial + made.size, state.root));
    }
    if (made.size === 0) return;
    const records = Buffer.concat([...made.values()]);
    appendToBoth(handles, records, image.length);
    addRecords(image, records, 0);
  }

  function takeOver(image: Image, next: Uint8Array): void {
    handles.forEach(closeSync);
    handles = slotPaths(dir).map((path) => openSync(path, 'r+'));
    Object.assign(state, { image, root: next, generation: state.generation + 1 });
  }

  return Object.assign(keySource(state), {
    ensure,
    async rewrap(wish: RewrapWish) {
      if (asked !== undefined) throw new Error('key slots: keys are being destroyed already');
      const people = new Set<number>();
      asked = people;
      try {
        return await rewrapSlots({ dir, state, paths: slotPaths(dir), newPaths: newSlotPaths(dir), asked: people, isClosed: () => closed, takeOver }, wish);
      } finally {
        asked = undefined;
      }
    },
    close() {
      // Twice would close whatever has the number by then.
      if (closed) return;
      closed = true;
      handles.forEach(closeSync);
    },
  });
}

function readFrom(path: string, from: number): Buffer {
  const handle = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(handle).size - from));
    const read = readSync(handle, bytes, 0, bytes.length, from);
    return bytes.subarray(0, read);
  } finally {
    closeSync(handle);
  }
}

/** Opens the slots for reading only; writes nothing. A file made or replaced later, also under another root, is picked up by `refresh`. */
export function openSlotReader(dir: string, given: Uint8Array): SlotReader {
  const paths = slotPaths(dir);
  const state: SlotState = { image: emptyImage(), root: given, generation: 0 };
  let file: string | undefined;

  function readAnew(): boolean {
    const [first, second] = [readFileSync(paths[0]), readIfThere(paths[1])];
    const roots = rootsIn(dir, given);
    const root = rootOf(first, roots) ?? rootOf(second, roots);
    const ofRoot = (bytes: Buffer): Buffer => (root === undefined || rootOf(bytes, [root]) !== undefined ? bytes : Buffer.alloc(0));
    const merged = mergeMirrors(ofRoot(first), ofRoot(second));
    if (merged === undefined) return false;
    const image = emptyImage();
    addRecords(image, merged.image, SLOT_HEADER.length);
    Object.assign(state, { image, root: root ?? roots[0] ?? given, generation: state.generation + 1 });
    return true;
  }

  const refresh = (): void => {
    if (!existsSync(paths[0])) return;
    const { ino, size, birthtimeMs } = statSync(paths[0]);
    // An inode's number may come again: two replacements between two looks could look like none.
    const name = `${ino}/${birthtimeMs}`;
    if (name !== file || size < state.image.length) file = readAnew() ? name : undefined;
    else if (size > state.image.length) {
      const tail = readFrom(paths[0], state.image.length);
      addRecords(state.image, tail.subarray(0, wholeLength(tail, 0)), 0);
    }
  };
  refresh();
  return Object.assign(keySource(state), { refresh });
}
