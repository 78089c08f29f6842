import { closeSync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { replaceFile } from './durable-file.ts';
import { applyChange, newImage, type StoreChange, type StoreImage, type StoredRecord } from './store-image.ts';

/** Frame: payload length u32, CRC-32 of the payload u32, both big-endian; then the payload, JSON. */
const HEAD_BYTES = 8;
/** The file is rewritten when it is longer than this and than four times what it holds. */
const COMPACT_MIN_BYTES = 64 * 1024;
const COMPACT_FACTOR = 4;

/** First frame of a file: everything at one moment. */
interface Snapshot {
  readonly instance: string;
  readonly boot: number;
  readonly seq: number;
  readonly change: StoreChange;
}
type Frame = Snapshot | { readonly boot: number } | { readonly instance: string } | { readonly change: StoreChange };

/** A controller's memory that outlives its power: an append file, every write on disk before `write` returns. */
export interface EventStore {
  /** What the file holds. Its boot counter has been raised by this opening. */
  readonly image: StoreImage;
  /** One atomic write. Throws what the file system throws; then nothing may follow. */
  write(change: StoreChange): void;
  close(): void;
}

function frameBytes(frame: Frame): Buffer {
  const payload = Buffer.from(JSON.stringify(frame));
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(payload.length, 0);
  head.writeUInt32BE(crc32(payload), 4);
  return Buffer.concat([head, payload]);
}

/** The payload at an offset, or undefined when what is there is no whole frame. */
function payloadAt(bytes: Buffer, at: number): Buffer | undefined {
  if (at + HEAD_BYTES > bytes.length) return undefined;
  const end = at + HEAD_BYTES + bytes.readUInt32BE(at);
  if (end === at + HEAD_BYTES || end > bytes.length) return undefined;
  const payload = bytes.subarray(at + HEAD_BYTES, end);
  return crc32(payload) === bytes.readUInt32BE(at + 4) ? payload : undefined;
}

/** A write that power cut short is the last thing in a file. With a whole frame anywhere after it, it is damage. */
function isTorn(bytes: Buffer, at: number): boolean {
  for (let after = at + 1; after + HEAD_BYTES < bytes.length; after += 1) if (payloadAt(bytes, after) !== undefined) return false;
  return true;
}

function applyFrame(image: StoreImage, frame: Frame): void {
  if ('instance' in frame) image.instance = frame.instance;
  if ('boot' in frame) image.boot = frame.boot;
  if ('seq' in frame) image.seq = frame.seq;
  if ('change' in frame) applyChange(image, frame.change);
}

interface Loaded {
  readonly image: StoreImage;
  /** Length of the part that is whole. */
  readonly length: number;
  /** Bytes after it were damaged, not only cut short: written records may be missing. */
  readonly damaged: boolean;
}

/** Reads a file's bytes: the state after the last whole frame. Numbers of an empty or lost file start anew under `instance`. */
function loadFrames(bytes: Buffer, instance: string): Loaded {
  const image = newImage(instance);
  let at = 0;
  for (let payload = payloadAt(bytes, at); payload !== undefined; payload = payloadAt(bytes, at)) {
    applyFrame(image, JSON.parse(payload.toString('utf8')) as Frame);
    at += HEAD_BYTES + payload.length;
  }
  return { image, length: at, damaged: at < bytes.length && !isTorn(bytes, at) };
}

function snapshotOf(image: StoreImage): Snapshot {
  const put: StoredRecord[] = [...image.records.values()];
  const checkpoints = [...image.checkpoints.values()];
  return {
    instance: image.instance,
    boot: image.boot,
    seq: image.seq,
    change: {
      put,
      floor: image.floor,
      checkpoints,
      released: [...image.released].map(([door, k]) => ({ door, k })),
      tries: [...image.tries].map(([f, wrong]) => ({ f, wrong })),
      ...(image.list === undefined ? {} : { list: image.list }),
    },
  };
}

function readOrEmpty(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
}

/** Writes the whole state to a new file and puts it in the old one's place. Returns its length. */
function rewrite(path: string, image: StoreImage): number {
  const bytes = frameBytes(snapshotOf(image));
  replaceFile(path, bytes);
  return bytes.length;
}

/**
 * Opens a device's store and raises its boot counter. A torn tail is dropped: it was never acknowledged to anybody.
 * Other damage may have taken written records with it, so the device goes on under a new instance and no sequence
 * number is used twice. `freshInstance`: 16 random hex digits, used when one is needed.
 */
export function openEventStore(path: string, freshInstance: string): EventStore {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(`${path}.new`, { force: true });
  const { image, length, damaged } = loadFrames(readOrEmpty(path), freshInstance);
  if (damaged) image.instance = freshInstance;
  image.boot += 1;
  let snapshotLength = length === 0 || damaged ? rewrite(path, image) : 0;
  let file = openSync(path, 'r+');
  let end = snapshotLength || length;
  const append = (frame: Frame): void => {
    const bytes = frameBytes(frame);
    for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, end + done);
    fsyncSync(file);
    end += bytes.length;
  };
  if (snapshotLength === 0) {
    ftruncateSync(file, length);
    append({ boot: image.boot });
  }
  return {
    image,
    write(change) {
      append({ change });
      applyChange(image, change);
      if (end < COMPACT_MIN_BYTES + COMPACT_FACTOR * snapshotLength) return;
      snapshotLength = rewrite(path, image);
      closeSync(file);
      file = openSync(path, 'r+');
      end = fstatSync(file).size;
    },
    close: () => closeSync(file),
  };
}
