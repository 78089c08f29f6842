import type { ControllerId } from '../core/ids.ts';
import { dateAt, type LocalDate } from '../core/local-date.ts';
import { LIST_VALID_MS } from '../core/list-version.ts';
import { CHINA_MINUTES, type DayCalendar } from '../core/schedule.ts';
import type { DoorSettings, ListHeader } from '../wire/mqtt/list-header.ts';
import type { PackedChunk } from '../wire/mqtt/list-chunk.ts';
import type { Message } from '../wire/mqtt/messages.ts';
import type { BuiltList, ListVersion } from './access-list.ts';
import { type Device, keysOf, type LinkContext } from './device.ts';
import type { DeviceRecord } from './registry.ts';

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

/** A device that does not hold the list it should is reminded this often, ms: the offer, or what it answered, may have been lost on the way. */
const REMIND_MS = 5000;

/** A list's end is said again after so long, ms, at the latest; each device at a time of its own, or thousands would be told in one turn. */
const RENEW_MS = 600_000;
/** A device that came back with the list it should hold is told its new end within this, ms: first come those that want more. */
const BACK_MS = 30_000;

/** Its own moment within so many ms: the same for a device each time, and spread over all of them. */
const momentOf = ({ record: { controllerId } }: Device, ms: number): number => (controllerId * 7919) % ms;

/** What the header of a device's list says of its doors. */
type DoorRules = Pick<ListHeader, 'doors' | 'tz' | 'sched' | 'hol' | 'work'>;

/** Doors of the same interlock, as bits, without the door itself. */
const partners = ({ doors }: DeviceRecord, number: number): number => {
  const group = doors.get(number)?.interlock ?? 0;
  return group === 0 ? 0 : [...doors].reduce((bits, [other, { interlock }]) => (other !== number && interlock === group ? bits | (1 << (other - 1)) : bits), 0);
};

function settingsOf(record: DeviceRecord, number: number): DoorSettings {
  const door = record.doors.get(number);
  return {
    o: door?.openMs ?? 0,
    h: door?.heldMs ?? 0,
    u: door?.openSchedule ?? 0,
    f: door?.firstCard === true ? 1 : 0,
    p: door?.pinSchedule ?? 0,
    i: partners(record, number),
    a: door?.passbackMinutes ?? 0,
    x: door?.passbackHard === true ? 1 : 0,
    k: door?.lockdownUntil ?? 0,
  };
}

/** The rules of a device as the register has them now. A door number the register does not use has the device's own settings. */
function rulesOf({ record }: Device, { holidays, makeUpDays }: DayCalendar, now: number): DoorRules {
  const last = Math.max(0, ...record.doors.keys());
  const doors = Array.from({ length: last }, (_, at) => settingsOf(record, at + 1));
  const sched = (record.schedules ?? []).map(({ number, plan }) => ({ s: number, w: plan.map((day) => day.map(([from, to]) => [from, to] as const)) }));
  const year = Number(dateAt(now).slice(0, 4));
  // This year's days and the next one's, which are announced in November.
  const near = (days: ReadonlySet<LocalDate>): LocalDate[] => [...days].filter((day) => day >= String(year) && day < String(year + 2)).sort();
  const none = sched.length === 0;
  return { doors, tz: CHINA_MINUTES, sched, hol: none ? [] : near(holidays), work: none ? [] : near(makeUpDays) };
}

/**
 * Makes the device's list anew when the source has a new version. Unchanged rows and rules keep the version that
 * was announced, within one epoch. Other rules alone are another version too: a device may go by the end of
 * the list it has only forwards, and after a clock that ran ahead it would take them late. True when there is
 * another list to offer.
 */
async function rebuildList(context: LinkContext, device: Device, source: ListSource): Promise<boolean> {
  const { controllerId } = device.record;
  const version = source.version(controllerId);
  const rules = JSON.stringify(rulesOf(device, context.calendar, context.now()));
  // With the rules asked for: while the first list is made there are none yet to compare with.
  const asked = `${version.epoch}.${version.n} ${rules}`;
  if (asked === device.listSource) return false;
  device.listSource = asked;
  // Only the year has turned: one version is one list, and rows made later may be others.
  if (device.covers === version.n && device.list?.epoch === version.epoch) {
    device.rules = rules;
    return true;
  }
  const sameRules = rules === device.rules;
  try {
    const built = await source.build({ controllerId, listKey: keysOf(device).list, version });
    // While this one was made a newer one may have been asked for.
    if (device.listSource !== asked) return false;
    device.covers = version.n;
    if (built.digest === device.list?.digest && built.epoch === device.list.epoch && sameRules) return false;
    device.list = built;
    device.rules = rules;
    return true;
  } catch (error) {
    // Not made is not known: the next occasion tries again.
    device.listSource = '';
    context.log.error({ device: device.id, error: String(error) }, 'the access list was not made; the device keeps its own');
    return false;
  }
}

/** `acl/want`: which list the device should hold, how long it holds, and the rules of its doors. Also renews the end of a list it has, which its state tells then. */
export function offerList(context: LinkContext, device: Device): void {
  const { list } = device;
  if (list === undefined) return;
  device.listOfferedAt = context.uptime();
  device.listRenewAt = device.listOfferedAt + RENEW_MS / 2 + momentOf(device, RENEW_MS / 2);
  const { epoch: e, n, count, digest: dig } = list;
  const until = context.now() + LIST_VALID_MS;
  const rules: DoorRules = JSON.parse(device.rules);
  const sent = context.send(device, 'acl/want', { v: 1, d: device.id, e, n, until, count, of: list.chunks.length, dig, ...rules });
  if (!sent) return;
  device.listUntil = Math.max(device.listUntil, until);
  context.announce(device);
}

/** To be called every second: renews the end of a list when it is time, and offers one again to a device that goes by an older one, or said nothing of this one. */
export function remindOfList(context: LinkContext, device: Device): void {
  const { list } = device;
  const at = context.uptime();
  if (list === undefined || !device.greeted) return;
  if (at >= device.listRenewAt) return offerList(context, device);
  if (device.have === list.version || at - device.listOfferedAt < REMIND_MS) return;
  const [epoch = 0, n = 0] = device.have.split('.').map(Number);
  if (epoch < list.epoch || (epoch === list.epoch && n < list.n)) offerList(context, device);
}

/** A device that came back: it is offered its list, at once unless it holds it. */
export function offerOnReturn(context: LinkContext, device: Device): void {
  if (device.have !== device.list?.version) offerList(context, device);
  else device.listRenewAt = Math.min(device.listRenewAt, context.uptime() + momentOf(device, BACK_MS));
}

/** Makes the device's list anew and offers it when it is another one. Never rejects. */
export async function offerNewList(context: LinkContext, device: Device, source: ListSource): Promise<void> {
  if (!(await rebuildList(context, device, source))) return;
  offerList(context, device);
  // Also when it is away: which list it should hold is another now.
  context.announce(device);
}

/** The pieces that bring a device from the list it holds to its own: the difference alone when there is one from there. */
function piecesOf({ epoch: e, n, chunks, delta }: BuiltList, held: string): PackedChunk[] {
  if (delta === undefined || held !== `${delta.base.epoch}.${delta.base.n}`) return chunks.map((rows, at) => ({ e, n, at, rows }));
  return [{ e, n, at: 0, rows: delta.rows, base: { e: delta.base.epoch, n: delta.base.n, gone: delta.gone } }];
}

/** `acl/get`: sends the pieces one after the other, each when the socket has taken the one before, so that a slow device holds no memory. */
export function onListGet(context: LinkContext, device: Device, { e, n, f }: Message<'acl/get'>): void {
  const { list } = device;
  if (list === undefined || device.sendingList) return;
  if (list.epoch !== e || list.n !== n) return offerList(context, device);
  device.sendingList = true;
  const { connection } = device;
  const pieces = piecesOf(list, f);
  const next = (at: number): void => {
    const piece = pieces[at];
    const sent = piece !== undefined && device.connection === connection && context.sendPiece(device, piece, () => next(at + 1));
    if (!sent) device.sendingList = false;
  };
  next(0);
}

/** `acl/have`: the list the device now goes by. */
export function onListHave(context: LinkContext, device: Device, { l }: Message<'acl/have'>): void {
  device.have = l;
  context.announce(device);
}
