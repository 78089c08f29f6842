import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { ENTRY_KIND } from './entry.ts';
import { type Part, writeU64 } from './leaf.ts';
import { putRandom } from './random-pool.ts';
import { hmacSha256 } from './sha256.ts';
import { SLOT, type SlotName } from './slot-file.ts';
import type { KeySource } from './slot-image.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Length of a search tag. Among 2 million persons two share one with a chance of 1 in 10 million; readers check the content too. */
const SEARCH_TAG_BYTES = 8;
const DEDUP_BYTES = 16;
const DAY_MS = 86_400_000;
/** China has one time zone and no summer time (Asia/Shanghai, UTC+8). */
const LOCAL_MS = 8 * 3_600_000;
/** From here on days and months are numbered that audit entries have keys of, so that the keys of door entries can go before these. */
const AUDIT_FROM = 2 ** 20;
/** In the year 4840: keeps (day, person) and (month, id) within 2^53, those of audit entries too. */
const LAST_DAY = AUDIT_FROM - 1;

/** Number of the local calendar day a key belongs to; a time before 1970 counts as day 0. */
export const dayOf = (at: number): number => Math.min(LAST_DAY, Math.max(0, Math.floor((at + LOCAL_MS) / DAY_MS)));

/** First moment of a local day, epoch ms. */
export const dayStart = (day: number): number => day * DAY_MS - LOCAL_MS;

/** Number of the local month, year × 12 + month from 0, of a day: the life of a search tag. */
export function monthOf(at: number): number {
  const date = new Date(dayOf(at) * DAY_MS);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

const spaceOf = (kind: number): number => (kind === ENTRY_KIND.audit ? AUDIT_FROM : 0);

/** Number of the day key that seals an entry of this kind (number of `ENTRY_KIND`) and time. */
export const keyDay = (kind: number, at: number): number => spaceOf(kind) + dayOf(at);

/** Number of the month key that an entry of this kind and time is tagged under. */
export const keyMonth = (kind: number, at: number): number => spaceOf(kind) + monthOf(at);

/** Is this number of a day or month key one of audit entries? */
export const isAuditKey = (number: number): boolean => number >= AUDIT_FROM;

/** The day or month, as `dayOf` and `monthOf` count, that a key of this number is for. */
export const calendarOf = (number: number): number => number % AUDIT_FROM;

/** What a search tag is about. `reason-n`: refusals for reason number n, in the building that the id names. */
export type Tagged = 'building' | 'door' | 'person' | 'unit' | 'account' | `reason-${number}`;

/** Tags kept ready of each sort. */
const TAGS_KEPT = 50_000;

/** Remembers at most `limit` values and forgets the oldest first. */
function remembered<V>(limit: number, make: (key: number, id: number) => V | undefined): (key: number, id: number) => V | undefined {
  const known = new Map<number, V>();
  return (key, id) => {
    const name = key * 2 ** 32 + id;
    const found = known.get(name);
    if (found !== undefined) return found;
    const made = make(key, id);
    if (made === undefined) return undefined;
    const [oldest] = known.keys();
    if (known.size >= limit && oldest !== undefined) known.delete(oldest);
    known.set(name, made);
    return made;
  };
}

/** Keys and tags of entries, from the slots, with what was used lately kept ready. */
export interface Keys {
  /** The key of a day (`keyDay`); undefined when destroyed. */
  event(day: number): KeyObject | undefined;
  /** The keys of a day (`keyDay`) and of the person joined; undefined when either is destroyed. Serial 0 is nobody. */
  person(day: number, serial: number): KeyObject | undefined;
  /** Serial that names a person inside a sealed entry; 0 for nobody. */
  serialOf(personId: number): number;
  /** HMAC under the key of a month (`keyMonth`), or undefined when there is none. */
  tag(month: number, about: Tagged, id: number): Buffer | undefined;
  /** Tells a repeat of a device's message: HMAC of its event key under the log's own key. */
  dedup(eventKey: Uint8Array): Buffer;
}

/** The slots that must exist before an entry can be sealed. */
export function slotsFor({ kind, at, personId }: { readonly kind: number; readonly at: number; readonly personId: number }): SlotName[] {
  const names: SlotName[] = [
    { type: SLOT.day, id: keyDay(kind, at) },
    { type: SLOT.month, id: keyMonth(kind, at) },
  ];
  if (personId !== 0) names.push({ type: SLOT.person, id: personId });
  return names;
}

/** The slot of the log's own key, made with the log. */
export const LOG_SLOT: SlotName = { type: SLOT.log, id: 0 };

const NOBODY = Buffer.alloc(0);
const extracted = hmacSha256(Buffer.alloc(32));
/** HKDF's info, and the number of the one block that 32 bytes take. */
const PERSON_INFO = Buffer.from('doorbook/person-key/1\u0001');

/** HKDF-SHA-256 (RFC 5869) of day key ‖ person key without salt: by hand, for asking Node takes ten times as long (a page of fifty people is fifty of these). */
const personKeyOf = (dayKey: Buffer, personKey: Buffer): Buffer => hmacSha256(extracted(Buffer.concat([dayKey, personKey])))(PERSON_INFO);

/** Makes the tags of one month, under its key. Keeps none: for whoever asks about everybody once. */
export function taggerUnder(monthKey: Uint8Array): (about: Tagged, id: number) => Buffer {
  const mac = hmacSha256(monthKey);
  return (about, id) => mac(Buffer.from(`${about}\0${id}`)).subarray(0, SEARCH_TAG_BYTES);
}

function keptKeys(source: KeySource): Keys {
  const dayKeys = remembered(400, (_, day) => source.key({ type: SLOT.day, id: day }));
  const days = remembered(400, (_, day) => {
    const key = dayKeys(0, day);
    return key && createSecretKey(key);
  });
  const months = remembered(100, (_, month) => {
    const key = source.key({ type: SLOT.month, id: month });
    return key && taggerUnder(key);
  });
  const personKeys = remembered(20_000, (_, serial) => source.keyBySerial(serial));
  const persons = remembered(20_000, (day, serial) => {
    const dayKey = dayKeys(0, day);
    const personKey = serial === 0 ? NOBODY : personKeys(0, serial);
    return dayKey && personKey && createSecretKey(personKeyOf(dayKey, personKey));
  });
  const tagger = (about: Tagged, limit: number): ReturnType<typeof remembered<Buffer>> => remembered(limit, (month, id) => months(0, month)?.(about, id));
  const taggers = new Map<Tagged, ReturnType<typeof tagger>>();
  const taggerFor = (about: Tagged): ReturnType<typeof tagger> => {
    const known = taggers.get(about) ?? tagger(about, TAGS_KEPT);
    taggers.set(about, known);
    return known;
  };
  let log: ReturnType<typeof hmacSha256> | undefined;
  return {
    event: (day) => days(0, day),
    person: persons,
    serialOf: (personId) => (personId === 0 ? 0 : source.serialOf(personId)),
    tag: (month, about, id) => taggerFor(about)(month, id),
    dedup(eventKey) {
      const key = log === undefined ? source.key(LOG_SLOT) : undefined;
      log ??= key && hmacSha256(key);
      if (log === undefined) throw new Error('key slots: the key of the log is missing');
      return log(eventKey).subarray(0, DEDUP_BYTES);
    },
  };
}

/** Keys over a source. What is kept ready is let go of when the source destroyed keys. Nothing here writes. */
export function keysOf(source: KeySource): Keys {
  let [kept, generation] = [keptKeys(source), source.generation];
  function now(): Keys {
    if (source.generation !== generation) [kept, generation] = [keptKeys(source), source.generation];
    return kept;
  }
  return {
    event: (day) => now().event(day),
    person: (day, serial) => now().person(day, serial),
    serialOf: (personId) => now().serialOf(personId),
    tag: (month, about, id) => now().tag(month, about, id),
    dedup: (eventKey) => now().dedup(eventKey),
  };
}

/** Binds a sealed part to its place: which half, which log, which index. */
export interface Place {
  readonly part: Part;
  readonly logId: Uint8Array;
  readonly index: number;
}

const bound = Buffer.alloc(25);

function associated(place: Place): Buffer {
  bound[0] = place.part === 'event' ? 1 : 2;
  bound.set(place.logId, 1);
  writeU64(bound, place.index, 17);
  return bound;
}

/** Nonce[12] ‖ AES-256-GCM of `r ‖ data` ‖ tag[16], bound to its place in the log. */
export function seal(key: KeyObject, place: Place, opening: Uint8Array): Buffer {
  const sealed = Buffer.allocUnsafe(NONCE_BYTES + opening.length + TAG_BYTES);
  putRandom(sealed, 0, NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
  cipher.setAAD(associated(place));
  sealed.set(cipher.update(opening), NONCE_BYTES);
  cipher.final();
  sealed.set(cipher.getAuthTag(), NONCE_BYTES + opening.length);
  return sealed;
}

/** The `r ‖ data` sealed at this place, or undefined when key, place or bytes are not the ones it was sealed with. */
export function unseal(key: KeyObject, place: Place, sealed: Uint8Array): Buffer | undefined {
  if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const cipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES));
  cipher.setAAD(associated(place));
  cipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES));
  const opening = cipher.update(sealed.subarray(NONCE_BYTES, sealed.length - TAG_BYTES));
  try {
    cipher.final();
    return opening;
  } catch {
    return undefined;
  }
}
