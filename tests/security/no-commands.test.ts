import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { productFiles } from '../../scripts/lib/files.mjs';
import { root } from '../repo/files.ts';

/** Class "command injection" (security.md 3): Mercury, Linear, Akuvox, Hikvision. What cannot be called cannot be injected into. */
const SQL = 'builds SQL that Prisma does not bind';
const FORBIDDEN: readonly (readonly [string, RegExp])[] = [
  ['starts a process', /['"](?:node:)?(?:child_process|cluster)['"]|process\.binding|\bexecSync\b|\bspawn\(/],
  ['runs text as code', /\beval\s*\(|new\s+Function\s*\(|['"](?:node:)?vm['"]|\bsetTimeout\s*\(\s*['"`]|\bimport\s*\(\s*(?!['"`])/],
  ['writes HTML from text', /\{@html|\.innerHTML\b|\.outerHTML\b|insertAdjacentHTML|document\.write/],
  [SQL, /\$(?:queryRawUnsafe|executeRawUnsafe)/],
  ['reads what could hold code', /\b(?:unserialize|deserialize)\s*\(|['"](?:node:)?v8['"]/],
];
/** Where one of these must be, and why it holds no text of anybody. */
const ALLOWED: Readonly<Record<string, string>> = {
  'firmware-sim/board/gpio.ts starts a process':
    'the tools of libgpiod on a board, by name; the one line of shell is constant, and numbers and the name of a chip from its checked settings are arguments',
  [`gateway/store/register.ts ${SQL}`]: 'pragmas of our own list, before anything else',
  [`gateway/store/card-doors.ts ${SQL}`]: 'constant text; values behind ?',
  [`gateway/store/door-rules.ts ${SQL}`]: 'constant text; values behind ?',
  [`gateway/store/people.ts ${SQL}`]: 'text from a fixed set of conditions; every value behind ?',
  [`gateway/store/person-terms.ts ${SQL}`]: 'constant text; values as one JSON behind ?',
  [`gateway/store/roster.ts ${SQL}`]: 'text from a fixed set of conditions and columns; every value behind ?',
  [`gateway/store/rotation.ts ${SQL}`]: 'names of tables and columns from our own list; values behind ?',
  [`gateway/register/revocations.ts ${SQL}`]: 'constant text, no values',
  [`gateway/register/roster-known.ts ${SQL}`]: 'constant text; values behind ?',
  [`gateway/register/import-streets.ts ${SQL}`]: 'constant text; values as one JSON behind ?',
  [`gateway/register/roster-flip.ts ${SQL}`]: 'constant text; values as one JSON behind ?',
};

const found = productFiles().flatMap((file) => {
  const text = readFileSync(path.join(root, file), 'utf8').replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '');
  return FORBIDDEN.filter(([, pattern]) => pattern.test(text)).map(([what]) => `${file} ${what}`);
});

describe('the product', () => {
  test('starts no process, runs no text, writes no HTML and binds all SQL', () => {
    expect(found.filter((each) => !(each in ALLOWED))).toEqual([]);
  });

  test('has no exception that is no longer needed', () => {
    expect(Object.keys(ALLOWED).filter((each) => !found.includes(each))).toEqual([]);
  });

  test('is looked at by patterns that find what they are for', () => {
    const planted = ["import { exec } from 'node:child_process'", 'eval(text)', '{@html name}', 'db.$queryRawUnsafe(sql)', "import v8 from 'node:v8'", 'import(name)'];
    for (const text of planted)
      expect(
        FORBIDDEN.some(([, pattern]) => pattern.test(text)),
        text,
      ).toBe(true);
    expect(FORBIDDEN.some(([, pattern]) => pattern.test("() => import('./pages/Unit.svelte')"))).toBe(false);
  });
});
