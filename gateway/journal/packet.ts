import { RESULT } from '../store/journal-store.ts';
import { encodeEvent, encodePerson, reasonNumber } from './encode.ts';
import { ENTRY_KIND, type EventData, type EventKey, type NewEntry } from './entry.ts';

/**
 * An entry on its way to the writer: what the writer needs in numbers, and the two halves encoded. Encoding
 * happens where the entry is made; cloning the objects between threads would cost more than encoding them.
 */
export interface Staged {
  readonly at: number;
  readonly kind: number;
  readonly result: number;
  readonly buildingId: number;
  readonly doorId: number;
  readonly personId: number;
  readonly unitId: number;
  readonly accountId: number;
  /** Number of the reason of a refusal; 0 for any other entry. */
  readonly reason: number;
  /** 20 bytes, or none when the entry does not come from a device. */
  readonly key: Uint8Array;
  readonly event: Uint8Array;
  readonly person: Uint8Array;
}

/** Some staged entries in two flat arrays, which move between threads without being copied. */
export interface Packet {
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const NUMBERS = 12;
const U32 = 2 ** 32 - 1;
const isU32 = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= U32;

/** `controller u32 ‖ instance[8] ‖ boot u32 ‖ seq u32`, big-endian. Throws RangeError for a key no device can have. */
export function keyBytes(key: EventKey): Buffer {
  if (!/^[0-9a-f]{16}$/.test(key.instance)) throw new RangeError(`event key: instance must be 16 lower-case hex digits, got ${key.instance.slice(0, 32)}`);
  if (!isU32(key.boot) || !isU32(key.seq)) throw new RangeError(`event key: boot and seq must be whole numbers below 2^32, got ${key.boot} and ${key.seq}`);
  const bytes = Buffer.allocUnsafe(20);
  bytes.writeUInt32BE(key.controllerId, 0);
  bytes.write(key.instance, 4, 'hex');
  bytes.writeUInt32BE(key.boot, 12);
  bytes.writeUInt32BE(key.seq, 16);
  return bytes;
}

const NO_KEY = new Uint8Array(0);

function resultOf(event: EventData): number {
  if (event.kind === 'outcome') return RESULT.outcome;
  if (event.kind !== 'access') return RESULT.other;
  return event.granted ? RESULT.granted : RESULT.refused;
}

/** Encodes an entry. Throws RangeError or CborError for values an entry cannot hold. */
export function stage({ event, person }: NewEntry): Staged {
  const result = resultOf(event);
  return {
    at: event.gatewayTime,
    kind: ENTRY_KIND[event.kind],
    result,
    buildingId: event.buildingId,
    doorId: event.doorId,
    personId: person.personId,
    unitId: person.unitId,
    accountId: person.accountId,
    reason: result === RESULT.refused && event.reason !== undefined ? reasonNumber(event.reason) : 0,
    key: event.key === undefined ? NO_KEY : keyBytes(event.key),
    event: encodeEvent(event),
    person: encodePerson(person),
  };
}

/** Puts staged entries into a packet. */
export function pack(entries: readonly Staged[]): Packet {
  const numbers = new Float64Array(entries.length * NUMBERS);
  const bytes = new Uint8Array(entries.reduce((sum, entry) => sum + entry.key.length + entry.event.length + entry.person.length, 0));
  let at = 0;
  entries.forEach((entry, place) => {
    const { key, event, person } = entry;
    const { at: time, kind, result, buildingId, doorId, personId, unitId, accountId, reason } = entry;
    numbers.set([time, kind, result, buildingId, doorId, personId, unitId, accountId, reason, key.length, event.length, person.length], place * NUMBERS);
    for (const part of [key, event, person]) {
      bytes.set(part, at);
      at += part.length;
    }
  });
  return { numbers, bytes };
}

/** The entries of a packet, as views on its bytes. */
export function unpack({ numbers, bytes }: Packet): Staged[] {
  const entries: Staged[] = [];
  let from = 0;
  const part = (length: number): Uint8Array => {
    from += length;
    return bytes.subarray(from - length, from);
  };
  for (let place = 0; place < numbers.length; place += NUMBERS) {
    const [at = 0, kind = 0, result = 0, buildingId = 0, doorId = 0, personId = 0, unitId = 0, accountId = 0, reason = 0, ...lengths] = numbers.subarray(place, place + NUMBERS);
    const [key = 0, event = 0, person = 0] = lengths;
    entries.push({ at, kind, result, buildingId, doorId, personId, unitId, accountId, reason, key: part(key), event: part(event), person: part(person) });
  }
  return entries;
}
