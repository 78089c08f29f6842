import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { canonicalReading, MAX_READING_BITS } from '../wire/mqtt/list.ts';
import { StoreError } from './sqlite.ts';

/** What is sealed. The name is bound into the seal: bytes moved to another field do not open there. */
export type SealedField =
  | 'person.name'
  | 'person.document'
  | 'person.phone'
  | 'person.birth'
  | 'controller.secret'
  | 'credential.value'
  | 'import.body'
  | 'account.name'
  | 'factor.secret'
  | 'outbox.body'
  | 'answer.body'
  | 'act.body'
  | 'act.reason'
  | 'purpose.reason'
  | 'hold.reason'
  | 'request.body'
  | 'request.answer'
  | 'assessment.body';
/** What is searched by keyed hash. Documents are hashed as `type:number`, phones as E.164; `holder` is the natural person behind accounts, `term` a search term of a person. */
export type HashKind = 'document' | 'phone' | 'holder' | 'term';

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
  /** Equality search without the text: the first 16 bytes of HMAC-SHA-256 over kind, 0, normalised text. */
  hash(kind: HashKind, normalised: string): Stored;
  /** What the access index knows a credential by: the first 12 bytes of HMAC-SHA-256 over its canonical bytes. */
  fingerprint(reading: Reading): Stored;
}

const SEAL_VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HASH_BYTES = 16;
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

const associated = (field: SealedField): Buffer => Buffer.from(`doorbook/register/${field}`);

function sealWith(key: Uint8Array, field: SealedField, plain: Uint8Array): Stored {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associated(field));
  const body = [cipher.update(plain), cipher.final()];
  return Uint8Array.from(Buffer.concat([Buffer.of(SEAL_VERSION), nonce, ...body, cipher.getAuthTag()]));
}

function openWith(key: Uint8Array, field: SealedField, sealed: Uint8Array): Uint8Array {
  const [body, end] = [1 + NONCE_BYTES, sealed.length - TAG_BYTES];
  if (sealed[0] !== SEAL_VERSION || end < body) throw new StoreError(`${field}: this is not a sealed value.`);
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, body)).setAAD(associated(field)).setAuthTag(sealed.subarray(end));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(body, end)), decipher.final()]);
  } catch {
    throw new StoreError(`${field}: the value does not open with this gateway's keys, or was changed.`);
  }
}

/** Sealing and hashing of personal data under the gateway's keys. Holds no state. */
export function createVault(keys: { readonly vault: Uint8Array; readonly hash: Uint8Array; readonly fingerprint: Uint8Array }): Vault {
  const mac = (key: Uint8Array, data: string | Uint8Array, bytes: number): Stored => Uint8Array.from(createHmac('sha256', key).update(data).digest().subarray(0, bytes));
  const openBytes = (field: SealedField, sealed: Uint8Array): Uint8Array => openWith(keys.vault, field, sealed);
  return {
    seal: (field, text) => sealWith(keys.vault, field, Buffer.from(text)),
    sealBytes: (field, bytes) => sealWith(keys.vault, field, bytes),
    open: (field, sealed) => Buffer.from(openBytes(field, sealed)).toString('utf8'),
    openBytes,
    hash: (kind, normalised) => mac(keys.hash, `${kind}\0${normalised}`, HASH_BYTES),
    fingerprint: (reading) => mac(keys.fingerprint, readingBytes(reading), FINGERPRINT_BYTES),
  };
}
