import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Kept, keyFile } from './key-file.ts';
import { StoreError } from './sqlite.ts';

/** A key with the number that what it sealed carries. Numbers rise and are not used again. */
export interface NumberedKey {
  readonly n: number;
  /** 32 random bytes. */
  readonly key: Uint8Array;
}

/** Keys of one use, newest first. The first is used for what is made now; the others only open what is older. Never empty. */
export type KeyRing = readonly [NumberedKey, ...NumberedKey[]];

/** What the vault needs. Without `dir` it never looks for newer keys. */
export interface VaultKeys {
  /** Seal personal data in the register. */
  readonly vault: KeyRing;
  /** Search hashes: document and phone numbers, search terms. */
  readonly hash: KeyRing;
  /** Fingerprints of credentials. Stays for good: what decides at the doors knows cards by it. */
  readonly fingerprint: Uint8Array;
  /** Folder they were read from. */
  readonly dir?: string;
}

/** The root keys of a gateway. They never leave the machine but in the operator's own backup. */
export interface Keys extends VaultKeys {
  readonly dir: string;
  /** Wraps the day and person keys of the journal. */
  readonly journalRoot: Uint8Array;
}

type VaultFile = Kept & Omit<VaultKeys, 'dir'>;
/** The one in use first; a second, the next, only while entries are being destroyed (gateway/journal/slot-rewrap.ts). */
type RootFile = Kept & { readonly roots: readonly Uint8Array[] };

const KEY_BYTES = 32;
const FORMATS = { old: 'doorbook-keys/1', keys: 'doorbook-keys/2', root: 'doorbook-root/1' } as const;
/** The databases these keys belong to, in the folder above the keys. */
const DATABASES = ['register.sqlite', 'journal.sqlite'];

const hex = (key: Uint8Array): string => Buffer.from(key).toString('hex');
const bytes = (text: unknown): Uint8Array => Buffer.from(String(text), 'hex');
const isKey = (key: Uint8Array): boolean => key.length === KEY_BYTES;
const digest = (body: string): string => createHash('sha256').update(body).digest('hex');
const ringText = (ring: KeyRing): { n: number; key: string }[] => ring.map(({ n, key }) => ({ n, key: hex(key) }));
const withCheck = (body: object): string => `${JSON.stringify({ ...body, check: digest(JSON.stringify(body)) }, undefined, 2)}\n`;

/** The object in the text, when it is one of this format and its check is right. */
function checked(text: string, format: string): Record<string, unknown> | undefined {
  try {
    const { check, ...body }: Record<string, unknown> = Object(JSON.parse(text));
    return body['format'] === format && check === digest(JSON.stringify(body)) ? body : undefined;
  } catch {
    return undefined;
  }
}

function ringOf(list: unknown): KeyRing | undefined {
  const [first, ...rest] = Array.isArray(list) ? list.map((each): NumberedKey => ({ n: Number(Object(each).n), key: bytes(Object(each).key) })) : [];
  return first !== undefined && [first, ...rest].every(({ n, key }) => n > 0 && isKey(key)) ? [first, ...rest] : undefined;
}

/** The first format: one key of each kind in one file, without numbers. */
function decodeOld(text: string): (VaultFile & { readonly root: Uint8Array }) | undefined {
  try {
    const parsed: Record<string, unknown> = Object(JSON.parse(text));
    const [vault, hash, fingerprint, root] = ['vault', 'hash', 'fingerprint', 'journalRoot'].map((name) => bytes(parsed[name]));
    if (vault === undefined || hash === undefined || fingerprint === undefined || root === undefined) return undefined;
    const all = [vault, hash, fingerprint, root];
    const check = all.reduce((sum, key) => sum.update(key), createHash('sha256').update(FORMATS.old)).digest('hex');
    if (parsed['format'] !== FORMATS.old || parsed['check'] !== check || !all.every(isKey)) return undefined;
    return { generation: 0, vault: [{ n: 1, key: vault }], hash: [{ n: 1, key: hash }], fingerprint, root };
  } catch {
    return undefined;
  }
}

const vaultFile = keyFile<VaultFile & { readonly root?: Uint8Array }>({
  names: ['keys.json', 'keys-mirror.json'],
  encode: ({ generation, vault, hash, fingerprint }) =>
    withCheck({ format: FORMATS.keys, generation, vault: ringText(vault), hash: ringText(hash), fingerprint: hex(fingerprint) }),
  decode(text) {
    const body = checked(text, FORMATS.keys);
    if (body === undefined) return decodeOld(text);
    const [vault, hash, fingerprint] = [ringOf(body['vault']), ringOf(body['hash']), bytes(body['fingerprint'])];
    return vault && hash && isKey(fingerprint) ? { generation: Number(body['generation']), vault, hash, fingerprint } : undefined;
  },
});

const rootFile = keyFile<RootFile>({
  names: ['root.json', 'root-mirror.json'],
  encode: ({ generation, roots }) => withCheck({ format: FORMATS.root, generation, roots: roots.map(hex) }),
  decode(text) {
    const body = checked(text, FORMATS.root);
    const roots = Array.isArray(body?.['roots']) ? body['roots'].map(bytes) : [];
    return body !== undefined && roots.length > 0 && roots.every(isKey) ? { generation: Number(body['generation']), roots } : undefined;
  },
});

/** Keys for a site that has none yet. Refused once a database exists: new keys would make all of it unreadable. */
function makeKeys(dir: string): void {
  const orphan = DATABASES.find((name) => existsSync(path.join(path.dirname(dir), name)));
  if (orphan !== undefined) throw new StoreError(`${orphan} is there but its keys are not. Restore the folder ${dir} from the backup made with ${orphan}.`);
  const key = (): Uint8Array => randomBytes(KEY_BYTES);
  rootFile.write(dir, { generation: 1, roots: [key()] });
  vaultFile.write(dir, { generation: 1, vault: [{ n: 1, key: key() }], hash: [{ n: 1, key: key() }], fingerprint: key() });
}

const damaged = (dir: string): StoreError => new StoreError(`The key files in ${dir} are damaged. Restore this folder from a backup; the databases cannot be read without it.`);

/** What both files hold now, without writing anything: for threads that own neither. Throws StoreError. */
export function readKeys(dir: string): Keys {
  const { best } = vaultFile.find(dir);
  const journalRoot = rootFile.find(dir).best?.roots[0] ?? best?.root;
  if (best === undefined || journalRoot === undefined) throw damaged(dir);
  return { vault: best.vault, hash: best.hash, fingerprint: best.fingerprint, journalRoot, dir };
}

/**
 * The gateway's root keys from `DATA/keys`, made at the first start; keys of the first format are taken over. For the
 * main thread, before the others run. Each file is kept twice; a lost or damaged copy is made good from the other.
 * Throws StoreError, saying what to restore, when neither copy can be used, when the two disagree, or when a database
 * is there without keys.
 */
export function loadKeys(dir: string): Keys {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  const found = vaultFile.find(dir);
  if (found.best === undefined) {
    if (found.there) throw damaged(dir);
    makeKeys(dir);
  } else if (found.best.root !== undefined) {
    // The root first: until it is in its own file the old file is the only one that has it.
    if (!rootFile.find(dir).there) rootFile.write(dir, { generation: 1, roots: [found.best.root] });
    vaultFile.write(dir, { ...found.best, generation: 1 });
  }
  vaultFile.settle(dir);
  if (rootFile.settle(dir).best === undefined) throw damaged(dir);
  return readKeys(dir);
}

/** For the desk side, which owns the vault's keys: makes a copy good that a crash left behind, and reads them. */
export function ownVaultKeys(dir: string): Keys {
  vaultFile.settle(dir);
  return readKeys(dir);
}

const next = ([newest, ...older]: KeyRing): KeyRing => [{ n: newest.n + 1, key: randomBytes(KEY_BYTES) }, newest, ...older];

/** New keys for sealing and for search hashes, used from now on; the old ones stay for what they made. On disk in both copies when it returns. */
export function addVaultKeys(dir: string): void {
  const { best } = vaultFile.settle(dir);
  if (best === undefined) throw damaged(dir);
  vaultFile.write(dir, { ...best, generation: best.generation + 1, vault: next(best.vault), hash: next(best.hash) });
}

/** Forgets all but the newest keys for sealing and for search hashes: what only the others open is lost. */
export function dropOldVaultKeys(dir: string): void {
  const { best } = vaultFile.settle(dir);
  if (best === undefined) throw damaged(dir);
  vaultFile.write(dir, { ...best, generation: best.generation + 1, vault: [best.vault[0]], hash: [best.hash[0]] });
}

/** The journal's root key, and while entries are being destroyed the next one behind it. Undefined when the folder has no root file. */
export const readRoots = (dir: string): readonly Uint8Array[] | undefined => rootFile.find(dir).best?.roots;

/** For the journal writer, which owns the file: a copy that a crash left behind is made good, then both hold these roots. */
export function writeRoots(dir: string, roots: readonly Uint8Array[]): void {
  const { best } = rootFile.settle(dir);
  rootFile.write(dir, { generation: (best?.generation ?? 0) + 1, roots });
}
