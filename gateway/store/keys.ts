import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { replaceFile } from './durable-file.ts';
import { StoreError } from './sqlite.ts';

/** The four root keys of a gateway, 32 random bytes each. They never leave the machine but in the operator's own backup. */
export interface Keys {
  /** Seals personal data in the register. */
  readonly vault: Uint8Array;
  /** Search hashes of document and phone numbers. */
  readonly hash: Uint8Array;
  /** Fingerprints of credentials. */
  readonly fingerprint: Uint8Array;
  /** Wraps the day and person keys of the journal. */
  readonly journalRoot: Uint8Array;
}

const NAMES = ['vault', 'hash', 'fingerprint', 'journalRoot'] as const;
const KEY_BYTES = 32;
const FORMAT = 'doorbook-keys/1';
/** The databases these keys belong to, in the folder above the keys. */
const DATABASES = ['register.sqlite', 'journal.sqlite'];

const checkOf = (keys: Keys): string => NAMES.reduce((hash, name) => hash.update(keys[name]), createHash('sha256').update(FORMAT)).digest('hex');

function encode(keys: Keys): Uint8Array {
  const hex = Object.fromEntries(NAMES.map((name) => [name, Buffer.from(keys[name]).toString('hex')]));
  return Buffer.from(`${JSON.stringify({ format: FORMAT, ...hex, check: checkOf(keys) }, undefined, 2)}\n`);
}

function decode(text: string): Keys | undefined {
  let parsed: Record<string, unknown>;
  try {
    parsed = Object(JSON.parse(text));
  } catch {
    return undefined;
  }
  const key = (name: string): Uint8Array => Buffer.from(String(parsed[name]), 'hex');
  const keys: Keys = { vault: key('vault'), hash: key('hash'), fingerprint: key('fingerprint'), journalRoot: key('journalRoot') };
  const whole = parsed['format'] === FORMAT && NAMES.every((name) => keys[name].length === KEY_BYTES) && parsed['check'] === checkOf(keys);
  return whole ? keys : undefined;
}

type Found = { readonly file: string; readonly there: boolean; readonly keys: Keys | undefined };

function look(file: string): Found {
  if (!existsSync(file)) return { file, there: false, keys: undefined };
  chmodSync(file, 0o600);
  return { file, there: true, keys: decode(readFileSync(file, 'utf8')) };
}

/** Keys for a site that has none yet. Refused once a database exists: new keys would make all of it unreadable. */
function makeKeys(dir: string, files: readonly string[]): Keys {
  const orphan = DATABASES.find((name) => existsSync(path.join(path.dirname(dir), name)));
  if (orphan !== undefined) throw new StoreError(`${orphan} is there but its keys are not. Restore the folder ${dir} from the backup made with ${orphan}.`);
  const keys: Keys = { vault: randomBytes(KEY_BYTES), hash: randomBytes(KEY_BYTES), fingerprint: randomBytes(KEY_BYTES), journalRoot: randomBytes(KEY_BYTES) };
  for (const file of files) replaceFile(file, encode(keys));
  return keys;
}

/**
 * The gateway's root keys from `DATA/keys`, made at the first start. They are kept twice; a lost or damaged copy
 * is made good from the other. Throws StoreError, saying what to restore, when neither copy can be used, when the
 * two disagree, or when a database is there without keys.
 */
export function loadKeys(dir: string): Keys {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  const found = [look(path.join(dir, 'keys.json')), look(path.join(dir, 'keys-mirror.json'))];
  const good = found.find((copy) => copy.keys !== undefined)?.keys;
  if (good === undefined) {
    if (found.some((copy) => copy.there)) throw new StoreError(`The key files in ${dir} are damaged. Restore this folder from a backup; the databases cannot be read without it.`);
    return makeKeys(
      dir,
      found.map((copy) => copy.file),
    );
  }
  for (const copy of found) {
    if (copy.keys === undefined) replaceFile(copy.file, encode(good));
    else if (checkOf(copy.keys) !== checkOf(good)) throw new StoreError(`The two key files in ${dir} hold different keys. Restore both from the same backup.`);
  }
  return good;
}
