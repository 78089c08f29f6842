import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const CORPUS = path.join(import.meta.dirname, 'corpus');
/** Where a run leaves what it found: not part of the tree. */
const FINDINGS = path.join(import.meta.dirname, '../../reports/fuzz');

/** Kept inputs of a target, in the order of their names. What a file's name says is why it is kept. */
export function corpusOf(target: string): { readonly name: string; readonly bytes: Buffer }[] {
  const folder = path.join(CORPUS, target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => ({ name, bytes: readFileSync(path.join(folder, name)) }));
}

/** Writes an input down and says where. `kept`: among those that come with the project. */
export function keep(target: string, bytes: Uint8Array, kept = false): string {
  const folder = path.join(kept ? CORPUS : FINDINGS, target);
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.bin`);
  writeFileSync(file, bytes);
  return file;
}
