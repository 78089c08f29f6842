import { BuildingId, ControllerId, CredentialId, DoorId, PersonId, TenancyId, UnitId } from '../core/ids.ts';
import type { Method } from '../core/facts.ts';
import type { Note, Reason } from '../core/reasons.ts';
import { type CborValue, CborError, decodeCbor, decodeCborPrefix, encodeCbor } from '../wire/cbor.ts';
import { ENTRY_KIND, type EntryKind, type EventData, type EventKey, type Final, type PersonData } from './entry.ts';

/** Numbers of the names an entry uses. They are hashed into the log for ever: never renumber, only add at the end. */
const REASON: Readonly<Record<Reason, number>> = {
  OK: 1,
  UNKNOWN_CREDENTIAL: 2,
  NOT_REGISTERED: 3,
  LEASE_ENDED: 4,
  NOT_YET_VALID: 5,
  EXPIRED: 6,
  REVOKED: 7,
  SUSPENDED: 8,
  WRONG_DOOR: 9,
  OUT_OF_SCHEDULE: 10,
  ANTIPASSBACK: 11,
  INTERLOCK: 12,
  LOCKDOWN: 13,
  PIN_WRONG: 14,
  PASS_USED: 15,
  TOKEN_INVALID: 16,
  TOKEN_REPLAY: 17,
  NOT_SECURED: 18,
  UNKNOWN_DOOR: 19,
  CREDENTIAL_FORMAT: 20,
  STALE: 21,
  UNAVAILABLE: 22,
  OFFLINE_NO_LIST: 23,
  DEVICE_FAULT: 24,
  PIN_NEEDED: 25,
  PIN_SHUT: 26,
  PIN_OFFLINE: 27,
  LINE_TEST: 28,
};
/** The number a reason has in the log for ever. */
export const reasonNumber = (reason: Reason): number => REASON[reason];
const NOTE: Readonly<Record<Note, number>> = { HOLDOVER: 1, REGISTRATION_OVERDUE: 2, ANTIPASSBACK: 3, LOCKDOWN: 4 };
const METHOD: Readonly<Record<Method, number>> = { card: 1, pin: 2, app: 3, qr: 4, remote: 5 };
const FINAL: Readonly<Record<Final, number>> = { executed: 1, local: 2, 'not-executed': 3, unknown: 4 };

function names<N extends string>(numbers: Readonly<Record<N, number>>): ReadonlyMap<CborValue, N> {
  const back = new Map<CborValue, N>();
  for (const name in numbers) back.set(numbers[name], name);
  return back;
}
const KIND_NAME = names<EntryKind>(ENTRY_KIND);
const REASON_NAME = names(REASON);
const NOTE_NAME = names(NOTE);
const METHOD_NAME = names(METHOD);
const FINAL_NAME = names(FINAL);

/** Keys of the event map. 0, '', false and undefined are left out. A key a reader does not know is passed over. */
const E = {
  kind: 1,
  controller: 2,
  instance: 3,
  boot: 4,
  seq: 5,
  building: 6,
  door: 7,
  granted: 8,
  reason: 9,
  note: 10,
  method: 11,
  openMs: 12,
  offline: 13,
  final: 14,
  what: 15,
  ref: 16,
  deviceTime: 17,
  gatewayTime: 18,
  skewMs: 19,
  list: 20,
  digest: 21,
} as const;
/** Keys of the person map. */
const P = { person: 1, unit: 2, tenancy: 3, credential: 4, fingerprint: 5, account: 6, words: 7 } as const;

/** Person data is padded to a multiple of this, so that its length tells nobody from somebody apart (design.md 8). */
const PERSON_BYTES = 256;
/** Longest free words of a person, in UTF-16 units. */
const WORDS = 120;

type Fields = Map<number, CborValue>;

const putNumber = (fields: Fields, key: number, value: number | undefined): void => void (value !== undefined && value !== 0 && fields.set(key, value));
const putFlag = (fields: Fields, key: number, value: boolean): void => void (value && fields.set(key, true));
const putText = (fields: Fields, key: number, value: string | undefined): void => void (value !== undefined && value !== '' && fields.set(key, value));

/** Lower-case hex travels as bytes, half as long; anything else stays text, so that every string comes back as it was. */
function putHex(fields: Fields, key: number, value: string): void {
  if (value !== '') fields.set(key, /^(?:[0-9a-f]{2})+$/.test(value) ? Buffer.from(value, 'hex') : value);
}

function putKey(fields: Fields, key: EventKey | undefined): void {
  if (key === undefined) return;
  fields.set(E.controller, key.controllerId);
  putHex(fields, E.instance, key.instance);
  fields.set(E.boot, key.boot);
  fields.set(E.seq, key.seq);
}

/** Canonical CBOR of the part that says what happened. Throws CborError for a number that is not whole. */
export function encodeEvent(event: EventData): Buffer {
  const fields: Fields = new Map([[E.kind, ENTRY_KIND[event.kind]]]);
  putKey(fields, event.key);
  putNumber(fields, E.building, event.buildingId);
  putNumber(fields, E.door, event.doorId);
  putFlag(fields, E.granted, event.granted);
  if (event.reason !== undefined) fields.set(E.reason, REASON[event.reason]);
  if (event.note !== undefined) fields.set(E.note, NOTE[event.note]);
  if (event.method !== undefined) fields.set(E.method, METHOD[event.method]);
  putNumber(fields, E.openMs, event.openMs);
  putFlag(fields, E.offline, event.offline);
  if (event.final !== undefined) fields.set(E.final, FINAL[event.final]);
  if (event.what !== undefined) fields.set(E.what, event.what);
  if (event.ref !== undefined) fields.set(E.ref, event.ref);
  putNumber(fields, E.deviceTime, event.deviceTime);
  putNumber(fields, E.gatewayTime, event.gatewayTime);
  putNumber(fields, E.skewMs, event.skewMs);
  putText(fields, E.list, event.list);
  putHex(fields, E.digest, event.digest);
  return encodeCbor(fields);
}

/** Canonical CBOR of the part about a person, padded with zeros to 256 bytes (512 for long words), also for nobody. Throws RangeError for words beyond 120. */
export function encodePerson(person: PersonData): Buffer {
  if (person.words.length > WORDS) throw new RangeError(`words: expected at most ${WORDS} characters, got ${person.words.length}`);
  const fields: Fields = new Map();
  putNumber(fields, P.person, person.personId);
  putNumber(fields, P.unit, person.unitId);
  putNumber(fields, P.tenancy, person.tenancyId);
  putNumber(fields, P.credential, person.credentialId);
  putHex(fields, P.fingerprint, person.fingerprint);
  putNumber(fields, P.account, person.accountId);
  putText(fields, P.words, person.words);
  const data = encodeCbor(fields);
  const padded = Buffer.alloc(Math.ceil(data.length / PERSON_BYTES) * PERSON_BYTES);
  data.copy(padded);
  return padded;
}

const isFields = (value: CborValue): value is Fields => value instanceof Map;

function asFields(value: CborValue): Fields {
  if (!isFields(value)) throw new CborError('expected a map of fields');
  return value;
}

function number(fields: Fields, key: number): number {
  const value = fields.get(key) ?? 0;
  if (typeof value !== 'number') throw new CborError(`field ${key}: expected a whole number`);
  return value;
}

function text(fields: Fields, key: number): string {
  const value = fields.get(key) ?? '';
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex');
  throw new CborError(`field ${key}: expected text or bytes`);
}

function eventKey(fields: Fields): EventKey | undefined {
  if (!fields.has(E.controller)) return undefined;
  return { controllerId: ControllerId(number(fields, E.controller)), instance: text(fields, E.instance), boot: number(fields, E.boot), seq: number(fields, E.seq) };
}

/** Reads what `encodeEvent` wrote, also by a newer version: unknown keys and names are passed over. Throws CborError, also for an unknown kind. */
export function decodeEvent(data: Uint8Array): EventData {
  const fields = asFields(decodeCbor(data));
  const kind = KIND_NAME.get(number(fields, E.kind));
  if (kind === undefined) throw new CborError(`entry kind ${number(fields, E.kind)} is not known to this version`);
  const building = number(fields, E.building);
  const door = number(fields, E.door);
  return {
    kind,
    key: eventKey(fields),
    buildingId: building === 0 ? 0 : BuildingId(building),
    doorId: door === 0 ? 0 : DoorId(door),
    granted: fields.get(E.granted) === true,
    reason: REASON_NAME.get(number(fields, E.reason)),
    note: NOTE_NAME.get(number(fields, E.note)),
    method: METHOD_NAME.get(number(fields, E.method)),
    openMs: number(fields, E.openMs),
    offline: fields.get(E.offline) === true,
    final: FINAL_NAME.get(number(fields, E.final)),
    what: fields.has(E.what) ? text(fields, E.what) : undefined,
    ref: fields.has(E.ref) ? number(fields, E.ref) : undefined,
    deviceTime: number(fields, E.deviceTime),
    gatewayTime: number(fields, E.gatewayTime),
    skewMs: number(fields, E.skewMs),
    list: text(fields, E.list),
    digest: text(fields, E.digest),
  };
}

function isZeros(data: Uint8Array, from: number): boolean {
  for (let at = from; at < data.length; at += 1) if (data[at] !== 0) return false;
  return true;
}

/** Reads what `encodePerson` wrote. Throws CborError, also when the padding is not zeros. */
export function decodePerson(data: Uint8Array): PersonData {
  const { value, used } = decodeCborPrefix(data);
  if (data.length % PERSON_BYTES !== 0 || !isZeros(data, used)) throw new CborError('person data is not padded with zeros to 256 bytes');
  const fields = asFields(value);
  const [person, unit, tenancy, credential] = [number(fields, P.person), number(fields, P.unit), number(fields, P.tenancy), number(fields, P.credential)];
  return {
    personId: person === 0 ? 0 : PersonId(person),
    unitId: unit === 0 ? 0 : UnitId(unit),
    tenancyId: tenancy === 0 ? 0 : TenancyId(tenancy),
    credentialId: credential === 0 ? 0 : CredentialId(credential),
    fingerprint: text(fields, P.fingerprint),
    accountId: number(fields, P.account),
    words: text(fields, P.words),
  };
}
