import type { Register } from '../store/register.ts';
import { checkAddress, checkSpeed, deviceInService, deviceWords } from './line-devices.ts';
import { LineRefused } from './line-refused.ts';
import type { Note } from './lock-down.ts';

/**
 * Stores the address a device is to be given beside the one it has, noted first; resolves when both are on disk, and
 * only then may it be told. It may be at either until it has proved its key at one. Throws LineRefused: wrong or taken;
 * wrong for one without a key, for who answers without one proves nothing; waiting or moving while a key, or another
 * address, waits.
 */
export async function storeNextAddress({ write }: Register, { deviceId: id, address }: { readonly deviceId: number; readonly address: number }, note: Note): Promise<void> {
  await write(async (db) => {
    const device = await deviceInService(db, id);
    const { keySealed, nextKeySealed, nextAddress } = await db.lineDevice.findUniqueOrThrow({ where: { id }, select: { keySealed: true, nextKeySealed: true, nextAddress: true } });
    checkSpeed(device.line);
    if (nextKeySealed !== null) throw new LineRefused('waiting', 'id', '没有密钥在等的设备 / a device for which no key waits');
    if (keySealed === null) throw new LineRefused('wrong', 'id', '有密钥的设备；先给它密钥 / a device with a key of its own: give it one first');
    if (nextAddress !== null)
      throw new LineRefused('moving', 'id', `不在换地址的设备，它可能已到 ${nextAddress} / a device that is not being given another address; it may be at ${nextAddress}`);
    await checkAddress(db, device.lineId, address, id);
    if (address === device.address) throw new LineRefused('taken', 'address', `另一个地址，它已经是 ${address} / another address: it has ${address} already`);
    await note(deviceWords(device, `to=${address}`));
    await db.lineDevice.update({ where: { id }, data: { nextAddress: address } });
  });
}

/** Where a device was found, as words for the log. */
export interface AddressTaken {
  readonly what: 'line-address-changed' | 'line-address-kept';
  readonly words: string;
}

/**
 * A device that may be at either of two addresses is at this one: it proved its key there, or was not told to go. The
 * other is given up. Undefined: nothing waited for it, or this is neither.
 */
export async function addressTaken({ write }: Register, id: number, at: number | 'old'): Promise<AddressTaken | undefined> {
  return write(async (db) => {
    const line = { select: { controller: { select: { deviceId: true } } } } as const;
    const device = await db.lineDevice.findUnique({ where: { id }, select: { id: true, lineId: true, address: true, name: true, nextAddress: true, line } });
    if (device === null || device.nextAddress === null) return undefined;
    const { address, nextAddress } = device;
    if (at === nextAddress) {
      await db.lineDevice.update({ where: { id }, data: { address: nextAddress, nextAddress: null } });
      return { what: 'line-address-changed', words: deviceWords(device, `to=${nextAddress}`) };
    }
    if (at !== 'old' && at !== address) return undefined;
    await db.lineDevice.update({ where: { id }, data: { nextAddress: null } });
    return { what: 'line-address-kept', words: deviceWords(device, `not=${nextAddress}`) };
  });
}

/** It says that it goes to a third address: it is looked for there instead, unless that is another's. Whether it is. */
export async function lookAtAddress({ write }: Register, id: number, address: number): Promise<boolean> {
  return write(async (db) => {
    const device = await db.lineDevice.findUnique({ where: { id }, select: { lineId: true, address: true, nextAddress: true } });
    if (device === null || device.nextAddress === null || address === device.address) return false;
    try {
      await checkAddress(db, device.lineId, address, id);
    } catch (error) {
      if (error instanceof LineRefused) return false;
      throw error;
    }
    await db.lineDevice.update({ where: { id }, data: { nextAddress: address } });
    return true;
  });
}

/** Gives up looking for a device at the address it was told, noted first: it counts as being where it was. Throws LineRefused. */
export async function dropNextAddress({ write }: Register, id: number, note: Note): Promise<void> {
  await write(async (db) => {
    const device = await deviceInService(db, id);
    const { nextAddress } = await db.lineDevice.findUniqueOrThrow({ where: { id }, select: { nextAddress: true } });
    if (nextAddress === null) throw new LineRefused('missing', 'id', '在换地址的设备 / a device that is being given another address');
    await note(deviceWords(device, `not=${nextAddress}`));
    await db.lineDevice.update({ where: { id }, data: { nextAddress: null } });
  });
}
