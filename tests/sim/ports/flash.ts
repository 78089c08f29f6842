import type { Random } from '../engine/random.ts';

/** The power went in the middle of something. */
export class PowerCut extends Error {
  override readonly name = 'PowerCut';
}

/** One change of a file since its last sync, and what it takes to undo it. */
interface Pending {
  readonly at: number;
  readonly old: Buffer;
  readonly length: number;
}

interface File {
  bytes: Buffer;
  length: number;
  pending: Pending[];
}

/** A controller's flash: what was synced stays, of the rest a power cut leaves any part, torn anywhere. */
export interface Flash {
  readonly files: Map<string, File>;
  /** Renames not yet synced: the name, and the file that was under it. */
  renamed: { readonly to: string; readonly old: File | undefined }[];
  /** The power goes at the n-th operation from now; 0: it stays. */
  cutIn: number;
}

export const createFlash = (): Flash => ({ files: new Map(), renamed: [], cutIn: 0 });

let flash: Flash | undefined;
const handles = new Map<number, File>();
let lastHandle = 2;

/** The device whose turn it is. */
export function useFlash(made: Flash): void {
  flash = made;
}

function on(): Flash {
  if (flash === undefined) throw new Error('simulation: no flash');
  return flash;
}

/** One more operation; throws PowerCut when it is the one the power goes at. */
export function operate(target: Flash = on()): void {
  if (target.cutIn === 0) return;
  target.cutIn -= 1;
  if (target.cutIn === 0) throw new PowerCut();
}

function undo(file: File, { at, old, length }: Pending): void {
  old.copy(file.bytes, at);
  file.length = length;
}

/** What a power cut leaves: of what was not synced a part of the operations, the last of them torn. */
export function losePower(target: Flash, random: Random): void {
  for (const { to, old } of target.renamed) {
    if (random.chance(0.5)) continue;
    if (old === undefined) target.files.delete(to);
    else target.files.set(to, old);
  }
  target.renamed = [];
  for (const file of target.files.values()) {
    const keep = random.whole(0, file.pending.length);
    const lost = file.pending.splice(keep);
    const { length } = file;
    for (const change of lost.reverse()) undo(file, change);
    const [torn] = lost.slice(-1);
    // A part of the first lost write may have reached the flash: as many of its bytes, the others as they were.
    if (torn !== undefined && length > file.length && random.chance(0.7)) file.length = random.whole(file.length, length);
    file.pending = [];
  }
  target.cutIn = 0;
}

const handled = (handle: number): File => {
  const file = handles.get(handle);
  if (file === undefined) throw new Error('EBADF');
  return file;
};

const FOLDER: File = { bytes: Buffer.alloc(0), length: 0, pending: [] };

export function openSync(path: string, flags: string, _mode?: number): number {
  operate();
  const { files } = on();
  const known = files.get(path);
  const file = flags === 'w' ? { bytes: Buffer.alloc(1024), length: 0, pending: [] } : (known ?? FOLDER);
  if (flags === 'w') files.set(path, file);
  else if (known === undefined && flags !== 'r') throw new Error('ENOENT');
  lastHandle += 1;
  handles.set(lastHandle, file);
  return lastHandle;
}

export function closeSync(handle: number): void {
  handles.delete(handle);
}

export function writeSync(handle: number, bytes: Uint8Array, ...[from = 0, length = bytes.length - from, position]: [from?: number, length?: number, position?: number]): number {
  operate();
  const file = handled(handle);
  const at = position ?? file.length;
  if (at + length > file.bytes.length) {
    const larger = Buffer.alloc((at + length) * 2);
    file.bytes.copy(larger, 0, 0, file.length);
    file.bytes = larger;
  }
  file.pending.push({ at, old: Buffer.from(file.bytes.subarray(at, Math.min(at + length, Math.max(at, file.length)))), length: file.length });
  file.bytes.set(bytes.subarray(from, from + length), at);
  file.length = Math.max(file.length, at + length);
  return length;
}

export function fsyncSync(handle: number): void {
  operate();
  const file = handled(handle);
  file.pending = [];
  if (file === FOLDER) on().renamed = [];
}

export function ftruncateSync(handle: number, length: number): void {
  operate();
  const file = handled(handle);
  file.pending.push({ at: length, old: Buffer.from(file.bytes.subarray(length, file.length)), length: file.length });
  file.length = length;
}

export const fstatSync = (handle: number): { size: number } => ({ size: handled(handle).length });

export function readFileSync(path: string): Buffer {
  const file = on().files.get(path);
  if (file === undefined) throw Object.assign(new Error('ENOENT'), { code: 'ENOENT' });
  return Buffer.from(file.bytes.subarray(0, file.length));
}

export function renameSync(from: string, to: string): void {
  operate();
  const target = on();
  const file = target.files.get(from);
  if (file === undefined) throw new Error('ENOENT');
  target.renamed.push({ to, old: target.files.get(to) });
  target.files.set(to, file);
  target.files.delete(from);
}

export function rmSync(path: string, _options?: object): void {
  on().files.delete(path);
}

export const existsSync = (path: string): boolean => on().files.has(path);

export const mkdirSync = (_path: string, _options?: object): undefined => undefined;

/** Closes what a world left open. */
export function forgetFlash(): void {
  handles.clear();
  flash = undefined;
  lastHandle = 2;
}
