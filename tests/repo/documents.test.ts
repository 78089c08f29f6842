import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { root, texts } from './files.ts';

const documents = texts().filter(({ file }) => file.endsWith('.md'));

test('every link between documents leads somewhere', () => {
  const dead = documents.flatMap(({ file, text }) => {
    const targets = [...text.matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].map((match) => match[1] ?? '').filter((target) => !/^\w+:/.test(target));
    return targets.filter((target) => !existsSync(path.join(root, path.dirname(file), target))).map((target) => `${file} → ${target}`);
  });
  expect(dead).toEqual([]);
});

test('every npm command a document names exists', () => {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const named = documents.flatMap(({ file, text }) => [...text.matchAll(/\bnpm run ([a-z][a-z:-]*)/g)].map((match) => ({ file, command: match[1] ?? '' })));
  expect(named.filter(({ command }) => !(command in scripts))).toEqual([]);
});
