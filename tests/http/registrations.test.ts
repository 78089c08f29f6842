import { createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dateAt } from '../../gateway/core/local-date.ts';
import { addTenant, DAY, NOON } from '../helpers/register.ts';
import { type Answer, type Browser, type World, world } from './fixture.ts';
import { deskOf, tenantOf } from './rights-people.ts';

const DECLARED = { stayReason: 'work', basis: 'rent', months: 12 };
let here: World;
let [landlord, clerk, worker]: Browser[] = [];
beforeAll(async () => {
  here = await world();
  [landlord, clerk, worker] = [await deskOf(here, 'LL'), await deskOf(here, 'CL'), await deskOf(here, 'GW')];
});
afterAll(() => here.close());
beforeEach(() => {
  here.time.now = NOON;
  here.journal.entries.splice(0);
});

const desk = (one: Browser | undefined): Browser => one ?? expect.fail('no desk');
let rooms = 0;
/** Somebody who lives in the building, another home for each. */
async function newcomer(about: Partial<Parameters<typeof addTenant>[1]> = {}): Promise<{ readonly id: number; readonly personId: number }> {
  const homes = Object.values(here.building.units);
  const { personId } = await addTenant(here.register, { unitId: homes[rooms++ % homes.length] ?? 0, registrationState: 'none', ...about });
  const { id } = await here.register.register.read.occupant.findFirstOrThrow({ where: { personId } });
  return { id, personId };
}
const look = async (id: number, who = clerk): Promise<Answer['json']> => (await desk(who).ask('GET', `occupants/${id}/registration`)).json;
const submit = async (id: number, { who = landlord, version = 0, ...about }: { who?: Browser | undefined; version?: number } & Record<string, unknown> = {}): Promise<Answer> =>
  desk(who).ask('PUT', `occupants/${id}/registration`, { ...DECLARED, ...about }, { 'if-match': `"${version}"` });
const decide = (id: number, body: Record<string, unknown>, who = clerk): Promise<Answer> => desk(who).ask('POST', `occupants/${id}/registration/decision`, body);
/** As the counter had it before him. */
async function registered(about: Partial<Parameters<typeof addTenant>[1]> = {}) {
  const who = await newcomer(about);
  await submit(who.id);
  await decide(who.id, { step: 'accept', version: 1, documentSeen: true });
  return who;
}
const noted = () => here.journal.entries.flatMap(({ event, person }) => (event.kind === 'register' ? [`${event.what} ${person.words}`] : []));
const queue = async (which: string): Promise<number[]> => {
  const { registrations } = (await desk(clerk).ask('GET', `registrations?which=${which}`)).json;
  return Array.isArray(registrations) ? registrations.map(({ occupantId }) => occupantId) : [];
};

describe('a residence registration', () => {
  test('goes from the landlord to the counter, which accepts it in one act', async () => {
    const { id, personId } = await newcomer();
    expect(await look(id)).toMatchObject({ state: 'none', next: { who: 'declarer' }, declared: null, steps: ['submit'], version: 0 });
    const sent = await submit(id);
    expect(sent.json).toMatchObject({ state: 'submitted', steps: [], submittedAs: 'LL', declared: DECLARED, version: 1, next: { who: 'station' } });
    // Five working days from Wednesday, 1 July 2026.
    expect(dateAt(Number(Object(sent.json['next']).dueAt))).toBe('2026-07-08');
    expect(await queue('waiting')).toEqual([id]);
    expect((await decide(id, { step: 'accept', version: 1, documentSeen: true })).json).toMatchObject({ state: 'registered', next: null, steps: ['cancel'], version: 2 });
    expect([await queue('waiting'), await queue('print')]).toEqual([[], [id]]);
    expect(noted()).toEqual([expect.stringMatching(/^registration-step submit \d{4}$/), expect.stringMatching(/^registration-step accept \d{4}$/)]);
    const kept = await here.register.register.read.occupant.findFirstOrThrow({ where: { id }, include: { person: true } });
    expect([kept.registrationState, kept.person.documentCheckedBy, kept.personId]).toEqual(['accepted', 'landlord', personId]);
  });

  test('a supplement is asked for once, with its list, and has a clock of its own', async () => {
    const { id } = await newcomer();
    await submit(id);
    expect((await decide(id, { step: 'supplement', version: 1 })).json).toMatchObject({ code: 'BAD_INPUT', field: 'words' });
    const asked = (await decide(id, { step: 'supplement', version: 1, words: '缺房东授权书' })).json;
    expect([asked, dateAt(Number(Object(asked['next']).dueAt))]).toMatchObject([{ state: 'supplement', words: '缺房东授权书', steps: ['submit'] }, '2026-07-15']);
    expect(await look(id, landlord)).toMatchObject({ words: '缺房东授权书', steps: ['submit'] });
    await submit(id, { version: 2 });
    const again = await decide(id, { step: 'supplement', version: 3, words: '还缺' });
    expect([again.status, again.json]).toMatchObject([409, { code: 'REGISTRATION_STEP', field: 'step', expected: 'accept | refuse' }]);
    expect((await decide(id, { step: 'refuse', version: 3, words: '地址不存在' })).json).toMatchObject({ state: 'refused', words: '地址不存在' });
    expect((await submit(id, { version: 4 })).json).toMatchObject({ state: 'submitted' });
    const row = await here.register.register.read.residenceRegistration.findFirstOrThrow({ where: { occupantId: id } });
    expect([row.supplemented, Buffer.from(row.wordsSealed ?? []).includes('地址')]).toEqual([false, false]);
  });

  test.each([
    [{ months: 0 }, 'months'],
    [{ months: 241 }, 'months'],
    [{ stayReason: 'holiday' }, 'stayReason'],
    [{ basis: 'found' }, 'basis'],
  ])('%j is refused by its field', async (about, field) => {
    const { id } = await newcomer();
    expect((await submit(id, about)).json).toMatchObject({ code: 'BAD_INPUT', field: expect.stringContaining(field), expected: expect.stringMatching(/\S/) });
    expect(noted()).toEqual([]);
  });

  test('two at one case at once: the second looks again', async () => {
    const { id } = await newcomer();
    expect((await desk(landlord).ask('PUT', `occupants/${id}/registration`, DECLARED)).json).toMatchObject({ code: 'VERSION_NEEDED' });
    await submit(id);
    expect((await submit(id, { who: worker })).json).toMatchObject({ code: 'STALE_VERSION' });
    const both = await Promise.all([decide(id, { step: 'accept', version: 1, documentSeen: true }), decide(id, { step: 'refuse', version: 1, words: '不符' })]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
  });

  test('somebody who moves in later than in thirty days, or has no document, is not sent in yet', async () => {
    const later = await newcomer({ startAt: NOON + 40 * DAY });
    expect((await submit(later.id)).json).toMatchObject({ code: 'MOVE_IN_FUTURE', field: 'fromAt' });
    const bare = await newcomer();
    await here.register.register.write((db) => db.person.update({ where: { id: bare.personId }, data: { documentSealed: null } }));
    expect((await submit(bare.id)).json).toMatchObject({ code: 'ID_NOT_SEEN', field: 'document' });
  });

  test('nobody is accepted whose document nobody has seen; the clerk who sees it says so', async () => {
    const { id, personId } = await newcomer();
    await here.register.register.write((db) => db.person.update({ where: { id: personId }, data: { documentCheckedBy: '' } }));
    await submit(id);
    expect((await decide(id, { step: 'accept', version: 1 })).json).toMatchObject({ code: 'ID_NOT_SEEN', field: 'documentSeen' });
    await decide(id, { step: 'accept', version: 1, documentSeen: true });
    expect(await here.register.register.read.person.findUnique({ where: { id: personId }, select: { documentCheckedBy: true } })).toEqual({ documentCheckedBy: 'clerk' });
  });

  test('moving out ends it, and nothing is sent in or decided afterwards', async () => {
    const { id } = await registered();
    await here.register.register.write((db) => db.occupant.update({ where: { id }, data: { untilAt: NOON - 1 } }));
    expect(await look(id)).toMatchObject({ state: 'cancelled', next: null, steps: [] });
    expect((await submit(id, { version: 2 })).json).toMatchObject({ code: 'IS_CLOSED' });
    expect((await decide(id, { step: 'cancel', version: 2, words: 'x' })).json).toMatchObject({ code: 'IS_CLOSED' });
    expect((await desk(clerk).ask('POST', `occupants/${id}/registration/certificate`)).json).toMatchObject({ code: 'IS_CLOSED' });
  });

  test('a person sends in his own, and nobody else in his home', async () => {
    const { personId, me } = await tenantOf(here, { unitId: here.building.units['0503'] ?? 0, name: '何志远', registrationState: 'none' });
    const other = await newcomer({ unitId: here.building.units['0503'] ?? 0 });
    const { registrations } = (await me.ask('GET', 'me/registrations')).json;
    expect(registrations).toMatchObject([{ personId, name: '何志远', state: 'none', steps: ['submit'] }]);
    const id = Number(Object(Array.isArray(registrations) ? registrations[0] : {}).occupantId);
    expect((await me.ask('PUT', `me/registrations/${id}`, DECLARED, { 'if-match': '"0"' })).json).toMatchObject({ state: 'submitted', submittedAs: 'TEN' });
    expect((await me.ask('PUT', `me/registrations/${other.id}`, DECLARED, { 'if-match': '"0"' })).json).toMatchObject({ code: 'NOT_FOUND' });
    expect((await me.ask('GET', `me/registrations/${id}/certificate`)).json).toMatchObject({ code: 'NOT_FOUND' });
    await decide(id, { step: 'accept', version: 1, documentSeen: true });
    expect((await me.ask('GET', `me/registrations/${id}/certificate`)).json).toMatchObject({ name: '何志远', number: expect.stringMatching(/^[0-9A-F]{16}$/) });
    expect((await me.ask('GET', `occupants/${id}/registration`)).json).toMatchObject({ code: 'NOT_ALLOWED' });
  });

  test('a grid worker is told masked names; nobody decides who may not; the counter is told how much waits', async () => {
    const { id } = await newcomer({ name: '赵敏' });
    expect(await look(id, worker)).toMatchObject({ name: '赵*', steps: ['submit'] });
    await submit(id, { who: worker });
    for (const one of [landlord, worker]) expect((await decide(id, { step: 'accept', version: 1 }, one)).json).toMatchObject({ code: 'NOT_ALLOWED' });
    const away = await addTenant(here.register, { unitId: here.other.units['0503'] ?? 0 });
    const far = await here.register.register.read.occupant.findFirstOrThrow({ where: { personId: away.personId } });
    expect((await submit(far.id)).json).toMatchObject({ code: 'SCOPE_DENIED' });
    const counts = (await desk(clerk).ask('GET', 'counter')).json;
    expect(counts).toMatchObject({ waiting: (await queue('waiting')).length, open: (await queue('open')).length, filings: 0, objections: 0 });
    expect(counts['waiting']).toBeGreaterThan(0);
    const { registrations } = (await desk(landlord).ask('GET', `units/${Object(await look(id))['unitId']}/registrations`)).json;
    expect(registrations).toMatchObject(expect.arrayContaining([expect.objectContaining({ occupantId: id })]));
  });

  test('what the log cannot keep does not happen', async () => {
    const { id } = await newcomer();
    here.log.broken = true;
    expect((await submit(id)).status).toBe(503);
    here.log.broken = false;
    here.errors.splice(0);
    expect(await look(id)).toMatchObject({ state: 'none', version: 0 });
  });
});

describe('a certificate', () => {
  const print = async (id: number): Promise<string> => String((await desk(clerk).ask('POST', `occupants/${id}/registration/certificate`)).json['proof']);
  const page = async (proof: string): Promise<string> => {
    const { body, statusCode, headers } = await here.app.inject({ method: 'GET', url: `/verify?s=${proof}`, headers: { host: 'localhost:8080' } });
    expect([statusCode, headers['cache-control'], headers['content-type']]).toEqual([200, 'no-store', 'text/html; charset=utf-8']);
    return /<body class="(\w+)">/.exec(body)?.[1] === 'valid' ? body : (/<body class="(\w+)">/.exec(body)?.[1] ?? '');
  };

  test('a stranger learns that it is valid, a masked name, the community and the last day', async () => {
    const { id } = await registered({ name: '吴桂兰' });
    const body = await page(await print(id));
    expect(body).toContain('吴*');
    expect(body).toContain('890101001001');
    for (const more of ['吴桂兰', '迎春路', '890101001001B', '1234', await look(id).then(({ room }) => `${String(room)}<`)]) expect(body).not.toContain(more);
    expect(await queue('print')).not.toContain(id);
  });

  test('forged, altered and signed by another it is refused', async () => {
    const { id } = await registered();
    const proof = await print(id);
    const [body = '', signature = ''] = proof.split('.');
    const altered = Buffer.from(
      Buffer.from(body, 'base64url')
        .toString()
        .replace(/\d{4}-/, '2099-'),
    ).toString('base64url');
    for (const wrong of ['', 'x', `${altered}.${signature}`, `${body}.${'A'.repeat(86)}`, body, `${proof}A`]) expect(await page(wrong)).toBe('forged');
  });

  test('offline its signature is checked by the public key', async () => {
    const { id } = await registered();
    const [body = '', signature = ''] = (await print(id)).split('.');
    const pem = await here.app.inject({ method: 'GET', url: '/verify/key.pem', headers: { host: 'localhost:8080' } });
    const [said, mark] = [Buffer.from(body, 'base64url'), Buffer.from(signature, 'base64url')];
    expect(verify(null, said, createPublicKey(pem.body), mark)).toBe(true);
    expect(said.toString().split('\n')[0]).toBe('doorbook-certificate/1');
  });

  test('it ends with the registration, by moving out, by a decision, and by its last day', async () => {
    const out = await registered();
    const moved = await print(out.id);
    await here.register.register.write((db) => db.occupant.update({ where: { id: out.id }, data: { untilAt: NOON } }));
    expect(await page(moved)).toBe('ended');
    const other = await registered();
    const cancelled = await print(other.id);
    expect((await decide(other.id, { step: 'cancel', version: 2, words: '登记有误' })).json).toMatchObject({ state: 'cancelled' });
    expect(await page(cancelled)).toBe('ended');
    const third = await print((await registered()).id);
    here.time.now = NOON + 367 * DAY;
    expect(await page(third)).toBe('ended');
  });

  test('who was known as registered before is given one; who is not, none', async () => {
    const known = await newcomer();
    await here.register.register.write((db) => db.occupant.update({ where: { id: known.id }, data: { registrationState: 'accepted' } }));
    expect(await page(await print(known.id))).toContain('class="valid"');
    const open = await newcomer();
    expect((await desk(clerk).ask('POST', `occupants/${open.id}/registration/certificate`)).json).toMatchObject({ code: 'REGISTRATION_STEP', field: 'state' });
  });
});
