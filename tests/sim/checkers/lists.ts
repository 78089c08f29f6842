import { createHmac } from 'node:crypto';
import type { SimController } from '../world/device.ts';
import { cardValue, type View } from '../world/register.ts';
import type { World } from '../world/shape.ts';
import { mayUntil } from './reference.ts';

/** Rows a device should hold: fingerprint and end → door bits, by the reference. */
export type Expected = ReadonlyMap<string, number>;

const fingerprints = new WeakMap<Uint8Array, Map<string, string>>();

/** As docs/controller-protocol.md says it: the first 12 bytes of HMAC-SHA-256 under the device's list key. Each worked out once. */
function fingerprint(key: Uint8Array, hex: string): string {
  const known = fingerprints.get(key) ?? new Map<string, string>();
  fingerprints.set(key, known);
  const print = known.get(hex) ?? createHmac('sha256', key).update(cardValue(hex)).digest('hex').slice(0, 24);
  known.set(hex, print);
  return print;
}

/** What this controller may open by itself, by the register as of a change number and at a time. */
export function expectedRows(world: World, device: SimController, view: View, now: number): Expected {
  const key = device.listKey;
  const rows = new Map<string, number>();
  const doors = world.site.doors.filter(({ controllerId }) => controllerId === device.parts.controllerId);
  for (const { hex, status } of view.all('credential')) {
    if (status !== 'active') continue;
    for (const { id, number } of doors) {
      const until = mayUntil(view, id, hex, now);
      if (until === 0) continue;
      const name = `${fingerprint(key, hex)} ${Number.isFinite(until) ? until : 0}`;
      rows.set(name, (rows.get(name) ?? 0) | (1 << (number - 1)));
    }
  }
  return rows;
}

/** What it holds, in the same form, without what has ended by now. */
export function heldRows(device: SimController, now: number): Expected {
  const rows = device.controller.run?.list?.rows ?? [];
  return new Map(rows.filter(([, , until]) => until === 0 || until > now).map(([print, doors, until]) => [`${print} ${until}`, doors]));
}

/** Fingerprints one has for a door that the other has not. */
export function beyond(one: Expected, other: Expected): string | undefined {
  const allowed = new Map<string, number>();
  for (const [name, doors] of other) allowed.set(name.slice(0, 24), (allowed.get(name.slice(0, 24)) ?? 0) | doors);
  for (const [name, doors] of one) if ((doors & ~(allowed.get(name.slice(0, 24)) ?? 0)) !== 0) return name.slice(0, 24);
  return undefined;
}
