import { FrameReader } from './frame.ts';
import type { Command, CommandName, Reply } from './messages.ts';
import type { SecureSession, SessionKeys } from './secure.ts';
import type { LineTest } from './test-counts.ts';

/** What is fixed for a line. Times in ms. */
export interface LineConfig {
  readonly baud: number;
  /** A device is polled no more often than this. */
  readonly floorMs: number;
  /** What the adapter adds to each answer: 16 on many USB adapters. */
  readonly adapterMs: number;
  /** Fresh random bytes, fit for keys. */
  readonly random: (length: number) => Uint8Array;
  /** A session older than this is renewed when nothing else is to be said; absent: a day. */
  readonly renewMs?: number | undefined;
}

/** A device as our own record has it: what it needs is said here, never by the device (osdp.md 4). */
export interface DeviceRecord {
  /** 0 to 126. */
  readonly address: number;
  /** It was told to go there, or is about to be: it is looked for at both until it proves its key at one. */
  readonly nextAddress?: number | undefined;
  /** Its key; undefined: it is not enrolled, and nothing is said to it. */
  readonly key?: Uint8Array | undefined;
  /** It may speak without a secure channel: an exception somebody made for this one device. */
  readonly clear?: boolean | undefined;
  /** Maker and serial number it was enrolled with, hex; undefined: whoever has the key. */
  readonly identity?: string | undefined;
}

/** What a device may be told besides polls. */
export type Order = Command<'OUT' | 'LED' | 'BUZ' | 'TEXT' | 'LSTAT' | 'ISTAT' | 'OSTAT' | 'RSTAT' | 'ABORT'>;
/** Something to be done at a device once: given up when it could not be said until then (epoch of `now`, ms). `tag`: given back. */
export interface Action {
  readonly tag: number;
  readonly order: Order;
  readonly until: number;
}

/** Why a session is over, or could not begin. */
export type Loss = 'silent' | 'mac' | 'sequence' | 'refused' | 'clear' | 'busy' | 'late' | 'port' | 'commissioning' | 'record';
/** What an officer is told of a device, each at most once a minute. `bad-macs`: three within an hour, told once in it. */
export type LineAlarm = 'key-refused' | 'swapped' | 'capabilities' | 'clear-reply' | 'bad-mac' | 'bad-macs' | 'second-panel' | 'unreadable';
/** How a commissioning went. */
export type Commissioned = 'done' | 'late' | 'weak-key' | 'same-key' | 'unproven' | 'not-ready' | 'cancelled';
/**
 * What came of telling a device its next address. `unsent`, `refused`: it is where it was;
 * `occupied`: it was not told, for somebody answers at the new one already. `sent`: only a session can
 * tell, at one address or the other. `elsewhere`: it says it goes to another address or speed than it was told.
 */
export type Moved = { readonly result: 'unsent' | 'refused' | 'occupied' | 'sent' } | { readonly result: 'elsewhere'; readonly to: number; readonly baud: number };

/** What happens on a line. Times of its `now`, ms. */
export type LineInput =
  | { readonly t: 'bytes'; readonly bytes: Uint8Array }
  | { readonly t: 'tick' }
  | { readonly t: 'act'; readonly address: number; readonly action: Action }
  /** One report of a device is on disk. Once all are, also of a session before, it may be polled again, and forget them. */
  | { readonly t: 'taken'; readonly address: number }
  /** The port came, or went. */
  | { readonly t: 'port'; readonly up: boolean }
  /** An operator begins to give a device a key, until a moment. `from`: the key it has; undefined: the public one. */
  | { readonly t: 'commission'; readonly address: number; readonly from?: Uint8Array | undefined; readonly until: number }
  /** The operator confirmed the identity, and the fresh key is stored beside the old one: it may be sent, once. */
  | { readonly t: 'confirm'; readonly address: number; readonly key: Uint8Array }
  /** The operator leaves off. A key that was sent may be the device's all the same. */
  | { readonly t: 'cancel'; readonly address: number }
  /** An operator gives a device the address that its record has as the next; said once, in a session under its key, until a moment. */
  /** With `baud` another speed, at the address it has: after that nothing is said to it, for the port must be opened anew. */
  | { readonly t: 'move'; readonly address: number; readonly to: number; readonly baud?: number | undefined; readonly until: number }
  /** A test of the line begins, until a moment; or ends before. While one runs a device is asked again as soon as it has answered. */
  | { readonly t: 'test'; readonly until: number }
  | { readonly t: 'test-end' }
  /** The devices of the line as the register has them now, all of them. */
  | { readonly t: 'devices'; readonly devices: readonly DeviceRecord[] };

/** What a line tells. `address` 0 to 126. */
export type LineOutput =
  | { readonly t: 'send'; readonly bytes: Uint8Array }
  /** `where`: where it answers, its address or the next one. */
  | { readonly t: 'up'; readonly address: number; readonly identity: string; readonly where: number }
  | { readonly t: 'down'; readonly address: number; readonly why: Loss }
  /** Nothing right was heard for a second, or for eight. */
  | { readonly t: 'quality'; readonly address: number; readonly state: 'degraded' | 'offline' | 'good' }
  /** A card, keys or a state, in the order they came. The device is not polled again until each was `taken`, once. */
  | { readonly t: 'report'; readonly address: number; readonly reply: Reply }
  | { readonly t: 'done'; readonly address: number; readonly tag: number; readonly result: 'ok' | 'refused' | 'not-up' | 'late' | 'unknown' }
  | { readonly t: 'alarm'; readonly address: number; readonly what: LineAlarm }
  | { readonly t: 'identity'; readonly address: number; readonly identity: string }
  | { readonly t: 'commissioned'; readonly address: number; readonly result: Commissioned }
  | { readonly t: 'moved'; readonly address: number; readonly of: Moved }
  /** The time of a test is over. */
  | { readonly t: 'tested' };

/** A command without its answer: its bytes are sent again as they are. */
export interface Exchange {
  readonly bytes: Uint8Array;
  readonly name: CommandName;
  readonly sequence: number;
  readonly action: Action | undefined;
  /** It asks whether anybody is at the device's next address: not the device's own. */
  readonly probe: boolean;
  /** Asked by a test alone. */
  readonly isTest: boolean;
  /** When it was first sent; 0: not yet. */
  firstAt: number;
  sentAt: number;
  retryAt: number;
  /** Times it was sent, and answers BUSY. */
  tries: number;
  busy: number;
  /** Something came that began like an answer and was bent; or only noise. Neither is silence. */
  garbled: boolean;
  noisy: boolean;
  /** A clear answer came where only a secured one counts. */
  clearSeen: boolean;
}

/** An operator's act on one device. */
export interface Commission {
  readonly from: Uint8Array;
  readonly until: number;
  fresh: Uint8Array | undefined;
  /** The key may have been changed: only a handshake can tell. */
  proving: boolean;
  told: boolean;
}

/** How far a device is. `barred`: it is not spoken to until its record changes. */
export type Phase = 'barred' | 'away' | 'proving' | 'asking' | 'up';

/** What a device came to since it is on the line: for its operator. */
export interface PeerCounts {
  sent: number;
  answered: number;
  repeated: number;
  /** Bent answers while it was its turn. */
  badChecks: number;
  busy: number;
  /** From a command to its answer, both on the line, ms: over all that were answered, and the longest. */
  answerMs: number;
  slowestMs: number;
}

/** One device in RAM. */
export interface Peer {
  record: DeviceRecord;
  /** Where it is spoken to: its address, or the next one. Outside it goes by its address until the register has taken the other. */
  at: number;
  phase: Phase;
  session: SecureSession | undefined;
  handshake: { readonly keys: SessionKeys; readonly random: Uint8Array; readonly type: number; cryptogram: Uint8Array; first: Uint8Array } | undefined;
  /** Of the last command that was answered. */
  sequence: number;
  pending: Exchange | undefined;
  readonly queue: Action[];
  /** Questions left at the beginning of a session. */
  asks: CommandName[];
  identity: string;
  heardAt: number;
  /** Not challenged before. */
  nextAt: number;
  challengedAt: number;
  polledAt: number;
  /** Polls at once, because more may wait. */
  repolls: number;
  /** Reports that were told and are not `taken`. */
  held: number;
  quality: 'good' | 'degraded' | 'offline';
  /** It did not answer last time: asked only in the time set aside for that. */
  quiet: boolean;
  keyAlarm: boolean;
  /** When an officer was last told of each kind; and when codes were wrong within the last hour. */
  readonly alarmed: Map<LineAlarm, number>;
  badMacs: readonly number[];
  /** Windows in a row in which it was bent or only noise came. */
  bent: number;
  /** Longest frame it takes, bytes. */
  buffer: number;
  /** When its session began; sessions in a row that did not last; a new one is being made while the old one counts for the outside. */
  provedAt: number;
  shortLived: number;
  renewing: boolean;
  readonly counts: PeerCounts;
  commission: Commission | undefined;
  /** It is to be told its next address, or speed, until a moment. `free`: nobody answered there. */
  move: { readonly to: number; readonly baud?: number | undefined; readonly until: number; free: boolean } | undefined;
}

/** What a line came to: for its operator. */
export interface LineCounts {
  sent: number;
  answered: number;
  repeated: number;
  badChecks: number;
  stray: number;
}

/** One serial line with its devices: changed only by `step` (acu.ts). */
export interface Line {
  readonly config: LineConfig;
  peers: readonly Peer[];
  readonly reader: FrameReader;
  readonly counts: LineCounts;
  /** Frames of ours that came back: the adapter hears itself. */
  echoes: number;
  portUp: boolean;
  /** Whose answer is waited for: so long by now; so long when nothing comes; and no longer, whatever comes. */
  waiting: { readonly peer: Peer; until: number; readonly answerBy: number; readonly endsBy: number } | undefined;
  /** Nothing is sent before: two characters of silence (osdp.md 2.1). */
  freeAt: number;
  /** No silent device is asked before. */
  probeAt: number;
  /** Whose turn it was. */
  turn: number;
  lastSent: Uint8Array;
  /** The present test, or the last. */
  test: LineTest | undefined;
}

/** One step of a line. */
export interface LineStep {
  readonly line: Line;
  readonly now: number;
  readonly out: LineOutput[];
}

/** "Never", as a deadline. */
export const NEVER = Number.POSITIVE_INFINITY;
const DEVICES_MAX = 31;
const ADDRESS_MAX = 0x7e;

/** Every device takes a frame of so many bytes (osdp.md 2.2); more only when it says so. */
export const BUFFER_MIN = 128;

/** Is nothing said to a device with such a record? */
export const isBarred = ({ key, clear }: DeviceRecord): boolean => key === undefined && clear !== true;

/** A device nothing has been said to yet. */
export const peerOf = (record: DeviceRecord): Peer => ({
  record,
  at: record.address,
  phase: isBarred(record) ? 'barred' : 'away',
  session: undefined,
  handshake: undefined,
  sequence: 0,
  pending: undefined,
  queue: [],
  asks: [],
  identity: '',
  heardAt: -NEVER,
  nextAt: -NEVER,
  challengedAt: -NEVER,
  polledAt: -NEVER,
  repolls: 0,
  held: 0,
  quality: 'offline',
  quiet: false,
  keyAlarm: false,
  alarmed: new Map(),
  badMacs: [],
  bent: 0,
  buffer: BUFFER_MIN,
  provedAt: -NEVER,
  shortLived: 0,
  renewing: false,
  counts: { sent: 0, answered: 0, repeated: 0, badChecks: 0, busy: 0, answerMs: 0, slowestMs: 0 },
  commission: undefined,
  move: undefined,
});

/** RangeError when two devices have one address, or may come to have it, or there are more than a line carries. */
export function checkDevices(devices: readonly DeviceRecord[]): void {
  const addresses = devices.flatMap(({ address, nextAddress }) => (nextAddress === undefined ? [address] : [address, nextAddress]));
  if (devices.length > DEVICES_MAX) throw new RangeError(`devices: expected at most ${DEVICES_MAX} on one line, got ${devices.length}`);
  const wrong = addresses.find((address, at) => !Number.isInteger(address) || address < 0 || address > ADDRESS_MAX || addresses.indexOf(address) !== at);
  if (wrong !== undefined) throw new RangeError(`address: expected 0 to ${ADDRESS_MAX}, each once on a line, got ${wrong}`);
}

/** A line whose port is not open yet. RangeError for devices that cannot share one. */
export function createLine(config: LineConfig, devices: readonly DeviceRecord[]): Line {
  checkDevices(devices);
  return {
    config,
    peers: devices.map(peerOf),
    reader: new FrameReader(),
    counts: { sent: 0, answered: 0, repeated: 0, badChecks: 0, stray: 0 },
    echoes: 0,
    portUp: false,
    waiting: undefined,
    freeAt: -NEVER,
    probeAt: -NEVER,
    turn: 0,
    lastSent: new Uint8Array(),
    test: undefined,
  };
}
