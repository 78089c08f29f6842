import type { ControllerId, DoorId } from '../core/ids.ts';
import type { WeekPlan } from '../core/schedule.ts';

/** A schedule of a site, by the number it travels under. */
export interface SiteSchedule {
  readonly number: number;
  readonly plan: WeekPlan;
}

/** A door of a controller: how it works travels in the header of the controller's list. Left out: nothing special. */
export interface DoorRecord {
  readonly doorId: DoorId;
  readonly openMs: number;
  /** Open longer than this is reported as held, ms. */
  readonly heldMs?: number;
  /** Numbers of schedules, 0: none: it stands unlocked; a card that has a PIN needs it. */
  readonly openSchedule?: number;
  readonly pinSchedule?: number;
  /** It stands unlocked only after the first card of the span. */
  readonly firstCard?: boolean;
  /** Doors of one controller with the same number are open one at a time; 0: alone. */
  readonly interlock?: number;
  readonly passbackMinutes?: number;
  readonly passbackHard?: boolean;
  /** Epoch ms; 0: not in lockdown. */
  readonly lockdownUntil?: number;
}

/** What the register says about a native controller. A new object for a changed record; never changed in place. */
export interface DeviceRecord {
  /** MQTT device id, `[a-z0-9-]{1,24}`: client id and username too. */
  readonly deviceId: string;
  readonly controllerId: ControllerId;
  /** MQTT site id, the same alphabet. */
  readonly site: string;
  /** 32 bytes from enrolment. */
  readonly secret: Uint8Array;
  /** By number on the controller, 1 to 8. */
  readonly doors: ReadonlyMap<number, DoorRecord>;
  /** Schedules of its site; left out: none. */
  readonly schedules?: readonly SiteSchedule[];
  readonly retired: boolean;
}

/** The register as the link reads it: from memory, at every message, so that a retired controller is out at once. */
export interface DeviceRegistry {
  device(deviceId: string): DeviceRecord | undefined;
  all(): Iterable<DeviceRecord>;
}
