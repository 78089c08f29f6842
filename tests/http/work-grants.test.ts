import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAccessIndex } from '../../gateway/core/access-index.ts';
import { decide } from '../../gateway/core/decide.ts';
import { DoorId } from '../../gateway/core/ids.ts';
import { openIndexSource } from '../../gateway/store/index-source.ts';
import { addCard, addTenant, DAY, NOON } from '../helpers/register.ts';
import { type Answer, type Browser, stateOf, type World, world } from './fixture.ts';
import { deskOf } from './rights-people.ts';

let here: World;
let landlord: Browser;
beforeEach(async () => {
  here = await world();
  landlord = await deskOf(here, 'LL');
});
afterEach(() => here.close());

const CLEANER = {
  ...{ name: '周敏', documentType: '111', documentNumber: '890101198505120037', phone: '12000000077', checked: true },
  ...{ purpose: 'cleaning', lastDay: '2026-12-31', schedule: null },
};
const WATCH = { ...CLEANER, name: '吴刚', documentNumber: '890101198001010010', phone: '', purpose: 'watch' };
const list = (): string => `buildings/${here.building.buildingId}/work-rights`;
const doorOf = (tail: string): number => here.building.doors[tail] ?? 0;
const add = (about: object = {}, who = landlord): Promise<Answer> => who.ask('POST', list(), { ...CLEANER, ...about });
const version = (view: Record<string, unknown>) => ({ 'if-match': `"${String(view['version'])}"` });
const noted = (what: string): string[] => here.journal.entries.flatMap(({ event, person }) => (event.what === what ? [person.words] : []));

/** What the door would decide about a card now, by the register as it is. */
function reasonAt(tail: string, hex: string, at = here.time.now): string {
  const source = openIndexSource(here.register.file);
  const index = createAccessIndex();
  source.load(index);
  source.close();
  return decide(index.facts(DoorId(doorOf(tail)), here.register.register.vault.fingerprint({ bits: 32, hex })), at).reason;
}
const lockDown = () => here.register.register.write((db) => db.door.update({ where: { id: doorOf('D01') }, data: { lockdownUntil: BigInt(NOON + 3_600_000) } }));

describe('somebody who works in a building', () => {
  test('is entered with his document, given a card, and opens its shared doors until his last day, and no home', async () => {
    const { status, json } = await add();
    expect([status, json]).toMatchObject([
      200,
      { person: { name: '周敏', phoneMasked: '120****0077' }, purpose: 'cleaning', state: 'running', lastDay: '2026-12-31', cards: [], duty: false },
    ]);
    const told = here.told.changed;
    const given = await landlord.ask('POST', `work-rights/${json['id']}/cards`, { number: '1A2B3C4D' });
    expect([given.status, given.json]).toMatchObject([200, { cards: [{ tail: '3C4D', status: 'active' }] }]);
    expect(here.told.changed).toBeGreaterThan(told);
    expect(['D01', 'D02', 'D03'].map((tail) => reasonAt(tail, '1A2B3C4D'))).toEqual(['OK', 'OK', 'WRONG_DOOR']);
    const end = Date.UTC(2026, 11, 31, 16);
    expect([reasonAt('D01', '1A2B3C4D', end - 1), reasonAt('D01', '1A2B3C4D', end)]).toEqual(['OK', 'EXPIRED']);
    expect([noted('work-given'), noted('issue')]).toEqual([['for=cleaning from=2026-07-01 until=2026-12-31 hours=0'], ['card=3C4D']]);
    const seen = (await landlord.ask('GET', list())).json;
    expect(seen).toMatchObject({ people: [{ id: json['id'] }], mayWrite: true, mayEnd: true, next: null });
    expect(here.journal.entries.filter(({ event }) => event.what === 'viewed').map(({ person }) => person.personId)).toEqual([Object(json['person']).id]);
    const text = JSON.stringify(seen);
    expect([text.includes(CLEANER.documentNumber), text.includes(CLEANER.phone)]).toEqual([false, false]);
  });

  test('without whose document being looked at there is no right; a field that is wrong is named', async () => {
    for (const [field, about] of [
      ['checked', { checked: false }],
      ['name', { name: ' ' }],
      ['documentType', { documentType: 'library card' }],
      ['documentNumber', { documentNumber: '890101198505120038' }],
      ['phone', { phone: '12' }],
      ['purpose', { purpose: 'landlord' }],
      ['lastDay', { lastDay: '2027-12-31' }],
      ['lastDay', { lastDay: '2026-06-30' }],
      ['lastDay', { lastDay: '2026-09-31' }],
      ['firstDay', { firstDay: '2026-06-30' }],
      ['schedule', { schedule: 9 }],
    ] as const)
      expect((await add(about)).json, field).toMatchObject({ code: 'BAD_INPUT', field });
    expect(noted('work-given')).toEqual([]);
    here.log.broken = true;
    expect((await add()).status).toBe(503);
    here.log.broken = false;
    expect((await landlord.ask('GET', list())).json).toMatchObject({ people: [] });
  });

  test('is found by his document among the people of the landlord’s buildings, and nowhere else', async () => {
    const { personId } = await addTenant(here.register, { unitId: here.building.units['0302'] ?? 0, checkedBy: '' });
    const own = { documentNumber: '890101199003070118', name: '李小明' };
    expect((await add({ ...own, name: '李大明' })).json).toMatchObject({ code: 'BAD_INPUT', field: 'name' });
    const { json } = await add({ ...own, purpose: 'caretaker' });
    expect(Object(json['person']).id).toBe(personId);
    expect((await here.register.register.read.person.findUniqueOrThrow({ where: { id: personId } })).documentCheckedBy).toBe('landlord');
    expect((await add(own)).json).toMatchObject({ code: 'TAKEN', field: 'documentNumber' });
    const across = await deskOf(here, 'LL', { name: 'across', buildingIds: [here.other.buildingId] });
    const elsewhere = await across.ask('POST', `buildings/${here.other.buildingId}/work-rights`, { ...CLEANER, ...own, name: '李大明' });
    expect([elsewhere.status, Object(elsewhere.json['person']).id === personId]).toEqual([200, false]);
    expect((await across.ask('GET', list())).status).toBe(404);
    expect((await across.ask('POST', `work-rights/${json['id']}/end`, {})).status).toBe(404);
  });

  test('works by the hours of a schedule; a change needs the version that was seen, and an earlier last day is a revocation', async () => {
    const days = Array.from({ length: 8 }, () => ['08:00–12:00']);
    await landlord.ask('POST', `buildings/${here.building.buildingId}/schedules`, { name: '上午', days });
    const { json } = await add();
    await landlord.ask('POST', `work-rights/${json['id']}/cards`, { number: '1A2B3C4D' });
    const terms = { purpose: 'repair', lastDay: '2026-08-31', schedule: 1 };
    expect((await landlord.ask('PUT', `work-rights/${json['id']}`, terms)).status).toBe(428);
    const changed = await landlord.ask('PUT', `work-rights/${json['id']}`, terms, version(json));
    expect([changed.status, changed.json]).toMatchObject([200, { purpose: 'repair', lastDay: '2026-08-31', schedule: { number: 1, name: '上午' } }]);
    expect((await landlord.ask('PUT', `work-rights/${json['id']}`, terms, version(json))).status).toBe(412);
    // 20:00 in China.
    expect([reasonAt('D01', '1A2B3C4D'), reasonAt('D01', '1A2B3C4D', NOON + 13 * 3_600_000)]).toEqual(['OUT_OF_SCHEDULE', 'OK']);
    expect(here.journal.entries.filter(({ event }) => event.what === 'grant-ended')).toHaveLength(1);
    await landlord.ask('PUT', `work-rights/${json['id']}`, { ...terms, lastDay: '2026-09-30' }, version(changed.json));
    expect(here.journal.entries.filter(({ event }) => event.what === 'grant-ended')).toHaveLength(1);
    const schedules = (await landlord.ask('GET', `buildings/${here.building.buildingId}/schedules`)).json['schedules'];
    expect(Object(Array.isArray(schedules) ? schedules[0] : undefined).used).toBe(true);
  });

  test('keeps his cards apart: a number that names none, somebody else’s, or a stopped one is refused with its field', async () => {
    const { personId } = await addTenant(here.register, { unitId: here.building.units['0302'] ?? 0, name: '罗刚' });
    await addCard(here.register, { personId, hex: '0A0B0C0D' });
    const stopped = await addCard(here.register, { personId: null, hex: '0A0B0C0E', status: 'revoked' });
    await here.register.register.write((db) => db.credential.update({ where: { id: stopped }, data: { buildingId: here.building.buildingId } }));
    const stock = await addCard(here.register, { personId: null, hex: '0A0B0C0F' });
    await here.register.register.write((db) => db.credential.update({ where: { id: stock }, data: { buildingId: here.building.buildingId } }));
    const { json } = await add();
    for (const number of ['hello', '123', '0A0B0C0D', '0A0B0C0E'])
      expect((await landlord.ask('POST', `work-rights/${json['id']}/cards`, { number })).json, number).toMatchObject({ code: 'BAD_INPUT', field: 'number' });
    const given = (await landlord.ask('POST', `work-rights/${json['id']}/cards`, { number: '0A0B0C0F' })).json;
    expect(given).toMatchObject({ cards: [{ id: stock, tail: '0C0F' }] });
    const stop = await landlord.ask('POST', `credentials/${stock}/stop`, {});
    expect([stop.status, stop.json]).toMatchObject([200, { tail: '0C0F', rooms: [], building: { id: here.building.buildingId } }]);
    expect((await deskOf(here, 'LL', { name: 'across', buildingIds: [here.other.buildingId] }).then((who) => who.ask('GET', `card-stops/${stop.json['id']}`))).status).toBe(404);
  });
});

test('a card that another building gave a tenant for his work there is on his own page of his home, and not on his landlord’s', async () => {
  const unitId = here.building.units['0302'] ?? 0;
  const { personId } = await addTenant(here.register, { unitId });
  const both = await deskOf(here, 'LL', { name: 'both', buildingIds: [here.building.buildingId, here.other.buildingId] });
  const there = await both.ask('POST', `buildings/${here.other.buildingId}/work-rights`, { ...CLEANER, documentNumber: '890101199003070118', name: '李小明' });
  expect(Object(there.json['person']).id).toBe(personId);
  expect((await both.ask('POST', `work-rights/${there.json['id']}/cards`, { number: '1A2B3C4D' })).status).toBe(200);
  const shown = async (who: Browser): Promise<boolean> => (await who.ask('GET', `units/${unitId}`)).text.includes('3C4D');
  expect([await shown(landlord), await shown(await deskOf(here, 'TEN', { name: '12000000001', personId }))]).toEqual([false, true]);
});

describe('the end of a right', () => {
  test('comes at once with a receipt for each door, is noted before, and stays as it is when asked for again', async () => {
    await here.register.register.write((db) => db.doorController.updateMany({ data: { enrolledAt: 1n, model: 'x' } }));
    here.states.push({ ...stateOf(doorOf('D01')), listUntil: NOON + DAY }, { ...stateOf(doorOf('D02')), listUntil: NOON + DAY });
    const { json } = await add();
    await landlord.ask('POST', `work-rights/${json['id']}/cards`, { number: '1A2B3C4D' });
    here.time.now = NOON + 60_000;
    const { json: ended } = await landlord.ask('POST', `work-rights/${json['id']}/end`, {});
    expect(reasonAt('D01', '1A2B3C4D')).toBe('EXPIRED');
    const receipt = (await landlord.ask('GET', `card-stops/${ended['stopId']}`)).json;
    expect(receipt).toMatchObject({ reason: 'work-ended', tail: '3C4D', doors: 2, waiting: 2, undoUntil: null, building: { id: here.building.buildingId }, unitId: null });
    expect(here.journal.entries.findLast(({ event }) => event.what === 'grant-ended')?.person).toMatchObject({ personId: Object(json['person']).id });
    const { changeN } = await here.register.register.read.cardStop.findUniqueOrThrow({ where: { id: Number(ended['stopId']) } });
    here.states.splice(0, 2, { ...stateOf(doorOf('D01')), have: '1.2', want: '1.2', covers: changeN });
    here.site.cardStopTracker.heard(here.states);
    await here.site.cardStopTracker.catchUp();
    expect((await landlord.ask('GET', `card-stops/${ended['stopId']}`)).json).toMatchObject({ stopped: 1, waiting: 1 });
    expect(here.journal.entries.at(-2)?.event.what === 'card-stop-confirmed' || noted('card-stop-confirmed').length === 1).toBe(true);
    expect((await landlord.ask('POST', `work-rights/${json['id']}/end`, {})).json).toEqual(ended);
    expect((await landlord.ask('POST', `card-stops/${ended['stopId']}/undo`, {})).status).toBe(404);
    expect((await landlord.ask('GET', list())).json).toMatchObject({ people: [] });
    const past = (await landlord.ask('GET', `${list()}?past=true`)).json;
    expect(past).toMatchObject({ people: [{ id: json['id'], state: 'over', stopId: ended['stopId'] }] });
    expect(
      (await landlord.ask('PUT', `work-rights/${json['id']}`, { purpose: 'care', lastDay: '2026-12-31', schedule: null }, version(Object(past['people'])[0]))).json,
    ).toMatchObject({
      code: 'IS_CLOSED',
    });
  });

  test('stops nothing at the doors of somebody who lives there', async () => {
    const { personId } = await addTenant(here.register, { unitId: here.building.units['0302'] ?? 0 });
    await addCard(here.register, { personId, hex: '0A0B0C0D' });
    const { json } = await add({ documentNumber: '890101199003070118', name: '李小明', purpose: 'caretaker' });
    const { json: ended } = await landlord.ask('POST', `work-rights/${json['id']}/end`, {});
    expect((await landlord.ask('GET', `card-stops/${ended['stopId']}`)).json).toMatchObject({ doors: 0 });
    expect(reasonAt('D01', '0A0B0C0D')).toBe('OK');
  });
});

describe('a duty card', () => {
  test('is given with a second factor, to a caretaker or a watch alone, and opens in a lockdown; taken away it does not', async () => {
    const cleaner = (await add()).json;
    expect((await landlord.ask('PUT', `work-rights/${cleaner['id']}/duty`, { duty: true }, version(cleaner))).json).toMatchObject({ code: 'BAD_INPUT', field: 'duty' });
    const watch = (await add(WATCH)).json;
    await landlord.ask('POST', `work-rights/${watch['id']}/cards`, { number: '1A2B3C4D' });
    await lockDown();
    expect(reasonAt('D01', '1A2B3C4D')).toBe('LOCKDOWN');
    const on = await landlord.ask('PUT', `work-rights/${watch['id']}/duty`, { duty: true }, version(watch));
    expect([on.json['duty'], reasonAt('D01', '1A2B3C4D'), noted('duty-given')]).toEqual([true, 'OK', ['duty=on']]);
    expect((await landlord.ask('PUT', `work-rights/${watch['id']}`, { purpose: 'cleaning', lastDay: '2026-12-31', schedule: null }, version(on.json))).json).toMatchObject({
      field: 'purpose',
    });
    const off = await landlord.ask('PUT', `work-rights/${watch['id']}/duty`, { duty: false }, version(on.json));
    expect([off.json['duty'], reasonAt('D01', '1A2B3C4D')]).toEqual([false, 'LOCKDOWN']);
    expect(here.journal.entries.filter(({ event }) => event.what === 'grant-duty-ended')).toHaveLength(1);
    here.time.now = NOON + 11 * 60_000;
    expect((await landlord.ask('PUT', `work-rights/${watch['id']}/duty`, { duty: true }, version(off.json))).json).toMatchObject({ code: 'SECOND_FACTOR' });
  });

  test('is had by so few that each is known', async () => {
    const watch = (await add(WATCH)).json;
    const { personId } = await here.register.register.read.accessGrant.findUniqueOrThrow({ where: { id: Number(watch['id']) } });
    const more = { personId, buildingId: here.building.buildingId, fromAt: 0n, untilAt: BigInt(NOON + DAY), duty: true, createdAt: 0n };
    await here.register.register.write((db) => db.accessGrant.createMany({ data: Array.from({ length: 8 }, () => more) }));
    expect((await landlord.ask('PUT', `work-rights/${watch['id']}/duty`, { duty: true }, version(watch))).json).toMatchObject({ code: 'LIMIT_REACHED' });
  });
});

describe('who sees it', () => {
  test('an officer sees names masked and no card, and may end a right; a landlord of one home, a leader and the operator see nothing', async () => {
    const { json } = await add();
    await landlord.ask('POST', `work-rights/${json['id']}/cards`, { number: '1A2B3C4D' });
    const whom = Object(json['person']).id;
    const clerks = [await deskOf(here, 'CL'), await deskOf(here, 'CL', { name: 'elsewhere', buildingIds: [here.other.buildingId] })];
    expect(await Promise.all(clerks.map(async (clerk) => (await clerk.ask('POST', `people/${whom}/requests`, { kind: 'copy' })).status))).toEqual([200, 404]);
    const officer = await deskOf(here, 'OF');
    expect((await officer.ask('GET', list())).json).toMatchObject({
      people: [{ person: { name: '周*' }, cards: [{ tail: '', status: 'active' }] }],
      mayWrite: false,
      mayEnd: true,
    });
    expect((await add({}, officer)).status).toBe(403);
    for (const role of ['BL', 'SA', 'GW', 'CL', 'DA', 'AU', 'PO'] as const) expect((await (await deskOf(here, role)).ask('GET', list())).status, role).toBe(403);
    const home = { place: 'unit', placeId: here.building.units['0503'] ?? 0, fromAt: 0, untilAt: null } as const;
    await here.site.deps.accounts.create({ login: 'one-home', passwordHash: 'unused', role: 'LL', displayName: 'x', assignments: [home] }, here.time.now);
    const single = await deskOf(here, 'LL', { name: 'one-home' });
    expect([(await single.ask('GET', list())).status, (await add({}, single)).status, (await single.ask('POST', `work-rights/${json['id']}/end`, {})).status]).toEqual([
      404, 404, 404,
    ]);
    expect((await officer.ask('POST', `work-rights/${json['id']}/end`, {})).status).toBe(200);
  });
});
