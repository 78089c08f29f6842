import type { ControllerId, DoorId } from '../core/ids.ts';
import type { Method } from '../core/facts.ts';
import type { Note, Reason } from '../core/reasons.ts';
import type { DoorEvent, EventKey, Final } from '../journal/entry.ts';

/** Somebody asks at a door. Made by a link from a checked, unsealed message; nothing in it is trusted as true. */
export interface Tap {
  readonly key: EventKey;
  /** 0: the controller has no door of that number in the register. */
  readonly doorId: DoorId | 0;
  readonly method: Method;
  /** Data bits as read, width and value; undefined when the reading is impossible (0 or over 64 bits, bad hex). */
  readonly credential: { readonly bits: number; readonly hex: string } | undefined;
  /** Digits typed after the card; left out: none were. In memory only: never logged, stored or counted. */
  readonly pin?: string | undefined;
  /** Device clock, epoch ms; 0: none. */
  readonly deviceTime: number;
  /** How old the request was on arrival, by the device's own running time, ms. */
  readonly ageMs: number;
  /** After this age the device no longer listens, ms. */
  readonly budgetMs: number;
  readonly list: string;
  /** The serial line of the door is in a test: whoever would be let in is not. */
  readonly inTest?: boolean | undefined;
}

export interface Verdict {
  readonly granted: boolean;
  readonly reason: Reason;
  readonly note: Note | undefined;
  readonly openMs: number;
  /** Journal index of the entry; 0 when nothing could be stored. */
  readonly entry: number;
  /** False for STALE: logged, and the door is not answered. */
  readonly answer: boolean;
}

/** What a door did with a request, or decided by itself. Complete, so that it stands alone if the request never came. */
export interface Outcome {
  readonly key: EventKey;
  readonly request: { readonly boot: number; readonly seq: number };
  readonly tap: Tap;
  readonly final: Final;
  readonly granted: boolean;
  readonly reason: Reason;
  readonly opened: 'opened' | 'unopened' | 'unknown';
}

/** Something a door noticed by itself. */
export interface Happening {
  readonly key: EventKey;
  readonly doorId: DoorId | 0;
  readonly what: DoorEvent;
  readonly deviceTime: number;
  readonly offline: boolean;
}

/** What a link needs from the door side. Each promise resolves only when the entry is durable. */
export interface DoorSide {
  tap(tap: Tap): Promise<Verdict>;
  outcome(outcome: Outcome): Promise<void>;
  happened(happening: Happening): Promise<void>;
  /** A controller came, went, started, or was refused; `why` is a stable lower-case word. */
  link(event: { controllerId: ControllerId | 0; what: 'online' | 'offline' | 'boot' | 'refused'; why: string; key: EventKey | undefined }): Promise<void>;
  state(state: DoorState): void;
}

/** A lockdown ends by itself after so much running time, whatever any clock or register says, ms (design.md 6.1). */
export const LONGEST_LOCKDOWN_MS = 2 * 3_600_000;

/** Live state of a door, for the console. */
export interface DoorState {
  readonly doorId: DoorId;
  readonly online: boolean;
  /** Epoch ms of the last change of `online`. */
  readonly since: number;
  readonly contact: 'open' | 'closed' | 'unknown';
  readonly lock: 'locked' | 'unlocked' | 'unknown';
  readonly power: boolean;
  /** Events waiting on the device. */
  readonly queued: number;
  /** Access list the device holds and the one it should, `epoch.n`; '' when none. */
  readonly have: string;
  readonly want: string;
  /** A weak link (an esp-rfid board): nothing is sealed, and an entry can be lost. */
  readonly weak?: true | undefined;
  /** A weak link in a lockdown: cards it still opens for and should not; absent: no lockdown, or not known. */
  readonly unwanted?: number | undefined;
  /** Its reader has a keypad; undefined: not known yet. */
  readonly keypad?: boolean | undefined;
  /** Number of the register's change up to which `want` is known to be right; absent: this link makes no lists. */
  readonly covers?: number | undefined;
  /** End of its list that the device was last told, epoch ms; 0 or absent: none since the gateway started. */
  readonly listUntil?: number | undefined;
  /** Checkpoint of the log that its controller holds: entries, when it said so (epoch ms), whether our log agrees. */
  readonly heldLog?: { readonly size: number; readonly at: number; readonly agrees: boolean } | undefined;
}

export interface DoorCommand {
  readonly what: 'unlock' | 'lock' | 'restart' | 'identify';
  readonly openMs: number;
}
export type CommandResult = 'done' | 'refused' | 'expired' | 'offline';

/** The one small interface every kind of door is behind (MQTT, serial, adapters). */
export interface DoorLink {
  command(doorId: DoorId, command: DoorCommand): Promise<CommandResult>;
  states(): DoorState[];
  close(): Promise<void>;
}
