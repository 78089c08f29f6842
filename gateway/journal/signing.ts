import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { checkpointText, type CheckpointBody, type SignedCheckpoint, signedNote } from '../wire/checkpoint.ts';
import { sha256 } from './sha256.ts';

/** Ed25519 in a C2SP signed note: the byte in front of the public key, and the lengths. */
const ED25519 = 0x01;
const ID_BYTES = 4;
const SIGNATURE_BYTES = 64;
/** What stands in front of 32 raw bytes in PKCS #8 and in SubjectPublicKeyInfo (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** Signs the checkpoints of one log. */
export interface Signer {
  /** 32 bytes. */
  readonly publicKey: Buffer;
  /** The whole note. */
  sign(body: CheckpointBody): string;
}

const privateKeyOf = (seed: Uint8Array): KeyObject => createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });

/** The public half of a 32-byte private key, 32 bytes. */
export const publicKeyOf = (seed: Uint8Array): Buffer => createPublicKey(privateKeyOf(seed)).export({ format: 'der', type: 'spki' }).subarray(SPKI.length);

/** First four bytes of SHA-256(name ‖ 0A ‖ 01 ‖ public key), which name a key in a note. */
const keyIdOf = (name: string, publicKey: Uint8Array): Buffer => sha256(Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ED25519), publicKey])).subarray(0, ID_BYTES);

/** The key as others are given it: `origin+key id+base64`, the C2SP form of a verifier key. */
export const verifierKey = (origin: string, publicKey: Uint8Array): string =>
  `${origin}+${keyIdOf(origin, publicKey).toString('hex')}+${Buffer.concat([Buffer.of(ED25519), publicKey]).toString('base64')}`;

/** Signs texts for the log of this origin, under a 32-byte private key: the whole note. For texts other than checkpoints, whose first line must be no log's origin. */
export function noteSigner(seed: Uint8Array, origin: string): (text: string) => string {
  const key = privateKeyOf(seed);
  const keyId = keyIdOf(origin, publicKeyOf(seed));
  return (text) => signedNote(text, origin, Buffer.concat([keyId, sign(null, Buffer.from(text), key)]).toString('base64'));
}

/** A signer for the log of this origin, under a 32-byte private key. */
export function signerOf(seed: Uint8Array, origin: string): Signer {
  const signed = noteSigner(seed, origin);
  return { publicKey: publicKeyOf(seed), sign: (body) => signed(checkpointText(body)) };
}

/** Is one of the signatures the log's own, by this public key? */
export function isSignedBy({ origin, text, signatures }: SignedCheckpoint, publicKey: Uint8Array): boolean {
  const key = createPublicKey({ key: Buffer.concat([SPKI, publicKey]), format: 'der', type: 'spki' });
  const keyId = keyIdOf(origin, publicKey);
  return signatures.some(({ name, blob }) => {
    const bytes = Buffer.from(blob, 'base64');
    if (name !== origin || bytes.length !== ID_BYTES + SIGNATURE_BYTES || !bytes.subarray(0, ID_BYTES).equals(keyId)) return false;
    return verify(null, Buffer.from(text), key, bytes.subarray(ID_BYTES));
  });
}
