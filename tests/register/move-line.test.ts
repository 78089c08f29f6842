import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { checkMayBegin, enterKey, storeNextKey } from '../../gateway/register/give-key.ts';
import { storeNextAddress } from '../../gateway/register/move-device.ts';
import { speedTaken, storeNextBaud } from '../../gateway/register/move-line.ts';
import { changeLine } from '../../gateway/register/serial-lines.ts';
import { type LineSite, lineSite, portOf } from './line-site.ts';

let site: LineSite;
let [line, device] = [0, 0];
beforeEach(async () => {
  site = await lineSite();
  line = await site.line();
  device = await site.device(line, 1);
  await enterKey(site.held.register, { deviceId: device, key: Buffer.from('8f1c5a0e77d3429bb6e0c4d1f2a39857', 'hex') }, site.note);
  site.noted.length = 0;
});
afterEach(() => site.close());

const store = (baud = 38_400) => storeNextBaud(site.held.register, { lineId: line, baud, reason: '读卡太慢' }, site.note);
const taken = (at: number | 'old') => speedTaken(site.held.register, line, at);
const row = async () => {
  const { baud, nextBaud } = await site.held.register.read.serialLine.findUniqueOrThrow({ where: { id: line } });
  return [baud, nextBaud];
};
const refused = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { why: string; field: string }) => `${error.why} ${error.field}`,
  );
const change = (baud: number) =>
  changeLine(site.held.register, { lineId: line, name: '一号线', port: portOf('a'), baud }, { note: site.note, samePort: (one, other) => one === other });

describe('another speed for a line', () => {
  test('waits beside the one it has, noted, and is the line’s once a device was met there', async () => {
    await store();
    expect([await row(), site.noted]).toEqual([[9600, 38_400], ['line-1 baud=9600 to=38400 读卡太慢']]);
    expect(await taken(19_200), 'neither of the two').toBeUndefined();
    expect(await taken(38_400)).toEqual({ what: 'line-speed-changed', words: 'line-1 baud=9600 to=38400' });
    expect(await row()).toEqual([38_400, null]);
    expect(await taken(38_400), 'told twice, nothing changes').toBeUndefined();
  });

  test.each([9600, 'old'] as const)('is given up when it is where it was (%s)', async (at) => {
    await store();
    expect(await taken(at)).toEqual({ what: 'line-speed-kept', words: 'line-1 baud=9600 not=38400' });
    expect(await row()).toEqual([9600, null]);
  });

  test('is refused when it has it already, when no device could take it, and while another waits', async () => {
    expect(await refused(store(9600))).toBe('taken baud');
    expect(await refused(store(230_400))).toBe('wrong baud');
    await store();
    expect(await refused(store(19_200))).toBe('speed id');
    expect(site.noted).toHaveLength(1);
  });

  test('is refused for a line with a device that has no key, which is named', async () => {
    await site.device(line, 2);
    await expect(store()).rejects.toThrow('设备 2');
    expect(await row()).toEqual([9600, null]);
  });

  test('is refused while a key or an address waits, and neither begins while a speed waits', async () => {
    await storeNextAddress(site.held.register, { deviceId: device, address: 5 }, site.note);
    expect(await refused(store())).toBe('moving id');
    await site.held.register.write((db) => db.lineDevice.update({ where: { id: device }, data: { nextAddress: null } }));
    await storeNextKey(site.held.register, { deviceId: device, identity: '' }, site.note);
    expect(await refused(store())).toBe('waiting id');
    await site.held.register.write((db) => db.lineDevice.update({ where: { id: device }, data: { nextKeySealed: null } }));
    await store();
    expect(await refused(storeNextAddress(site.held.register, { deviceId: device, address: 5 }, site.note))).toBe('speed id');
    expect(await refused(storeNextKey(site.held.register, { deviceId: device, identity: '' }, site.note))).toBe('speed id');
    expect(await refused(checkMayBegin(site.held.register, device))).toBe('speed id');
  });

  test('ends when somebody enters another speed by hand, and not with another name', async () => {
    await store();
    await change(9600);
    expect(await row()).toEqual([9600, 38_400]);
    await change(57_600);
    expect(await row()).toEqual([57_600, null]);
  });

  test('without a log nothing is stored; a line that is not there is no line', async () => {
    const broken = () => Promise.reject(new Error('disk full'));
    await expect(storeNextBaud(site.held.register, { lineId: line, baud: 19_200, reason: '读卡太慢' }, broken)).rejects.toThrow('disk full');
    expect(await row()).toEqual([9600, null]);
    expect(await refused(storeNextBaud(site.held.register, { lineId: 99, baud: 19_200, reason: '读卡太慢' }, site.note))).toBe('missing id');
    expect(await speedTaken(site.held.register, 99, 'old')).toBeUndefined();
  });
});
