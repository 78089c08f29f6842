import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkMayBegin, enterKey, storeNextKey } from '../../gateway/register/give-key.ts';
import { addDevice, changeDevice } from '../../gateway/register/line-devices.ts';
import { addressTaken, dropNextAddress, lookAtAddress, storeNextAddress } from '../../gateway/register/move-device.ts';
import { type LineSite, lineSite } from './line-site.ts';

let site: LineSite;
let [line, device, other] = [0, 0, 0];
beforeEach(async () => {
  site = await lineSite();
  line = await site.line();
  device = await site.device(line, 1);
  other = await site.device(line, 2);
  await enterKey(site.held.register, { deviceId: device, key: KEY }, site.note);
  await enterKey(site.held.register, { deviceId: other, key: OTHER_KEY }, site.note);
  site.noted.length = 0;
});
afterEach(() => site.close());

const KEY = Buffer.from('8f1c5a0e77d3429bb6e0c4d1f2a39857', 'hex');
const OTHER_KEY = Buffer.from('17c4e9025bd8a63f9e204c71ba86d35d', 'hex');
const row = async (id = device) => {
  const { address, nextAddress } = await site.held.register.read.lineDevice.findUniqueOrThrow({ where: { id } });
  return [address, nextAddress];
};
const store = (address: number, id = device) => storeNextAddress(site.held.register, { deviceId: id, address }, site.note);
const taken = (at: number | 'old', id = device) => addressTaken(site.held.register, id, at);
const refused = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { why: string; field: string; expected: string }) => `${error.why} ${error.field}`,
  );

describe('another address for a device', () => {
  test('waits beside the one it has, noted, and is the device’s once it was found there', async () => {
    await store(5);
    expect([await row(), site.noted]).toEqual([[1, 5], [`line-1 device=${device} address=1 to=5`]]);
    expect(await taken(7), 'neither of the two').toBeUndefined();
    expect(await taken(5)).toEqual({ what: 'line-address-changed', words: `line-1 device=${device} address=1 to=5` });
    expect(await row()).toEqual([5, null]);
    expect(await taken(5), 'told twice, nothing changes').toBeUndefined();
  });

  test.each([1, 'old'] as const)('is given up when it is where it was (%s)', async (at) => {
    await store(5);
    expect(await taken(at)).toEqual({ what: 'line-address-kept', words: `line-1 device=${device} address=1 not=5` });
    expect(await row()).toEqual([1, null]);
  });

  test('is refused when another has it, or is being given it, and that one is named', async () => {
    await expect(store(2)).rejects.toThrow('设备 2');
    await store(5);
    expect(await refused(store(5, other))).toBe('taken address');
    expect(await refused(addDevice(site.held.register, { lineId: line, address: 5, name: 'x' }, site.note))).toBe('taken address');
    expect(await refused(changeDevice(site.held.register, { deviceId: other, address: 5, name: 'x' }, site.note))).toBe('taken address');
    expect(await refused(store(1, other)), 'it may still be there').toBe('taken address');
    await taken(5);
    expect(await refused(store(1, other)), 'it is gone from there').toBe('done');
  });

  test('the register itself refuses two of one, whoever writes it', async () => {
    await store(5);
    const set = (data: object) => site.held.register.write((db) => db.lineDevice.update({ where: { id: other }, data }));
    for (const data of [{ address: 5 }, { nextAddress: 5 }, { nextAddress: 1 }]) await expect(set(data)).rejects.toThrow();
    expect(await row(other)).toEqual([2, null]);
  });

  test('is not given without a key, while a key or an address waits, nor the one it has, nor one that is none', async () => {
    const bare = await site.device(line, 3);
    expect([await refused(store(5, bare)), await refused(store(1)), await refused(store(127)), await refused(store(-1))]).toEqual([
      'wrong id',
      'taken address',
      'wrong address',
      'wrong address',
    ]);
    await store(5);
    expect([await refused(store(6)), await refused(checkMayBegin(site.held.register, device))]).toEqual(['moving id', 'moving id']);
    await storeNextKey(site.held.register, { deviceId: other, identity: '00123405000000aa' }, site.note);
    expect(await refused(store(6, other))).toBe('waiting id');
  });

  test('is not stored without the log', async () => {
    await expect(storeNextAddress(site.held.register, { deviceId: device, address: 5 }, () => Promise.reject(new Error('no log')))).rejects.toThrow('no log');
    expect(await row()).toEqual([1, null]);
  });
});

describe('a device whose next address waits', () => {
  test('may be given up, noted, and may be entered where somebody found it; another name changes nothing of it', async () => {
    const drop = () => dropNextAddress(site.held.register, device, site.note);
    const change = (address: number) => changeDevice(site.held.register, { deviceId: device, address, name: '门口' }, site.note);
    expect(await refused(drop())).toBe('missing id');
    await store(5);
    await change(1);
    expect(await row()).toEqual([1, 5]);
    await drop();
    expect([await row(), site.noted.at(-1)]).toEqual([[1, null], `line-1 device=${device} address=1 not=5`]);
    await store(5);
    await change(5);
    expect(await row()).toEqual([5, null]);
  });

  test('that says it goes elsewhere is looked for there, unless that is another’s', async () => {
    const look = (address: number) => lookAtAddress(site.held.register, device, address);
    expect(await look(9), 'nothing waits').toBe(false);
    await store(5);
    expect([await look(2), await row()]).toEqual([false, [1, 5]]);
    expect([await look(9), await row()]).toEqual([true, [1, 9]]);
    expect([await look(1), await row()]).toEqual([false, [1, 9]]);
    await taken(9);
    expect(await row()).toEqual([9, null]);
  });
});
