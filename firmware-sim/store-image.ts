import type { ListRow, Message, Reading } from '../gateway/wire/mqtt/messages.ts';

/** An event as it travels. */
export type EventBody = Message<'evt'>;
/** How a credential was read. */
export type ReadMethod = Message<'req'>['k'];

/** Who decided a request, and what: written in one piece before the lock moves (CLAIMED of design.md 3). */
export interface Claim {
  readonly source: 'gateway' | 'local';
  readonly granted: boolean;
  readonly reason: string;
  readonly openMs: number;
}

/** A request from RECORDED until its outcome takes its place. `u`, `t`, `l`: running time, clock and list when the card was read. */
export interface RequestRecord {
  readonly kind: 'request';
  readonly n: number;
  readonly boot: number;
  readonly door: number;
  readonly reading: Reading;
  readonly method: ReadMethod;
  readonly u: number;
  readonly t: number;
  readonly l: string;
  readonly claim: Claim | null;
}

/** An event that waits for the gateway's own acknowledgement, as it will be sent. */
export interface EventRecord {
  readonly kind: 'event';
  readonly n: number;
  readonly body: EventBody;
}
/** What the store keeps under a sequence number. */
export type StoredRecord = RequestRecord | EventRecord;

/** The access list in force. `boot` and `u` say when it came, for devices that do not know the time. */
export interface HeldList {
  readonly e: number;
  readonly n: number;
  /** Epoch ms; checked against authenticated time only. */
  readonly until: number;
  readonly dig: string;
  /** Open time of each door, ms. */
  readonly o: readonly number[];
  readonly rows: readonly ListRow[];
  readonly boot: number;
  readonly u: number;
}

/** One atomic write. */
export interface StoreChange {
  readonly put?: readonly StoredRecord[];
  readonly erase?: readonly number[];
  readonly list?: HeldList;
  /** Highest authenticated time, epoch ms. */
  readonly floor?: number;
}

/** Everything a controller keeps over a loss of power. */
export interface StoreImage {
  /** 16 hex digits, made anew when the store was lost. */
  instance: string;
  boot: number;
  /** Highest sequence number ever used in this instance. */
  seq: number;
  readonly records: Map<number, StoredRecord>;
  list: HeldList | undefined;
  floor: number;
}

/** A store nobody has used. `instance`: 16 random hex digits. */
export const newImage = (instance: string): StoreImage => ({ instance, boot: 0, seq: 0, records: new Map(), list: undefined, floor: 0 });

/** Carries out a write on an image. */
export function applyChange(image: StoreImage, change: StoreChange): void {
  for (const record of change.put ?? []) {
    image.records.set(record.n, record);
    image.seq = Math.max(image.seq, record.n);
  }
  for (const n of change.erase ?? []) image.records.delete(n);
  if (change.list !== undefined) image.list = change.list;
  if (change.floor !== undefined) image.floor = change.floor;
}
