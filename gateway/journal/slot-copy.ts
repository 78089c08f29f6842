import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { replaceFile } from '../store/durable-file.ts';
import { readRoots, writeRoots } from '../store/keys.ts';
import { mergeMirrors, rootOf } from './slot-file.ts';
import { slotPaths } from './slots.ts';

const readIfThere = (file: string): Buffer => (existsSync(file) ? readFileSync(file) : Buffer.alloc(0));

/** The slots and the root that opens them as of one moment; undefined while keys are being destroyed or the files change places. */
function slotsNow(dir: string): { readonly image: Buffer; readonly root: Uint8Array } | undefined {
  const before = readRoots(dir);
  const files = slotPaths(dir).map(readIfThere);
  const after = readRoots(dir);
  const [root, next] = before ?? [];
  if (root === undefined || next !== undefined || after?.length !== 1 || !Buffer.from(root).equals(after[0] ?? Buffer.alloc(0))) return undefined;
  // The writer may be half way through a record, which no entry on disk needs yet: what is whole in one file counts.
  const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = files.map((file) => (rootOf(file, [root]) === undefined ? Buffer.alloc(0) : file));
  const merged = mergeMirrors(first, second);
  return merged && { image: merged.image, root };
}

/**
 * Copies the key slots and their root into another folder while the writer adds to them. False, with nothing copied:
 * keys are just being destroyed, ask again later. Keys that were destroyed before the call are not in the copy.
 */
export function copySlots(from: string, to: string): boolean {
  const found = slotsNow(from);
  if (found === undefined) return false;
  for (const file of slotPaths(to)) replaceFile(path.join(file), found.image);
  writeRoots(to, [found.root]);
  return true;
}
