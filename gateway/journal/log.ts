import { randomBytes } from 'node:crypto';
import { ownCheckpointKey } from '../store/checkpoint-key.ts';
import type { LogRow } from '../store/journal-proofs.ts';
import { StoreError } from '../store/sqlite.ts';
import { currentLog, openJournalStore, type EntryRow, type JournalStore, type SealedRow } from '../store/journal-store.ts';
import { CborError } from '../wire/cbor.ts';
import { type Checkpoint, type HeldCheckpoint, judge, type Judged, type Moment, openTree, originOfLog, stateOf, type Tree } from './checkpoints.ts';
import { type Destroyed, destroyKeys, type Destruction } from './destroy.ts';
import { decodeEvent, decodePerson } from './encode.ts';
import { type Appended, eventOf, NO_PERSON, type StoredEntry } from './entry.ts';
import { commitment, leafHash } from './leaf.ts';
import { LOOKED_AT, lostKeys } from './lost-keys.ts';
import { stage, type Staged } from './packet.ts';
import { putRandom } from './random-pool.ts';
import { type Keys, keyDay, keyMonth, keysOf, LOG_SLOT, seal, slotsFor, type Tagged, unseal } from './seal.ts';
import { publicKeyOf, signerOf } from './signing.ts';
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
  /** Index of the newest entry. */
  last(): number;
  /** The newest checkpoint on disk. */
  checkpoint(): Checkpoint | undefined;
  /** Signs a checkpoint when entries have waited long enough for one. */
  signIfDue(): void;
  /** What a checkpoint from outside says of this log. */
  judge(held: HeldCheckpoint): Judged;
  /** Why no checkpoint is signed: the log is not what its last one says. */
  readonly fault: string | undefined;
  /** What was found when it was opened: entries whose keys are gone and should not be. */
  readonly lostKeys: string | undefined;
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

/** Where entries lie: the log's id, and the row of its first entry. */
export type LogSpan = Pick<LogRow, 'logId' | 'first'>;

/** The row of an entry at this index, its slots being there: commitments, leaf hash, sealed halves, tags. */
export function rowOf(entry: Staged, idx: number, { logId, first }: LogSpan, keys: Keys): EntryRow {
  const index = idx - first;
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
    leafHash: leafHash({ kind, flags: 0, logId, index, cEvent, cPerson }),
    event: seal(needed(keys.event(day), 'day'), { part: 'event', logId, index }, event),
    person: seal(needed(keys.person(day, serial), 'person'), { part: 'person', logId, index }, person),
    unitTag: tag('unit', entry.unitId),
    reasonTag: entry.reason === 0 ? null : tag(`reason-${entry.reason}`, entry.buildingId),
    accountTag: tag('account', entry.accountId),
  };
}

/** The two sealed halves of a row, each as `r ‖ data`; undefined where the key is gone or, then it is `damaged`, the bytes were changed. */
export interface Unsealed {
  readonly event: Buffer | undefined;
  readonly person: Buffer | undefined;
  readonly damaged: boolean;
}

export function unsealRow(row: SealedRow, { logId, first }: LogSpan, keys: Keys): Unsealed {
  const day = keyDay(row.kind, row.at);
  const index = row.idx - first;
  const eventKey = keys.event(day);
  const event = eventKey && unseal(eventKey, { part: 'event', logId, index }, row.event);
  if (event === undefined) return { event, person: undefined, damaged: eventKey !== undefined };
  const personKey = keys.person(day, event.readUInt32BE(0));
  const person = personKey && unseal(personKey, { part: 'person', logId, index }, row.person);
  return { event: event.subarray(SERIAL_BYTES), person, damaged: personKey !== undefined && person === undefined };
}

/** What a row says, as far as its keys still exist: undefined without the day's key, about nobody without the person's. `onDamaged`: the keys are there and do not open it. */
export function openRow(row: SealedRow, log: LogSpan, keys: Keys, onDamaged: (index: number) => void = () => undefined): StoredEntry | undefined {
  const { event, person, damaged } = unsealRow(row, log, keys);
  if (damaged) onDamaged(row.idx);
  if (event === undefined) return undefined;
  try {
    return { index: row.idx, event: decodeEvent(event.subarray(R_BYTES)), person: person === undefined ? NO_PERSON : decodePerson(person.subarray(R_BYTES)) };
  } catch (error) {
    // Ids check themselves and throw RangeError.
    if (!(error instanceof CborError) && !(error instanceof RangeError)) throw error;
    onDamaged(row.idx);
    return undefined;
  }
}

/** Answer for an entry whose key is taken. Content that cannot be read any more is never called the same. */
function duplicateOf(entry: Staged, row: EntryRow | undefined, open: (row: EntryRow) => StoredEntry | undefined): Appended {
  if (row === undefined) throw new Error('journal: an entry was refused as a duplicate and its twin is not there');
  const stored = open(row);
  if (stored === undefined) return { index: row.idx, duplicate: true, same: false, stored: eventOf({ kind: 'system', what: 'erased', gatewayTime: row.at }) };
  return { index: row.idx, duplicate: true, same: stored.event.digest === decodeEvent(entry.event).digest, stored: stored.event };
}

/** First entry of every log: its beginning, and which log it goes on from. */
const beginning = ({ cites = '' }: LogRow, now: number): Staged =>
  stage({ event: eventOf({ kind: 'system', what: 'log-started', gatewayTime: now }), person: { ...NO_PERSON, words: cites } });

/** Everything appending needs. */
interface Appending {
  readonly store: JournalStore;
  readonly slots: SlotWriter;
  readonly keys: Keys;
  readonly logOf: (idx: number) => LogRow;
  readonly log: LogRow;
  readonly tree: Tree;
  readonly clock: () => Moment;
}

/** One transaction, with the tree following what becomes of it. */
function inOne<T>({ store, tree }: Appending, work: () => T): T {
  store.begin();
  try {
    const result = work();
    store.commit();
    tree.settled(true);
    return result;
  } catch (error) {
    tree.settled(false);
    store.rollback();
    throw error;
  }
}

function appender(parts: Appending): (batch: readonly Staged[]) => Appended[] {
  const { store, slots, keys, log, logOf, tree, clock } = parts;
  return (batch) => {
    slots.ensure(batch.flatMap(slotsFor));
    let next = store.last() + 1;
    return inOne(parts, () => {
      const answers = batch.map((entry): Appended => {
        const row = rowOf(entry, next, log, keys);
        if (!store.insert(row)) return duplicateOf(entry, row.dedup === null ? undefined : store.byDedup(row.dedup), (twin) => openRow(twin, logOf(twin.idx), keys));
        tree.add(row.leafHash);
        next += 1;
        return { index: row.idx, duplicate: false };
      });
      tree.sign(clock());
      return answers;
    });
  };
}

/** Begins a new log in the file, which cites the one before it as it stands. */
export function addLog(store: JournalStore): LogRow {
  const last = currentLog(store.proofs);
  const { size, root } = stateOf(store, last);
  if (size === 0) return last;
  const log: LogRow = { no: last.no + 1, logId: randomBytes(16), first: last.first + size, cites: `${originOfLog(last)} ${size} ${Buffer.from(root).toString('base64')}` };
  store.add.log(log);
  return log;
}

/** The log to add to, signed by this key. A key that is not the one it began with (the file was lost) begins a new log. */
function logSignedBy(store: JournalStore, key: Uint8Array): LogRow {
  const log = currentLog(store.proofs);
  const signer = store.proofs.signer(log);
  if (signer?.equals(key) === true) return log;
  const own = signer === undefined ? log : addLog(store);
  store.add.signer(own, key);
  return own;
}

const systemClock = (): Moment => ({ now: Date.now(), uptime: performance.now() });

/** Opens the log for writing, and makes it with its first entry when there is none. Throws what the disk or the database says. */
export function openLog({ file, keysDir, root }: LogPlace, clock: () => Moment = systemClock): Log {
  const slots = openSlotWriter(keysDir, root);
  let store: JournalStore | undefined;
  try {
    store = openJournalStore(file);
    if (store.last() >= 0 && slots.key(LOG_SLOT) === undefined)
      throw new StoreError(`The log ${file} has entries, and the key slots that open them are not in ${keysDir}. Restore this folder from the backup made with the log.`);
    slots.ensure([LOG_SLOT]);
    return logOver({ store, slots, seed: ownCheckpointKey(keysDir), clock });
  } catch (error) {
    store?.close();
    slots.close();
    throw error;
  }
}

function logOver({ store, slots, seed, clock }: Pick<Appending, 'store' | 'slots' | 'clock'> & { readonly seed: Uint8Array }): Log {
  const keys = keysOf(slots);
  const log = logSignedBy(store, publicKeyOf(seed));
  const logs = store.proofs.logs();
  const logOf = (idx: number): LogRow => logs.findLast(({ first }) => first <= idx) ?? log;
  const tree = openTree(store, log, signerOf(seed, originOfLog(log)));
  const parts: Appending = { store, slots, keys, log, logOf, tree, clock };
  const append = appender(parts);
  const lost = lostKeys(store.newest(LOOKED_AT), { keys, days: slots.days(), now: clock().now, unseal: (row) => unsealRow(row, logOf(row.idx), keys) });
  if (store.last() < log.first) append([beginning(log, clock().now)]);
  return {
    logId: log.logId,
    last: store.last,
    append,
    checkpoint: tree.newest,
    fault: tree.fault,
    lostKeys: lost,
    judge: (held) => judge(store.proofs, held),
    signIfDue() {
      if (tree.isDue(clock().uptime)) inOne(parts, () => tree.sign(clock()));
    },
    trimWal: store.trimWal,
    destroy: (wish) => destroyKeys(store, slots, wish),
    find(key) {
      const row = store.byDedup(keys.dedup(key));
      return row && openRow(row, logOf(row.idx), keys);
    },
    close() {
      store.close();
      slots.close();
    },
  };
}
