import type { Register, WriteDb } from '../store/register.ts';
import { lineWords, LineRefused } from './line-refused.ts';
import type { Note } from './lock-down.ts';
import { placeText } from './place-refused.ts';
import { lineInService } from './serial-lines.ts';

/** RS-485 carries so many devices. */
const DEVICES_MAX = 31;
const ADDRESS_MAX = 126;

/** A reader or door unit as somebody wants it. */
export interface DeviceWish {
  /** 0 to 126. */
  readonly address: number;
  readonly name: string;
}

const DEVICE = { id: true, lineId: true, address: true, name: true, line: { select: { nextBaud: true, controller: { select: { deviceId: true } } } } } as const;

/** What names a device in an entry. */
interface NamedDevice {
  readonly id: number;
  readonly address: number;
  readonly line: { readonly controller: { readonly deviceId: string } };
}

/** A device of a line in service. Throws LineRefused. */
export async function deviceInService(db: Pick<WriteDb, 'serialLine' | 'lineDevice'>, id: number) {
  const device = await db.lineDevice.findUnique({ where: { id }, select: DEVICE });
  if (device === null) throw new LineRefused('missing', 'id', '线上的设备 / a device on a line');
  await lineInService(db, device.lineId);
  return device;
}

/** Its line stays where it is: while that is looked for at two speeds, nobody could tell what became of a key or an address. Throws LineRefused. */
export function checkSpeed({ nextBaud }: { readonly nextBaud: number | null }): void {
  if (nextBaud !== null) throw new LineRefused('speed', 'id', '不在换速率的线 / a line that is not being moved to another speed');
}

/** How an entry names a device: its line, its row and its address. */
export const deviceWords = ({ id, address, line }: NamedDevice, ...more: readonly (string | number)[]): string =>
  lineWords(line.controller.deviceId, `device=${id}`, `address=${address}`, ...more);

/** Nobody else on the line has this address, or is being given it. Throws LineRefused: wrong, taken. */
export async function checkAddress(db: WriteDb, lineId: number, address: number, but = 0): Promise<void> {
  if (!Number.isInteger(address) || address < 0 || address > ADDRESS_MAX) throw new LineRefused('wrong', 'address', `0–${ADDRESS_MAX}`);
  const holder = await db.lineDevice.findFirst({ where: { lineId, id: { not: but }, OR: [{ address }, { nextAddress: address }] }, select: { name: true } });
  if (holder !== null)
    throw new LineRefused('taken', 'address', `这条线上还没用的地址，${address} 是“${holder.name}” / an address that is free on this line; ${address} is “${holder.name}”`);
}

/** Adds a device, which has no key yet and is told nothing; noted first. Returns its row. Throws LineRefused, PlaceRefused. */
export async function addDevice({ write }: Register, { lineId, ...wish }: DeviceWish & { readonly lineId: number }, note: Note): Promise<number> {
  const name = placeText('name', wish.name);
  return write(async (db) => {
    const line = await lineInService(db, lineId);
    if ((await db.lineDevice.count({ where: { lineId } })) >= DEVICES_MAX)
      throw new LineRefused('full', 'id', `一条线最多 ${DEVICES_MAX} 个设备 / at most ${DEVICES_MAX} devices on a line`);
    await checkAddress(db, lineId, wish.address);
    await note(lineWords(line.controller.deviceId, `address=${wish.address}`));
    return (await db.lineDevice.create({ data: { lineId, address: wish.address, name }, select: { id: true } })).id;
  });
}

/**
 * Writes down another name for a device, or the address it was set to by its maker's tool, noted first; the device is
 * told nothing. Its key stays: it is the device's, not the address's. With another address nothing waits for it any
 * more: somebody knows where it is. Throws LineRefused, PlaceRefused.
 */
export async function changeDevice({ write }: Register, { deviceId: id, ...wish }: DeviceWish & { readonly deviceId: number }, note: Note): Promise<void> {
  const name = placeText('name', wish.name);
  await write(async (db) => {
    const device = await deviceInService(db, id);
    await checkAddress(db, device.lineId, wish.address, id);
    await note(deviceWords(device, `to=${wish.address}`));
    await db.lineDevice.update({ where: { id }, data: { address: wish.address, name, ...(wish.address === device.address ? {} : { nextAddress: null }) } });
  });
}

/** Removes a device with its key, noted first. One that a door or the fire input uses stays. Throws LineRefused. */
export async function removeDevice({ write }: Register, id: number, note: Note): Promise<void> {
  await write(async (db) => {
    const device = await deviceInService(db, id);
    const uses = { OR: [{ readerId: id }, { relayId: id }, { contactId: id }, { exitId: id }] };
    const used = await db.doorWiring.findFirst({ where: uses, select: { door: { select: { code: true } } } });
    if (used !== null) throw new LineRefused('used', 'id', `没有门用的设备，${used.door.code} 在用它 / a device that no door uses; ${used.door.code} does`);
    if ((await db.serialLine.count({ where: { fireDeviceId: id } })) > 0) throw new LineRefused('used', 'id', '不接消防信号的设备 / a device that is not the fire input');
    await note(deviceWords(device));
    await db.lineDevice.delete({ where: { id } });
  });
}
