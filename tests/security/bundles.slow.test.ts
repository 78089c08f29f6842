import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../repo/files.ts';
import { SECRET } from './secret-pattern.ts';

/** Class "secret in app or code" (security.md 3), in what is sent to browsers. */
const BUILT = path.join(root, 'dist/console');
const built = (): { file: string; text: string }[] =>
  readdirSync(BUILT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({ file: entry.name, text: readFileSync(path.join(entry.parentPath, entry.name), 'latin1') }));

test('the built console holds no secret, no path of the machine it was built on, and no name of a server module', () => {
  expect(existsSync(path.join(BUILT, 'index.html'))).toBe(true);
  const bundles = built();
  expect(bundles.filter(({ file }) => file.endsWith('.js')).length).toBeGreaterThan(1);
  for (const { file, text } of bundles) {
    expect(SECRET.exec(text)?.[0], file).toBeUndefined();
    expect(text.includes(root), file).toBe(false);
    expect(/better-sqlite3|node:crypto|journalRoot|secretSealed/.exec(text)?.[0], file).toBeUndefined();
  }
});

test('nothing but the console is in the folder that is served', () => {
  const names = built().map(({ file }) => file);
  expect(names.filter((name) => !/\.(html|js|css|svg|png|woff2?|webmanifest)$/.test(name))).toEqual([]);
});
