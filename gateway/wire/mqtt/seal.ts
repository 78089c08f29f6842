import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/**
 * The seal of design.md 6.1: 12-byte random nonce ‖ AES-256-GCM(plaintext) ‖ 16-byte tag, the topic as
 * associated data, one key per direction derived from the device's 32-byte secret by HKDF-SHA-256 (RFC 5869)
 * with an empty salt. No session state: any gateway process can open and answer.
 */
export interface DeviceKeys {
  /** Device → gateway. */
  readonly up: Buffer;
  /** Gateway → device. */
  readonly down: Buffer;
  /** Keys the fingerprints in this device's access list. */
  readonly list: Buffer;
  /** MQTT password, 64 hex digits. */
  readonly password: string;
}

const derive = (secret: Uint8Array, use: string): Buffer => Buffer.from(hkdfSync('sha256', secret, new Uint8Array(0), `doorbook/${use}/1`, 32));

/** Keys of a device. `secret`: 32 bytes; RangeError otherwise. */
export function deviceKeys(secret: Uint8Array): DeviceKeys {
  if (secret.length !== 32) throw new RangeError(`device secret: expected 32 bytes, got ${secret.length}`);
  return { up: derive(secret, 'up'), down: derive(secret, 'down'), list: derive(secret, 'list'), password: derive(secret, 'mqtt').toString('hex') };
}

/** Bytes of random nonce at the head of a sealed payload. */
export const NONCE_BYTES = 12;
/** Bytes of authentication tag at its end. */
const TAG_BYTES = 16;

/** Seals a plaintext for a topic. `nonce` is given only by tests that replay a vector. */
export function seal(key: Uint8Array, topic: string, plaintext: Uint8Array, nonce: Uint8Array = randomBytes(NONCE_BYTES)): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(topic));
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** The plaintext, or undefined when the payload is short, for another topic, under another key or altered. */
export function open(key: Uint8Array, topic: string, payload: Uint8Array): Buffer | undefined {
  if (payload.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, payload.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(topic));
  decipher.setAuthTag(payload.subarray(payload.length - TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(payload.subarray(NONCE_BYTES, payload.length - TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}
