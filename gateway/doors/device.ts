import type { DoorId } from '../core/ids.ts';
import type { DayCalendar } from '../core/schedule.ts';
import type { PackedChunk } from '../wire/mqtt/list-chunk.ts';
import type { Message } from '../wire/mqtt/messages.ts';
import type { DownTail } from '../wire/mqtt/topics.ts';
import { type DeviceKeys, deviceKeys } from '../wire/mqtt/seal.ts';
import type { Connection } from './broker.ts';
import { type BootClock, createBootClock } from './freshness.ts';
import type { CommandResult, DoorSide, DoorState, Verdict } from './link.ts';
import type { BuiltList } from './access-list.ts';
import type { DeviceRecord } from './registry.ts';

/** Log of a link: pino's first two arguments. Never given card numbers or PINs. */
export interface LinkLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What the handlers of messages share. */
export interface LinkContext {
  readonly side: DoorSide;
  /** Epoch ms. */
  readonly now: () => number;
  /** Monotonic ms. */
  readonly uptime: () => number;
  readonly log: LinkLog;
  /** Public holidays and make-up days that schedules go by. */
  readonly calendar: DayCalendar;
  /** Random bytes: nonces, command ids. Fixed only by tests that replay a vector. */
  readonly random: (bytes: number) => Buffer;
  /** Seals and sends to the device's present connection; false when it has none. `sent` as in Connection. */
  send<T extends Exclude<DownTail, 'acl/c'>>(device: Device, tail: T, message: Message<T>, sent?: () => void): boolean;
  /** The same for a piece of a list, whose rows are packed already. */
  sendPiece(device: Device, piece: PackedChunk, sent: () => void): boolean;
  /** Something of this device was turned away: one journal entry a minute, and a log line with the detail. */
  refuse(device: Device, why: string, detail?: string): void;
  /** Records a coming, going or start. */
  note(device: Device, what: 'online' | 'offline' | 'boot', why: string): void;
  /** Tells the door side of every door of this device whose state changed. */
  announce(device: Device): void;
}

/** A request that is being decided. */
export interface Deciding {
  /** Tells a repeat from another request under the same key. */
  readonly content: string;
  readonly verdict: Promise<Verdict>;
}

/** All a running gateway knows of one native controller. Kept from its first login until the link closes. */
export interface Device {
  readonly id: string;
  record: DeviceRecord;
  keys: DeviceKeys | undefined;
  connection: Connection | undefined;
  /** A state message came on the present connection. */
  greeted: boolean;
  online: boolean;
  /** Epoch ms of the last change of `online`. */
  since: number;
  /** Monotonic ms when the present connection was made, and when anything last came in. */
  joinedAt: number;
  heardAt: number;
  instance: string | undefined;
  boot: number;
  clock: BootClock;
  readonly contacts: Map<number, { readonly contact: DoorState['contact']; readonly lock: DoorState['lock'] }>;
  power: boolean;
  queued: number;
  have: string;
  list: BuiltList | undefined;
  /** Version and rules the list was last asked for with. */
  listSource: string;
  /** Number of the register's change up to which the present list is known to be right; 0: no list was made yet. */
  covers: number;
  /** End of its list that the device was last told, epoch ms; 0: none yet. */
  listUntil: number;
  /** Minor version of the protocol it speaks, as its `info` said. */
  minor: number;
  /** Its doors with a keypad, bit 0: door 1; undefined: it has not described itself. */
  keypads: number | undefined;
  /** Checkpoint of the log last handed to it; `at`: monotonic ms. */
  offered: { readonly origin: string; readonly size: number; readonly at: number } | undefined;
  /** Checkpoint it said it holds. */
  heldLog: DoorState['heldLog'];
  /** What its header says of the doors, as JSON; '' before the first. */
  rules: string;
  /** Monotonic ms when the list was last offered. */
  listOfferedAt: number;
  /** Monotonic ms when the end of its list is to be said again. */
  listRenewAt: number;
  /** A transfer of list chunks is under way. */
  sendingList: boolean;
  readonly deciding: Map<string, Deciding>;
  /** Requests and events whose PUBACK has not left. */
  requests: number;
  events: number;
  /** Commands sent, by id, until their answer or their end. */
  readonly commands: Map<string, (result: CommandResult) => void>;
  /** Last announced state of each door, as text. */
  readonly announced: Map<DoorId, string>;
}

/** A device nothing has been heard of yet. */
export const createDevice = (record: DeviceRecord, now: number): Device => ({
  id: record.deviceId,
  record,
  keys: undefined,
  connection: undefined,
  greeted: false,
  online: false,
  since: now,
  joinedAt: 0,
  heardAt: 0,
  instance: undefined,
  boot: 0,
  clock: createBootClock(),
  contacts: new Map(),
  power: true,
  queued: 0,
  have: '',
  list: undefined,
  listSource: '',
  covers: 0,
  listUntil: 0,
  minor: 0,
  keypads: undefined,
  offered: undefined,
  heldLog: undefined,
  listOfferedAt: 0,
  listRenewAt: 0,
  rules: '',
  sendingList: false,
  deciding: new Map(),
  requests: 0,
  events: 0,
  commands: new Map(),
  announced: new Map(),
});

/** Keys of a device, derived when first needed: four HKDF runs for each of thousands would hold up the start. */
export const keysOf = (device: Device): DeviceKeys => (device.keys ??= deviceKeys(device.record.secret));

/** Row number of a door by its number on the controller; 0 when the register has none. */
export const doorIdOf = (device: Device, number: number): DoorId | 0 => device.record.doors.get(number)?.doorId ?? 0;

/** Live state of each door the register gives this device. */
export function doorStates(device: Device): DoorState[] {
  const { online, since, power, queued, have, heldLog, covers, listUntil, keypads } = device;
  const want = device.list?.version ?? '';
  return [...device.record.doors].map(([number, { doorId }]) => {
    const { contact, lock } = device.contacts.get(number) ?? { contact: 'unknown', lock: 'unknown' };
    const keypad = keypads === undefined ? undefined : (keypads & (1 << (number - 1))) !== 0;
    return { doorId, online, since, contact, lock, power, queued, have, want, heldLog, covers, listUntil, keypad };
  });
}
