import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeCode, retireController } from '../../gateway/register/enrol-controller.ts';
import { changeDevice, removeDevice } from '../../gateway/register/line-devices.ts';
import { addLine, changeLine, type LineWish, retireLine } from '../../gateway/register/serial-lines.ts';
import { wireDoor } from '../../gateway/register/wire-door.ts';
import { openIndexSource } from '../../gateway/store/index-source.ts';
import { NOON, temporaryRegister } from '../helpers/register.ts';
import { type LineSite, lineSite, portOf } from './line-site.ts';

let site: LineSite;
beforeEach(async () => {
  site = await lineSite();
});
afterEach(() => site.close());

const wish = (about: Partial<LineWish> = {}): LineWish => ({ name: '一号线', port: portOf('a'), baud: 9600, ...about });
const parts = (samePort = (_one: string, _other: string) => false) => ({ note: site.note, samePort, now: NOON });
const add = (about: Partial<LineWish> = {}, samePort?: (one: string, other: string) => boolean) => addLine(site.held.register, wish(about), parts(samePort));
const retire = (lineId: number) => retireLine(site.held.register, lineId, { accountId: 7, now: NOON, revoke: site.revoke, note: site.note });
const lines = () => {
  const source = openIndexSource(site.held.file);
  const found = source.fitted().lines;
  source.close();
  return found;
};
const refused = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { why: string; field: string }) => `${error.why} ${error.field}`,
  );

describe('a serial line', () => {
  test('is added with a controller of its own, and its door side record is what was wished', async () => {
    await add({ baud: 115_200, floorMs: 5, devices: [{ address: 3, name: '大门读卡器' }] });
    await add({ port: portOf('b') });
    const [one, two] = lines();
    expect(one).toMatchObject({
      name: 'line-1',
      port: portOf('a'),
      baud: 115_200,
      floorMs: 5,
      adapterMs: 16,
      retired: false,
      doors: [],
      devices: [{ address: 3, keySealed: null, identity: '' }],
    });
    expect(two).toMatchObject({ name: 'line-2', baud: 9600, floorMs: 10 });
    expect(site.noted).toEqual([`line-1 115200 ${portOf('a')}`, `line-2 9600 ${portOf('b')}`]);
  });

  test('has a port no other line has, by whatever name', async () => {
    await add();
    expect(await refused(add())).toBe('taken port');
    expect(await refused(add({ port: '/dev/ttyS1' }, () => true))).toBe('taken port');
    for (const port of ['ttyS1', '/dev/../etc/passwd', '/dev/tty S1', '/dev/', `/dev/${'x'.repeat(200)}`]) expect(await refused(add({ port })), port).toBe('wrong port');
    expect(await refused(add({ name: ' ', port: portOf('b') }))).toBe('wrong name');
    expect(lines()).toHaveLength(1);
  });

  test('needs a building first, and the log: without them nothing is written', async () => {
    const empty = await temporaryRegister();
    expect(await refused(addLine(empty.register, wish(), parts()))).toBe('missing port');
    await empty.close();
    const broken = { ...parts(), note: () => Promise.reject(new Error('no log')) };
    await expect(addLine(site.held.register, wish(), broken)).rejects.toThrow('no log');
    expect(lines()).toEqual([]);
  });

  test('is given another port, speed and name, and keeps what is not said', async () => {
    const id = await add({ floorMs: 20 });
    const other = await add({ port: portOf('b') });
    await changeLine(site.held.register, { lineId: id, ...wish({ port: portOf('c'), baud: 38_400, name: '二号线' }) }, parts());
    expect(lines()[0]).toMatchObject({ port: portOf('c'), baud: 38_400, floorMs: 20 });
    expect((await site.held.register.read.doorController.findFirst({ where: { deviceId: 'line-1' } }))?.name).toBe('二号线');
    expect(await refused(changeLine(site.held.register, { lineId: other, ...wish({ port: portOf('c') }) }, parts()))).toBe('taken port');
    expect(await refused(changeLine(site.held.register, { lineId: 99, ...wish() }, parts()))).toBe('missing id');
  });

  test('has a fire input on one of its own devices, and not where a door has one', async () => {
    const [id, other] = [await site.line(), await site.line('b')];
    const [device, stranger] = [await site.device(id, 1), await site.device(other, 1)];
    const change = (fire: LineWish['fire']) => changeLine(site.held.register, { lineId: id, ...wish(), fire }, parts());
    expect(await refused(change({ deviceId: stranger, input: 0, activeLow: false }))).toBe('wrong fire.deviceId');
    await change({ deviceId: device, input: 2, activeLow: true });
    expect(lines()[0]?.fire).toEqual({ address: 1, input: 2, activeLow: true });
    await change(undefined);
    expect(lines()[0]?.fire).toEqual({ address: 1, input: 2, activeLow: true });
    expect(await refused(removeDevice(site.held.register, device, site.note))).toBe('used id');
    await change(null);
    expect(lines()[0]?.fire).toBeUndefined();
  });

  test('goes out of service with an entry that a restore repeats, and comes back whole by its port', async () => {
    const id = await site.line();
    const device = await site.device(id, 4);
    await site.held.register.write((db) =>
      db.lineDevice.update({ where: { id: device }, data: { keySealed: site.held.register.vault.sealBytes('line.key', Buffer.alloc(16, 9)) } }),
    );
    await retire(id);
    expect(site.revoked).toEqual([{ what: 'controller-retired', controllerId: lines()[0]?.controllerId }]);
    expect(lines()[0]).toMatchObject({ retired: true });
    expect(await refused(retire(id))).toBe('missing id');
    expect(await refused(site.device(id, 5))).toBe('missing id');
    const other = await site.line('b');
    expect(await refused(changeLine(site.held.register, { lineId: other, ...wish() }, parts()))).toBe('taken port');
    expect(await add({ name: '又来了', baud: 19_200 })).toBe(id);
    expect(lines()[0]).toMatchObject({ name: 'line-1', retired: false, baud: 19_200, devices: [{ address: 4, keySealed: expect.anything() }] });
  });
});

describe('a device on a line', () => {
  test('has an address no other has there, and keeps its key with another', async () => {
    const id = await site.line();
    const device = await site.device(id, 0);
    await site.device(id, 126);
    const sealed = site.held.register.vault.sealBytes('line.key', Buffer.alloc(16, 9));
    await site.held.register.write((db) => db.lineDevice.update({ where: { id: device }, data: { keySealed: sealed, identity: '00123405000000aa' } }));
    expect(await refused(site.device(id, 126))).toBe('taken address');
    expect(await refused(site.device(id, 127))).toBe('wrong address');
    const change = (address: number) => changeDevice(site.held.register, { deviceId: device, address, name: '后门' }, site.note);
    expect(await refused(change(126))).toBe('taken address');
    await change(7);
    expect(lines()[0]?.devices).toMatchObject([{ address: 7, name: '后门', identity: '00123405000000aa', keySealed: expect.anything() }, { address: 126 }]);
    expect(site.noted.at(-1)).toBe('line-1 device=1 address=0 to=7');
  });

  test('is one of 31 at most, and is removed when nothing uses it', async () => {
    const id = await site.line();
    for (let address = 0; address < 31; address++) await site.device(id, address);
    expect(await refused(site.device(id, 31))).toBe('full id');
    await removeDevice(site.held.register, 1, site.note);
    await site.device(id, 31);
    expect(await refused(removeDevice(site.held.register, 999, site.note))).toBe('missing id');
  });
});

describe('the controller of a door on a line', () => {
  test('takes no code, and is retired as a line alone', async () => {
    const id = await site.line();
    const device = await site.device(id, 1);
    const doorId = site.building.doors['D01'] ?? 0;
    const wiring = { readerId: device, readerNumber: 0, relayId: device, relayOutput: 0, contact: null, exit: null };
    const by = { accountId: 7, now: NOON, revoke: site.revoke };
    await wireDoor(site.held.register, { doorId, wiring }, { ...by, note: site.note, seen: false });
    await expect(makeCode(site.held.register, doorId, by)).rejects.toThrow(/on no serial line/);
    await expect(retireController(site.held.register, doorId, by)).rejects.toThrow(/on no serial line/);
  });
});
