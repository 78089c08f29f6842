import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const OWNER_ONLY = 0o600;

function syncFolder(path: string): void {
  const folder = openSync(dirname(path), 'r');
  fsyncSync(folder);
  closeSync(folder);
}

/** Puts a whole new file in the place of an old one, or none: after a power cut there is the one or the other. Throws what the file system throws. */
export function replaceFile(path: string, bytes: Uint8Array): void {
  const next = `${path}.new`;
  const file = openSync(next, 'w', OWNER_ONLY);
  writeSync(file, bytes);
  fsyncSync(file);
  closeSync(file);
  renameSync(next, path);
  syncFolder(path);
}
