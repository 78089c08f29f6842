import type { ControllerId } from '../core/ids.ts';
import type { Message } from '../wire/mqtt/messages.ts';
import type { BuiltList, ListVersion } from './access-list.ts';
import { type Device, keysOf, type LinkContext } from './device.ts';

/** A device's own list, to be made: its key and the version to give it. */
export interface ListOrder {
  readonly controllerId: ControllerId;
  readonly listKey: Uint8Array;
  readonly version: ListVersion;
}

/** Where lists come from. */
export interface ListSource {
  /** Must rise whenever rows of this controller change, and never fall, restores included. */
  version(controllerId: ControllerId): ListVersion;
  /** Made from rows at least as new as the version. May take its time, in another thread. */
  build(order: ListOrder): BuiltList | Promise<BuiltList>;
}

/** How long a list holds without the gateway, ms: 30 days for residents' doors (design.md 6.1). */
const LIST_VALID_MS = 30 * 86_400_000;

/** A device that does not hold the list it should is reminded this often, ms: the offer, or what it answered, may have been lost on the way. */
const REMIND_MS = 5000;

/** Open times by door number, from door 1 on; 0 for a number the register does not use. */
function openTimes(device: Device): number[] {
  const last = Math.max(0, ...device.record.doors.keys());
  return Array.from({ length: last }, (_, at) => device.record.doors.get(at + 1)?.openMs ?? 0);
}

/**
 * Makes the device's list anew when the source has a new version. Unchanged rows and open times keep the version that
 * was announced, within one epoch. Other open times alone are another version too: a device may go by the end of
 * the list it has only forwards, and after a clock that ran ahead it would take them late. True when there is
 * another list to offer.
 */
async function rebuildList(context: LinkContext, device: Device, source: ListSource): Promise<boolean> {
  const { controllerId } = device.record;
  const version = source.version(controllerId);
  const name = `${version.epoch}.${version.n}`;
  const times = openTimes(device);
  const sameTimes = times.join() === device.openTimes.join();
  if (name === device.listSource && sameTimes) return false;
  device.listSource = name;
  try {
    const built = await source.build({ controllerId, listKey: keysOf(device).list, version });
    // While this one was made a newer one may have been asked for.
    if (device.listSource !== name) return false;
    if (built.digest === device.list?.digest && built.epoch === device.list.epoch && sameTimes) return false;
    device.list = built;
    device.openTimes = times;
    return true;
  } catch (error) {
    // Not made is not known: the next occasion tries again.
    device.listSource = '';
    context.log.error({ device: device.id, error: String(error) }, 'the access list was not made; the device keeps its own');
    return false;
  }
}

/** `acl/want`: which list the device should hold, how long it holds, and the open times. Also renews the end of a list it has. */
export function offerList(context: LinkContext, device: Device): void {
  const { list, openTimes: o } = device;
  if (list === undefined) return;
  device.listOfferedAt = context.uptime();
  const { epoch: e, n, count, digest: dig } = list;
  context.send(device, 'acl/want', { v: 1, e, n, until: context.now() + LIST_VALID_MS, count, of: list.chunks.length, dig, o: [...o] });
}

/** To be called every second: offers the list again to a device that goes by an older one, or said nothing of this one. */
export function remindOfList(context: LinkContext, device: Device): void {
  const { list } = device;
  if (list === undefined || device.have === list.version || !device.greeted || context.uptime() - device.listOfferedAt < REMIND_MS) return;
  const [epoch = 0, n = 0] = device.have.split('.').map(Number);
  if (epoch < list.epoch || (epoch === list.epoch && n < list.n)) offerList(context, device);
}

/** Makes the device's list anew and offers it when it is another one. Never rejects. */
export async function offerNewList(context: LinkContext, device: Device, source: ListSource): Promise<void> {
  if (!(await rebuildList(context, device, source))) return;
  offerList(context, device);
  context.announce(device);
}

/** `acl/get`: sends the chunks one after the other, each when the socket has taken the one before, so that a slow device holds no memory. */
export function onListGet(context: LinkContext, device: Device, { e, n }: Message<'acl/get'>): void {
  const { list } = device;
  if (list === undefined || device.sendingList) return;
  if (list.epoch !== e || list.n !== n) return offerList(context, device);
  device.sendingList = true;
  const { connection } = device;
  const next = (at: number): void => {
    const rows = list.chunks.at(at);
    const sent = rows !== undefined && device.connection === connection && context.send(device, 'acl/c', { v: 1, e, n, at, rows: [...rows] }, () => next(at + 1));
    if (!sent) device.sendingList = false;
  };
  next(0);
}

/** `acl/have`: the list the device now goes by. */
export function onListHave(context: LinkContext, device: Device, { l }: Message<'acl/have'>): void {
  device.have = l;
  context.announce(device);
}
