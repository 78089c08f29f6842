import type { ControllerId, DoorId } from '../core/ids.ts';

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
  readonly doors: ReadonlyMap<number, { readonly doorId: DoorId; readonly openMs: number }>;
  readonly retired: boolean;
}

/** The register as the link reads it: from memory, at every message, so that a retired controller is out at once. */
export interface DeviceRegistry {
  device(deviceId: string): DeviceRecord | undefined;
  all(): Iterable<DeviceRecord>;
}
