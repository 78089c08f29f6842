import { randomBytes } from 'node:crypto';
import type { Register, WriteDb } from '../store/register.ts';
import type { By } from './enrol-controller.ts';
import { lineWords, LineRefused } from './line-refused.ts';
import type { Note } from './lock-down.ts';
import { placeText } from './place-refused.ts';
import type { Revoke } from './revocations.ts';

/** An input of a device. */
export interface PointWish {
  readonly deviceId: number;
  /** From 0. */
  readonly input: number;
  readonly activeLow: boolean;
}

/** A serial line as somebody wants it. Left out: as it is, or the usual for a new one; `fire` null: none. */
export interface LineWish {
  readonly name: string;
  /** Stable name of the port. */
  readonly port: string;
  readonly baud: number;
  readonly floorMs?: number | undefined;
  readonly adapterMs?: number | undefined;
  readonly fire?: PointWish | null | undefined;
  /** Devices a new line begins with. */
  readonly devices?: readonly { readonly address: number; readonly name: string }[] | undefined;
}

/** How a change of lines is written down, and what tells whether two names are of one port. */
export interface LineParts {
  readonly note: Note;
  readonly samePort: (one: string, other: string) => boolean;
}

const SECRET_BYTES = 32;
const PORT_LENGTH = 200;
const MODEL = 'osdp';
const LINE_ID = /^line-(\d+)$/;
const LINE = {
  id: true,
  port: true,
  baud: true,
  nextBaud: true,
  controllerId: true,
  fireDeviceId: true,
  fireInput: true,
  controller: { select: { deviceId: true, retiredAt: true } },
} as const;

const missing = (): LineRefused => new LineRefused('missing', 'id', '在用的串口线 / a serial line that is in service');

/** A line in service. Throws LineRefused. */
export async function lineInService(db: Pick<WriteDb, 'serialLine'>, id: number) {
  const line = await db.serialLine.findUnique({ where: { id }, select: LINE });
  if (line === null || line.controller.retiredAt !== null) throw missing();
  return line;
}

/** A port as it is kept. Throws LineRefused for what is no device of this computer. */
function portText(port: string): string {
  if (port.length > PORT_LENGTH || !/^\/dev\/[A-Za-z0-9/._:+-]+$/.test(port) || port.split('/').includes('..'))
    throw new LineRefused('wrong', 'port', '串口的名字，如 /dev/serial/by-id/usb-… / the name of a serial port, such as /dev/serial/by-id/usb-…');
  return port;
}

/** The line that has this port, in service or not, other than line `but`. */
async function holderOf(db: WriteDb, port: string, { samePort, but = 0 }: Pick<LineParts, 'samePort'> & { readonly but?: number }) {
  const lines = await db.serialLine.findMany({ where: { id: { not: but } }, select: LINE });
  return lines.find((line) => line.port === port) ?? lines.find((line) => line.controller.retiredAt === null && samePort(line.port, port));
}

/** Is this input of a door of the line already? */
async function inputUsed(db: WriteDb, { deviceId, input }: PointWish): Promise<boolean> {
  const at = [
    { contactId: deviceId, contactInput: input },
    { exitId: deviceId, exitInput: input },
  ];
  return (await db.doorWiring.count({ where: { OR: at } })) > 0;
}

/** The fire input as it is written; `fire` undefined: left as it is. Throws LineRefused. */
async function fireCells(db: WriteDb, lineId: number, fire: LineWish['fire']) {
  if (fire === undefined) return {};
  if (fire === null) return { fireDeviceId: null, fireInput: null, fireActiveLow: false };
  if ((await db.lineDevice.count({ where: { id: fire.deviceId, lineId } })) === 0) throw new LineRefused('wrong', 'fire.deviceId', '这条线上的设备 / a device on this line');
  if (await inputUsed(db, fire)) throw new LineRefused('taken', 'fire.input', '没有别的用处的输入 / an input that no door uses');
  return { fireDeviceId: fire.deviceId, fireInput: fire.input, fireActiveLow: fire.activeLow };
}

/** The next number no line ever had. */
async function nextNumber(db: WriteDb): Promise<number> {
  const taken = await db.doorController.findMany({ where: { deviceId: { startsWith: 'line-' } }, select: { deviceId: true } });
  return Math.max(0, ...taken.map(({ deviceId }) => Number(LINE_ID.exec(deviceId)?.[1] ?? 0))) + 1;
}

const settings = ({ baud, floorMs, adapterMs }: LineWish) => ({ baud, ...(floorMs === undefined ? {} : { floorMs }), ...(adapterMs === undefined ? {} : { adapterMs }) });

/**
 * Adds a serial line, noted first, and with it the controller its doors are on; returns its row. A port that a retired
 * line had brings that line back, with its devices and their keys: they would be lost otherwise. It stands in the first
 * site until it has a door. Throws LineRefused, PlaceRefused.
 */
export async function addLine({ write, vault }: Register, wish: LineWish, { note, samePort, now }: LineParts & { readonly now: number }): Promise<number> {
  const [name, port] = [placeText('name', wish.name), portText(wish.port)];
  return write(async (db) => {
    const held = await holderOf(db, port, { samePort });
    if (held !== undefined && held.controller.retiredAt === null)
      throw new LineRefused('taken', 'port', `没有别的线用的串口，${held.controller.deviceId} 在用它 / a port no other line has; ${held.controller.deviceId} has it`);
    const site = await db.site.findFirst({ select: { id: true }, orderBy: { id: 'asc' } });
    if (site === null) throw new LineRefused('missing', 'port', '先登记一栋楼 / a building first, whose doors the line works');
    const fire = await fireCells(db, held?.id ?? 0, wish.fire);
    const deviceId = held?.controller.deviceId ?? `line-${await nextNumber(db)}`;
    await note(lineWords(deviceId, wish.baud, port));
    if (held !== undefined) {
      const back = db.doorController.update({ where: { id: held.controllerId }, data: { name, retiredAt: null } });
      await db.$transaction([db.serialLine.update({ where: { id: held.id }, data: { ...settings(wish), ...fire, nextBaud: null } }), back]);
      return held.id;
    }
    // One statement, so that no controller is left behind without its line. Nobody has the secret: the line needs none.
    const controller = { deviceId, siteId: site.id, name, model: MODEL, enrolledAt: BigInt(now), secretSealed: vault.sealBytes('controller.secret', randomBytes(SECRET_BYTES)) };
    return (
      await db.serialLine.create({ data: { port, ...settings(wish), controller: { create: controller }, devices: { create: [...(wish.devices ?? [])] } }, select: { id: true } })
    ).id;
  });
}

/** Changes a line, noted first. Throws LineRefused, PlaceRefused. */
export async function changeLine({ write }: Register, { lineId, ...wish }: LineWish & { readonly lineId: number }, { note, samePort }: LineParts): Promise<void> {
  const [name, port] = [placeText('name', wish.name), portText(wish.port)];
  await write(async (db) => {
    const line = await lineInService(db, lineId);
    const held = await holderOf(db, port, { samePort, but: lineId });
    if (held !== undefined) {
      const { deviceId, retiredAt } = held.controller;
      const back = retiredAt === null ? '' : '（已停用；用这个串口新加一条线就回来了 / retired; adding a line at this port brings it back）';
      throw new LineRefused('taken', 'port', `没有别的线用的串口，${deviceId} 有它 / a port no other line has; ${deviceId} has it${back}`);
    }
    const fire = await fireCells(db, lineId, wish.fire);
    await note(lineWords(line.controller.deviceId, wish.baud, port));
    const { controllerId } = line;
    await db.$transaction([
      // With another speed somebody knows where it is: it is looked for at none besides.
      db.serialLine.update({ where: { id: lineId }, data: { port, ...settings(wish), ...fire, ...(wish.baud === line.baud ? {} : { nextBaud: null }) } }),
      db.doorController.update({ where: { id: controllerId }, data: { name } }),
    ]);
  });
}

/** Takes a line out of service at once: its doors are worked no more. Devices, keys and wiring stay for the day it comes back. Throws LineRefused. */
export async function retireLine({ write }: Register, lineId: number, { accountId, now, revoke, note }: By & { readonly revoke: Revoke; readonly note: Note }): Promise<void> {
  await write(async (db) => {
    const { controllerId, controller } = await lineInService(db, lineId);
    await note(controller.deviceId);
    await revoke(db, [{ what: 'controller-retired', controllerId }], accountId ?? 0);
    await db.doorController.update({ where: { id: controllerId }, data: { retiredAt: BigInt(now) } });
  });
}
