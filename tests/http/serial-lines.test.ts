import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LineStatus } from '../../gateway/doors/serial/status.ts';
import { type Browser, browser, signedIn, stateOf, WHOLE_SESSION, type World, world } from './fixture.ts';

let here: World;
let operator: Browser;
beforeAll(async () => {
  here = await world({ config: { lines: [{ port: '/dev/ttyTEST9', baud: 19_200, addresses: [0, 7] }] } });
  operator = await signedIn(here, 'SA', []);
});
afterAll(() => here.close());

const LINE = { name: '一号线', port: '/dev/ttyTEST1', baud: 9600 };
const ids: Record<string, number> = {};
const door = (tail: string): number => here.building.doors[tail] ?? 0;
const all = async (who = operator) => Object((await who.ask('GET', 'lines')).json);
const status = (about: Partial<LineStatus> = {}): LineStatus => ({
  ...{ id: ids['line'] ?? 0, portUp: true, why: '', counts: { sent: 100, answered: 98, repeated: 2, badChecks: 1, stray: 0 } },
  devices: [
    { id: ids['reader'] ?? 0, address: 1, state: 'up', secured: true, identity: '00123405000000bb', pollsPerSecond: 19, alarm: { what: 'swapped', at: 5 } },
    { id: ids['unit'] ?? 0, address: 2, state: 'offline', secured: false, identity: '', pollsPerSecond: 0 },
  ],
  ...about,
});

describe('serial lines', () => {
  test('are added with devices and doors, each with its entry, and the door side and consoles are told', async () => {
    here.told.changed = 0;
    const { status: code, json } = await operator.ask('POST', 'lines', LINE);
    expect([code, json]).toMatchObject([200, { ...LINE, floorMs: 10, adapterMs: 16, portUp: false, why: '', devices: [], doors: [], fire: null }]);
    ids['line'] = Number(json['id']);
    for (const [name, address] of [
      ['reader', 1],
      ['unit', 2],
    ] as const) {
      const added = await operator.ask('POST', `lines/${ids['line']}/devices`, { name, address });
      ids[name] = Object(added.json['devices']).at(-1).id;
    }
    const wiring = { readerId: ids['reader'], readerNumber: 0, relayId: ids['unit'], relayOutput: 0, contact: { deviceId: ids['unit'], input: 0, activeLow: true }, exit: null };
    const wired = await operator.ask('PUT', `doors/${door('D01')}/wiring`, wiring);
    expect([wired.status, wired.json]).toMatchObject([200, { doors: [{ id: door('D01'), code: '890101001001B00042D01', wiring }] }]);
    expect(here.told.changed).toBe(4);
    const whats = here.journal.entries.flatMap(({ event: { kind, what } }) => (kind === 'register' ? [what] : []));
    expect(whats).toEqual(['line-added', 'line-device-added', 'line-device-added', 'door-wired', 'controller-retired']);
    expect(here.journal.entries.find(({ event }) => event.what === 'door-wired')).toMatchObject({ event: { doorId: door('D01'), buildingId: here.building.buildingId } });
  });

  test('are unknown until the door side tells of them, then shown as it says', async () => {
    expect((await all()).lines[0].devices).toMatchObject([{ state: 'unknown', secured: false }, { state: 'unknown' }]);
    here.lines.push(status());
    expect((await all()).lines[0]).toMatchObject({
      portUp: true,
      counts: { sent: 100, repeated: 2, badChecks: 1 },
      devices: [
        { address: 1, state: 'up', secured: true, reported: '001234-05-000000bb', identity: '', pollsPerSecond: 19, alarm: { what: 'swapped', at: 5 } },
        { address: 2, state: 'offline', reported: '', alarm: null },
      ],
    });
    here.lines.splice(0, 1, status({ portUp: false, why: '没有这个串口 / no such port', devices: [] }));
    expect((await all()).lines[0]).toMatchObject({ portUp: false, why: '没有这个串口 / no such port', devices: [{ state: 'unknown' }, {}] });
  });

  test('consoles are told when a device changes, not of every poll', async () => {
    const heard: string[] = [];
    const socket = await here.app.injectWS(
      '/api/v1/live',
      { headers: { host: 'localhost:8080', origin: 'http://localhost:8080', cookie: operator.cookie } },
      { onInit: (made) => void made.on('message', (data) => void heard.push(String(data))) },
    );
    await expect.poll(() => heard.length).toBeGreaterThan(0);
    const hints = (): number => heard.filter((text) => text === '{"t":"serial"}').length;
    here.site.serial.heard([status()]);
    here.site.serial.heard([status({ counts: { sent: 900, answered: 900, repeated: 2, badChecks: 1, stray: 0 } })]);
    here.site.serial.heard([status({ portUp: false })]);
    await expect.poll(hints).toBe(2);
    socket.terminate();
  });

  test('are refused with the field and what was expected', async () => {
    for (const [method, url, body, code, field] of [
      ['POST', 'lines', LINE, 'TAKEN', 'port'],
      ['POST', 'lines', { ...LINE, port: '/etc/passwd' }, 'BAD_INPUT', 'port'],
      ['POST', 'lines', { ...LINE, port: '/dev/../etc/x' }, 'BAD_INPUT', 'port'],
      ['POST', 'lines', { ...LINE, port: '/dev/ttyTEST2', baud: 1200 }, 'BAD_INPUT', 'baud'],
      ['POST', `lines/${ids['line']}/devices`, { name: 'x', address: 1 }, 'TAKEN', 'address'],
      ['POST', `lines/${ids['line']}/devices`, { name: 'x', address: 127 }, 'BAD_INPUT', 'address'],
      ['DELETE', `line-devices/${ids['reader']}`, undefined, 'STILL_IN_USE', 'id'],
      ['PUT', `lines/${ids['line']}`, { ...LINE, fire: { deviceId: 999, input: 0, activeLow: false } }, 'BAD_INPUT', 'fire.deviceId'],
      [
        'PUT',
        `doors/${door('D02')}/wiring`,
        { readerId: ids['reader'], readerNumber: 0, relayId: ids['unit'], relayOutput: 1, contact: null, exit: null },
        'TAKEN',
        'readerNumber',
      ],
      ['DELETE', `doors/${door('D02')}/wiring`, undefined, 'BAD_INPUT', 'id'],
      ['POST', `doors/${door('D01')}/controller/codes`, {}, 'BAD_INPUT', 'id'],
    ] as const) {
      const { json } = await operator.ask(method, url, body);
      expect(json, `${method} ${url}`).toMatchObject({ code, field });
    }
    for (const url of ['lines/999', 'line-devices/999']) expect((await operator.ask('PUT', url, url.startsWith('lines') ? LINE : { name: 'x', address: 3 })).status).toBe(404);
    here.states.push(stateOf(door('D02')));
    const taken = await operator.ask('PUT', `doors/${door('D02')}/wiring`, {
      ...{ readerId: ids['reader'], readerNumber: 1, relayId: ids['unit'], relayOutput: 1, contact: null, exit: null },
    });
    expect(taken.json).toMatchObject({ code: 'CONTROLLER_IN_SERVICE', expected: expect.stringContaining('yc42-d02') });
    here.states.length = 0;
  });

  test('are read by the landlord whose doors they all are, and by the auditor; changed by the operator alone', async () => {
    const landlord = await signedIn(here, 'LL');
    expect(await all(landlord)).toMatchObject({ ports: [], lines: [{ id: ids['line'], doors: [{ id: door('D01') }] }] });
    expect(await all(await signedIn(here, 'LL', [here.other.buildingId]))).toEqual({ lines: [], ports: [] });
    const home = { place: 'unit', placeId: here.building.units['0503'] ?? 0, fromAt: 0, untilAt: null } as const;
    const account = await here.site.deps.accounts.create({ login: 'one-home', passwordHash: 'unused', role: 'LL', displayName: 'x', assignments: [home] }, here.time.now);
    const single = await browser(here);
    single.cookie = `doorbook=${await here.site.sessions.open(account, WHOLE_SESSION, undefined)}`;
    await single.ask('GET', 'session');
    expect((await all(single)).lines, 'the street door is not his').toEqual([]);
    expect((await all(await signedIn(here, 'AU', []))).lines).toHaveLength(1);
    for (const role of ['BL', 'GW', 'CL', 'OF', 'DA', 'PO'] as const) expect((await (await signedIn(here, role)).ask('GET', 'lines')).status, role).toBe(403);
    for (const who of [landlord, await signedIn(here, 'AU', [])])
      for (const [method, url, body] of [
        ['POST', 'lines', LINE],
        ['PUT', `lines/${ids['line']}`, LINE],
        ['POST', `lines/${ids['line']}/retire`, {}],
        ['POST', `line-devices/${ids['reader']}/key-giving`, {}],
        ['DELETE', `doors/${door('D01')}/wiring`, undefined],
      ] as const)
        expect((await who.ask(method, url, body)).status, `${method} ${url}`).toBe(403);
  });

  test('of OSDP_LINES are entered once, with devices that have no key, and left alone afterwards', async () => {
    await here.site.serial.enterConfigured();
    const configured = (await all()).lines[1];
    expect(configured).toMatchObject({
      port: '/dev/ttyTEST9',
      baud: 19_200,
      devices: [
        { address: 0, hasKey: false },
        { address: 7, name: 'OSDP 7' },
      ],
    });
    await operator.ask('PUT', `lines/${configured.id}`, { name: '后院', port: '/dev/ttyTEST9', baud: 9600 });
    await here.site.serial.enterConfigured();
    await operator.ask('POST', `lines/${configured.id}/retire`, {});
    await here.site.serial.enterConfigured();
    expect((await all()).lines).toHaveLength(1);
    const back = await operator.ask('POST', 'lines', { name: '又来了', port: '/dev/ttyTEST9', baud: 57_600 });
    expect(back.json).toMatchObject({ id: configured.id, baud: 57_600, devices: [{ address: 0 }, { address: 7 }] });
  });

  test('a door is taken off again, a device removed, and a line retired', async () => {
    const off = await operator.ask('DELETE', `doors/${door('D01')}/wiring`);
    expect([off.status, off.json['doors']]).toEqual([200, []]);
    expect((await operator.ask('GET', `doors/${door('D01')}/controller`)).json).toMatchObject({ device: 'yc42-d01' });
    const removed = await operator.ask('DELETE', `line-devices/${ids['reader']}`);
    expect(Object(removed.json['devices']).map(({ address }: { address: number }) => address)).toEqual([2]);
    expect((await operator.ask('POST', `lines/${ids['line']}/retire`, {})).status).toBe(200);
    expect((await all()).lines.map(({ port }: { port: string }) => port)).toEqual(['/dev/ttyTEST9']);
    expect(here.journal.entries.slice(-2)).toMatchObject([{ event: { what: 'line-retired' } }, { event: { what: 'controller-retired' } }]);
  });
});

test('lines configured before there is a building are entered with the first one', async () => {
  const empty = await world({ config: { lines: [{ port: '/dev/ttyTEST9', baud: 9600, addresses: [1] }] } });
  const { register } = empty.register;
  await register.write(async (db) => {
    await db.door.deleteMany();
    await db.doorController.deleteMany();
    await db.rentalUnit.deleteMany();
    await db.building.deleteMany();
    await db.site.deleteMany();
  });
  await empty.site.serial.enterConfigured();
  expect([await register.read.serialLine.count(), empty.notices.at(-1)]).toEqual([0, expect.stringContaining('no building')]);
  const admin = await signedIn(empty, 'SA', []);
  expect((await admin.ask('POST', 'buildings', { code: '890101001001B00077', name: '新楼' })).status).toBe(200);
  expect([await register.read.serialLine.count(), empty.errors]).toEqual([1, []]);
  await empty.close();
});
