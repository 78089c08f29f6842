import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { DiskEvent } from './disk-trace.ts';
import type { Random } from './random.ts';

/** A disk writes this much whole or not at all. */
const SECTOR = 512;

type Change = Extract<DiskEvent, { t: 'write' | 'cut' }>;
type Naming = Extract<DiskEvent, { t: 'make' | 'rename' | 'unlink' | 'folder' }>;

interface DiskFile {
  /** What is on the platter for good. */
  kept: Buffer;
  length: number;
  /** What was written since and may be there, in part, or not. */
  loose: Change[];
  /** Changes before the first loose one. */
  settled: number;
}

/** A disk under a program: what would be left of it if the power went now. */
export interface Disk {
  readonly root: string;
  readonly files: Map<number, DiskFile>;
  /** Names that outlive a power cut. */
  readonly names: Map<string, number>;
  readonly folders: Set<string>;
  /** Names made, changed and taken away since the folder was flushed, in order. */
  readonly loose: Map<string, Naming[]>;
}

/** A file at the beginning, under the number it has in the recording. */
export interface BaseFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A disk with these files, all of it flushed. */
export function diskOf(root: string, base: readonly BaseFile[] = []): Disk {
  const files = new Map(base.map(({ bytes }, file): [number, DiskFile] => [file, { kept: Buffer.from(bytes), length: bytes.length, loose: [], settled: 0 }]));
  const folders = new Set([root, ...base.map(({ name }) => path.dirname(name))]);
  return { root, files, names: new Map(base.map(({ name }, file) => [name, file])), folders, loose: new Map() };
}

function fileOf({ files }: Disk, number: number): DiskFile {
  const found = files.get(number) ?? { kept: Buffer.alloc(0), length: 0, loose: [], settled: 0 };
  files.set(number, found);
  return found;
}

function grown(file: DiskFile, length: number): void {
  if (length > file.kept.length) {
    const larger = Buffer.alloc(Math.max(length, file.kept.length * 2));
    file.kept.copy(larger, 0, 0, file.length);
    file.kept = larger;
  }
  file.length = Math.max(file.length, length);
}

function put(file: DiskFile, at: number, bytes: Uint8Array): void {
  grown(file, at + bytes.length);
  file.kept.set(bytes, at);
}

function cutTo(file: DiskFile, length: number): void {
  if (length > file.length) grown(file, length);
  file.kept.fill(0, length, file.length);
  file.length = length;
}

function applyWhole(file: DiskFile, change: Change): void {
  if (change.t === 'write') put(file, change.at, change.bytes);
  else cutTo(file, change.length);
}

function settle(file: DiskFile, seen: number): void {
  for (const change of file.loose.splice(0, Math.max(0, seen - file.settled))) applyWhole(file, change);
  file.settled = Math.max(file.settled, seen);
}

function rename(names: Map<string, number>, naming: Naming): void {
  if (naming.t === 'folder') return;
  if (naming.t === 'make') return void names.set(naming.name, naming.file);
  if (naming.t === 'unlink') return void names.delete(naming.name);
  const file = names.get(naming.from);
  names.delete(naming.from);
  if (file !== undefined) names.set(naming.to, file);
}

function nameLoosely({ loose }: Disk, naming: Naming): void {
  const folder = path.dirname(naming.t === 'rename' ? naming.to : naming.name);
  loose.set(folder, [...(loose.get(folder) ?? []), naming]);
}

/** Takes what the program did next. What it printed changes nothing. */
export function advance(disk: Disk, event: DiskEvent): void {
  if (event.t === 'write' || event.t === 'cut') fileOf(disk, event.file).loose.push(event);
  else if (event.t === 'sync') settle(fileOf(disk, event.file), event.seen);
  else if (event.t === 'sync-folder') {
    for (const naming of disk.loose.get(event.name) ?? []) {
      if (naming.t === 'folder') disk.folders.add(naming.name);
      rename(disk.names, naming);
    }
    disk.loose.delete(event.name);
  } else if (event.t !== 'said') nameLoosely(disk, event);
}

/** How much of what was not flushed is there after all. */
interface Luck {
  /** Chance of a write, and of a sector of a torn one. */
  readonly write: number;
  readonly torn: number;
  readonly naming: number;
  /** A hole in what came through holds what the disk held before, instead of zeros. */
  readonly rubbish: boolean;
}

function luckOf(random: Random): Luck {
  const sort = random.next();
  const [rubbish, naming] = [random.chance(0.3), random.next()];
  if (sort < 0.2) return { write: 0, torn: 0, naming: random.chance(0.5) ? 0 : 1, rubbish };
  if (sort < 0.3) return { write: 1, torn: 0, naming: 1, rubbish };
  return { write: random.next(), torn: random.chance(0.6) ? random.next() : 0, naming, rubbish };
}

/** Part of a write: each sector of the disk it touches is there or not. */
function tornInto(file: DiskFile, { at, bytes }: Extract<Change, { t: 'write' }>, random: Random): void {
  for (let from = at; from < at + bytes.length; ) {
    const until = Math.min(at + bytes.length, (Math.floor(from / SECTOR) + 1) * SECTOR);
    if (random.chance(0.5)) put(file, from, bytes.subarray(from - at, until - at));
    from = until;
  }
}

function leftOf(file: DiskFile, luck: Luck, random: Random): Buffer {
  const left: DiskFile = { ...file, kept: Buffer.from(file.kept), loose: [] };
  for (const change of file.loose) {
    if (!random.chance(luck.write)) continue;
    const before = left.length;
    if (change.t === 'write' && random.chance(luck.torn)) tornInto(left, change, random);
    else applyWhole(left, change);
    const hole = change.t === 'write' ? Math.min(change.at, left.length) : left.length;
    if (luck.rubbish) for (let at = before; at < hole; at++) left.kept[at] = random.below(256);
  }
  return left.kept.subarray(0, left.length);
}

/** Renames of one folder come through in their order, up to some moment; folders know nothing of each other. */
function leftNames(disk: Disk, luck: Luck, random: Random): { names: Map<string, number>; folders: Set<string> } {
  const [names, folders] = [new Map(disk.names), new Set(disk.folders)];
  for (const namings of disk.loose.values()) {
    for (const naming of namings) {
      if (!random.chance(luck.naming)) break;
      if (naming.t === 'folder') folders.add(naming.name);
      rename(names, naming);
    }
  }
  return { names, folders };
}

/**
 * Writes into `into` what a power cut at this moment would leave: everything that was flushed, and of the rest what
 * luck would have it: writes dropped, reordered (a later one without an earlier one) or torn, names not yet changed.
 */
export function writeImage(disk: Disk, random: Random, into: string): void {
  const luck = luckOf(random);
  const { names, folders } = leftNames(disk, luck, random);
  const placed = (name: string): string => path.join(into, path.relative(disk.root, name));
  for (const folder of folders) mkdirSync(placed(folder), { recursive: true });
  for (const [name, number] of names) {
    const file = disk.files.get(number);
    if (folders.has(path.dirname(name))) writeFileSync(placed(name), file === undefined ? '' : leftOf(file, luck, random), { mode: 0o600 });
  }
}
