import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dateAt } from '../../gateway/core/local-date.ts';
import { addTenant, DAY, NOON } from '../helpers/register.ts';
import { type Answer, type Browser, type World, world } from './fixture.ts';
import { deskOf, tenantOf } from './rights-people.ts';

let here: World;
let [clerk, officer]: Browser[] = [];
beforeAll(async () => {
  here = await world();
});
afterAll(() => here.close());
beforeEach(async () => {
  await later(NOON);
  here.journal.entries.splice(0);
});

/** On another day everybody signs in again. */
async function later(now: number): Promise<void> {
  here.time.now = now;
  [clerk, officer] = [await deskOf(here, 'CL'), await deskOf(here, 'OF')];
}
const desk = (one: Browser | undefined): Browser => one ?? expect.fail('no desk');
/** Registered so long ago, in 0503. */
async function resident(days = 200, about: Partial<Parameters<typeof addTenant>[1]> = {}): Promise<{ readonly id: number; readonly personId: number }> {
  const { personId } = await addTenant(here.register, { unitId: here.building.units['0503'] ?? 0, startAt: NOON - days * DAY, termEnd: NOON + 3000 * DAY, ...about });
  return { id: (await here.register.register.read.occupant.findFirstOrThrow({ where: { personId } })).id, personId };
}
const look = async (id: number): Promise<Answer['json']> => (await desk(clerk).ask('GET', `occupants/${id}/permit`)).json;
const ask = (id: number, version = 0): Promise<Answer> => desk(clerk).ask('PUT', `occupants/${id}/permit`, { reason: 'job', version });
const step = (id: number, name: string, version: number, words = ''): Promise<Answer> => desk(clerk).ask('POST', `occupants/${id}/permit/steps`, { step: name, version, words });
async function issued(): Promise<{ readonly id: number; readonly personId: number }> {
  const person = await resident();
  await ask(person.id);
  await step(person.id, 'accept', 1);
  expect((await step(person.id, 'issue', 2)).status).toBe(200);
  return person;
}

describe('a residence permit', () => {
  test('is asked for after half a year, accepted, and issued within fifteen days', async () => {
    const { id } = await resident();
    expect(await look(id)).toMatchObject({ state: 'none', bars: [], steps: ['apply'], category: 'resident', version: 0 });
    expect((await ask(id)).json).toMatchObject({ state: 'applied', reason: 'job', steps: ['accept', 'refuse'] });
    const { permits } = (await desk(clerk).ask('GET', 'permits')).json;
    expect(permits).toMatchObject([{ occupantId: id, state: 'applied' }]);
    const accepted = (await step(id, 'accept', 1)).json;
    expect([accepted['state'], dateAt(Number(accepted['dueAt']))]).toEqual(['accepted', '2026-07-16']);
    const done = (await step(id, 'issue', 2)).json;
    expect(done).toMatchObject({ state: 'issued', number: expect.stringMatching(/^[0-9A-F]{16}$/), steps: ['replace', 'end'], suspended: false });
    expect(dateAt(Number(done['validUntil']))).toBe('2027-07-01');
    const noted = here.journal.entries.flatMap(({ event, person }) => (event.kind === 'register' ? [`${event.what} ${person.words}`] : []));
    expect(noted).toEqual(['permit-step apply 0503', 'permit-step accept 0503', 'permit-step issue 0503']);
  });

  test('before that it says what keeps him from it, and from when on he may', async () => {
    const { id } = await resident(30);
    expect(await look(id)).toMatchObject({ bars: ['tooShort'], from: '2026-12-01', steps: [], category: 'temporary' });
    expect([(await ask(id)).status, (await ask(id)).json]).toMatchObject([409, { code: 'PERMIT_TOO_EARLY', field: 'tooShort', expected: '2026-12-01' }]);
    const unregistered = await resident(200, { registrationState: 'none' });
    expect((await ask(unregistered.id)).json).toMatchObject({ code: 'PERMIT_TOO_EARLY', field: 'notRegistered' });
  });

  test('is endorsed in the month before its year ends; late, it is suspended until then and the years begin anew', async () => {
    const { id } = await issued();
    expect((await step(id, 'endorse', 3)).json).toMatchObject({ code: 'REGISTRATION_STEP', expected: 'replace | end' });
    await later(Date.UTC(2027, 5, 20));
    const onTime = (await step(id, 'endorse', 3)).json;
    expect([dateAt(Number(onTime['validUntil'])), onTime['countedFrom']]).toEqual(['2028-07-03', NOON]);
    await later(Date.UTC(2028, 8, 1));
    expect(await look(id)).toMatchObject({ suspended: true, state: 'issued' });
    expect((await step(id, 'endorse', 4)).json).toMatchObject({ suspended: false, countedFrom: here.time.now });
  });

  test('is replaced when it is lost, changed when he moves, and ends with its basis', async () => {
    const { id, personId } = await issued();
    const before = (await look(id))['number'];
    const after = (await step(id, 'replace', 3)).json;
    expect([after['replaced'], after['number'] === before]).toEqual([1, false]);
    const elsewhere = await resident(10);
    await here.register.register.write((db) => db.occupant.update({ where: { id: elsewhere.id }, data: { personId } }));
    expect((await step(elsewhere.id, 'move', 4)).json).toMatchObject({ state: 'issued', steps: ['replace', 'end'] });
    expect((await step(id, 'end', 5)).json).toMatchObject({ code: 'BAD_INPUT', field: 'words' });
    expect((await step(id, 'end', 5, '户口迁入')).json).toMatchObject({ state: 'ended', words: '户口迁入' });
    const row = await here.register.register.read.residencePermit.findUniqueOrThrow({ where: { personId } });
    expect(Buffer.from(row.wordsSealed ?? []).includes('户口')).toBe(false);
  });

  test('two at one permit at once: the second looks again; a refusal says why', async () => {
    const { id } = await resident();
    await ask(id);
    expect((await ask(id)).json).toMatchObject({ code: 'STALE_VERSION' });
    const both = await Promise.all([step(id, 'accept', 1), step(id, 'refuse', 1, '材料不实')]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
  });

  test('a person asks for his own and nobody else, and decides nothing; an officer does not ask', async () => {
    const { personId, me } = await tenantOf(here, { startAt: NOON - 200 * DAY });
    const { id } = await here.register.register.read.occupant.findFirstOrThrow({ where: { personId } });
    const other = await resident();
    expect((await me.ask('GET', `me/permits/${id}`)).json).toMatchObject({ steps: ['apply'] });
    expect((await me.ask('POST', `me/permits/${id}`, { reason: 'home', version: 0 })).json).toMatchObject({ state: 'applied', steps: [] });
    expect((await me.ask('POST', `me/permits/${other.id}`, { reason: 'home', version: 0 })).json).toMatchObject({ code: 'NOT_FOUND' });
    expect((await me.ask('POST', `me/permits/${id}`, { reason: 'luck', version: 1 })).json).toMatchObject({ code: 'BAD_INPUT' });
    expect((await me.ask('POST', `occupants/${id}/permit/steps`, { step: 'accept', version: 1 })).json).toMatchObject({ code: 'NOT_ALLOWED' });
    expect((await desk(officer).ask('PUT', `occupants/${id}/permit`, { reason: 'job', version: 1 })).json).toMatchObject({ code: 'NOT_ALLOWED' });
  });
});
