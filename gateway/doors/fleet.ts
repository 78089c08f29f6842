import { createDevice, type Device } from './device.ts';
import type { DeviceRecord, DeviceRegistry } from './registry.ts';

/** The controllers of this gateway: the register's word on each, joined with what was heard of it. */
export interface Fleet {
  /** The device of an id while its record stands; undefined when the register holds none or retired it. */
  device(id: string): Device | undefined;
  /** The same, also after its record fell. */
  remembered(id: string): Device | undefined;
  /** Every device the register was asked for since the start. */
  all(): Iterable<Device>;
}

/** Takes a changed record over. A new secret or site ends the connection that was built on the old one. */
function adopt(device: Device, record: DeviceRecord): void {
  const same = Buffer.compare(device.record.secret, record.secret) === 0 && device.record.site === record.site;
  device.record = record;
  if (same) return;
  device.keys = undefined;
  device.list = undefined;
  device.listSource = '';
  device.connection?.drop();
}

/** An empty fleet over a registry. `now`: epoch ms. */
export function createFleet(registry: DeviceRegistry, now: () => number): Fleet {
  const devices = new Map<string, Device>();
  return {
    device(id) {
      const record = registry.device(id);
      if (record === undefined || record.retired) return undefined;
      const device = devices.get(id) ?? createDevice(record, now());
      devices.set(id, device);
      if (device.record !== record) adopt(device, record);
      return device;
    },
    remembered: (id) => devices.get(id),
    all: () => devices.values(),
  };
}
