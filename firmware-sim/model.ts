import type { Tries } from '../gateway/core/pin-tries.ts';
import type { DownTail, UpTail } from '../gateway/wire/mqtt/topics.ts';
import type { Message } from '../gateway/wire/mqtt/messages.ts';
import type { Reading } from '../gateway/wire/mqtt/reading.ts';
import type { EventBody, HeldCheckpoint, HeldList, ReadMethod, RequestRecord, StoreChange, StoreImage } from './store-image.ts';

/** The moment of an input. `u`: ms since boot, never going back; `wall`: the device's own clock, epoch ms, 0 when it has none. */
export interface Now {
  readonly u: number;
  readonly wall: number;
}

/** What the door contact shows; 'unknown': it has none, or it is broken. */
export type Contact = 'open' | 'closed' | 'unknown';

/** What is fixed for a device. Times in ms. */
export interface ControllerConfig {
  readonly doors: number;
  /** Keys the fingerprints of its access list (wire/mqtt/seal.ts). */
  readonly listKey: Uint8Array;
  readonly model: string;
  readonly fw: string;
  /** Open longer than this is reported as held. */
  readonly heldMs: number;
  /** Open time of the exit button, and of a local grant when the list states none. */
  readonly openMs: number;
  /** Records kept; beyond, the oldest stay and the newest are dropped and counted. */
  readonly queueMax: number;
}

/** A message from the gateway, unsealed and checked. */
export type Down = { readonly [T in DownTail]: { readonly tail: T; readonly body: Message<T> } }[DownTail];
type Publish = { readonly [T in UpTail]: { readonly t: 'publish'; readonly tail: T; readonly body: Message<T> } }[UpTail];

/** Everything that can happen to a controller. Doors are numbered from 1. */
export type Input =
  | { readonly t: 'tap'; readonly door: number; readonly reading: Reading; readonly method: ReadMethod /** Given back in the answer. */; readonly tag?: number }
  /** A key of a door's keypad. */
  | { readonly t: 'key'; readonly door: number; readonly key: string /** Given back in the answer, when no card was there first. */; readonly tag?: number }
  | { readonly t: 'exit'; readonly door: number }
  | { readonly t: 'contact'; readonly door: number; readonly contact: Contact }
  | { readonly t: 'fire'; readonly on: boolean }
  /** The case of the device: open or shut again. */
  | { readonly t: 'tamper'; readonly on: boolean }
  /** Mains gone while the battery holds, or back. */
  | { readonly t: 'mains'; readonly on: boolean }
  | { readonly t: 'battery'; readonly low: boolean }
  /** The reader of a door stopped answering, or answers again. */
  | { readonly t: 'reader'; readonly door: number; readonly ok: boolean }
  | { readonly t: 'message'; readonly message: Down }
  /** `nonce`: 16 fresh random hex digits for the question for the time. */
  | { readonly t: 'connected'; readonly nonce: string }
  | { readonly t: 'ask-time'; readonly nonce: string }
  | { readonly t: 'disconnected' }
  | { readonly t: 'tick' }
  | { readonly t: 'power-lost' }
  /** Starts with what the store held; its boot counter is already the new one. */
  | { readonly t: 'boot'; readonly image: StoreImage; readonly after: 'start' | 'power-lost' | 'restart' };

/** Why the lock was released. `n`: the request's sequence number, 0 when the store was full and it has none. */
export type Cause = { readonly by: 'request'; readonly n: number } | { readonly by: 'exit' | 'fire' | 'schedule' } | { readonly by: 'command'; readonly id: string };

/** What the person at the reader got. */
export interface Answer {
  readonly n: number;
  readonly tag: number | undefined;
  readonly granted: boolean;
  readonly reason: string;
  /** 0 when refused. */
  readonly openMs: number;
  /** Journal index from the gateway; 0 when the door decided by itself. */
  readonly entry: number;
  readonly local: boolean;
}

/** What the surroundings must do, in this order, each done before the next is begun. */
export type Output =
  /** One atomic write, on disk before anything after it. */
  | { readonly t: 'store'; readonly change: StoreChange }
  | Publish
  /** Lock released until `until` (running time; Infinity while the fire input is on). */
  | { readonly t: 'pulse'; readonly door: number; readonly until: number; readonly cause: Cause }
  | { readonly t: 'relock'; readonly door: number }
  | { readonly t: 'lamp'; readonly door: number; readonly show: 'green' | 'red' | 'alarm' | 'identify' /** Asks for digits. */ | 'pin'; readonly answer: Answer | undefined }
  | { readonly t: 'restart' };

/** A request in hand: its record, and the timing that is lost with the power. Deadlines are running times. */
export interface OpenRequest {
  record: RequestRecord;
  readonly tag: number | undefined;
  /** Digits: never in flash. '' when they were asked for and none came; undefined: nobody asked. */
  readonly typed: string | undefined;
  repeatAt: number;
  budgetAt: number;
  outcomeAt: number;
  /** The contact could not show an opening when the lock was released. */
  blind: boolean;
}

/** One door's lock and contact in RAM. Deadlines are running times. */
export interface DoorRun {
  /** Running time at which the lock closes again; 0: locked. */
  releasedUntil: number;
  /** When an open door counts as held. */
  heldAt: number;
  /** Forced or held, so that its closing is worth a line. */
  abnormal: boolean;
  /** Its contact shows nothing: cut, or broken. */
  faulty: boolean;
  /** It stands unlocked by its schedule. */
  hold: boolean;
  /** A card was let in during the present span of that schedule; and somebody locked it until the span is over. */
  firstCard: boolean;
  holdOff: boolean;
  /** In a lockdown; undefined: not looked at since the start. */
  lockdown: boolean | undefined;
  /** Somebody is at the keypad: the card that goes with it, what was typed, when it counts as given up. */
  keypad: { readonly card: Reading | undefined; readonly tag: number | undefined; readonly digits: string; readonly until: number } | undefined;
  /** Keys before this are pressed out of habit. */
  mutedUntil: number;
  /** When a fingerprint last went in, in running time. */
  readonly lastIn: Map<string, number>;
}

/** An access list on its way: what was announced and what has come. */
export interface ListFetch {
  readonly want: Message<'acl/want'>;
  readonly chunks: Map<number, HeldList['rows']>;
  /** The difference alone did not do: ask for all rows. */
  whole: boolean;
  retryAt: number;
  retryMs: number;
}

/** Everything a controller has in RAM: gone when the power is. */
export interface Running {
  u: number;
  wall: number;
  readonly instance: string;
  readonly boot: number;
  seq: number;
  connected: boolean;
  /** Until then decide locally first: a budget was missed. */
  localUntil: number;
  readonly requests: Map<number, OpenRequest>;
  /** Events not yet acknowledged, oldest first. */
  readonly events: EventBody[];
  /** Events on their way in this connection → when to send again. */
  readonly sent: Map<number, number>;
  /** Events lost because the store was full. */
  dropped: number;
  readonly doors: DoorRun[];
  list: HeldList | undefined;
  /** Fingerprint → its rows in `list`: one credential may have a row for each of several homes. */
  rows: ReadonlyMap<string, HeldList['rows']>;
  fetch: ListFetch | undefined;
  ask: { readonly nonce: string; readonly at: number } | undefined;
  /** Authenticated time of this boot: epoch ms `time` at running time `at`. */
  clock: { readonly at: number; readonly time: number } | undefined;
  /** No authenticated time ever seen was later than this, epoch ms. */
  floor: number;
  /** Newest checkpoint of each log of the gateway. */
  readonly checkpoints: Map<string, HeldCheckpoint>;
  /** Running time of the last one written to the store. */
  checkpointStoredAt: number;
  /** Commands done, until they expire. */
  readonly commands: Map<string, { readonly st: 'done' | 'refused'; readonly x: number }>;
  /** The end of the lockdown that a duty card ended at a door, by door; kept over a loss of power. */
  readonly released: Map<number, number>;
  /** Wrong PINs in a row, by the keys of `pins.ts`, in running time; their number is kept over a loss of power. */
  readonly tries: Map<string, Tries>;
  stateDue: number;
  stateSentAt: number;
}

/** What the sensors of a controller show, with power or without. `reader`: by door, answering. */
export interface World {
  readonly contact: Contact[];
  readonly reader: boolean[];
  fire: boolean;
  tamper: boolean;
  mains: boolean;
  low: boolean;
}

/** A controller: its settings, what its sensors show, and, with power, its RAM. Changed only by `step`. */
export interface Controller {
  readonly config: ControllerConfig;
  readonly world: World;
  run: Running | undefined;
}

/** One step of a controller with power. */
export interface Step {
  readonly config: ControllerConfig;
  readonly world: Controller['world'];
  readonly run: Running;
  readonly out: Output[];
}

/** "Never", as a deadline. */
export const NEVER = Number.POSITIVE_INFINITY;

/** The device's own clock, recorded and never believed, epoch ms; authenticated time where it has no clock; else 0. */
export function deviceTime(run: Running): number {
  if (run.wall !== 0) return run.wall;
  return run.clock === undefined ? 0 : run.clock.time + run.u - run.clock.at;
}
