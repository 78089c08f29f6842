import { openJournalStore, type EntryRow, type JournalStore, type SealedRow } from '../store/journal-store.ts';
import { CborError } from './cbor.ts';
import { type Destroyed, destroyKeys, type Destruction } from './destroy.ts';
import { decodeEvent, decodePerson } from './encode.ts';
import { type Appended, eventOf, NO_PERSON, type StoredEntry } from './entry.ts';
import { commitment, leafHash } from './leaf.ts';
import { stage, type Staged } from './packet.ts';
import { putRandom } from './random-pool.ts';
import { type Keys, keyDay, keyMonth, keysOf, LOG_SLOT, seal, slotsFor, type Tagged, unseal } from './seal.ts';
import { openSlotWriter, type SlotWriter } from './slots.ts';

/** Bytes of the random number in front of the data of each half. */
const R_BYTES = 32;

/** Where a log lives: the database, the folder of the key slots, and the 32-byte root key that opens them, unless the folder's own key file says a newer one. */
export interface LogPlace {
  readonly file: string;
  readonly keysDir: string;
  readonly root: Uint8Array;
}

/** The log, open for writing, in the thread it was opened in. */
export interface Log {
  readonly logId: Buffer;
  last(): number;
  /** Adds a batch in one transaction and returns when it is on disk. Throws when nothing was stored. */
  append(batch: readonly Staged[]): Appended[];
  find(key: Uint8Array): StoredEntry | undefined;
  /** Destroys old keys between appends. Rejects when it was cut short: then the log is to be opened anew. */
  destroy(wish: Destruction): Promise<Destroyed>;
  trimWal(bytes: number): number;
  close(): void;
}

const SERIAL_BYTES = 4;

function needed<T>(key: T | undefined, what: string): T {
  if (key === undefined) throw new Error(`key slots: the ${what} key is missing`);
  return key;
}

/** The row of an entry at this index, its slots being there: commitments, leaf hash, sealed halves, tags. */
export function rowOf(entry: Staged, idx: number, logId: Buffer, keys: Keys): EntryRow {
  const { at, kind, result, personId } = entry;
  const serial = keys.serialOf(personId);
  if (personId !== 0) needed(serial || undefined, 'person');
  const event = Buffer.allocUnsafe(SERIAL_BYTES + R_BYTES + entry.event.length);
  event.writeUInt32BE(serial, 0);
  putRandom(event, SERIAL_BYTES, R_BYTES);
  event.set(entry.event, SERIAL_BYTES + R_BYTES);
  const person = Buffer.allocUnsafe(R_BYTES + entry.person.length);
  putRandom(person, 0, R_BYTES);
  person.set(entry.person, R_BYTES);
  const cEvent = commitment('event', event.subarray(SERIAL_BYTES));
  const cPerson = commitment('person', person);
  const [day, month] = [keyDay(kind, at), keyMonth(kind, at)];
  const tag = (about: Tagged, id: number): Buffer | null => (id === 0 ? null : needed(keys.tag(month, about, id), 'month'));
  return {
    idx,
    at,
    kind,
    result,
    buildingTag: tag('building', entry.buildingId),
    doorTag: tag('door', entry.doorId),
    personTag: tag('person', personId),
    dedup: entry.key.length === 0 ? null : keys.dedup(entry.key),
    cEvent,
    cPerson,
    leafHash: leafHash({ kind, flags: 0, logId, index: idx, cEvent, cPerson }),
    event: seal(needed(keys.event(day), 'day'), { part: 'event', logId, index: idx }, event),
    person: seal(needed(keys.person(day, serial), 'person'), { part: 'person', logId, index: idx }, person),
    unitTag: tag('unit', entry.unitId),
    reasonTag: entry.reason === 0 ? null : tag(`reason-${entry.reason}`, entry.buildingId),
    accountTag: tag('account', entry.accountId),
  };
}

/** The two sealed halves of a row, each as `r ‖ data`; undefined where the key is gone or the bytes were changed. */
export function unsealRow(row: SealedRow, logId: Buffer, keys: Keys): { readonly event: Buffer | undefined; readonly person: Buffer | undefined } {
  const day = keyDay(row.kind, row.at);
  const eventKey = keys.event(day);
  const event = eventKey && unseal(eventKey, { part: 'event', logId, index: row.idx }, row.event);
  if (event === undefined) return { event, person: undefined };
  const personKey = keys.person(day, event.readUInt32BE(0));
  return { event: event.subarray(SERIAL_BYTES), person: personKey && unseal(personKey, { part: 'person', logId, index: row.idx }, row.person) };
}

/** What a row says, as far as its keys still exist: undefined without the day's key, about nobody without the person's. */
export function openRow(row: SealedRow, logId: Buffer, keys: Keys): StoredEntry | undefined {
  const { event, person } = unsealRow(row, logId, keys);
  if (event === undefined) return undefined;
  try {
    return { index: row.idx, event: decodeEvent(event.subarray(R_BYTES)), person: person === undefined ? NO_PERSON : decodePerson(person.subarray(R_BYTES)) };
  } catch (error) {
    if (error instanceof CborError) return undefined;
    throw error;
  }
}

/** Answer for an entry whose key is taken. Content that cannot be read any more is never called the same. */
function duplicateOf(entry: Staged, row: EntryRow | undefined, open: (row: EntryRow) => StoredEntry | undefined): Appended {
  if (row === undefined) throw new Error('journal: an entry was refused as a duplicate and its twin is not there');
  const stored = open(row);
  if (stored === undefined) return { index: row.idx, duplicate: true, same: false, stored: eventOf({ kind: 'system', what: 'erased', gatewayTime: row.at }) };
  return { index: row.idx, duplicate: true, same: stored.event.digest === decodeEvent(entry.event).digest, stored: stored.event };
}

/** Entry 0 of every log: its beginning. */
const beginning = (): Staged => stage({ event: eventOf({ kind: 'system', what: 'log-started', gatewayTime: Date.now() }), person: NO_PERSON });

function appender(store: JournalStore, slots: SlotWriter, keys: Keys): (batch: readonly Staged[]) => Appended[] {
  const { logId } = store;
  return (batch) => {
    slots.ensure(batch.flatMap(slotsFor));
    let next = store.last() + 1;
    store.begin();
    try {
      const answers = batch.map((entry): Appended => {
        const row = rowOf(entry, next, logId, keys);
        if (!store.insert(row)) return duplicateOf(entry, row.dedup === null ? undefined : store.byDedup(row.dedup), (twin) => openRow(twin, logId, keys));
        next += 1;
        return { index: row.idx, duplicate: false };
      });
      store.commit();
      return answers;
    } catch (error) {
      store.rollback();
      throw error;
    }
  };
}

/** Opens the log for writing, and makes it with its first entry when there is none. Throws what the disk or the database says. */
export function openLog({ file, keysDir, root }: LogPlace): Log {
  const slots = openSlotWriter(keysDir, root);
  let store: JournalStore | undefined;
  try {
    slots.ensure([LOG_SLOT]);
    store = openJournalStore(file);
    return logOver(store, slots);
  } catch (error) {
    store?.close();
    slots.close();
    throw error;
  }
}

function logOver(store: JournalStore, slots: SlotWriter): Log {
  const keys = keysOf(slots);
  const append = appender(store, slots, keys);
  if (store.last() < 0) append([beginning()]);
  return {
    logId: store.logId,
    last: store.last,
    append,
    trimWal: store.trimWal,
    destroy: (wish) => destroyKeys(store, slots, wish),
    find(key) {
      const row = store.byDedup(keys.dedup(key));
      return row && openRow(row, store.logId, keys);
    },
    close() {
      store.close();
      slots.close();
    },
  };
}
