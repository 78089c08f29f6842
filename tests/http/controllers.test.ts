import { createECDH } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readOffer } from '../../gateway/wire/mqtt/enrol.ts';
import { type Browser, browser, signedIn, WHOLE_SESSION, type World, world } from './fixture.ts';

let here: World;
let operator: Browser;
beforeAll(async () => {
  here = await world();
  operator = await signedIn(here, 'SA', []);
});
afterAll(() => here.close());

const door = (): number => here.building.doors['D01'] ?? 0;
const at = (what: string): string => `doors/${door()}/controller${what}`;
const ACTS = [
  ['GET', ''],
  ['POST', '/codes'],
  ['POST', '/board-login'],
  ['POST', '/retire'],
] as const;
const keys = createECDH('prime256v1');
const publicKey = keys.generateKeys('hex');
const ask = (code: string) => ({ v: 1, k: publicKey, c: code, model: 'esp32-door', fw: '2.1', doors: 1 }) as const;

describe('the controller of a door', () => {
  test('waits for a device, is given a code that is told once and not kept, and becomes what the device says it is', async () => {
    expect((await operator.ask('GET', at(''))).json).toEqual({ device: 'yc42-d01', enrolledAt: null, retiredAt: null, model: '', firmware: '', codeUntil: null, boardCards: '' });
    here.journal.entries.splice(0);
    const { status, json, text, headers } = await operator.ask('POST', at('/codes'), {});
    expect([status, headers['cache-control'], json['device'], json['address']]).toEqual([200, 'no-store', 'yc42-d01', '192.0.2.7:8883']);
    expect(readOffer(String(json['text']))).toEqual({ host: '192.0.2.7', port: 8883, pin: 'A'.repeat(43), code: json['code'] });
    expect(here.journal.entries).toMatchObject([{ event: { what: 'code-made', doorId: door() }, person: { words: 'yc42-d01' } }]);
    expect(JSON.stringify(here.journal.entries) + (await operator.ask('GET', at(''))).text).not.toContain(String(json['code']));
    expect(text).toContain(String(json['code']));
    here.told.changed = 0;
    const traded = await here.site.enrolment.trade(ask(String(json['code'])));
    expect([traded, here.told.changed]).toMatchObject([{ ok: true, identity: { site: 'yc42', device: 'yc42-d01' } }, 1]);
    expect(here.journal.entries.at(-1)).toMatchObject({ event: { what: 'controller-enrolled' } });
    expect((await operator.ask('GET', at(''))).json).toMatchObject({ model: 'esp32-door', firmware: '2.1', codeUntil: null, enrolledAt: expect.any(Number) });
  });

  test('is taken out of service with an entry, and comes back with another code', async () => {
    here.told.changed = 0;
    const { status, json } = await operator.ask('POST', at('/retire'), {});
    expect([status, json, here.told.changed]).toEqual([200, { device: 'yc42-d01', entry: expect.any(Number) }, 1]);
    expect(here.journal.entries.slice(-2)).toMatchObject([{ event: { what: 'controller-retired' } }, { event: { what: 'controller-out', doorId: door() } }]);
    const { json: offer } = await operator.ask('POST', at('/codes'), {});
    expect(await here.site.enrolment.trade(ask(String(offer['code'])))).toMatchObject({ ok: true, again: false });
    expect((await operator.ask('GET', at(''))).json).toMatchObject({ retiredAt: null });
  });

  test('a repeat under one Idempotency-Key is told that it was done, and not the code', async () => {
    const once = { 'idempotency-key': 'a-code-once' };
    const first = await operator.ask('POST', at('/codes'), {}, once);
    const again = await operator.ask('POST', at('/codes'), {}, once);
    expect([first.status, again.text.includes(String(first.json['code']))]).toEqual([200, false]);
  });

  test('an esp-rfid board instead is fitted, and told its login once, with an entry that does not say the password', async () => {
    const { json: fitted } = await operator.ask('POST', `buildings/${here.building.buildingId}/doors`, { kind: 'street', name: '后门', boardCards: 'decimal' });
    const id = Number(Object(fitted['door'])['id']);
    expect((await operator.ask('GET', `doors/${id}/controller`)).json).toMatchObject({ boardCards: 'decimal', enrolledAt: null });
    here.journal.entries.splice(0);
    here.told.changed = 0;
    const { status, json, headers } = await operator.ask('POST', `doors/${id}/controller/board-login`, {});
    expect([status, headers['cache-control'], json, here.told.changed]).toEqual([
      200,
      'no-store',
      { user: fitted['device'], password: expect.stringMatching(/^[0-9a-f]{24}$/), topic: fitted['topics'], cards: 'decimal', host: '', port: 0 },
      1,
    ]);
    expect(here.journal.entries.map(({ event }) => event.what)).toEqual(['controller-enrolled', 'board-login']);
    expect(JSON.stringify(here.journal.entries)).not.toContain(String(json['password']));
    const refused = await operator.ask('POST', `doors/${id}/controller/codes`, {});
    expect([refused.status, refused.text]).toEqual([400, expect.stringContaining('an esp-rfid board takes a password')]);
    expect((await operator.ask('POST', at('/board-login'), {})).status).toBe(400);
    const once = { 'idempotency-key': 'a-login-once' };
    const first = await operator.ask('POST', `doors/${id}/controller/board-login`, {}, once);
    const again = await operator.ask('POST', `doors/${id}/controller/board-login`, {}, once);
    expect([first.status, again.text.includes(String(first.json['password']))]).toEqual([200, false]);
  });

  test.each(['BL', 'OF', 'GW', 'AU'] as const)('%s is not for it', async (role) => {
    const other = await signedIn(here, role, [here.building.buildingId]);
    for (const [method, what] of ACTS) expect((await other.ask(method, at(what), method === 'POST' ? {} : undefined)).status, what).toBe(403);
  });

  test('is the landlord’s to fit, replace and retire, in his own building, with his name in the log', async () => {
    const landlord = await signedIn(here, 'LL');
    const mine = `doors/${here.building.doors['D02'] ?? 0}/controller`;
    here.journal.entries.splice(0);
    const { status, json: offer } = await landlord.ask('POST', `${mine}/codes`, {});
    expect([status, await here.site.enrolment.trade(ask(String(offer['code'])))]).toMatchObject([200, { ok: true, identity: { device: 'yc42-d02' } }]);
    expect((await landlord.ask('GET', mine)).json).toMatchObject({ device: 'yc42-d02', enrolledAt: expect.any(Number) });
    expect((await landlord.ask('POST', `${mine}/retire`, {})).status).toBe(200);
    const by = (await here.site.deps.accounts.byLogin(`ll-${here.building.buildingId}`))?.id;
    const acts = here.journal.entries.filter(({ event }) => ['code-made', 'controller-retired', 'controller-out'].includes(event.what ?? ''));
    expect(acts.map(({ person }) => person.accountId)).toEqual([by, by, by]);
    const theirs = here.other.doors['D01'] ?? 0;
    for (const [method, what] of ACTS) expect((await landlord.ask(method, `doors/${theirs}/controller${what}`, method === 'POST' ? {} : undefined)).status, what).toBe(404);
  });

  test('that works doors of others too is not for the landlord of one home; that of his own door alone is', async () => {
    const home = { place: 'unit', placeId: here.building.units['0503'] ?? 0, fromAt: 0, untilAt: null } as const;
    const account = await here.site.deps.accounts.create({ login: 'one-home', passwordHash: 'unused', role: 'LL', displayName: 'x', assignments: [home] }, here.time.now);
    const single = await browser(here);
    single.cookie = `doorbook=${await here.site.sessions.open(account, WHOLE_SESSION, undefined)}`;
    await single.ask('GET', 'session');
    const own = `doors/${here.building.doors['D04'] ?? 0}/controller`;
    for (const [method, what] of ACTS) expect((await single.ask(method, at(what), method === 'POST' ? {} : undefined)).json, what).toMatchObject({ code: 'NOT_ALLOWED' });
    expect((await single.ask('POST', `${own}/codes`, {})).status).toBe(200);
    const shared = { controllerId: here.building.controllers['yc42-d04'] ?? 0, number: 2 };
    await here.register.register.write((db) => db.door.update({ where: { id: here.building.doors['D03'] ?? 0 }, data: shared }));
    await here.site.doorList.refresh();
    for (const [method, what] of ACTS) expect((await single.ask(method, `${own}${what}`, method === 'POST' ? {} : undefined)).json, what).toMatchObject({ code: 'NOT_ALLOWED' });
  });

  test('of a door that is not there is not found', async () => {
    expect((await operator.ask('POST', 'doors/9999/controller/codes', {})).status).toBe(404);
  });
});
