import { randomBytes } from 'node:crypto';
import { closeSync, fdatasync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { syncFolder } from '../store/durable-file.ts';
import { writeRoots } from '../store/keys.ts';
import { countedRecord, nameAt, rewrapped, SLOT, SLOT_BYTES, SLOT_HEADER, type SlotName } from './slot-file.ts';
import { addRecords, emptyImage, type Image, type SlotState } from './slot-image.ts';

/** Which keys stay. */
export interface RewrapWish {
  readonly keep: (name: SlotName) => boolean;
  /** Called between slices of a few milliseconds: others of the thread have their turn. */
  readonly breathe: () => Promise<void>;
}

/** How many keys are gone. */
export interface Rewrapped {
  readonly days: number;
  readonly persons: number;
}

/** What of a slot writer is worked on. */
export interface RewrapParts {
  readonly dir: string;
  readonly state: SlotState;
  readonly paths: readonly [string, string];
  readonly newPaths: readonly [string, string];
  /** People whose keys were asked for since it began: theirs stay. */
  readonly asked: ReadonlySet<number>;
  readonly isClosed: () => boolean;
  readonly takeOver: (image: Image, root: Uint8Array) => void;
}

const ROOT_BYTES = 32;
/** Records looked at and wrapped anew in one go: a few milliseconds, also when people are looked for in three years of audit entries. */
const SLICE = 8;

/** What is written so far, in both new files and in memory. */
interface Fresh {
  readonly image: Image;
  readonly handles: readonly number[];
  readonly root: Uint8Array;
  days: number;
  readonly persons: Map<number, Buffer>;
}

function put({ image, handles }: Fresh, records: readonly Buffer[], from = 0): void {
  const bytes = Buffer.concat(records);
  for (const handle of handles) for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
  addRecords(image, bytes, from);
}

/** Wraps anew, or leaves out, the records from one place to another. */
function takeRecords(fresh: Fresh, { image, root }: SlotState, [from, to]: readonly [number, number], keep: RewrapWish['keep']): void {
  const records: Buffer[] = [];
  for (let at = from; at < to; at += SLOT_BYTES) {
    const name = nameAt(image.bytes, at);
    const record = image.bytes.subarray(at, at + SLOT_BYTES);
    if (name === undefined) continue;
    if (keep(name)) {
      const again = rewrapped(record, root, fresh.root);
      if (again !== undefined) records.push(again);
    } else if (name.type === SLOT.person) fresh.persons.set(name.id, Buffer.from(record));
    else if (name.type === SLOT.day) fresh.days += 1;
  }
  put(fresh, records);
}

/** People who came back while the others were looked at, and the count of serials. */
function takeLate(fresh: Fresh, { state: { image, root }, asked }: RewrapParts): void {
  const back = [...fresh.persons].filter(([id]) => asked.has(id));
  for (const [id] of back) fresh.persons.delete(id);
  put(fresh, [...back.flatMap(([, record]) => rewrapped(record, root, fresh.root) ?? []), countedRecord(image.nextSerial - 1)]);
}

/** The new files take the place of the old, and the old root is forgotten. Not interrupted by anything but a crash. */
function switchOver({ dir, paths, newPaths, takeOver }: RewrapParts, { image, handles, root }: Fresh): void {
  handles.forEach(fsyncSync);
  handles.forEach(closeSync);
  newPaths.forEach((path, at) => {
    renameSync(path, paths[at] ?? path);
    syncFolder(dirname(path));
  });
  writeRoots(dir, [root]);
  takeOver(image, root);
}

/**
 * Slots without the keys that are not kept, under a new root (design.md 8). The order is what a crash may cut anywhere:
 * both roots on disk; both new files whole and flushed; one in place, the other in place; the old root gone. Until the
 * first file is in place opening again undoes it, from then on opening again finishes it.
 */
export async function rewrapSlots(parts: RewrapParts, { keep, breathe }: RewrapWish): Promise<Rewrapped> {
  const { dir, state, newPaths } = parts;
  const root = randomBytes(ROOT_BYTES);
  writeRoots(dir, [state.root, root]);
  const fresh: Fresh = { image: emptyImage(), handles: newPaths.map((path) => openSync(path, 'w', 0o600)), root, days: 0, persons: new Map() };
  let open = true;
  try {
    put(fresh, [SLOT_HEADER], SLOT_HEADER.length);
    let at: number = SLOT_HEADER.length;
    // New keys come in at the end meanwhile; the last slice is taken together with the switch.
    for (; state.image.length - at > SLICE * SLOT_BYTES; at += SLICE * SLOT_BYTES) {
      takeRecords(fresh, state, [at, at + SLICE * SLOT_BYTES], keep);
      await breathe();
      if (parts.isClosed()) throw new Error('key slots: closed while keys were being destroyed');
    }
    for (const handle of fresh.handles) await promisify(fdatasync)(handle);
    if (parts.isClosed()) throw new Error('key slots: closed while keys were being destroyed');
    takeRecords(fresh, state, [at, state.image.length], keep);
    takeLate(fresh, parts);
    open = false;
    switchOver(parts, fresh);
    return { days: fresh.days, persons: fresh.persons.size };
  } finally {
    if (open) {
      fresh.handles.forEach(closeSync);
      // A new handle may have the files already; it removes them itself.
      if (!parts.isClosed()) for (const path of newPaths) rmSync(path, { force: true });
    }
  }
}
