import { readFileSync } from 'node:fs';
import path from 'node:path';
import { projectFiles } from '../../scripts/lib/files.mjs';

/** The folder that holds package.json. */
export const root = path.resolve(import.meta.dirname, '../..');

const BINARY = /\.(png|jpe?g|gif|webp|ico|woff2?|wasm|sqlite|bin|pdf|xlsx)$/;

/** Every text file of the project but the lockfile, with its text in one form of digits and letters (full-width ones too). */
export function texts(): { file: string; text: string }[] {
  return projectFiles()
    .filter((file) => !BINARY.test(file) && file !== 'package-lock.json')
    .map((file) => ({ file, text: readFileSync(path.join(root, file), 'utf8').normalize('NFKC') }));
}

/** "file:line found" for every match in the project's texts that `wrong` says is one. */
export function findings(pattern: RegExp, wrong: (match: RegExpExecArray) => boolean = () => true): string[] {
  const all = new RegExp(pattern.source, `${pattern.flags.replace('g', '')}g`);
  return texts().flatMap(({ file, text }) => {
    const found: string[] = [];
    for (const match of text.matchAll(all)) {
      if (wrong(match)) found.push(`${file}:${text.slice(0, match.index).split('\n').length} ${match[0].trim()}`);
    }
    return found;
  });
}
