import { closeSync, existsSync, fdatasyncSync, fstatSync, ftruncateSync, mkdirSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../store/durable-file.ts';
import { type Merged, mergeMirrors, nameAt, newRecord, openRecord, serialAt, SLOT, SLOT_BYTES, SLOT_HEADER, type SlotName, wholeLength } from './slot-file.ts';

/** Where a sealed entry's keys come from. Undefined: there is no such key, or it was destroyed. */
export interface KeySource {
  key(name: SlotName): Buffer | undefined;
  /** Serial of a person's key, by which an entry names its person; 0: no such key. */
  serialOf(personId: number): number;
  keyBySerial(serial: number): Buffer | undefined;
  /** Month numbers that have a tag key, newest first. */
  months(): readonly number[];
}

/** The writer's handle; only one may exist. */
export interface SlotWriter extends KeySource {
  /** Makes the keys that do not exist yet and flushes them to both files. Throws the file system's error; then nothing was made. */
  ensure(names: Iterable<SlotName>): void;
  close(): void;
}

/** The reader's handle: reads on when the file has grown. */
export interface SlotReader extends KeySource {
  refresh(): void;
}

/** The two files mirrored in a key directory. */
export const slotPaths = (dir: string): readonly [string, string] => [join(dir, 'slots.a'), join(dir, 'slots.b')];

/** Records in one growing buffer, found by number: about 150 bytes a person, so a whole city fits in memory. */
interface Image {
  bytes: Buffer;
  length: number;
  readonly places: ReadonlyMap<number, Map<number, number>>;
  /** Place of the record of each serial, in records; 0: none (that is the header's place). */
  serials: Uint32Array;
  nextSerial: number;
}

function emptyImage(): Image {
  const places = new Map([SLOT.day, SLOT.person, SLOT.month, SLOT.log].map((type) => [type, new Map<number, number>()]));
  return { bytes: Buffer.alloc(0), length: 0, places, serials: new Uint32Array(1024), nextSerial: 1 };
}

const placeOf = (record: number): number => SLOT_HEADER.length + (record - 1) * SLOT_BYTES;

function addSerial(image: Image, serial: number, at: number): void {
  if (serial >= image.serials.length) {
    const larger = new Uint32Array(Math.max(image.serials.length * 2, serial + 1));
    larger.set(image.serials);
    image.serials = larger;
  }
  image.serials[serial] = 1 + (at - SLOT_HEADER.length) / SLOT_BYTES;
  image.nextSerial = Math.max(image.nextSerial, serial + 1);
}

function addRecords(image: Image, records: Buffer, from: number): void {
  if (image.length + records.length > image.bytes.length) {
    const larger = Buffer.alloc(Math.max(image.bytes.length * 2, image.length + records.length));
    image.bytes.copy(larger, 0, 0, image.length);
    image.bytes = larger;
  }
  records.copy(image.bytes, image.length);
  for (let at = from; at < records.length; at += SLOT_BYTES) {
    const name = nameAt(records, at);
    if (name === undefined) continue;
    image.places.get(name.type)?.set(name.id, image.length + at);
    addSerial(image, serialAt(records, at), image.length + at);
  }
  image.length += records.length;
}

function keySource(image: () => Image, root: Uint8Array): KeySource {
  const open = (at: number): Buffer | undefined => openRecord(image().bytes.subarray(at, at + SLOT_BYTES), root);
  return {
    key({ type, id }) {
      const at = image().places.get(type)?.get(id);
      return at === undefined ? undefined : open(at);
    },
    serialOf(personId) {
      const at = image().places.get(SLOT.person)?.get(personId);
      return at === undefined ? 0 : serialAt(image().bytes, at);
    },
    keyBySerial(serial) {
      const record = image().serials[serial] ?? 0;
      return record === 0 ? undefined : open(placeOf(record));
    },
    months: () => [...(image().places.get(SLOT.month)?.keys() ?? [])].sort((a, b) => b - a),
  };
}

function refuseForeignRoot(image: Image, root: Uint8Array): void {
  for (let at = SLOT_HEADER.length; at < image.length; at += SLOT_BYTES) {
    if (nameAt(image.bytes, at) === undefined) continue;
    if (openRecord(image.bytes.subarray(at, at + SLOT_BYTES), root) !== undefined) return;
    throw new Error('key slots: the journal key does not open them; journal key and slots files are from different data directories');
  }
}

const readIfThere = (path: string): Buffer => (existsSync(path) ? readFileSync(path) : Buffer.alloc(0));

/** Reads both mirrors and writes back whichever differs from what they say together. */
function loadAndRepair(dir: string): Merged {
  const paths = slotPaths(dir);
  const [first, second] = [readIfThere(paths[0]), readIfThere(paths[1])];
  if (first.length + second.length > 0 && mergeMirrors(first, second) === undefined) throw new Error(`key slots: neither ${paths[0]} nor its mirror is a slots file`);
  const merged = mergeMirrors(first, second) ?? { image: SLOT_HEADER, lost: 0 };
  if (!first.equals(merged.image)) replaceFile(paths[0], merged.image);
  if (!second.equals(merged.image)) replaceFile(paths[1], merged.image);
  return merged;
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
 * Opens the slots for writing, repairs torn or damaged files from their mirrors, and makes them when missing.
 * Throws when the files belong to another root key.
 */
export function openSlotWriter(dir: string, root: Uint8Array): SlotWriter {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const image = emptyImage();
  addRecords(image, loadAndRepair(dir).image, SLOT_HEADER.length);
  refuseForeignRoot(image, root);
  const handles = slotPaths(dir).map((path) => openSync(path, 'r+'));
  return {
    ...keySource(() => image, root),
    ensure(names) {
      const made = new Map<string, Buffer>();
      for (const name of names) {
        const known = image.places.get(name.type)?.has(name.id) ?? false;
        const label = `${name.type}.${name.id}`;
        if (!known && !made.has(label)) made.set(label, newRecord(name, image.nextSerial + made.size, root));
      }
      if (made.size === 0) return;
      const records = Buffer.concat([...made.values()]);
      appendToBoth(handles, records, image.length);
      addRecords(image, records, 0);
    },
    close: () => handles.forEach(closeSync),
  };
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

/** Opens the slots for reading only; writes nothing. A file made or replaced later is picked up by `refresh`. */
export function openSlotReader(dir: string, root: Uint8Array): SlotReader {
  const paths = slotPaths(dir);
  let image = emptyImage();
  let inode = 0;
  const refresh = (): void => {
    if (!existsSync(paths[0])) return;
    const { ino, size } = statSync(paths[0]);
    if (ino !== inode) {
      image = emptyImage();
      inode = ino;
      const merged = mergeMirrors(readFileSync(paths[0]), readIfThere(paths[1]));
      if (merged !== undefined) addRecords(image, merged.image, SLOT_HEADER.length);
      else inode = 0;
    } else if (size > image.length) {
      const tail = readFrom(paths[0], image.length);
      addRecords(image, tail.subarray(0, wholeLength(tail, 0)), 0);
    }
  };
  refresh();
  return { ...keySource(() => image, root), refresh };
}
