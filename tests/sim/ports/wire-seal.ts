import { current } from '../engine/current.ts';
import { type DeviceKeys, deviceKeys as deriveKeys, open as openSealed, seal as sealReally } from '../../../gateway/wire/mqtt/seal.ts';

const known = new Map<string, DeviceKeys>();
const bySecret = new WeakMap<Uint8Array, DeviceKeys>();

/** Derived once for each secret of the process: four HKDF runs for each start of each gateway would be most of a seed. */
export function deviceKeys(secret: Uint8Array): DeviceKeys {
  const same = bySecret.get(secret);
  if (same !== undefined) return same;
  const name = Buffer.from(secret).toString('hex');
  const keys = known.get(name) ?? deriveKeys(secret);
  known.set(name, keys);
  bySecret.set(secret, keys);
  return keys;
}

/** Topic and key stand in front of an open message, so that one for another device or direction still does not open. */
function mark(key: Uint8Array, topic: string): Buffer {
  const made = marks.get(key) ?? new Map<string, Buffer>();
  marks.set(key, made);
  const front = made.get(topic) ?? Buffer.concat([key.subarray(0, 4), Buffer.from(topic), Buffer.of(0)]);
  made.set(topic, front);
  return front;
}
const marks = new WeakMap<Uint8Array, Map<string, Buffer>>();

const plain = new WeakMap<Uint8Array, Uint8Array>();
/** What was sealed into this payload, for the trace and for checkers. */
export const plainOf = (payload: Uint8Array): Uint8Array => plain.get(payload) ?? payload;

export function seal(key: Uint8Array, topic: string, plaintext: Uint8Array, nonce?: Uint8Array): Buffer {
  const payload = current().sealed ? sealReally(key, topic, plaintext, nonce) : Buffer.concat([mark(key, topic), plaintext]);
  plain.set(payload, plaintext);
  return payload;
}

export function open(key: Uint8Array, topic: string, payload: Uint8Array): Buffer | undefined {
  if (current().sealed) return openSealed(key, topic, payload);
  const front = mark(key, topic);
  return Buffer.compare(front, payload.subarray(0, front.length)) === 0 ? Buffer.from(payload.subarray(front.length)) : undefined;
}
