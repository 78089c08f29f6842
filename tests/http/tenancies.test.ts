import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAccessIndex } from '../../gateway/core/access-index.ts';
import { decide } from '../../gateway/core/decide.ts';
import { DoorId } from '../../gateway/core/ids.ts';
import { openIndexSource } from '../../gateway/store/index-source.ts';
import { addCard, addTenant, DAY, NOON } from '../helpers/register.ts';
import { type Answer, type Browser, type World, world } from './fixture.ts';
import { deskOf } from './rights-people.ts';

let here: World;
let landlord: Browser;
beforeEach(async () => {
  here = await world();
  landlord = await deskOf(here, 'LL');
});
afterEach(() => here.close());

const ANNA = { role: 'tenant', name: '周敏', documentType: '111', documentNumber: '890101198505120037', phone: '12000000077', checked: true, cards: ['1A2B3C4D'] };
const BEN = { role: 'coOccupant', relation: 'spouse', name: 'Ben Smith', documentType: '414', documentNumber: 'X1234567', checked: true, cards: ['1A2B3C4E'] };
const unit = (room = '0302'): number => here.building.units[room] ?? 0;
const begin = (about: object = {}, room = '0302', headers?: Record<string, string>): Promise<Answer> =>
  landlord.ask('POST', `units/${unit(room)}/tenancies`, { lastDay: '2027-06-30', people: [ANNA], ...about }, headers);
const withPerson = (about: object): Promise<Answer> => begin({ people: [{ ...ANNA, ...about }] });
const noted = (what: string): string[] => here.journal.entries.flatMap(({ event, person }) => (event.what === what ? [person.words] : []));
const tenancies = async (room = '0302'): Promise<Record<string, unknown>[]> => {
  const { json } = await landlord.ask('GET', `units/${unit(room)}`);
  return Array.isArray(json['tenancies']) ? json['tenancies'] : [];
};

/** What a door would decide about a card, by the register as it is. */
function reasonAt(tail: string, hex: string, at = here.time.now): string {
  const source = openIndexSource(here.register.file);
  const index = createAccessIndex();
  source.load(index);
  source.close();
  return decide(index.facts(DoorId(here.building.doors[tail] ?? 0), here.register.register.vault.fingerprint({ bits: 32, hex })), at).reason;
}

describe('a tenancy begins', () => {
  test('with its people registered, and their cards opening the home and the shared doors, and no other home', async () => {
    const { status, json } = await begin({ people: [ANNA, BEN] });
    expect([status, json['warnings']]).toEqual([200, []]);
    expect(['D01', 'D02', 'D03', 'D04'].map((tail) => reasonAt(tail, '1A2B3C4D'))).toEqual(['OK', 'OK', 'OK', 'WRONG_DOOR']);
    expect(reasonAt('D03', '1A2B3C4E')).toBe('OK');
    expect(noted('tenancy-begun')).toEqual([`unit=${unit()} kind=rent from=2026-07-01 until=2027-06-30 people=2 cards=2`]);
    const [tenancy] = await tenancies();
    expect(tenancy).toMatchObject({
      state: 'running',
      kind: 'rent',
      people: [{ name: '周敏', registered: true, registrationState: 'pending', role: 'tenant' }, { role: 'coOccupant' }],
    });
    const rows = await here.register.register.read.occupant.findMany({ orderBy: { relation: 'asc' } });
    expect(rows.map(({ relation, registrationDue }) => [relation, registrationDue !== null])).toEqual([
      ['', true],
      ['spouse', true],
    ]);
  });

  test('later, and opens nothing before; a stock card is handed out without the PIN it had', async () => {
    const stock = await addCard(here.register, { personId: null, hex: '0A0B0C0D' });
    await here.register.register.write((db) => db.credential.update({ where: { id: stock }, data: { buildingId: here.building.buildingId, pinVerifier: new Uint8Array(16) } }));
    expect((await begin({ firstDay: '2026-07-10', people: [{ ...ANNA, cards: ['0A0B0C0D', ' '] }] })).status).toBe(200);
    expect([reasonAt('D03', '0A0B0C0D'), reasonAt('D03', '0A0B0C0D', NOON + 9 * DAY)]).toEqual(['NOT_YET_VALID', 'OK']);
    expect(await here.register.register.read.credential.findUniqueOrThrow({ where: { id: stock } })).toMatchObject({ kind: 'tenant', pinVerifier: null });
  });

  test('finds who is in the register by his document, and never makes a second row of him', async () => {
    const { personId } = await addTenant(here.register, { unitId: unit('0503'), checkedBy: '' });
    const own = { name: '李小明', documentNumber: '890101199003070118' };
    expect((await withPerson({ ...own, name: '李大明' })).json).toMatchObject({ code: 'BAD_INPUT', field: 'people.0.name' });
    expect((await withPerson(own)).status).toBe(200);
    expect(await here.register.register.read.person.count()).toBe(1);
    expect(await here.register.register.read.person.findUniqueOrThrow({ where: { id: personId } })).toMatchObject({ documentCheckedBy: 'landlord' });
    expect(reasonAt('D03', '1A2B3C4D')).toBe('OK');
  });

  test('a field that is wrong is named, and nothing is written', async () => {
    await addCard(here.register, { personId: (await addTenant(here.register, { unitId: unit('0503') })).personId, hex: '0A0B0C0E' });
    for (const [field, wish] of [
      ['people.0.checked', { people: [{ ...ANNA, checked: false }] }],
      ['people.0.name', { people: [{ ...ANNA, name: ' ' }] }],
      ['people.0.documentType', { people: [{ ...ANNA, documentType: 'library card' }] }],
      ['people.0.documentNumber', { people: [{ ...ANNA, documentNumber: '890101198505120038' }] }],
      ['people.1.documentNumber', { people: [ANNA, { ...BEN, documentNumber: '!' }] }],
      ['people.0.phone', { people: [{ ...ANNA, phone: '12' }] }],
      ['people.0.cards.0', { people: [{ ...ANNA, cards: ['0A0B0C0E'] }] }],
      ['people.0.cards.1', { people: [{ ...ANNA, cards: ['1A2B3C4D', '123,45678'] }] }],
      ['people.1.cards.0', { people: [ANNA, { ...BEN, cards: ['1A2B3C4D'] }] }],
      ['people', { people: [{ ...BEN }] }],
      ['firstDay', { firstDay: '2026-02-30' }],
      ['firstDay', { firstDay: '2000-01-01' }],
      ['lastDay', { lastDay: '2026-06-30' }],
      ['lastDay', { lastDay: '2046-07-02' }],
      ['kind', { kind: 'sale' }],
    ] as const)
      expect((await begin(wish)).json, `${field} ${JSON.stringify(wish)}`).toMatchObject({ code: 'BAD_INPUT', field });
    expect((await begin({ firstDay: '2026-08-02', lastDay: null })).json).toMatchObject({ code: 'MOVE_IN_FUTURE', field: 'firstDay' });
    expect((await begin({ people: [ANNA, { ...ANNA, role: 'coOccupant', cards: [] }] })).json).toMatchObject({ code: 'ID_DUPLICATE_ACTIVE', field: 'people.1.documentNumber' });
    here.log.broken = true;
    expect((await begin()).status).toBe(503);
    here.log.broken = false;
    expect([noted('tenancy-begun'), await tenancies()]).toEqual([[], []]);
  });

  test('not beside one that runs, unless the home is shared; it says whom to end first', async () => {
    await begin();
    const other = { people: [{ ...BEN, role: 'tenant', relation: '' }] };
    const refused = await begin(other);
    expect(refused.json).toMatchObject({ code: 'HOME_TAKEN', field: 'share' });
    expect(refused.text).toContain('周敏');
    expect((await begin({ ...other, share: true })).status).toBe(200);
    expect((await begin({ share: true, people: [{ ...ANNA, cards: [] }] })).json).toMatchObject({ code: 'ID_DUPLICATE_ACTIVE' });
    expect(await tenancies()).toHaveLength(2);
  });

  test('with a word of warning when more than two live there who are no family', async () => {
    const friend = (documentNumber: string) => ({ ...BEN, relation: 'friend', documentNumber, cards: [] });
    expect((await begin({ people: [ANNA, friend('A1111111'), friend('A2222222')] })).json['warnings']).toMatchObject([{ code: 'OCCUPANT_LIMIT' }]);
  });

  test('once, however often it is sent; by nobody whose home it is not', async () => {
    const key = { 'idempotency-key': 'k1' };
    expect((await begin({}, '0302', key)).json['tenancyId']).toBe((await begin({}, '0302', key)).json['tenancyId']);
    expect(await tenancies()).toHaveLength(1);
    const across = await deskOf(here, 'LL', { name: 'across', buildingIds: [here.other.buildingId] });
    expect((await across.ask('POST', `units/${unit('0201')}/tenancies`, { people: [ANNA] })).status).toBe(404);
    for (const role of ['CL', 'OF', 'BL', 'GW', 'SA'] as const)
      expect((await (await deskOf(here, role)).ask('POST', `units/${unit('0201')}/tenancies`, { people: [ANNA] })).status, role).toBe(403);
  });

  test('in a house run like a hotel it is a booking, and ends to the minute', async () => {
    await here.register.register.write((db) => db.building.update({ where: { id: here.building.buildingId }, data: { mode: 'hotel' } }));
    expect((await begin({ lastDay: null })).json).toMatchObject({ code: 'BAD_INPUT', field: 'lastDay' });
    expect((await begin({ lastDay: '2026-07-01', endTime: '10:00' })).json).toMatchObject({ code: 'BAD_INPUT', field: 'endTime' });
    expect((await begin({ lastDay: '2026-07-04', endTime: '11:30' })).status).toBe(200);
    const end = Date.UTC(2026, 6, 4, 3, 30);
    expect([reasonAt('D03', '1A2B3C4D', end - 1000), reasonAt('D03', '1A2B3C4D', end)]).toEqual(['OK', 'LEASE_ENDED']);
    const [tenancy] = await tenancies();
    const extended = await landlord.ask('POST', `tenancies/${tenancy?.['id']}/extend`, { lastDay: '2026-07-06' }, { 'if-match': `"${tenancy?.['version']}"` });
    expect([extended.status, reasonAt('D03', '1A2B3C4D', end + DAY), reasonAt('D03', '1A2B3C4D', end + 2 * DAY)]).toEqual([200, 'OK', 'LEASE_ENDED']);
    expect((await landlord.ask('POST', `tenancies/${tenancy?.['id']}/extend/undo`)).status).toBe(200);
    expect(reasonAt('D03', '1A2B3C4D', end)).toBe('LEASE_ENDED');
  });
});

describe('somebody comes to live with them', () => {
  const add = (id: unknown, about: object = {}): Promise<Answer> => landlord.ask('POST', `tenancies/${String(id)}/occupants`, { ...BEN, ...about });

  test('and his card opens; not twice, and not where nobody lives any more', async () => {
    const { json } = await begin();
    expect((await add(json['tenancyId'])).status).toBe(200);
    expect([reasonAt('D03', '1A2B3C4E'), noted('occupant-added')]).toEqual(['OK', [`unit=${unit()} from=2026-07-01 cards=1`]]);
    expect((await add(json['tenancyId'])).json).toMatchObject({ code: 'ID_DUPLICATE_ACTIVE', field: 'people.0.documentNumber' });
    expect((await add(json['tenancyId'], { documentNumber: 'X7654321', cards: [], firstDay: '2026-08-30' })).json).toMatchObject({ code: 'BAD_INPUT', field: 'firstDay' });
    const over = await addTenant(here.register, { unitId: unit('0201'), accessUntil: NOON - DAY });
    expect((await add(over.tenancyId, { documentNumber: 'X7654321', cards: [] })).json).toMatchObject({ code: 'IS_CLOSED' });
    expect((await add(999)).status).toBe(404);
  });
});

describe('a contract is extended', () => {
  const extend = (id: number, version: unknown, body: object = {}, by = landlord): Promise<Answer> =>
    by.ask('POST', `tenancies/${id}/extend`, body, { 'if-match': `"${String(version)}"` });
  const holdover = async (): Promise<{ id: number; version: unknown }> => {
    const { tenancyId: id } = await addTenant(here.register, { unitId: unit(), startAt: Date.UTC(2025, 5, 30, 16), termEnd: Date.UTC(2026, 5, 30, 15, 59, 59, 999) });
    return { id, version: (await tenancies())[0]?.['version'] };
  };

  test('by one tap, as long as the last; the holdover ends by it, and ten seconds take it back', async () => {
    const { id, version } = await holdover();
    expect((await tenancies())[0]).toMatchObject({ state: 'holdover' });
    const { status, json } = await extend(id, version);
    expect([status, json['termEnd']]).toEqual([200, Date.UTC(2027, 5, 30, 15, 59, 59, 999)]);
    expect((await tenancies())[0]).toMatchObject({ state: 'running', version: json['version'] });
    const colleague = await deskOf(here, 'LL', { name: 'colleague' });
    expect((await colleague.ask('POST', `tenancies/${id}/extend/undo`)).json).toMatchObject({ code: 'TAKE_BACK_NOT_YOURS' });
    here.time.now += 9_999;
    expect((await landlord.ask('POST', `tenancies/${id}/extend/undo`)).json).toMatchObject({ termEnd: Date.UTC(2026, 5, 30, 15, 59, 59, 999), version });
    expect((await landlord.ask('POST', `tenancies/${id}/extend/undo`)).status).toBe(404);
    expect((await extend(id, version)).status).toBe(200);
    here.time.now += 10_000;
    expect((await landlord.ask('POST', `tenancies/${id}/extend/undo`)).json).toMatchObject({ code: 'TAKE_BACK_OVER' });
    expect(noted('term-extended')).toEqual(['until=2027-06-30', 'until=2026-06-30 undone', 'until=2027-06-30']);
  });

  test('to a day; never to an earlier one, and not beyond twenty years', async () => {
    const { id, version } = await holdover();
    for (const lastDay of ['2026-06-30', '2026-06-01', '2046-07-02'])
      expect((await extend(id, version, { lastDay })).json, lastDay).toMatchObject({ code: 'BAD_INPUT', field: 'lastDay' });
    const { json } = await extend(id, version, { lastDay: '2026-09-30' });
    expect(json['termEnd']).toBe(Date.UTC(2026, 8, 30, 15, 59, 59, 999));
    // The last term was the three months from July to September.
    expect((await extend(id, json['version'])).json['termEnd']).toBe(Date.UTC(2026, 11, 31, 15, 59, 59, 999));
  });

  test('two people at once: the second is shown how it stands now', async () => {
    const { id, version } = await holdover();
    const colleague = await deskOf(here, 'LL', { name: 'colleague' });
    expect((await extend(id, version)).status).toBe(200);
    expect((await extend(id, version, {}, colleague)).json).toMatchObject({ code: 'STALE_VERSION' });
    expect((await landlord.ask('POST', `tenancies/${id}/extend`, {})).status).toBe(428);
    const now = (await tenancies())[0]?.['version'];
    expect((await landlord.ask('POST', `tenancies/${id}/move-outs`, {})).status).toBe(200);
    expect((await extend(id, now, {}, colleague)).json).toMatchObject({ code: 'STALE_VERSION' });
    expect((await extend(id, (await tenancies())[0]?.['version'])).json).toMatchObject({ code: 'IS_CLOSED' });
  });

  test('one without an end gets one; where a contract ends access, that would shorten it', async () => {
    const { json } = await begin({ lastDay: null });
    const [tenancy] = await tenancies();
    await here.register.register.write((db) => db.building.update({ where: { id: here.building.buildingId }, data: { holdoverDays: 0 } }));
    expect((await extend(Number(json['tenancyId']), tenancy?.['version'])).json).toMatchObject({ code: 'BAD_INPUT', field: 'lastDay' });
    await here.register.register.write((db) => db.building.update({ where: { id: here.building.buildingId }, data: { holdoverDays: null } }));
    expect((await extend(Number(json['tenancyId']), tenancy?.['version'])).json['termEnd']).toBe(Date.UTC(2027, 5, 30, 15, 59, 59, 999));
  });
});
