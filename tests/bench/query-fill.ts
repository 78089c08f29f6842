import { randomBytes } from 'node:crypto';
import Database from 'better-sqlite3';
import { reasonNumber } from '../../gateway/journal/encode.ts';
import { ENTRY_KIND, type EventData, type NewEntry } from '../../gateway/journal/entry.ts';
import { type LogPlace, openLog, rowOf } from '../../gateway/journal/log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { keyMonth, type Keys, keysOf, slotsFor, type Tagged } from '../../gateway/journal/seal.ts';
import { SLOT } from '../../gateway/journal/slot-file.ts';
import { openSlotWriter } from '../../gateway/journal/slots.ts';
import { type EntryRow, RESULT } from '../../gateway/store/journal-store.ts';
import { entryAt, PEOPLE, scattered, timeOf } from './query-district.ts';

const DAY_MS = 86_400_000;
/** Sealed parts of these lengths stand in for rows nobody will open: sealing ten million for real takes a quarter of an hour. */
const [EVENT_BYTES, PERSON_BYTES] = [158, 316];

type Values = readonly (number | Buffer | null)[];

/** Keys of every day, month and person, as the writer would have made them by and by. */
function makeKeys(place: LogPlace, size: number): void {
  const slots = openSlotWriter(place.keysDir, place.root);
  const times = Array.from({ length: Math.ceil((timeOf(size, size) - timeOf(0, size)) / DAY_MS) + 1 }, (_, day) => timeOf(0, size) + day * DAY_MS);
  slots.ensure(
    [...times, timeOf(size, size)].flatMap((at) => [...slotsFor({ kind: ENTRY_KIND.access, at, personId: 0 }), ...slotsFor({ kind: ENTRY_KIND.audit, at, personId: 0 })]),
  );
  slots.ensure(Array.from({ length: PEOPLE }, (_, place) => ({ type: SLOT.person, id: place + 1 })));
  slots.close();
}

/** Sixteen bytes that no other entry has, as scattered as an HMAC. */
function dedupOf(idx: number): Buffer {
  const bytes = Buffer.allocUnsafe(16);
  for (let word = 0; word < 4; word += 1) bytes.writeUInt32BE(scattered(idx + word * 0x10000001), word * 4);
  return bytes;
}

function resultOf({ kind, granted }: EventData): number {
  if (kind === 'outcome') return RESULT.outcome;
  if (kind !== 'access') return RESULT.other;
  return granted ? RESULT.granted : RESULT.refused;
}

/** A row with everything real but what is sealed or hashed. */
function hollowRow({ event, person }: NewEntry, idx: number, keys: Keys, noise: Buffer): Values {
  const month = keyMonth(ENTRY_KIND[event.kind], event.gatewayTime);
  const tag = (about: Tagged, id: number): Buffer | null => (id === 0 ? null : (keys.tag(month, about, id) ?? null));
  const result = resultOf(event);
  const reasonTag = result === RESULT.refused && event.reason !== undefined ? tag(`reason-${reasonNumber(event.reason)}`, event.buildingId) : null;
  const at = (idx * 97) % (noise.length - 1024);
  const bytes = (from: number, length: number): Buffer => noise.subarray(at + from, at + from + length);
  return [
    ...[idx, event.gatewayTime, ENTRY_KIND[event.kind], result],
    ...[tag('building', event.buildingId), tag('door', event.doorId), tag('person', person.personId), event.key === undefined ? null : dedupOf(idx)],
    ...[bytes(0, 32), bytes(32, 32), bytes(64, 32), bytes(96, EVENT_BYTES), bytes(300, PERSON_BYTES)],
    ...[tag('unit', person.unitId), reasonTag, tag('account', person.accountId)],
  ];
}

/** Guards, and the indexes that a tap touches: made in the end, each takes a tenth of the time. */
const SET_ASIDE = `type = 'trigger' OR (type = 'index' AND sql NOT LIKE '%kind%' AND sql NOT LIKE '%accountTag%')`;
const GUARDS = `type = 'trigger'`;

/** Opens the file, sets these aside, does the work, and puts them back as they were. */
function without(aside: string, file: string, work: (db: Database.Database) => void): void {
  const db = new Database(file);
  for (const pragma of ['journal_mode = DELETE', 'journal_mode = OFF', 'synchronous = OFF', 'cache_size = -262144', 'temp_store = FILE']) db.pragma(pragma);
  const found = db.prepare<[], { type: string; name: string; sql: string }>(`SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND (${aside})`).all();
  for (const { type, name } of found) db.exec(`DROP ${type} ${name}`);
  db.exec('BEGIN');
  work(db);
  db.exec('COMMIT');
  for (const { sql } of found) db.exec(sql);
  db.close();
}

/** A log of `size` entries: tags, columns, keys and indexes are the real ones; the sealed parts are noise of the right length. */
export function fillLog(place: LogPlace, size: number): void {
  openLog(place).close();
  makeKeys(place, size);
  const slots = openSlotWriter(place.keysDir, place.root);
  const keys = keysOf(slots);
  const noise = randomBytes(1 << 20);
  without(SET_ASIDE, place.file, (db) => {
    const insert = db.prepare(`INSERT INTO entry VALUES (${Array.from({ length: 16 }, () => '?').join(', ')})`);
    for (let idx = 1; idx < size; idx += 1) insert.run(hollowRow(entryAt(idx, size), idx, keys, noise));
  });
  slots.close();
  openLog(place).close(); // writes the spans
}

/** Seals these entries for real, through the writer's own function: those that will be opened. */
export function sealRows(place: LogPlace, size: number, wanted: Iterable<number>): void {
  const { logId, close } = openLog(place);
  close();
  const slots = openSlotWriter(place.keysDir, place.root);
  const keys = keysOf(slots);
  without(GUARDS, place.file, (db) => {
    const update = db.prepare<EntryRow>('UPDATE entry SET cEvent = @cEvent, cPerson = @cPerson, leafHash = @leafHash, event = @event, person = @person WHERE idx = @idx');
    for (const idx of wanted) update.run(rowOf(stage(entryAt(idx, size)), idx, { logId, first: 0 }, keys));
  });
  slots.close();
}
