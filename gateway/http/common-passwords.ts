import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Made by scripts/prepare.mjs; seen from dist/gateway/http and from the sources. */
const PLACES = ['../../common-passwords.txt', '../../dist/common-passwords.txt'].map((place) => fileURLToPath(new URL(place, import.meta.url)));

let known: ReadonlySet<string> | undefined;

/** Some 49,000 passwords that people use and thieves try first, in lower case, the most common first. Throws when the build did not make the list. */
export function commonPasswords(): ReadonlySet<string> {
  if (known !== undefined) return known;
  const file = PLACES.find((place) => existsSync(place));
  if (file === undefined) throw new Error('dist/common-passwords.txt is missing: run npm run build.');
  known = new Set(readFileSync(file, 'utf8').split('\n'));
  return known;
}
