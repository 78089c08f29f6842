import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { putRandom } from '../journal/random-pool.ts';
import { canonicalReading, MAX_READING_BITS } from '../wire/mqtt/list.ts';
import { codeBytes } from '../wire/mqtt/pin.ts';
import { type NumberedKey, readKeys, type VaultKeys } from './keys.ts';
import { StoreError } from './sqlite.ts';

/** What is sealed. The name is bound into the seal: bytes moved to another field do not open there. */
export type SealedField =
  | 'person.name'
  | 'person.document'
  | 'person.phone'
  | 'person.birth'
  | 'controller.secret'
  | 'line.key'
  | 'credential.value'
  | 'import.body'
  | 'account.name'
  | 'factor.secret'
  | 'factor.label'
  | 'outbox.body'
  | 'answer.body'
  | 'act.body'
  | 'act.reason'
  | 'purpose.reason'
  | 'hold.reason'
  | 'request.body'
  | 'request.answer'
  | 'assessment.body'
  | 'moveOut.basis'
  | 'alarm.note'
  | 'sheet.body'
  | 'photo.image'
  | 'filing.title'
  | 'filing.reason';
/** What is searched by keyed hash. Documents are hashed as `type:number`, phones as E.164; `holder` is the natural person behind accounts, `term` a search term of a person, `request` all that a request says. */
export type HashKind = 'document' | 'phone' | 'holder' | 'term' | 'request';

/** A credential as a reader gave it: data bits, and the value in hex, most significant byte first. */
export interface Reading {
  readonly bits: number;
  readonly hex: string;
}

/** Bytes for the database: own buffer, as the drivers take it. */
type Stored = Uint8Array<ArrayBuffer>;

export interface Vault {
  seal(field: SealedField, text: string): Stored;
  sealBytes(field: SealedField, bytes: Uint8Array): Stored;
  /** Throws StoreError when the bytes were sealed under another key or field, or were changed. */
  open(field: SealedField, sealed: Uint8Array): string;
  openBytes(field: SealedField, sealed: Uint8Array): Uint8Array;
  /** Equality search without the text: the first 16 bytes (of a term 8) of HMAC-SHA-256 over kind, 0, normalised text. For writing. */
  hash(kind: HashKind, normalised: string): Stored;
  /** For looking up: under the newest key, and while keys are being changed also under the one before. */
  hashes(kind: 'document' | 'phone' | 'term', normalised: string): Stored[];
  /** What the access index knows a credential by: the first 12 bytes of HMAC-SHA-256 over its canonical bytes. */
  fingerprint(reading: Reading): Stored;
  /** Number of the key that is used for search hashes now. */
  readonly hashKey: number;
  /** What a value sealed now begins with: by it one sealed under an older key is told. */
  readonly sealHead: Stored;
  /** More than one key of a kind is in use: what the older one made is to be made anew. */
  readonly changing: boolean;
  /** Reads the key files again. A value under a key that is not known yet makes it happen by itself. */
  refresh(): void;
}

/** Sealed values: version 1 is `1 ‖ nonce ‖ body ‖ tag` under key 1, version 2 `2 ‖ key number u16 ‖ nonce ‖ body ‖ tag`. */
const SEAL_VERSION = 2;
const HEAD_BYTES = 3;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HASH_BYTES = 16;
const TERM_BYTES = 8;
/** Kinds whose text the register keeps sealed, so that they can be hashed anew under another key. */
const RENEWED: ReadonlySet<HashKind> = new Set(['document', 'phone', 'term']);
const FINGERPRINT_BYTES = 12;

/** Canonical bytes of a reading, however its hex is written: width byte, then the value (wire/mqtt/list.ts). Throws RangeError for an impossible reading. */
export function readingBytes(reading: Reading): Stored {
  const { bits, hex } = reading;
  if (!Number.isInteger(bits) || bits < 1 || bits > MAX_READING_BITS) throw new RangeError(`bits: expected a whole number from 1 to ${MAX_READING_BITS}, got ${bits}`);
  if (!/^[0-9A-Fa-f]{1,64}$/.test(hex)) throw new RangeError('hex: expected 1 to 64 hex digits');
  const bytes = canonicalReading({ w: bits, x: hex.replace(/^0+/, '').padStart(Math.ceil(bits / 8) * 2, '0') });
  if (bytes === undefined) throw new RangeError(`hex: expected a value of at most ${bits} bits`);
  return Uint8Array.from(bytes);
}

const ASSOCIATED = new Map<SealedField, Buffer>();
/** Made once for each field: a district seals millions of values. */
function associated(field: SealedField): Buffer {
  const made = ASSOCIATED.get(field) ?? Buffer.from(`doorbook/register/${field}`);
  ASSOCIATED.set(field, made);
  return made;
}

function headOf(n: number): Buffer {
  const head = Buffer.of(SEAL_VERSION, 0, 0);
  head.writeUInt16BE(n, 1);
  return head;
}

function sealWith({ n, key }: NumberedKey, field: SealedField, plain: Uint8Array): Stored {
  const made = new Uint8Array(HEAD_BYTES + NONCE_BYTES + plain.length + TAG_BYTES);
  made.set(headOf(n));
  putRandom(made, HEAD_BYTES, NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, made.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES)).setAAD(associated(field));
  made.set(cipher.update(plain), HEAD_BYTES + NONCE_BYTES);
  cipher.final();
  made.set(cipher.getAuthTag(), made.length - TAG_BYTES);
  return made;
}

/** Number of the key, and what follows it; undefined for what is no sealed value. */
function parted(sealed: Uint8Array): { readonly n: number; readonly rest: Uint8Array } | undefined {
  const [version, high = 0, low = 0] = sealed;
  const head = version === 1 ? 1 : version === SEAL_VERSION ? HEAD_BYTES : undefined;
  if (head === undefined || sealed.length < head + NONCE_BYTES + TAG_BYTES) return undefined;
  return { n: version === 1 ? 1 : high * 256 + low, rest: sealed.subarray(head) };
}

function openWith(key: Uint8Array, field: SealedField, rest: Uint8Array): Uint8Array {
  const end = rest.length - TAG_BYTES;
  const decipher = createDecipheriv('aes-256-gcm', key, rest.subarray(0, NONCE_BYTES)).setAAD(associated(field)).setAuthTag(rest.subarray(end));
  try {
    return Buffer.concat([decipher.update(rest.subarray(NONCE_BYTES, end)), decipher.final()]);
  } catch {
    throw new StoreError(`${field}: the value does not open with this gateway's keys, or was changed.`);
  }
}

const mac = (key: Uint8Array, data: string | Uint8Array, bytes: number): Stored => new Uint8Array(createHmac('sha256', key).update(data).digest().subarray(0, bytes));

/** Sealing and hashing of personal data under the gateway's keys. Holds the keys alone, and reads their file again when they changed. */
export function createVault(given: VaultKeys): Vault {
  let keys = given;
  // What is hashed and not kept must outlast a change of keys: whose account is whose, and what a request said.
  const lasting = Buffer.from(hkdfSync('sha256', given.fingerprint, '', 'doorbook/lasting-hash/1', 32));
  /** Numbers no key was found for: the file is read once for each. */
  const unknown = new Set<number>();

  function refresh(): void {
    if (given.dir !== undefined) keys = readKeys(given.dir);
  }
  function keyOf(n: number): Uint8Array | undefined {
    const found = keys.vault.find((each) => each.n === n)?.key;
    if (found !== undefined || unknown.has(n)) return found;
    unknown.add(n);
    refresh();
    return keys.vault.find((each) => each.n === n)?.key;
  }
  function openBytes(field: SealedField, sealed: Uint8Array): Uint8Array {
    const parts = parted(sealed);
    if (parts === undefined) throw new StoreError(`${field}: this is not a sealed value.`);
    const key = keyOf(parts.n);
    if (key === undefined) throw new StoreError(`${field}: the value is sealed under key ${parts.n}, which this gateway does not have.`);
    return openWith(key, field, parts.rest);
  }
  const hashUnder = (key: Uint8Array, kind: HashKind, text: string): Stored => mac(key, `${kind}\0${text}`, kind === 'term' ? TERM_BYTES : HASH_BYTES);
  return {
    seal: (field, text) => sealWith(keys.vault[0], field, Buffer.from(text)),
    sealBytes: (field, bytes) => sealWith(keys.vault[0], field, bytes),
    open: (field, sealed) => Buffer.from(openBytes(field, sealed)).toString('utf8'),
    openBytes,
    hash: (kind, text) => hashUnder(RENEWED.has(kind) ? keys.hash[0].key : lasting, kind, text),
    hashes: (kind, text) => keys.hash.map(({ key }) => hashUnder(key, kind, text)),
    fingerprint: (reading) => mac(given.fingerprint, codeBytes(reading) ?? readingBytes(reading), FINGERPRINT_BYTES),
    get hashKey() {
      return keys.hash[0].n;
    },
    get sealHead() {
      return Uint8Array.from(headOf(keys.vault[0].n));
    },
    get changing() {
      return keys.vault.length > 1 || keys.hash.length > 1;
    },
    refresh,
  };
}
