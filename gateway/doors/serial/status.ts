import type { LineAlarm, LineCounts, Moved } from '../../wire/osdp/acu-model.ts';

/** How a device on a line is. `waiting`: it has no key, or the wrong identity, and nothing is said to it; `commissioning`: it is being given a key. */
export type LineDeviceState = 'up' | 'degraded' | 'offline' | 'waiting' | 'commissioning';

/** Live state of a device, for the console. */
export interface LineDeviceStatus {
  readonly id: number;
  readonly address: number;
  readonly state: LineDeviceState;
  /** It speaks under its key. */
  readonly secured: boolean;
  /** What it says it is: maker, model, serial number, 16 hex digits; '' before it said so. */
  readonly identity: string;
  /** Polls answered in the last full ten seconds, by the second. */
  readonly pollsPerSecond: number;
  /** The last thing an officer was told of it, and when (epoch ms); absent: nothing since it was last enrolled. */
  readonly alarm?: { readonly what: LineAlarm; readonly at: number } | undefined;
}

/** Live state of a serial line. */
export interface LineStatus {
  readonly id: number;
  readonly portUp: boolean;
  /** Why the port cannot be had, both languages; '' while it is open. */
  readonly why: string;
  readonly counts: Readonly<LineCounts>;
  readonly devices: readonly LineDeviceStatus[];
  /** The test it is in, or was in last; absent: none since the gateway started. */
  readonly test?: LineTestStatus | undefined;
}

/** Why a test ended. `needed`: a lock was to move, by fire, an exit button, hours or an operator; `desk`: nobody was left who wanted it. */
export type LineTestEnd = 'time' | 'stopped' | 'needed' | 'desk' | 'port' | 'key';

/**
 * What a device's counts come to. `late`, `busy`, `codes`, `lost`, `noise`: one in so many frames; `few`: too few to
 * say; `not-asked`: it has no key; `unreadable`: it speaks, and not a frame of it can be read.
 */
export type TestVerdictWord = 'good' | 'noise' | 'lost' | 'codes' | 'late' | 'busy' | 'silent' | 'unreadable' | 'few' | 'not-asked';
export interface TestVerdict {
  readonly word: TestVerdictWord;
  /** 0: the word has none. */
  readonly oneIn: number;
}

/** What a device came to in a test (`test-counts.ts`). Times from a command to its answer, both on the line, ms. */
export interface DeviceTestResult {
  /** Row of the register. */
  readonly id: number;
  readonly sent: number;
  readonly answered: number;
  readonly repeated: number;
  readonly busy: number;
  readonly bent: number;
  readonly unanswered: number;
  readonly badMacs: number;
  readonly badChecks: number;
  readonly slow: number;
  readonly badBytes: number;
  /** Longest frame it answered, bytes. */
  readonly longest: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
  readonly verdict: TestVerdict;
}

/** A test of a line. Times are epoch ms. */
export interface LineTestStatus {
  readonly since: number;
  readonly until: number;
  /** undefined: it runs. */
  readonly endedAt: number | undefined;
  readonly why: LineTestEnd | undefined;
  readonly devices: readonly DeviceTestResult[];
}

/** What an operator has done with a line. `keep`: the desk side is there, and wants the test to go on. */
export type LineTestAct = { readonly act: 'begin'; readonly forMs: number } | { readonly act: 'keep' } | { readonly act: 'stop' };
/** What came of it. `open`: a lock of the line stands open; `key`: a device is being given a key; `missing`: there is no such line; `over`: no test runs; `speed`: it is being moved to another speed. */
export type LineTestAnswer = 'done' | 'running' | 'open' | 'key' | 'port' | 'missing' | 'over' | 'speed';

/**
 * What an operator has done with the speed of a line, in this order: `speed-ready`, and the line stays where it is while
 * the next speed is stored; then its devices are told (`speed-tell`), or it is left off (`speed-drop`).
 */
export type LineSpeedAct = { readonly act: 'speed-ready' } | { readonly act: 'speed-tell'; readonly baud: number } | { readonly act: 'speed-drop' };
/** What an operator has done with a line as a whole. */
export type LineAct = LineTestAct | LineSpeedAct;

/** How a line comes to its next speed. `found`: a device proved its key at one of the two. Else what that device said when it was told. */
export type SpeedNews = { readonly result: 'found'; readonly at: number } | { readonly result: 'refused' | 'elsewhere' };

/**
 * What an operator has done at one device. A key, in this order: begin, then confirm with the key that is stored, or
 * cancel. Or another address, which is stored as its next one: told once, until a moment (epoch ms).
 */
export type CommissionAct =
  | { readonly act: 'begin'; readonly until: number }
  | { readonly act: 'confirm'; readonly key: Uint8Array }
  | { readonly act: 'cancel' }
  | { readonly act: 'move'; readonly to: number; readonly until: number };

/** How a device comes to its next address. `found`: it proved its key at one of the two. */
export type AddressNews = Moved | { readonly result: 'found'; readonly at: number };

/** How giving a key goes on. `identity`: the device reported who it is, and waits for a yes. */
export type CommissionNews =
  | { readonly what: 'identity'; readonly identity: string }
  /** The device has the key. */
  | { readonly what: 'done'; readonly identity: string }
  | { readonly what: 'late' | 'weak-key' | 'same-key' | 'unproven' | 'not-ready' | 'cancelled' };

/** What is told of an operator's act: of a key, of an address, or of its line's speed. */
export type DeviceNews = CommissionNews | { readonly what: 'address'; readonly of: AddressNews } | { readonly what: 'speed'; readonly of: SpeedNews };
