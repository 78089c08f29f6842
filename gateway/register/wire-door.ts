import { randomBytes } from 'node:crypto';
import { readDoorCode } from '../core/codes.ts';
import type { Register, WriteDb } from '../store/register.ts';
import type { By } from './enrol-controller.ts';
import { lineWords, LineRefused } from './line-refused.ts';
import type { Note } from './lock-down.ts';
import type { Revoke } from './revocations.ts';
import type { PointWish } from './serial-lines.ts';

/** Which devices of a line a door is made of. */
export interface WiringWish {
  readonly readerId: number;
  /** Within its device, from 0. */
  readonly readerNumber: number;
  readonly relayId: number;
  /** From 0. */
  readonly relayOutput: number;
  /** Active: the door is open. */
  readonly contact: PointWish | null;
  readonly exit: PointWish | null;
}

const DOORS_MAX = 31;
const OWN_MAX = 99;
const SECRET_BYTES = 32;

const DOOR = {
  id: true,
  code: true,
  name: true,
  number: true,
  controllerId: true,
  building: { select: { siteId: true, site: { select: { code: true } } } },
  controller: { select: { id: true, deviceId: true, retiredAt: true, enrolledAt: true, model: true, line: { select: { id: true } }, doors: { select: { id: true } } } },
} as const;

async function doorOf(db: WriteDb, id: number) {
  const door = await db.door.findUnique({ where: { id }, select: DOOR });
  if (door === null) throw new LineRefused('missing', 'id', '已登记的门 / a door that is there');
  return door;
}
type Door = Awaited<ReturnType<typeof doorOf>>;

/** Another controller works the door now: it would go on with its list. `seen`: something has spoken as it since the gateway started. */
function checkOldController({ controller }: Door, seen: boolean): void {
  if (controller === null || controller.line !== null || controller.retiredAt !== null) return;
  if (controller.enrolledAt === null && controller.model === '' && !seen) return;
  throw new LineRefused('in-service', 'id', `没有控制器在用的门；先停用 ${controller.deviceId} / a door whose controller is out of service: retire ${controller.deviceId} first`);
}

const DEVICE_FIELDS = ['readerId', 'relayId', 'contact.deviceId', 'exit.deviceId'] as const;

/** The line all the devices are on. */
async function lineOf(db: WriteDb, { readerId, relayId, contact, exit }: WiringWish) {
  const ids = [readerId, relayId, contact?.deviceId, exit?.deviceId];
  const found = await db.lineDevice.findMany({ where: { id: { in: ids.filter((id) => id !== undefined) } }, select: { id: true, lineId: true } });
  const lineId = found.find(({ id }) => id === readerId)?.lineId;
  for (const [at, field] of DEVICE_FIELDS.entries()) {
    const id = ids[at];
    const there = id === undefined || found.some((device) => device.id === id && device.lineId === lineId);
    if (!there) throw new LineRefused('wrong', field, at === 0 ? '一条线上的设备 / a device on a line' : '与读卡器同一条线上的设备 / a device on the line of the reader');
  }
  const line = await db.serialLine.findUniqueOrThrow({
    where: { id: lineId ?? 0 },
    select: {
      ...{ id: true, controllerId: true, fireDeviceId: true, fireInput: true },
      controller: { select: { deviceId: true, siteId: true, retiredAt: true, doors: { select: { id: true, number: true, code: true, wiring: true } } } },
    },
  });
  if (line.controller.retiredAt !== null) throw new LineRefused('wrong', 'readerId', '在用的线上的设备 / a device on a line that is in service');
  return line;
}
type Line = Awaited<ReturnType<typeof lineOf>>;

const pointKey = (deviceId: number | null | undefined, input: number | null | undefined): string => (deviceId == null || input == null ? '' : `${deviceId}/${input}`);

/** Nothing of the door is another's: neither its reader and output, nor an input. */
function checkFree({ fireDeviceId, fireInput, controller }: Line, doorId: number, { readerId, readerNumber, relayId, relayOutput, contact, exit }: WiringWish): void {
  const others = controller.doors.flatMap(({ id, code, wiring }) => (id === doorId || wiring === null ? [] : [{ code, ...wiring }]));
  const taken = (field: string, by: string): LineRefused => new LineRefused('taken', field, `没有别的用处的，${by} 在用它 / one that is free; ${by} has it`);
  const reader = others.find((each) => each.readerId === readerId && each.readerNumber === readerNumber);
  if (reader !== undefined) throw taken('readerNumber', reader.code);
  const relay = others.find((each) => each.relayId === relayId && each.relayOutput === relayOutput);
  if (relay !== undefined) throw taken('relayOutput', relay.code);
  const used = new Map(others.flatMap((each) => [pointKey(each.contactId, each.contactInput), pointKey(each.exitId, each.exitInput)].map((key) => [key, each.code] as const)));
  used.set(pointKey(fireDeviceId, fireInput), '消防信号 / the fire input');
  for (const [field, point] of [
    ['contact.input', contact],
    ['exit.input', exit],
  ] as const) {
    const key = pointKey(point?.deviceId, point?.input);
    const by = key === '' ? undefined : used.get(key);
    if (by !== undefined) throw taken(field, by);
    used.set(key, '门磁 / the contact');
  }
}

/** A line goes with the site of its first door: its doors keep to that site's schedules. */
function checkSite({ controller }: Line, { id, building }: Door): void {
  const others = controller.doors.filter((door) => door.id !== id);
  if (others.length > 0 && controller.siteId !== building.siteId)
    throw new LineRefused('wrong', 'id', '与这条线上别的门同一站点的门 / a door of the same site as the others on this line');
}

/** The number the door has on the line. */
function numberOn({ controllerId, controller }: Line, door: Door): number {
  if (door.controllerId === controllerId) return door.number;
  const taken = new Set(controller.doors.map(({ number }) => number));
  const free = Array.from({ length: DOORS_MAX }, (_, at) => at + 1).find((number) => !taken.has(number));
  if (free === undefined) throw new LineRefused('full', 'id', `一条线最多 ${DOORS_MAX} 扇门 / at most ${DOORS_MAX} doors on a line`);
  return free;
}

const cellsOf = ({ contact, exit, readerId, readerNumber, relayId, relayOutput }: WiringWish) => ({
  ...{ readerId, readerNumber, relayId, relayOutput },
  ...{ contactId: contact?.deviceId ?? null, contactInput: contact?.input ?? null, contactActiveLow: contact?.activeLow ?? false },
  ...{ exitId: exit?.deviceId ?? null, exitInput: exit?.input ?? null, exitActiveLow: exit?.activeLow ?? false },
});

/** Who wires, and how it is written down. `seen`: something has spoken as the door's controller since the gateway started. */
export interface WiringParts extends By {
  readonly revoke: Revoke;
  readonly note: Note;
  readonly seen: boolean;
}

/**
 * Makes a door of devices of one line, noted first: it moves to that line's controller, under the lowest free number,
 * and out of its interlock. A controller of its own that waits for a device goes out of service, with its codes. Throws
 * LineRefused: in-service while a controller works the door, taken, wrong, full.
 */
export async function wireDoor(
  { write }: Register,
  { doorId, wiring }: { readonly doorId: number; readonly wiring: WiringWish },
  { accountId, now, revoke, note, seen }: WiringParts,
): Promise<void> {
  await write(async (db) => {
    const door = await doorOf(db, doorId);
    checkOldController(door, seen);
    const line = await lineOf(db, wiring);
    checkFree(line, doorId, wiring);
    checkSite(line, door);
    const { controllerId, controller } = line;
    const moves = door.controllerId !== controllerId;
    const number = numberOn(line, door);
    const left =
      moves && door.controller !== null && door.controller.line === null && door.controller.retiredAt === null && door.controller.doors.length === 1 ? door.controller.id : 0;
    await note(lineWords(controller.deviceId, `number=${number}`, `reader=${wiring.readerId}/${wiring.readerNumber}`, `relay=${wiring.relayId}/${wiring.relayOutput}`));
    if (left !== 0) await revoke(db, [{ what: 'controller-retired', controllerId: left }], accountId ?? 0);
    const cells = cellsOf(wiring);
    await db.$transaction([
      db.enrolCode.updateMany({ where: { controllerId: left, usedAt: null, cancelledAt: null }, data: { cancelledAt: BigInt(now) } }),
      db.doorController.updateMany({ where: { id: left }, data: { retiredAt: BigInt(now) } }),
      db.doorController.update({ where: { id: controllerId }, data: { siteId: door.building.siteId } }),
      ...(moves ? [db.door.update({ where: { id: doorId }, data: { controllerId, number, interlock: 0 } })] : []),
      db.doorWiring.upsert({ where: { doorId }, create: { doorId, ...cells }, update: cells }),
    ]);
  });
}

/** A controller of the door's own, as when it was fitted: the one it left, or another name that is free. Undefined: make one of this name. */
async function ownController(db: WriteDb, { code, building: { siteId, site } }: Door): Promise<{ readonly id: number | undefined; readonly deviceId: string }> {
  const there = await db.doorController.findMany({
    where: { siteId },
    select: { id: true, deviceId: true, boardCards: true, line: { select: { id: true } }, doors: { select: { id: true } } },
  });
  const own = readDoorCode(code)?.number ?? 1;
  for (const n of [own, ...Array.from({ length: OWN_MAX }, (_, at) => at + 1)]) {
    const deviceId = `${site.code}-d${String(n).padStart(2, '0')}`;
    const found = there.find((each) => each.deviceId === deviceId);
    if (found === undefined || (found.doors.length === 0 && found.boardCards === '' && found.line === null)) return { id: found?.id, deviceId };
  }
  throw new LineRefused('full', 'id', `一个站点最多 ${OWN_MAX} 个控制器 / at most ${OWN_MAX} controllers in a site`);
}

/** Takes a door off its line, noted first: it waits for a controller of its own again. Throws LineRefused when it is wired to none. */
export async function unwireDoor({ write, vault }: Register, doorId: number, note: Note): Promise<void> {
  await write(async (db) => {
    const door = await doorOf(db, doorId);
    if ((await db.doorWiring.count({ where: { doorId } })) === 0) throw new LineRefused('missing', 'id', '接在串口线上的门 / a door that is wired to a line');
    const { id, deviceId } = await ownController(db, door);
    await note(lineWords(door.controller?.deviceId ?? ''));
    const secretSealed = vault.sealBytes('controller.secret', randomBytes(SECRET_BYTES));
    const { siteId } = door.building;
    const controller = id === undefined ? { create: { deviceId, siteId, name: door.name, secretSealed } } : { connect: { id } };
    await db.$transaction([db.doorWiring.delete({ where: { doorId } }), db.door.update({ where: { id: doorId }, data: { number: 1, interlock: 0, controller } })]);
  });
}
