import type { ListHeader } from '../gateway/wire/mqtt/list-header.ts';
import type { Message } from '../gateway/wire/mqtt/messages.ts';
import type { ListRow } from '../gateway/wire/mqtt/list.ts';
import type { Reading } from '../gateway/wire/mqtt/reading.ts';

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
  /** How each door works, and the schedules and days this rests on (wire/mqtt/list-header.ts). */
  readonly doors: ListHeader['doors'];
  readonly tz: number;
  readonly sched: ListHeader['sched'];
  readonly hol: ListHeader['hol'];
  readonly work: ListHeader['work'];
  readonly rows: readonly ListRow[];
  readonly boot: number;
  readonly u: number;
}

/** The newest checkpoint of one log of the gateway: proof, outside its house, of what the log was. */
export interface HeldCheckpoint {
  /** Id of the log, 32 hex digits. */
  readonly o: string;
  /** Entries it covers. */
  readonly s: number;
  /** Root, 64 hex digits. */
  readonly h: string;
  /** The signed note. */
  readonly note: string;
}

/** One atomic write. */
export interface StoreChange {
  readonly put?: readonly StoredRecord[];
  readonly erase?: readonly number[];
  readonly list?: HeldList;
  /** Highest authenticated time, epoch ms. */
  readonly floor?: number;
  readonly checkpoints?: readonly HeldCheckpoint[];
  /** A duty card ended the lockdown that lasts until `k` at a door. */
  readonly released?: readonly { readonly door: number; readonly k: number }[];
  /** Wrong PINs in a row under a key of `pins.ts`; 0: none any more. */
  readonly tries?: readonly { readonly f: string; readonly wrong: number }[];
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
  /** By log. */
  readonly checkpoints: Map<string, HeldCheckpoint>;
  /** End of the lockdown that a duty card ended, by door. */
  readonly released: Map<number, number>;
  /** Wrong PINs in a row, by the keys of `pins.ts`. */
  readonly tries: Map<string, number>;
}

/** Logs of which a checkpoint is kept: a gateway that was restored begins a new one. */
const CHECKPOINTS_MAX = 4;

/** Keeps a checkpoint in place of the last of its log; of too many logs the one that was quiet longest goes. */
export function keepCheckpoint(kept: Map<string, HeldCheckpoint>, checkpoint: HeldCheckpoint): void {
  kept.delete(checkpoint.o);
  kept.set(checkpoint.o, checkpoint);
  const [oldest] = kept.keys();
  if (kept.size > CHECKPOINTS_MAX && oldest !== undefined) kept.delete(oldest);
}

/** A store nobody has used. `instance`: 16 random hex digits. */
export const newImage = (instance: string): StoreImage => ({
  instance,
  boot: 0,
  seq: 0,
  records: new Map(),
  list: undefined,
  floor: 0,
  checkpoints: new Map(),
  released: new Map(),
  tries: new Map(),
});

/** Carries out a write on an image. */
export function applyChange(image: StoreImage, change: StoreChange): void {
  for (const record of change.put ?? []) {
    image.records.set(record.n, record);
    image.seq = Math.max(image.seq, record.n);
  }
  for (const n of change.erase ?? []) image.records.delete(n);
  if (change.list !== undefined) image.list = change.list;
  if (change.floor !== undefined) image.floor = change.floor;
  for (const { door, k } of change.released ?? []) image.released.set(door, k);
  for (const { f, wrong } of change.tries ?? []) {
    image.tries.delete(f);
    if (wrong > 0) image.tries.set(f, wrong);
  }
  for (const checkpoint of change.checkpoints ?? []) keepCheckpoint(image.checkpoints, checkpoint);
}
