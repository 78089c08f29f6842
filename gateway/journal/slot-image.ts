import { MOST_SERIALS, nameAt, openRecord, serialAt, SLOT, SLOT_BYTES, SLOT_HEADER, type SlotName } from './slot-file.ts';

/** Where a sealed entry's keys come from. Undefined: there is no such key, or it was destroyed. */
export interface KeySource {
  key(name: SlotName): Buffer | undefined;
  /** Serial of a person's key, by which an entry names its person; 0: no such key. */
  serialOf(personId: number): number;
  keyBySerial(serial: number): Buffer | undefined;
  /** Month numbers that have a tag key, newest first. */
  months(): readonly number[];
  /** Numbers of the local days that have a key, newest first. */
  days(): readonly number[];
  /** Rises when keys were destroyed: whoever keeps keys ready lets go of them then. */
  readonly generation: number;
}

/** Records in one growing buffer, found by number: about 150 bytes a person, so a whole city fits in memory. */
export interface Image {
  bytes: Buffer;
  length: number;
  readonly places: ReadonlyMap<number, Map<number, number>>;
  /** Place of the record of each serial, in records; 0: none (that is the header's place). */
  serials: Uint32Array;
  nextSerial: number;
}

/** No records, and not even a header. */
export function emptyImage(): Image {
  const places = new Map([SLOT.day, SLOT.person, SLOT.month, SLOT.log].map((type) => [type, new Map<number, number>()]));
  return { bytes: Buffer.alloc(0), length: 0, places, serials: new Uint32Array(1024), nextSerial: 1 };
}

const placeOf = (record: number): number => SLOT_HEADER.length + (record - 1) * SLOT_BYTES;

function addSerial(image: Image, serial: number, at: number): void {
  if (serial >= image.serials.length) {
    const larger = new Uint32Array(Math.max(image.serials.length * 2, serial + 1));
    larger.set(image.serials);
    image.serials = larger;
  }
  image.serials[serial] = 1 + (at - SLOT_HEADER.length) / SLOT_BYTES;
}

/** Adds whole records; `from`: where in `records` the first of them is, behind a header. */
export function addRecords(image: Image, records: Buffer, from: number): void {
  if (image.length + records.length > image.bytes.length) {
    const larger = Buffer.alloc(Math.max(image.bytes.length * 2, image.length + records.length));
    image.bytes.copy(larger, 0, 0, image.length);
    image.bytes = larger;
  }
  records.copy(image.bytes, image.length);
  for (let at = from; at < records.length; at += SLOT_BYTES) {
    const name = nameAt(records, at);
    const serial = serialAt(records, at);
    if (serial > MOST_SERIALS) continue;
    image.nextSerial = Math.max(image.nextSerial, serial + 1);
    if (name === undefined) continue;
    image.places.get(name.type)?.set(name.id, image.length + at);
    addSerial(image, serial, image.length + at);
  }
  image.length += records.length;
}

/** Records and the root key that wraps them, as they stand now. */
export interface SlotState {
  image: Image;
  root: Uint8Array;
  generation: number;
}

/** Keys out of records. */
export function keySource(state: SlotState): KeySource {
  const open = (at: number): Buffer | undefined => openRecord(state.image.bytes.subarray(at, at + SLOT_BYTES), state.root);
  const numbers = (type: number): number[] => [...(state.image.places.get(type)?.keys() ?? [])].sort((a, b) => b - a);
  return {
    key({ type, id }) {
      const at = state.image.places.get(type)?.get(id);
      return at === undefined ? undefined : open(at);
    },
    serialOf(personId) {
      const at = state.image.places.get(SLOT.person)?.get(personId);
      return at === undefined ? 0 : serialAt(state.image.bytes, at);
    },
    keyBySerial(serial) {
      const record = state.image.serials[serial] ?? 0;
      return record === 0 ? undefined : open(placeOf(record));
    },
    months: () => numbers(SLOT.month),
    days: () => numbers(SLOT.day),
    get generation() {
      return state.generation;
    },
  };
}
