import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { MOVE_MS } from '../../gateway/http/device-moves.ts';
import { type Answer, type Browser, signedIn, type World, world } from './fixture.ts';

let here: World;
let operator: Browser;
let [lineId, device, address] = [0, 0, 0];
beforeAll(async () => {
  here = await world();
  operator = await signedIn(here, 'SA', []);
  lineId = Number((await operator.ask('POST', 'lines', { name: '一号线', port: '/dev/ttyTEST1', baud: 9600 })).json['id']);
});
afterAll(() => here.close());
beforeEach(async () => {
  address += 2;
  const devices = (await operator.ask('POST', `lines/${lineId}/devices`, { address, name: `设备 ${address}` })).json['devices'];
  device = Number(Object(devices).find((each: { address: number }) => each.address === address).id);
  await operator.ask('PUT', `line-devices/${device}/key`, { key: createHash('sha256').update(`key ${device}`).digest('hex').slice(0, 32) });
  here.commissions.length = 0;
  here.journal.entries.length = 0;
});

const wish = (to: number): Promise<Answer> => operator.ask('POST', `line-devices/${device}/address`, { address: to });
const drop = (): Promise<Answer> => operator.ask('DELETE', `line-devices/${device}/address`);
const heard = (of: Parameters<World['site']['serial']['moves']['heard']>[1]) => here.site.serial.acted(device, { what: 'address', of });
const whats = () => here.journal.entries.map(({ event }) => event.what);
async function shown(): Promise<unknown[]> {
  const { json } = await operator.ask('GET', 'lines');
  const found = Object(Object(json['lines'])[0].devices.find(({ id }: { id: number }) => id === device));
  return [found.address, found.nextAddress, found.moving?.state ?? null];
}

describe('giving a device another address', () => {
  test('both are stored and noted before it is told; it is done when it proved its key there', async () => {
    const to = address + 1;
    expect((await wish(to)).status).toBe(200);
    expect(here.commissions).toEqual([{ deviceRow: device, act: { act: 'move', to, until: here.time.now + MOVE_MS } }]);
    expect(await shown()).toEqual([address, to, 'asked']);
    await heard({ result: 'sent' });
    expect(await shown()).toEqual([address, to, 'sent']);
    await heard({ result: 'found', at: to });
    expect(await shown()).toEqual([to, null, 'done']);
    expect(whats()).toEqual(['line-address-sent', 'line-address-changed']);
  });

  test('nothing is told when the log does not take it', async () => {
    here.log.broken = true;
    expect((await wish(address + 1)).status).toBe(503);
    here.log.broken = false;
    expect([here.commissions, await shown()]).toEqual([[], [address, null, null]]);
    expect((await wish(address + 1)).status).toBe(200);
  });

  test('a finding from before it was told does not count', async () => {
    await wish(address + 1);
    await heard({ result: 'found', at: address });
    expect(await shown()).toEqual([address, address + 1, 'asked']);
  });

  test.each(['unsent', 'refused', 'occupied'] as const)('%s: it is where it was, and nothing waits', async (result) => {
    await wish(address + 1);
    await heard({ result });
    expect([await shown(), whats()]).toEqual([
      [address, null, result],
      ['line-address-sent', 'line-address-kept'],
    ]);
    expect((await wish(address + 1)).status, 'again').toBe(200);
  });

  test('told, and found where it was: kept', async () => {
    await wish(address + 1);
    await heard({ result: 'sent' });
    await heard({ result: 'found', at: address });
    expect(await shown()).toEqual([address, null, 'kept']);
  });

  test('elsewhere: it is looked for at what it said, and is done when it is there', async () => {
    await wish(address + 1);
    await heard({ result: 'elsewhere', to: 100, baud: 9600 });
    expect(await shown()).toEqual([address, 100, 'elsewhere']);
    await heard({ result: 'found', at: 100 });
    expect(await shown()).toEqual([100, null, 'done']);
  });

  test('found after the desk side forgot that it was asked: the register knows', async () => {
    await wish(address + 1);
    here.time.now += 16 * 60_000;
    operator = await signedIn(here, 'SA', []);
    await heard({ result: 'found', at: address + 1 });
    expect((await shown()).slice(0, 2)).toEqual([address + 1, null]);
  });

  test('while it is told, nothing else is done to the device; while it is looked for, it gets no key and no third address', async () => {
    await wish(address + 1);
    for (const answer of [
      await wish(address + 1),
      await drop(),
      await operator.ask('POST', `line-devices/${device}/key-giving`, {}),
      await operator.ask('PUT', `line-devices/${device}/key`, { key: '17c4e9025bd8a63f9e204c71ba86d35d' }),
      await operator.ask('DELETE', `line-devices/${device}/key`),
      await operator.ask('DELETE', `line-devices/${device}`),
      await operator.ask('PUT', `line-devices/${device}`, { address: 99, name: 'x' }),
    ])
      expect(answer.json['code']).toBe('ADDRESS_SENT');
    await heard({ result: 'sent' });
    expect((await operator.ask('POST', `line-devices/${device}/key-giving`, {})).json['code']).toBe('ADDRESS_WAITING');
    expect((await wish(99)).json['code']).toBe('ADDRESS_WAITING');
    expect((await drop()).status).toBe(200);
    expect([await shown(), whats().at(-1)]).toEqual([[address, null, null], 'line-address-dropped']);
    expect((await drop()).json).toMatchObject({ code: 'BAD_INPUT', field: 'id' });
  });

  test('while a key is on its way it is not told', async () => {
    await operator.ask('POST', `line-devices/${device}/key-giving`, {});
    await here.site.serial.acted(device, { what: 'identity', identity: '00123405000000aa' });
    await operator.ask('POST', `line-devices/${device}/key-giving/confirm`, { identity: '001234-05-000000aa' });
    expect((await wish(address + 1)).json['code']).toBe('KEY_SENT');
    await here.site.serial.acted(device, { what: 'unproven' });
    expect((await wish(address + 1)).json['code']).toBe('KEY_WAITING');
  });

  test('an address of another, its own, none at all, or a device without a key: the field and what was expected', async () => {
    const bare = Object((await operator.ask('POST', `lines/${lineId}/devices`, { address: 120, name: '没有密钥' })).json['devices']).find(
      (each: { address: number }) => each.address === 120,
    );
    expect((await wish(120)).json).toMatchObject({ code: 'TAKEN', field: 'address', expected: expect.stringContaining('没有密钥') });
    expect((await wish(address)).json).toMatchObject({ code: 'TAKEN', field: 'address' });
    expect((await wish(127)).status).toBe(400);
    expect((await operator.ask('POST', `line-devices/${bare.id}/address`, { address: 121 })).json).toMatchObject({ code: 'BAD_INPUT', field: 'id' });
    expect(here.commissions).toEqual([]);
    await operator.ask('DELETE', `line-devices/${bare.id}`);
  });
});
