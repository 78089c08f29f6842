import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { FieldError, list, oneOf, type ReadBy, type Reader, record, text, whole } from '../fields.ts';

const U32 = 2 ** 32 - 1;
const MINUTES = 1440;

/** From a minute of the day to another, the second not included. */
const span: Reader<readonly [number, number]> = (value, field) => {
  if (!Array.isArray(value) || value.length !== 2) throw new FieldError(field, 'two minutes of the day: from, to');
  const from = whole(0, MINUTES - 1)(value[0], `${field}[0]`);
  return [from, whole(from + 1, MINUTES)(value[1], `${field}[1]`)];
};
/** Monday to Sunday, and public holidays. */
const DAYS = 8;
const week: Reader<(readonly (readonly [number, number])[])[]> = (value, field) => {
  const days = list(list(span, 8), DAYS)(value, field);
  if (days.length !== DAYS) throw new FieldError(field, `${DAYS} days: Monday to Sunday, holidays`);
  return days;
};
const day = text(/^\d{4}-\d\d-\d\d$/, 'a day yyyy-mm-dd');

const doorSettings = record({
  /** Open time, ms; 0: the device's own. */
  o: whole(0, 600_000),
  /** Open longer than this is reported as held, ms; 0: the device's own. */
  h: whole(0, 3_600_000),
  /** Schedule during which the door stands unlocked; 0: never. */
  u: whole(0, 255),
  /** 1: it stands unlocked only after the first card of the span. */
  f: oneOf(0, 1),
  /** Schedule during which a card needs its PIN; 0: never. */
  p: whole(0, 255),
  /** Bits of doors of the same device that must be closed and locked first. */
  i: whole(0, 255),
  /** A card that went in does not come in again for so many minutes; 0: it may. `x` 1: it is refused, 0: only noted. */
  a: whole(0, MINUTES),
  x: oneOf(0, 1),
  /** Lockdown until, epoch ms; 0: none. */
  k: whole(0, Number.MAX_SAFE_INTEGER),
});
/** How one door of a device works: settings that travel with its list. */
export type DoorSettings = ReadBy<typeof doorSettings>;

/** A schedule, as it travels: its number and the spans of each day. */
const schedule = record({ s: whole(1, 255), w: week });

/** The header of an access list, JSON. What it says is explained in docs/controller-protocol.md, `acl/want`. */
export const listHeader = record({
  v: oneOf(1),
  /** The device it is for. */
  d: text(/^[a-z0-9][a-z0-9-]{0,23}$/, 'a device id'),
  e: whole(0, U32),
  n: whole(0, U32),
  until: whole(0, Number.MAX_SAFE_INTEGER),
  count: whole(0, 20_000),
  of: whole(0, 1000),
  dig: text(/^[0-9a-f]{64}$/, '64 lower-case hex digits'),
  doors: list(doorSettings, 8),
  /** Minutes the schedules' time is ahead of UTC. */
  tz: whole(-720, 840),
  sched: list(schedule, 32),
  hol: list(day, 400),
  work: list(day, 200),
});
/** The header of an access list. */
export type ListHeader = ReadBy<typeof listHeader>;

/** Ed25519 (RFC 8032): what stands in front of 32 raw bytes in PKCS #8 and in SubjectPublicKeyInfo (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;
/** The signature is in hex after the last line feed: 64 bytes. */
const TAIL = 1 + 128;
/** In front of what is signed, so that a signature over a list is one over nothing else. */
const CONTEXT = Buffer.from('doorbook/list/1\n');

/** Signs headers of lists, and the key they are checked with. */
export interface ListSigner {
  /** 64 hex digits. */
  readonly publicKey: string;
  /** The header with its signature, to be sealed. */
  sign(header: Uint8Array): Buffer;
}

/** A signer with a 32-byte private key. RangeError for another length. */
export function listSigner(seed: Uint8Array): ListSigner {
  if (seed.length !== KEY_BYTES) throw new RangeError(`list key: expected ${KEY_BYTES} bytes, got ${seed.length}`);
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  return {
    publicKey: createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI.length).toString('hex'),
    sign: (header) => Buffer.concat([header, Buffer.from(`\n${sign(null, Buffer.concat([CONTEXT, header]), key).toString('hex')}`)]),
  };
}

/** A key that checks headers. `publicKey`: 64 hex digits. Throws FieldError when it is none. */
export function listVerifier(publicKey: string): KeyObject {
  if (!/^[0-9a-f]{64}$/.test(publicKey)) throw new FieldError('list', 'a public key of 64 lower-case hex digits');
  return createPublicKey({ key: Buffer.concat([SPKI, Buffer.from(publicKey, 'hex')]), format: 'der', type: 'spki' });
}

/** The header in a signed body, still JSON; undefined when the signature is not the site's. */
export function openHeader(signed: Uint8Array, key: KeyObject): Buffer | undefined {
  const bytes = Buffer.from(signed.buffer, signed.byteOffset, signed.length);
  const header = bytes.subarray(0, Math.max(0, bytes.length - TAIL));
  const tail = bytes.toString('latin1', header.length);
  if (!/^\n[0-9a-f]{128}$/.test(tail)) return undefined;
  return verify(null, Buffer.concat([CONTEXT, header]), key, Buffer.from(tail.slice(1), 'hex')) ? header : undefined;
}
