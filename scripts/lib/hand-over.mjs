import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './root.mjs';

/**
 * Goes on as `node FILE args…`, in this very process: signals, exit code, standard streams and `kill -9` reach the
 * program itself, with no parent in between that could be killed and leave it running.
 * @param {string} file path from the root
 * @param {string[]} args
 */
export async function handOver(file, args) {
  const full = path.join(root, file);
  process.argv = [process.execPath, full, ...args];
  await import(pathToFileURL(full).href);
}
