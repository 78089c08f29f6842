import type { Message } from '../wire/mqtt/messages.ts';
import type { Connection } from './broker.ts';
import type { Device, LinkContext } from './device.ts';
import { createBootClock } from './freshness.ts';

/** Nothing heard for this long: offline (design.md 6.1; a device pings every 10 s). */
const SILENCE_MS = 15_000;
/** A device that logged in says its state within this: otherwise it is put out, so that it comes back and begins again. */
const GREETING_MS = 10_000;

function setOnline(context: LinkContext, device: Device, online: boolean, why: string): void {
  if (device.online === online) return;
  device.online = online;
  device.since = context.now();
  context.note(device, online ? 'online' : 'offline', why);
  context.announce(device);
}

/** A device logged in; a connection it had before is gone. It is online only once it has said its state. */
export function join(context: LinkContext, device: Device, connection: Connection): void {
  device.connection = connection;
  device.greeted = false;
  device.sendingList = false;
  device.offered = undefined;
  device.heardAt = context.uptime();
  device.joinedAt = device.heardAt;
}

/** A connection ended. One that was replaced by a newer one means nothing. */
export function leave(context: LinkContext, device: Device, connection: Connection): void {
  if (device.connection !== connection) return;
  device.connection = undefined;
  device.greeted = false;
  setOnline(context, device, false, 'disconnected');
}

/** Anything came in on the present connection. */
export function heard(context: LinkContext, device: Device): void {
  device.heardAt = context.uptime();
  if (device.greeted) setOnline(context, device, true, 'heard');
}

/** To be called every second: a device that fell silent is offline, though its connection may stand; one that never said its state is put out. */
export function watchSilence(context: LinkContext, device: Device): void {
  if (device.connection !== undefined && !device.greeted && context.uptime() - device.joinedAt > GREETING_MS) device.connection.drop();
  if (device.online && context.uptime() - device.heardAt > SILENCE_MS) setOnline(context, device, false, 'silent');
}

/**
 * Takes note of the instance and boot a live message came from. False when its boot is older than one seen:
 * such a message was held back or replayed on the way. A new instance means lost flash, and is an alarm.
 */
export function observeBoot(context: LinkContext, device: Device, from: { readonly i: string; readonly b: number }): boolean {
  const sameInstance = device.instance === from.i;
  if (sameInstance && from.b === device.boot) return true;
  if (sameInstance && from.b < device.boot) {
    context.refuse(device, 'old-boot', `boot ${from.b} after ${device.boot}`);
    return false;
  }
  if (sameInstance) context.note(device, 'boot', 'started');
  else if (device.instance !== undefined) {
    context.note(device, 'boot', 'new-instance');
    context.log.warn({ device: device.id, was: device.instance, now: from.i }, 'device has a new instance: its memory was lost, or it was copied');
  }
  device.instance = from.i;
  device.boot = from.b;
  device.clock = createBootClock();
  return true;
}

/** `state`, also as a will. True when it made the device known on this connection. */
export function onState(context: LinkContext, device: Device, state: Message<'state'>): boolean {
  if (!observeBoot(context, device, state)) return false;
  if (state.s === 'off') {
    device.greeted = false;
    setOnline(context, device, false, 'said-off');
    return false;
  }
  device.clock.age(context.uptime(), state.u);
  device.contacts.clear();
  for (const { d, c, l } of state.d) device.contacts.set(d, { contact: c, lock: l });
  device.power = state.p;
  device.queued = state.q;
  device.have = state.l;
  const first = !device.greeted;
  device.greeted = true;
  setOnline(context, device, true, 'connected');
  context.announce(device);
  return first;
}
