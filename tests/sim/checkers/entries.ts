import type { EventData, StoredEntry } from '../../../gateway/journal/entry.ts';
import type { SimController } from '../world/device.ts';
import { type Checker, keyName, type Scene } from './checker.ts';

/** An event a device has in its flash. */
interface Recorded {
  readonly instance: string;
  readonly boot: number;
  readonly seq: number;
}

/** 2. What was acknowledged is on disk at that moment and for ever, once; a door erases nothing before. */
export function entriesChecker({ world, fail }: Scene): Checker {
  /** Index of the entry of each device message, as acknowledged. */
  const byKey = new Map<string, number>();
  const acknowledged = new Map<number, EventData>();
  const recorded = new Map<SimController, Map<number, Recorded>>();
  const ever = new Set<string>();
  /** In the flash of a device that was taken from its wall. */
  const gone = new Set<string>();
  const of = (device: SimController): Map<number, Recorded> => {
    const known = recorded.get(device) ?? new Map<number, Recorded>();
    recorded.set(device, known);
    return known;
  };
  const keyOf = (device: SimController, { instance, boot, seq }: Recorded): string => keyName({ controllerId: device.parts.controllerId, instance, boot, seq });

  function onDisk(what: string, index: number | undefined): void {
    if (index === undefined) fail(`${what} although no entry was acknowledged for it`);
    else if (index >= world.disk.durable()) fail(`${what} although entry ${index} is not on disk: ${world.disk.durable()} are`);
  }

  function compare(entries: ReadonlyMap<number, StoredEntry>): void {
    for (const [index, event] of acknowledged) {
      const found = entries.get(index)?.event;
      if (found === undefined || found.kind !== event.kind || found.gatewayTime !== event.gatewayTime || found.doorId !== event.doorId)
        fail(`entry ${index} was acknowledged and is gone or another`);
    }
    const seen = new Map<string, number>();
    for (const { index, event } of entries.values()) {
      if (event.key === undefined) continue;
      const name = keyName(event.key);
      const twin = seen.get(name);
      if (twin !== undefined) fail(`entries ${twin} and ${index} are of one message, ${name}`);
      seen.set(name, index);
    }
    for (const name of ever) if (!seen.has(name) && !gone.has(name)) fail(`event ${name} was recorded by a door and is not in the log`);
    for (const { index, event } of entries.values()) {
      if (event.kind !== 'outcome' || event.ref === undefined) continue;
      const request = entries.get(event.ref)?.event;
      if (request?.kind !== 'access' || request.doorId !== event.doorId || request.key?.instance !== event.key?.instance)
        fail(`outcome ${index} cites entry ${event.ref}, which is not its request`);
    }
  }

  return {
    appended({ event }, answer) {
      if (event.key !== undefined) byKey.set(keyName(event.key), answer.index);
      if (answer.duplicate) return;
      if (acknowledged.has(answer.index)) fail(`index ${answer.index} was given to two entries`);
      acknowledged.set(answer.index, event);
      onDisk('an entry was acknowledged', answer.index);
    },
    sent(device, { tail, body }) {
      if (tail === 'evt/ack')
        onDisk(`event ${body.i}/${body.b}/${body.n} of ${device.id} was acknowledged`, byKey.get(keyOf(device, { instance: body.i, boot: body.b, seq: body.n })));
      if (tail !== 'res' || body.e === 0) return;
      onDisk(`request ${body.b}/${body.n} of ${device.id} was answered`, body.e);
      const event = acknowledged.get(body.e);
      if (event !== undefined && event.granted !== body.g) fail(`request ${body.b}/${body.n} of ${device.id} was answered ${body.g}, and entry ${body.e} says ${event.granted}`);
    },
    output(device, output) {
      if (output.t !== 'store') return;
      const events = of(device);
      for (const n of output.change.erase ?? []) {
        const event = events.get(n);
        if (event !== undefined) onDisk(`${device.id} erased event ${event.boot}/${n}`, byKey.get(keyOf(device, event)));
        events.delete(n);
      }
      for (const record of output.change.put ?? []) {
        if (record.kind !== 'event') continue;
        const event = { instance: record.body.i, boot: record.body.b, seq: record.n };
        events.set(record.n, event);
        ever.add(keyOf(device, event));
      }
    },
    power(device, on) {
      if (!on) return;
      // After a power cut the flash says what was really written.
      const events = of(device);
      events.clear();
      for (const record of device.store?.image.records.values() ?? [])
        if (record.kind === 'event') events.set(record.n, { instance: record.body.i, boot: record.body.b, seq: record.n });
    },
    replaced(device) {
      for (const event of of(device).values()) gone.add(keyOf(device, event));
      of(device).clear();
    },
    ended() {
      for (const device of world.devices) if ((device.store?.image.records.size ?? 0) > 0) fail(`${device.id} still holds ${device.store?.image.records.size} records`);
      compare(world.entries());
    },
  };
}
