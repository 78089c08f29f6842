import type { StoredEntry } from '../../../gateway/journal/entry.ts';
import type { Random } from '../engine/random.ts';
import type { Scheduler } from '../engine/scheduler.ts';
import type { SimController } from './device.ts';
import type { Disk } from './disk.ts';
import type { EnrolDesk } from './enrol-desk.ts';
import type { Fault } from './fault.ts';
import type { Gateway } from './gateway.ts';
import type { Net } from './net.ts';
import type { Register } from './register.ts';
import type { KeyDesk } from './serial/key-desk.ts';
import type { SimLine } from './serial/wire.ts';
import type { Site } from './site.ts';
import type { Steady } from './steady.ts';

/** Everything of one seed. */
export interface World {
  readonly scheduler: Scheduler;
  readonly random: { readonly net: Random; readonly people: Random; readonly store: Random; readonly fitters: Random };
  readonly site: Site;
  readonly register: Register;
  readonly net: Net;
  readonly disk: Disk;
  readonly gateway: Gateway;
  readonly devices: readonly SimController[];
  /** Serial lines of the gateway's computer; most worlds have none. */
  readonly lines: readonly SimLine[];
  readonly keys: KeyDesk;
  readonly sealed: boolean;
  readonly enrolment: EnrolDesk;
  readonly steady: Steady;
  /** The desk side works: people can change the register. */
  deskUp: boolean;
  /** Hints that the register changed arrive. */
  hints: boolean;
  /** Ms of the world. */
  now(): number;
  later(ms: number, act: () => void): void;
  /** In a device's own turn: waits while it is frozen. */
  atDevice(device: SimController, act: () => void): void;
  /** Puts a clock off by so much, ms. */
  setDoorClock(place: number, off: number): void;
  setGatewayClock(off: number): void;
  gatewayOff(): number;
  disturbed(fault: Fault, begins: boolean): void;
  /** A fault that nobody planned begins. */
  happens(fault: Fault): void;
  /** Something was done to a device that is no fault of the plan. */
  touched(device: SimController): void;
  /** Is this the device that the register says works this controller, in service? */
  enrolled(device: SimController): boolean;
  /** How long a door, its line, who it is and the gateway have been undisturbed, ms. */
  steadyLine(device: SimController): number;
  /** How long a serial line, by its place, and the gateway with its log have been undisturbed, ms. */
  steadySerial(place: number): number;
  /** All entries of the log, opened. */
  entries(): ReadonlyMap<number, StoredEntry>;
}
