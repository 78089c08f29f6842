import { createECDH, createHash, type ECDH, hkdfSync, type KeyObject } from 'node:crypto';
import { FieldError, oneOf, type ReadBy, type Reader, record, text, whole } from '../fields.ts';
import { isWireId } from './topics.ts';
import { open, seal } from './seal.ts';

/**
 * Enrolment: a one-time code for the secret of a device. The device makes a key pair on P-256, asks under the code,
 * and is given its identity sealed to that key; asked again with the same key it is given the same. TLS with the
 * gateway's pinned key keeps others out; that the answer is sealed as well means that a code seen later is worth
 * nothing. docs/controller-protocol.md, section 3.
 */

/** Digits and letters that are not taken for one another (Crockford's base 32). */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_LETTERS = 12;
/** A code as it is typed and shown: 60 random bits in three groups of four. */
export type EnrolCode = string;

/** A code out of 12 random bytes; of each five bits count. */
export function codeOf(random: Uint8Array): EnrolCode {
  if (random.length !== CODE_LETTERS) throw new RangeError(`enrolment code: expected ${CODE_LETTERS} random bytes, got ${random.length}`);
  const letters = [...random].map((byte) => ALPHABET[byte & 31]).join('');
  return `${letters.slice(0, 4)}-${letters.slice(4, 8)}-${letters.slice(8)}`;
}

/** The code somebody typed, in the form it is shown in: small letters, O for 0, I and L for 1, and any spaces or hyphens are put right. Undefined when it is none. */
export function readCode(typed: string): EnrolCode | undefined {
  const letters = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  return letters.length === CODE_LETTERS && [...letters].every((letter) => ALPHABET.includes(letter))
    ? `${letters.slice(0, 4)}-${letters.slice(4, 8)}-${letters.slice(8)}`
    : undefined;
}

/** All a controller needs to find the gateway and be let in, once. */
export interface Offer {
  readonly host: string;
  readonly port: number;
  /** SHA-256 of the public key (SubjectPublicKeyInfo) that signs the gateway's certificate, base64url; '' for plain MQTT on loopback. */
  readonly pin: string;
  readonly code: EnrolCode;
}

/** What a controller pins of a public key: SHA-256 of its SubjectPublicKeyInfo (RFC 5280 4.1), base64url. */
export const pinOf = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ format: 'der', type: 'spki' }))
    .digest('base64url');

const PIN = /^[A-Za-z0-9_-]{43}$/;

/** The offer as the text of a QR code, to be pasted as well. */
export const offerText = ({ host, port, pin, code }: Offer): string => `doorbook:enrol?h=${encodeURIComponent(host)}&p=${port}${pin === '' ? '' : `&k=${pin}`}&c=${code}`;

/** Reads an offer. Throws FieldError naming the part that is wrong. */
export function readOffer(given: string): Offer {
  const address = given.trim();
  if (!/^doorbook:enrol\?/i.test(address)) throw new FieldError('offer', 'a text beginning with doorbook:enrol?');
  const parts = new URLSearchParams(address.slice(address.indexOf('?') + 1));
  const [host, port, pin, code] = [parts.get('h') ?? '', Number(parts.get('p')), parts.get('k') ?? '', readCode(parts.get('c') ?? '')];
  if (host === '') throw new FieldError('h', 'the address of the gateway');
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new FieldError('p', 'a port from 1 to 65535');
  if (pin !== '' && !PIN.test(pin)) throw new FieldError('k', 'the pin of the gateway, 43 letters of base64url');
  if (code === undefined) throw new FieldError('c', 'a code of 12 letters and digits');
  return { host, port, pin, code };
}

/** MQTT site level of topics for devices that are not enrolled yet; no site may be called so. */
export const ENROL_SITE = 'enrol';
/** MQTT user name of a device that asks to be enrolled. */
export const ENROL_USER = 'enrol';
const CLIENT = /^new-[0-9a-f]{16}$/;
/** Is this the client id of a device that asks to be enrolled? */
export const isNewcomer = (clientId: string): boolean => CLIENT.test(clientId);
/** Client id of the device with this public key (65 bytes, uncompressed point). */
export const newcomerOf = (publicKey: Uint8Array): string => `new-${createHash('sha256').update(publicKey).digest('hex').slice(0, 16)}`;
/** Where a newcomer asks, and where it is answered. */
export const enrolTopic = (clientId: string, tail: 'ask' | 'given'): string => `ac/1/${ENROL_SITE}/d/${clientId}/${tail}`;

const hex = (bytes: number): Reader<string> => text(new RegExp(`^[0-9a-f]{${2 * bytes}}$`), `${2 * bytes} lower-case hex digits`);
/** P-256, as FIPS 186-5 calls it. */
const CURVE = 'prime256v1';
const POINT_BYTES = 65;
const askMessage = record({
  v: oneOf(1),
  k: hex(POINT_BYTES),
  c: text(/^[0-9A-Z-]{14}$/, 'a code of three groups of four letters and digits'),
  model: text(/^[\x20-\x7e]{1,32}$/, '1 to 32 printable characters'),
  fw: text(/^[\x20-\x7e]{1,32}$/, '1 to 32 printable characters'),
  doors: whole(1, 8),
});
/** What a newcomer asks. `k`: its public key; `c`: the code. */
export type Ask = ReadBy<typeof askMessage>;

/** Why a code is not taken. Each is told to whoever stands before the door. */
export const ENROL_REFUSALS = ['UNKNOWN', 'USED', 'EXPIRED', 'CANCELLED', 'DOORS', 'LATER'] as const;
/** UNKNOWN: no such code. USED: another device had it. EXPIRED. CANCELLED: a newer one was made, or the controller is retired. DOORS: the device has fewer doors than the register gives it. LATER: the gateway cannot store it now. */
export type EnrolRefusal = (typeof ENROL_REFUSALS)[number];

const refusedMessage = record({ v: oneOf(1), r: oneOf(...ENROL_REFUSALS) });
const givenMessage = record({ v: oneOf(1), e: hex(POINT_BYTES), x: text(/^[0-9a-f]{58,2048}$/, 'sealed bytes in hex') });
const identityMessage = record({
  site: text(/^[a-z0-9][a-z0-9-]{0,23}$/, 'a site id'),
  device: text(/^[a-z0-9][a-z0-9-]{0,23}$/, 'a device id'),
  secret: hex(32),
  list: hex(32),
});
/** Who a device is from now on. `secret` and `list`, the key that signs its access lists: 64 hex digits each. */
export type Identity = ReadBy<typeof identityMessage>;
/** The answer to an ask. */
export type Given = { readonly v: 1; readonly r: EnrolRefusal } | ReadBy<typeof givenMessage>;

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    throw new FieldError('body', 'a JSON object');
  }
}

/** The shared secret of a key and somebody's point. Throws FieldError when it is none of the curve. */
function sharedWith(own: ECDH, point: Uint8Array, field: 'k' | 'e'): Buffer {
  try {
    return own.computeSecret(point);
  } catch {
    throw new FieldError(field, 'an uncompressed point of P-256');
  }
}

/** Reads what a newcomer asks. Throws FieldError; the key must be a point of the curve. */
export function readAsk(body: Uint8Array): Ask {
  const ask = askMessage(parsed(body), '');
  const probe = createECDH(CURVE);
  probe.generateKeys();
  sharedWith(probe, Buffer.from(ask.k, 'hex'), 'k');
  return ask;
}

/** Key of one trade: both public keys and the code are in it, so an answer opens for nobody else and nothing else. */
function tradeKey(shared: Uint8Array, device: Uint8Array, gateway: Uint8Array, code: EnrolCode): Buffer {
  const salt = createHash('sha256').update(code).update(device).update(gateway).digest();
  return Buffer.from(hkdfSync('sha256', shared, salt, 'doorbook/enrol/1', 32));
}

/** Seals an identity to the key of an ask. `keys`: the 32-byte private key of this one trade, random. */
export function give({ k, c }: Ask, identity: Identity, privateKey: Uint8Array, nonce?: Uint8Array): Given {
  const own = createECDH(CURVE);
  own.setPrivateKey(privateKey);
  const device = Buffer.from(k, 'hex');
  const key = tradeKey(sharedWith(own, device, 'k'), device, own.getPublicKey(), c);
  const sealed = seal(key, enrolTopic(newcomerOf(device), 'given'), Buffer.from(JSON.stringify(identity)), nonce);
  return { v: 1, e: own.getPublicKey('hex'), x: sealed.toString('hex') };
}

/** Reads the answer on the device's side. Throws FieldError when it is none, or was sealed for somebody else. */
export function take(body: Uint8Array, { privateKey, code }: { readonly privateKey: Uint8Array; readonly code: EnrolCode }): Identity | EnrolRefusal {
  const value = parsed(body);
  if (typeof value === 'object' && value !== null && 'r' in value) return refusedMessage(value, '').r;
  const { e, x } = givenMessage(value, '');
  const own = createECDH(CURVE);
  own.setPrivateKey(privateKey);
  const [device, gateway] = [own.getPublicKey(), Buffer.from(e, 'hex')];
  const opened = open(tradeKey(sharedWith(own, gateway, 'e'), device, gateway, code), enrolTopic(newcomerOf(device), 'given'), Buffer.from(x, 'hex'));
  if (opened === undefined) throw new FieldError('x', 'an answer sealed for this device');
  const identity = identityMessage(parsed(opened), '');
  if (!isWireId(identity.device)) throw new FieldError('device', 'a device id');
  return identity;
}
