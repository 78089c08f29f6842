import type { ControllerId } from '../../core/ids.ts';
import type { DoorRecord, SiteSchedule } from '../registry.ts';

/** An input of a device on the line. */
export interface LineInputPoint {
  /** Of the device. */
  readonly address: number;
  /** From 0. */
  readonly input: number;
  readonly activeLow: boolean;
}

/** Which devices a door is made of. */
export interface SerialDoor extends DoorRecord {
  /** Number on its line, 1 to 31. */
  readonly number: number;
  readonly reader: { readonly address: number; readonly number: number };
  readonly relay: { readonly address: number; readonly output: number };
  /** Active: the door is open. */
  readonly contact?: LineInputPoint | undefined;
  readonly exit?: LineInputPoint | undefined;
}

/** A reader or door unit. */
export interface LineDevice {
  /** Row of the register. */
  readonly id: number;
  readonly address: number;
  /** The address it is being given: it may have gone there already; null: none. */
  readonly nextAddress?: number | null | undefined;
  readonly name: string;
  /** 16 bytes; undefined: not enrolled. */
  readonly key?: Uint8Array | undefined;
  /** The key it is being given: it may have this one already. */
  readonly nextKey?: Uint8Array | undefined;
  /** Maker, model and serial number it was enrolled with, 16 hex digits; '': none. */
  readonly identity: string;
  /** Until when it may speak in clear, epoch ms; 0: never. */
  readonly clearUntil: number;
}

/** What the register says about a serial line. A new object for a changed record; never changed in place. */
export interface LineRecord {
  readonly id: number;
  readonly controllerId: ControllerId;
  /** Device id of its controller. */
  readonly name: string;
  /** Stable name of the port. */
  readonly port: string;
  readonly baud: number;
  /** The speed its devices are told, or were: it may stand at this one already; null: none. */
  readonly nextBaud?: number | null | undefined;
  readonly floorMs: number;
  readonly adapterMs: number;
  readonly retired: boolean;
  readonly devices: readonly LineDevice[];
  readonly doors: readonly SerialDoor[];
  /** Active: there is fire, and every door of the line stands open. */
  readonly fire?: LineInputPoint | undefined;
  /** Schedules of its site. */
  readonly schedules: readonly SiteSchedule[];
}

/** Is what only another line can change the same: port and speed? */
export const samePort = (a: LineRecord, b: LineRecord): boolean => a.port === b.port && a.baud === b.baud && a.floorMs === b.floorMs && a.adapterMs === b.adapterMs;

/** The lines of the register, from memory. */
export interface LineRegistry {
  all(): Iterable<LineRecord>;
}
