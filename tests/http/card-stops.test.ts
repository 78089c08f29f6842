import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DoorId } from '../../gateway/core/ids.ts';
import type { Role } from '../../gateway/core/roles.ts';
import { addCard, addTenant, DAY, NOON } from '../helpers/register.ts';
import { type Browser, signedIn, stateOf, WHOLE_SESSION, type World, world, browser } from './fixture.ts';

let here: World;
let landlord: Browser;
let personId: number;
let card: number;
beforeAll(async () => {
  here = await world();
  landlord = await signedIn(here, 'LL');
  ({ personId } = await addTenant(here.register, { unitId: home() }));
});
afterAll(() => here.close());

let cards = 0;
beforeEach(async () => {
  here.time.now = NOON;
  here.states.splice(0);
  cards += 1;
  card = await addCard(here.register, { personId, hex: `0A0B0C${String(cards).padStart(2, '0')}` });
});

const home = (): number => here.building.units['0503'] ?? 0;
const doorOf = (name: string): number => here.building.doors[name] ?? 0;
const rows = (json: Record<string, unknown>): Record<string, string> =>
  Object.fromEntries(Array.isArray(json['rows']) ? json['rows'].map((row) => [String(Object(row).door.zh), String(Object(row).state)]) : []);
const stop = (who = landlord, body: object = {}, id = card) => who.ask('POST', `credentials/${id}/stop`, body);
const statusOf = async (id: number): Promise<string | undefined> => (await here.register.register.read.credential.findUnique({ where: { id } }))?.status;

/** A tenant's own account, or one with single homes. */
async function account(role: Role, about: { personId?: number; units?: readonly number[] }): Promise<Browser> {
  const me = await browser(here);
  const assignments = (about.units ?? []).map((placeId) => ({ place: 'unit' as const, placeId, fromAt: 0, untilAt: null }));
  const login = `${role}-${about.personId ?? ''}-${(about.units ?? []).join('-')}`;
  const row = await here.site.deps.accounts.create({ login, passwordHash: 'unused', role, displayName: role, assignments, personId: about.personId ?? null }, NOON);
  me.cookie = `doorbook=${await here.site.sessions.open(row, WHOLE_SESSION, undefined)}`;
  await me.ask('GET', 'session');
  return me;
}

/** The doors say how they stand; the number of the change the last stop waits for. */
async function say(about: Record<string, Partial<Parameters<typeof stateOf>[1]>>): Promise<void> {
  here.states.splice(0, here.states.length, ...Object.entries(about).map(([name, state]) => ({ ...stateOf(1), doorId: DoorId(doorOf(name)), ...state })));
  here.site.cardStopTracker.heard(here.states);
  await here.site.cardStopTracker.catchUp();
}

describe('stopping a card', () => {
  test('answers with the receipt, tells the doors, and follows each door until it has said so', async () => {
    await say({ D01: { have: '1.3', want: '1.3', covers: 3, listUntil: NOON + 20 * DAY }, D02: { online: true, have: '', want: '', covers: 0 } });
    here.told.changed = 0;
    const { status, json } = await stop();
    expect([status, json['tail'], json['rooms'], json['mine'], json['undoUntil'], here.told.changed > 0]).toEqual([
      200,
      `0C${String(cards).padStart(2, '0')}`,
      ['0503'],
      true,
      NOON + 10_000,
      true,
    ]);
    // Nothing was ever enrolled as the controller of 0503.
    expect(rows(json)).toEqual({ 大门: 'waiting', 天台: 'nolist', '0503': 'none' });
    expect(await statusOf(card)).toBe('revoked');
    here.time.now = NOON + 800;
    await say({ D01: { have: '1.900', want: '1.900', covers: 900 } });
    here.time.now = NOON + 60_000;
    const later = (await landlord.ask('GET', `card-stops/${json['id']}`)).json;
    expect([rows(later), later['undoUntil'], later['stopped'], later['waiting']]).toEqual([{ 大门: 'stopped', 天台: 'nolist', '0503': 'none' }, null, 1, 0]);
    expect(later['rows']).toContainEqual({ doorId: doorOf('D01'), door: { zh: '大门', en: 'Street door' }, state: 'stopped', at: NOON + 800, until: null });
  });

  test('says until when a silent door goes on at the latest, and that its list has ended after that', async () => {
    await say({ D01: { online: false, have: '1.3', want: '1.3', covers: 3, listUntil: NOON + 20 * DAY }, D02: { online: false, have: '1.3' } });
    const { json } = await stop();
    expect(json['rows']).toMatchObject([{ state: 'waiting', until: NOON + 20 * DAY }, { state: 'waiting', until: NOON + 30 * DAY }, { state: 'none' }]);
    here.time.now = NOON + 20 * DAY;
    const clerk = await signedIn(here, 'CL');
    expect((await clerk.ask('GET', `card-stops/${json['id']}`)).json['rows']).toMatchObject([{ state: 'ended', at: NOON + 20 * DAY }, { state: 'waiting' }, { state: 'none' }]);
  });

  test('is for the landlord of the home, its clerk, and the tenant of his own card; nobody else', async () => {
    const own = await account('TEN', { personId });
    const neighbour = await account('TEN', { personId: (await addTenant(here.register, { unitId: home() })).personId });
    const oneHome = await account('LL', { units: [here.building.units['0302'] ?? 0] });
    const elsewhere = await signedIn(here, 'LL', [here.other.buildingId]);
    expect([(await stop(neighbour)).status, (await stop(oneHome)).status, (await stop(elsewhere)).status]).toEqual([404, 404, 404]);
    for (const role of ['BL', 'GW', 'OF', 'DA', 'SA', 'AU', 'PO'] as const) expect((await stop(await signedIn(here, role))).status, role).toBe(403);
    expect(await statusOf(card)).toBe('active');
    const { status, json } = await stop(own);
    expect([status, json['mine']]).toEqual([200, true]);
    expect([(await neighbour.ask('GET', `card-stops/${json['id']}`)).status, (await oneHome.ask('GET', `card-stops/${json['id']}`)).status]).toEqual([404, 404]);
    // Nothing that a number might be read from leads past the question whose it is.
    for (const near of ['.5', '.0', 'e0', '%20', '.', ',0']) expect([near, (await neighbour.ask('GET', `card-stops/${json['id']}${near}`)).status]).toEqual([near, 400]);
    for (const odd of ['0x1', '+1', '%2B1', '-1', '0', '00000000001', 'one']) expect([odd, (await elsewhere.ask('GET', `doors/${odd}`)).status]).toEqual([odd, 400]);
    expect((await landlord.ask('GET', `card-stops/${json['id']}`)).json).toMatchObject({ mine: false, undoUntil: null });
  });

  test('a landlord does not take the only key of somebody who lives there, but stops a lost one; a clerk may', async () => {
    const other = await addTenant(here.register, { unitId: here.building.units['0201'] ?? 0 });
    const only = await addCard(here.register, { personId: other.personId, hex: 'AB0B0C99' });
    expect((await stop(landlord, { reason: 'misused' }, only)).json['code']).toBe('TENANT_IN_RESIDENCE');
    expect((await stop(await signedIn(here, 'CL'), { reason: 'misused' }, only)).status).toBe(200);
  });

  test.each([
    [{ reason: 'because' }, 'reason'],
    [[], 'body'],
  ])('%j is answered with what was expected', async (body, field) => {
    const { status, text } = await stop(landlord, body);
    expect([status, text]).toMatchObject([400, expect.stringContaining(field)]);
  });

  test('twice gives the same receipt; one that was withdrawn before has none', async () => {
    const [first, second] = [await stop(), await stop()];
    expect([second.status, second.json['id']]).toEqual([200, first.json['id']]);
    const old = await addCard(here.register, { personId, hex: 'AB0B0C98', status: 'revoked' });
    expect((await stop(landlord, {}, old)).json['code']).toBe('CARD_STOPPED');
  });

  test('changes nothing while the log takes no entries', async () => {
    here.log.broken = true;
    const { status } = await stop();
    here.log.broken = false;
    expect([status, await statusOf(card)]).toEqual([503, 'active']);
  });
});

describe('undoing it', () => {
  const undo = (who: Browser, id: unknown) => who.ask('POST', `card-stops/${String(id)}/undo`, {});

  test('gives the card back within ten seconds to who stopped it, with an entry', async () => {
    const id = (await stop()).json['id'];
    expect((await undo(await signedIn(here, 'CL'), id)).json['code']).toBe('UNDO_NOT_YOURS');
    here.time.now = NOON + 9999;
    here.journal.entries.splice(0);
    const { status, json } = await undo(landlord, id);
    expect([status, json['undoneAt'], json['undoUntil'], await statusOf(card)]).toEqual([200, NOON + 9999, null, 'active']);
    expect(here.journal.entries).toMatchObject([{ event: { what: 'card-stop-undone' }, person: { credentialId: card, personId } }]);
  });

  test('is too late after that', async () => {
    const id = (await stop()).json['id'];
    here.time.now = NOON + 10_000;
    expect([(await undo(landlord, id)).json['code'], await statusOf(card)]).toEqual(['UNDO_OVER', 'revoked']);
  });
});

describe('receipts stay', () => {
  test('newest first, for a home and a building, page by page, each look noted', async () => {
    const ids = [];
    for (const at of [1, 2, 3]) {
      const id = await addCard(here.register, { personId, hex: `AB0B0D0${at}` });
      ids.unshift((await stop(landlord, {}, id)).json['id']);
    }
    here.time.now = NOON + 600_000;
    const { journal } = here;
    journal.entries.splice(0);
    const first = (await landlord.ask('GET', `units/${home()}/card-stops?limit=2`)).json;
    const second = (await landlord.ask('GET', `units/${home()}/card-stops?limit=1&after=${String(first['next'])}`)).json;
    const shown = [first['stops'], second['stops']].flat().map((each) => Object(each).id);
    expect(shown).toEqual(ids);
    expect(journal.entries).toMatchObject([{ event: { what: 'viewed' }, person: { personId } }]);
    const ofBuilding = (await landlord.ask('GET', `buildings/${here.building.buildingId}/card-stops`)).json['stops'];
    expect(Array.isArray(ofBuilding) && ofBuilding.length).toBeGreaterThan(3);
    const elsewhere = (await landlord.ask('GET', `units/${here.building.units['0203']}/card-stops`)).json;
    expect(elsewhere).toEqual({ stops: [], next: null });
  });

  test('a tenant finds his own, a landlord of one home that one', async () => {
    await stop();
    const lodger = await addTenant(here.register, { unitId: home() });
    const own = await account('TEN', { personId: lodger.personId });
    expect((await own.ask('GET', `units/${home()}/card-stops`)).json).toEqual({ stops: [], next: null });
    expect((await own.ask('GET', `buildings/${here.building.buildingId}/card-stops`)).json).toEqual({ stops: [], next: null });
    const single = await account('LL', { units: [here.building.units['0201'] ?? 0] });
    const stops = (await single.ask('GET', `buildings/${here.building.buildingId}/card-stops`)).json['stops'];
    expect(Array.isArray(stops) && stops.map((each) => Object(each).rooms)).toEqual([['0201']]);
  });

  test("doors of the holder's other home are not told to the landlord of this one", async () => {
    const there = here.other.units['0503'] ?? 0;
    await here.register.register.write(async (db) => {
      const tenancy = await db.tenancy.create({ data: { unitId: there, startAt: NOON - DAY, createdAt: NOON } });
      await db.occupant.create({ data: { tenancyId: tenancy.id, personId, fromAt: NOON - DAY } });
    });
    const { json } = await stop();
    expect([json['rooms'], json['doors']]).toEqual([['0503'], 3]);
    const across = (await (await signedIn(here, 'LL', [here.other.buildingId])).ask('GET', `card-stops/${json['id']}`)).json;
    expect([across['rooms'], across['doors'], Object(across['building']).id]).toEqual([['0503'], 3, here.other.buildingId]);
    expect(JSON.stringify(across['rows'])).not.toContain(`"doorId":${doorOf('D01')},`);
  });
});
