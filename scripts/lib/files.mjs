import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { root } from './root.mjs';

const NOT_OURS = new Set(['node_modules', 'dist', 'data', 'reports', 'generated', '.git']);

/** Breaches that the checks plant to see whether they are caught; never part of the project. */
const PLANTED = /(^|\/)planted-\d+-[^/]*$/;

/**
 * Files below a folder or the file itself, paths from the root, sorted. Links are followed; a missing place is empty.
 * @param {string} place path from the root
 * @param {RegExp} [name] which file names
 * @param {Set<string>} [skip] folder names not to enter
 * @returns {string[]}
 */
export function walk(place, name = /./, skip = NOT_OURS) {
  const found = statSync(path.join(root, place), { throwIfNoEntry: false });
  if (!found) return [];
  if (found.isFile()) return name.test(path.basename(place)) && !PLANTED.test(place) ? [place] : [];
  if (!found.isDirectory()) return [];
  const names = readdirSync(path.join(root, place)).filter((entry) => !skip.has(entry));
  return names.sort().flatMap((entry) => walk(place === '.' ? entry : `${place}/${entry}`, name, skip));
}

/** SHA-256 over names and contents, hex. A file that vanished in between counts as absent. */
export function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    const full = path.join(root, file);
    hash
      .update(`${file}\0`)
      .update(existsSync(full) ? readFileSync(full) : 'absent')
      .update('\0');
  }
  return hash.digest('hex');
}

/** SHA-256 over names and sizes, hex: enough to see that something built was deleted or cut short. */
export function shapeOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file} ${statSync(path.join(root, file), { throwIfNoEntry: false })?.size ?? 'absent'}\0`);
  return hash.digest('hex');
}

/** All files of the project: those git knows or would add; without git, those that are not built or installed. */
export function projectFiles() {
  if (!existsSync(path.join(root, '.git'))) return walk('.');
  const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 });
  return listed
    .split('\0')
    .filter((file) => file !== '' && !PLANTED.test(file) && existsSync(path.join(root, file)))
    .sort();
}

/** The hand-written TypeScript and Svelte of the product: what the import rules and the measures look at. */
export function productFiles() {
  return projectFiles().filter((file) => /^(gateway|firmware-sim|console)\/.*\.(ts|svelte)$/.test(file) && !file.endsWith('.d.ts'));
}
