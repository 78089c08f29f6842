import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from './files.ts';

const text = readFileSync(path.join(root, 'docs/security/asvs.md'), 'utf8');
const rows = text
  .split('\n')
  .map((line) => /^\| (\d+\.\d+\.\d+) \| (.+?) \| (.+?) \| (.+?) \|$/.exec(line))
  .flatMap((match) => (match === null ? [] : [{ id: match[1] ?? '', asked: match[2] ?? '', state: match[3] ?? '', evidence: match[4] ?? '' }]));
const filesOf = (evidence: string): string[] =>
  [...evidence.matchAll(/`([^`\s]+)`/g)].map(([, name]) => name ?? '').filter((name) => /^[\w.-]+(?:\/[\w.-]+)*\.(?:tsx?|svelte|md|json|mjs)$/.test(name));

/** Rows of levels 1 and 2 in each chapter of the standard; OAuth (10) and WebRTC (17) are left out. */
const CHAPTERS: Readonly<Record<string, number>> = { 1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16 };

describe('docs/security/asvs.md', () => {
  test('has the 217 rows of level 2, each once, in the standard’s order', () => {
    expect(rows).toHaveLength(217);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(217);
    const inChapter = (chapter: string): number => rows.filter(({ id }) => id.startsWith(`${chapter}.`)).length;
    expect(Object.fromEntries(Object.keys(CHAPTERS).map((chapter) => [chapter, inChapter(chapter)]))).toEqual(CHAPTERS);
    const order = (id: string): number => id.split('.').reduce((sum, part) => sum * 100 + Number(part), 0);
    expect(rows.map(({ id }) => id)).toEqual([...rows].sort((a, b) => order(a.id) - order(b.id)).map(({ id }) => id));
  });

  test('names only files that exist', () => {
    expect(rows.flatMap(({ id, evidence }) => filesOf(evidence).map((file) => ({ id, file }))).filter(({ file }) => !existsSync(path.join(root, file)))).toEqual([]);
  });

  test.each(rows)('$id: $asked', ({ state, evidence }) => {
    expect(['met', 'not applicable', 'not yet', 'not met']).toContain(state);
    if (state === 'met') expect(filesOf(evidence).length).toBeGreaterThan(0);
    else expect(evidence.replace(/`[^`]*`/g, '').trim().length).toBeGreaterThanOrEqual(6);
    if (state === 'not yet') expect(evidence).toMatch(/^issue \d+: /);
  });

  test('counts itself right', () => {
    const counted = (state: string): number => rows.filter((row) => row.state === state).length;
    expect(text).toContain(`${counted('met')} met, ${counted('not applicable')} not applicable, ${counted('not yet')} not yet, ${counted('not met')} not met`);
  });
});
