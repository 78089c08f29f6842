import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadKeys } from '../../gateway/store/keys.ts';
import { findings } from '../repo/files.ts';
import { SECRET } from './secret-pattern.ts';

/** In public standards and examples: 00 01 02 … and a known answer of the key derivation from it, and the secret of RFC 6238's appendix. */
const KNOWN = [
  '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
  '2d953c7b4bbc81e2ec17e1f2ad74d9c464e883773085c534d47eec86e9cf1ec6',
  'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
];

/** Class "secret in app or code" (security.md 3): Chirp, CVE-2024-2197. The built bundles are in bundles.slow.test.ts. */
describe('no secret is in the sources', () => {
  test('the pattern finds what it is for', () => {
    const letters = 'q7Zx9KdP2mVb4RtYw8LsJ3nHf6GcA1eU';
    const planted = [
      ['-----BEGIN PRIVATE', ' KEY-----'].join(''),
      `dbk_${letters}${letters.slice(0, 11)}`,
      `AKIA${'ABCDEFGH12345678'}`,
      `password: '${letters}'`,
      `apiKey = "${letters}"`,
      `Authorization: Bearer ${letters}`,
      `ghp_${letters}abcd`,
    ];
    for (const text of planted) expect(text, text.slice(0, 12)).toMatch(SECRET);
    for (const text of ["password: 'unused'", 'const token = newToken();', "passwordHash: ''", 'secret: row.secretSealed']) expect(text).not.toMatch(SECRET);
  });

  test('of any kind', () => {
    expect(findings(SECRET).filter((each) => !KNOWN.some((value) => each.includes(value)))).toEqual([]);
  });
});

/** All windows of eight bytes in a folder's key material. */
function windows(dir: string): Set<string> {
  const found = new Set<string>();
  for (const name of readdirSync(dir)) {
    const secrets = [...readFileSync(path.join(dir, name), 'utf8').matchAll(/[0-9a-f]{64}/g)].map(([hex]) => hex);
    for (const hex of secrets) for (let at = 0; at + 16 <= hex.length; at += 2) found.add(hex.slice(at, at + 16));
  }
  return found;
}

test('two installs share no key, nor eight bytes of one', () => {
  const homes = [0, 1].map(() => mkdtempSync(path.join(tmpdir(), 'doorbook-keys-')));
  const [a = new Set<string>(), b = new Set<string>()] = homes.map((home) => {
    loadKeys(path.join(home, 'keys'));
    return windows(path.join(home, 'keys'));
  });
  for (const home of homes) rmSync(home, { recursive: true, force: true });
  expect(a.size).toBeGreaterThan(50);
  expect([...a].filter((window) => b.has(window))).toEqual([]);
});
