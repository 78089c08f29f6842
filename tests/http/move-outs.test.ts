import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAccessIndex } from '../../gateway/core/access-index.ts';
import { decide } from '../../gateway/core/decide.ts';
import { DoorId } from '../../gateway/core/ids.ts';
import { openIndexSource } from '../../gateway/store/index-source.ts';
import { addCard, addTenant, DAY, NOON } from '../helpers/register.ts';
import { type Answer, type Browser, stateOf, type World, world } from './fixture.ts';
import { deskOf } from './rights-people.ts';

const HOUR = 3_600_000;
let here: World;
let landlord: Browser;
let tenant: Browser;
let personId: number;
let tenancyId: number;
beforeEach(async () => {
  here = await world();
  landlord = await deskOf(here, 'LL');
  ({ personId, tenancyId } = await addTenant(here.register, { unitId: here.building.units['0302'] ?? 0 }));
  await addCard(here.register, { personId, hex: '0A0B0C0D' });
  tenant = await deskOf(here, 'TEN', { personId });
  for (const door of Object.values(here.building.doors)) here.states.push(stateOf(door));
});
afterEach(() => here.close());

const state = (body: object = {}, by = landlord): Promise<Answer> => by.ask('POST', `tenancies/${tenancyId}/move-outs`, body);
const undo = (id: unknown, by = landlord): Promise<Answer> => by.ask('POST', `move-outs/${String(id)}/undo`);
const object = (id: unknown, by = tenant): Promise<Answer> => by.ask('POST', `me/move-outs/${String(id)}/objection`);
const decision = (id: unknown, by: Browser, body: object = { ends: true, basis: '搬家合同' }): Promise<Answer> => by.ask('POST', `move-outs/${String(id)}/decision`, body);
const own = async (): Promise<Record<string, unknown>[]> => {
  const { json } = await tenant.ask('GET', 'me/move-outs');
  return Array.isArray(json['moveOuts']) ? json['moveOuts'] : [];
};
/** So much later, ms, everybody signs in anew. */
async function later(by: number): Promise<void> {
  here.time.now += by;
  [landlord, tenant] = [await deskOf(here, 'LL'), await deskOf(here, 'TEN', { personId })];
}
const noted = (what: string): number => here.journal.entries.filter(({ event }) => event.what === what).length;

/** What the door of the home would decide about a card, by the register as it is. */
function reason(hex = '0A0B0C0D', at = here.time.now, tail = 'D03'): string {
  const source = openIndexSource(here.register.file);
  const index = createAccessIndex();
  source.load(index);
  source.close();
  return decide(index.facts(DoorId(here.building.doors[tail] ?? 0), here.register.register.vault.fingerprint({ bits: 32, hex })), at).reason;
}

/** Somebody who lives with the tenant. */
async function addWife(): Promise<number> {
  const { vault } = here.register.register;
  const wife = await here.register.register.write((db) =>
    db.person.create({
      data: {
        nameSealed: vault.seal('person.name', '王芳'),
        createdAt: NOON,
        documentCheckedBy: 'landlord',
        occupancies: { create: { tenancyId, role: 'coOccupant', relation: 'spouse', fromAt: NOON - DAY } },
      },
    }),
  );
  await addCard(here.register, { personId: wife.id, hex: '0A0B0C0E' });
  return wife.id;
}

describe('a landlord states that a home was left', () => {
  test('access ends, a receipt names each door, the tenant is told at once, and all of it is in the log first', async () => {
    const told = here.told.changed;
    const { status, json } = await state();
    expect([status, json]).toMatchObject([200, { state: 'stated', until: NOON, people: ['李小明'], undoUntil: NOON + 10_000, personId: null }]);
    expect(['D01', 'D02', 'D03'].map((tail) => reason('0A0B0C0D', NOON, tail))).toEqual(['LEASE_ENDED', 'LEASE_ENDED', 'LEASE_ENDED']);
    expect(here.told.changed).toBeGreaterThan(told);
    const receipt = (await landlord.ask('GET', `card-stops/${String(json['stopId'])}`)).json;
    expect(receipt).toMatchObject({ reason: 'moved-out', tail: '0C0D', doors: 3, rooms: ['0302'], endsAt: null, undoUntil: null });
    const [message] = await here.site.offices.outbox.page({ before: undefined, limit: 5, now: NOON });
    expect([message?.kind, message?.to, message?.accountId, message?.en]).toEqual(['moveOut', '李*', expect.any(Number), expect.stringContaining('0302')]);
    expect(here.journal.entries.find(({ event }) => event.what === 'tenancy-ended')?.person).toMatchObject({
      tenancyId,
      words: expect.stringContaining(`until=${NOON} at=${NOON}`),
    });
    expect(await own()).toMatchObject([{ id: json['id'], state: 'stated', objectUntil: expect.any(Number) }]);
    expect((await state()).json).toMatchObject({ code: 'IS_CLOSED' });
  });

  test('on a day to come access goes on until its end, and the doors are given that end', async () => {
    const { json } = await state({ day: '2026-07-03' });
    const end = Date.UTC(2026, 6, 3, 16) - 1;
    expect([json['until'], json['undoUntil'], reason('0A0B0C0D', end - 1000), reason('0A0B0C0D', end)]).toEqual([end, end, 'OK', 'LEASE_ENDED']);
    expect((await landlord.ask('GET', `card-stops/${String(json['stopId'])}`)).json).toMatchObject({ endsAt: end });
    expect((await landlord.ask('POST', `card-stops/${String(json['stopId'])}/undo`)).status).toBe(404);
    await later(end - 1 - NOON);
    expect((await undo(json['id'])).json).toMatchObject({ state: 'undone' });
    expect(reason('0A0B0C0D', end + DAY)).toBe('OK');
    for (const day of ['2026-07-02', '2027-09-01', '2026-07-32']) expect((await state({ day })).json, day).toMatchObject({ code: 'BAD_INPUT', field: 'day' });
  });

  test('ten seconds take it back, by whoever stated it', async () => {
    const { json } = await state();
    const colleague = await deskOf(here, 'LL', { name: 'colleague' });
    expect((await undo(json['id'], colleague)).json).toMatchObject({ code: 'TAKE_BACK_NOT_YOURS' });
    here.time.now += 9_999;
    expect([(await undo(json['id'])).json['state'], reason(), noted('move-out-undone'), noted('card-stop-undone')]).toEqual(['undone', 'OK', 1, 0]);
    expect((await undo(json['id'])).json).toMatchObject({ code: 'TAKE_BACK_OVER' });
    const again = await state();
    here.time.now += 10_000;
    expect([(await undo(again.json['id'])).json['code'], reason(), await own()]).toMatchObject(['TAKE_BACK_OVER', 'LEASE_ENDED', [{ state: 'stated' }]]);
  });

  test('a log that takes nothing keeps the home as it is', async () => {
    here.log.broken = true;
    expect((await state()).status).toBe(503);
    here.log.broken = false;
    expect([reason(), await own()]).toEqual(['OK', []]);
  });

  test('nobody else may: not for another’s building, and no other desk', async () => {
    const across = await deskOf(here, 'LL', { name: 'across', buildingIds: [here.other.buildingId] });
    expect((await state({}, across)).status).toBe(404);
    for (const role of ['CL', 'OF', 'GW', 'BL', 'SA', 'TEN'] as const) expect((await state({}, role === 'TEN' ? tenant : await deskOf(here, role))).status, role).toBe(403);
    expect((await landlord.ask('POST', 'tenancies/999/move-outs', {})).status).toBe(404);
  });

  test('doors that somebody goes on opening by another home, or for his work, are not on the receipt', async () => {
    await here.register.register.write((db) =>
      db.tenancy.create({
        data: { unitId: here.building.units['0503'] ?? 0, startAt: BigInt(NOON - DAY), createdAt: BigInt(NOON), occupants: { create: { personId, fromAt: BigInt(NOON - DAY) } } },
      }),
    );
    const { json } = await state();
    const { doors, rows } = (await landlord.ask('GET', `card-stops/${String(json['stopId'])}`)).json;
    expect([doors, Object(Array.isArray(rows) ? rows[0] : undefined).doorId]).toEqual([1, here.building.doors['D03']]);
    expect(['D01', 'D03', 'D04'].map((tail) => reason('0A0B0C0D', NOON, tail))).toEqual(['OK', 'LEASE_ENDED', 'OK']);
  });
});

describe('one person of a home leaves', () => {
  test('and the tenancy goes on; the last one to leave ends it', async () => {
    const wife = await addWife();
    const { json } = await state({ personId: wife });
    expect([json, reason('0A0B0C0E'), reason()]).toMatchObject([{ personId: wife, people: ['王芳'] }, 'LEASE_ENDED', 'OK']);
    expect(noted('occupant-left')).toBe(1);
    expect((await state({ personId: wife })).json).toMatchObject({ code: 'IS_CLOSED' });
    expect((await state({ personId: 999 })).status).toBe(404);
    // Of her he is told nothing that he could object to.
    expect((await object(json['id'])).status).toBe(404);
    expect([(await state({ personId })).json['personId'], reason()]).toEqual([null, 'LEASE_ENDED']);
  });

  test('and comes back to her place', async () => {
    const wife = await addWife();
    const { json } = await state({ personId: wife });
    here.time.now += 5_000;
    await undo(json['id']);
    expect(reason('0A0B0C0E')).toBe('OK');
  });
});

describe('a tenant', () => {
  test('says that he still lives here: his card opens again at once, until somebody decides', async () => {
    const { json } = await state();
    await later(DAY);
    const { status, json: objected } = await object(json['id']);
    expect([status, objected['state'], reason(), noted('move-out-objected')]).toEqual([200, 'objected', 'OK', 1]);
    expect([(await object(json['id'])).status, noted('move-out-objected')]).toEqual([200, 1]);
    expect((await state()).json).toMatchObject({ code: 'OBJECTION_OPEN' });
    expect(await here.register.register.read.cardStop.findFirstOrThrow()).toMatchObject({ undoneAt: BigInt(here.time.now) });
  });

  test('objects in time, or asks at the counter; what he confirmed stands', async () => {
    const { json } = await state();
    await later(Date.UTC(2026, 6, 8, 16) - NOON);
    expect([(await object(json['id'])).json['code'], reason()]).toEqual(['OBJECTION_OVER', 'LEASE_ENDED']);
    await later(-7 * DAY);
    expect((await tenant.ask('POST', `me/move-outs/${String(json['id'])}/confirmation`)).json).toMatchObject({ state: 'confirmed', objectUntil: null });
    expect((await object(json['id'])).json).toMatchObject({ code: 'IS_CLOSED' });
  });

  test('answers for himself alone', async () => {
    const { json } = await state();
    const neighbour = await addTenant(here.register, { unitId: here.building.units['0503'] ?? 0 });
    const other = await deskOf(here, 'TEN', { name: 'other', personId: neighbour.personId });
    expect([(await object(json['id'], other)).status, (await other.ask('POST', `me/tenancies/${tenancyId}/move-out`, {})).status]).toEqual([404, 404]);
    expect((await tenant.ask('POST', `me/move-outs/${String(json['id'])}/confirmation`)).status).toBe(200);
  });

  test('moves out himself at the end of the day, and there is nothing to object to', async () => {
    const { json } = await tenant.ask('POST', `me/tenancies/${tenancyId}/move-out`, {});
    const end = Date.UTC(2026, 6, 1, 16) - 1;
    expect([json, reason(), reason('0A0B0C0D', end)]).toMatchObject([{ own: true, until: end, objectUntil: null }, 'OK', 'LEASE_ENDED']);
    expect((await object(json['id'])).json).toMatchObject({ code: 'IS_CLOSED' });
    expect(await here.site.offices.outbox.page({ before: undefined, limit: 5, now: NOON })).toEqual([]);
  });
});

describe('a clerk decides an objection', () => {
  async function objected(): Promise<unknown> {
    const { json } = await state();
    await object(json['id']);
    return json['id'];
  }

  test('sees it in his list; access ends between 08:00 and 20:00, noted as a revocation, with a receipt', async () => {
    const id = await objected();
    const clerk = await deskOf(here, 'CL');
    expect((await clerk.ask('GET', 'move-outs?open=true')).json).toMatchObject({ moveOuts: [{ id, state: 'objected', people: ['李小明'], room: '0302' }], next: null });
    // 20:00 in China now: the next morning.
    const night = Date.UTC(2026, 6, 1, 21);
    expect((await decision(id, clerk, { ends: true, basis: 'x', at: night })).json).toMatchObject({ code: 'NOT_BY_NIGHT', field: 'at' });
    for (const [field, body] of [
      ['basis', { ends: true, basis: ' ' }],
      ['at', { ends: true, basis: 'x', at: NOON - HOUR }],
      ['at', { ends: true, basis: 'x', at: NOON + 91 * DAY }],
    ] as const)
      expect((await decision(id, clerk, body)).json, field).toMatchObject({ code: 'BAD_INPUT', field });
    const morning = Date.UTC(2026, 6, 2);
    const decided = await decision(id, clerk);
    expect([decided.status, decided.json]).toMatchObject([200, { state: 'ends', decidedUntil: morning, basis: '搬家合同' }]);
    expect([reason('0A0B0C0D', morning - 1000), reason('0A0B0C0D', morning)]).toEqual(['OK', 'LEASE_ENDED']);
    expect((await clerk.ask('GET', `card-stops/${String(decided.json['stopId'])}`)).json).toMatchObject({ endsAt: morning, reason: 'moved-out' });
    expect((await decision(id, clerk)).json).toMatchObject({ code: 'IS_CLOSED' });
    expect((await object(id)).json).toMatchObject({ code: 'IS_CLOSED' });
    expect((await clerk.ask('GET', 'move-outs?open=true')).json).toMatchObject({ moveOuts: [] });
  });

  test('or it goes on; then the landlord may state it again', async () => {
    const id = await objected();
    const officer = await deskOf(here, 'OF');
    expect((await decision(id, officer, { ends: false, basis: '看过，还住着' })).json).toMatchObject({ state: 'stays', people: ['李*'] });
    expect([reason(), (await state()).status, reason()]).toEqual(['OK', 200, 'LEASE_ENDED']);
  });

  test('landlord and clerk at once: who comes second finds it settled', async () => {
    const clerk = await deskOf(here, 'CL');
    const id = await objected();
    expect((await undo(id)).json).toMatchObject({ state: 'undone' });
    expect([(await decision(id, clerk)).json['code'], reason()]).toEqual(['IS_CLOSED', 'OK']);
    const second = await objected();
    expect((await decision(second, clerk)).status).toBe(200);
    expect((await undo(second)).json).toMatchObject({ code: 'IS_CLOSED' });
    expect((await decision((await addTenant(here.register, { unitId: here.building.units['0201'] ?? 0 })).tenancyId + 900, clerk)).status).toBe(404);
  });

  test('not where nobody objected, not outside his station, and no landlord', async () => {
    const { json } = await state();
    const clerk = await deskOf(here, 'CL');
    expect((await decision(json['id'], clerk)).json).toMatchObject({ code: 'IS_CLOSED' });
    const across = await deskOf(here, 'CL', { name: 'across', buildingIds: [here.other.buildingId] });
    expect([(await decision(json['id'], across)).status, (await decision(json['id'], landlord)).status]).toEqual([404, 403]);
    expect((await across.ask('GET', 'move-outs')).json).toMatchObject({ moveOuts: [] });
  });

  test('of one person, whose access alone ends', async () => {
    const wife = await addWife();
    const her = await deskOf(here, 'TEN', { name: 'wife', personId: wife });
    const { json } = await state({ personId: wife });
    expect([(await object(json['id'], her)).status, reason('0A0B0C0E')]).toEqual([200, 'OK']);
    await decision(json['id'], await deskOf(here, 'CL'), { ends: true, basis: 'x', at: Date.UTC(2026, 6, 2, 4) });
    expect([reason('0A0B0C0E', Date.UTC(2026, 6, 2, 4)), reason('0A0B0C0D', Date.UTC(2026, 6, 2, 4))]).toEqual(['LEASE_ENDED', 'OK']);
  });
});
