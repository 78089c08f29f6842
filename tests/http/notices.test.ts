import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addCard, NOON } from '../helpers/register.ts';
import { type Browser, type World, world } from './fixture.ts';
import { audited, deskOf, ifMatch, type Tenant, tenantOf } from './rights-people.ts';

let here: World;
let officer: Browser;
let tenant: Tenant;
beforeAll(async () => {
  here = await world();
  tenant = await tenantOf(here);
  officer = await deskOf(here, 'PO');
});
beforeEach(async () => {
  here.journal.entries.length = 0;
  await here.register.register.write((db) => db.$transaction([db.consent.deleteMany(), db.privacyNotice.deleteMany()]));
});
afterAll(() => here.close());

const texts = (n = 1) => ({ zh: `第 ${n} 版：我们收集什么、为什么、留多久、谁能看。`, en: `Version ${n}: what we collect, why, for how long, who sees it.` });
const draft = (n = 1) => officer.ask('POST', 'notices', texts(n));
async function published(n = 1): Promise<number> {
  const made = await draft(n);
  const id = Number(made.json['id']);
  expect((await officer.ask('POST', `notices/${id}/publish`, {}, ifMatch(made))).status).toBe(200);
  return id;
}

describe('the privacy notice', () => {
  test('a draft is seen by nobody it is for; published, everybody signed in can read it', async () => {
    const made = await draft();
    expect((await tenant.me.ask('GET', 'notices/current')).json).toEqual({ notice: null });
    await officer.ask('POST', `notices/${String(made.json['id'])}/publish`, {}, ifMatch(made));
    for (const role of ['LL', 'BL', 'GW', 'CL', 'OF', 'DA', 'SA', 'AU'] as const) {
      const { json } = await (await deskOf(here, role)).ask('GET', 'notices/current');
      expect(json, role).toMatchObject({ notice: { number: 1, ...texts(1), publishedAt: NOON } });
    }
    expect(audited(here)).toEqual(['notice-drafted', 'notice-published']);
  });

  test('a draft is changed from what was read; published it is never changed again', async () => {
    const made = await draft();
    const id = String(made.json['id']);
    const changed = await officer.ask('PUT', `notices/${id}`, texts(7), ifMatch(made));
    expect(changed.json).toMatchObject(texts(7));
    expect((await officer.ask('PUT', `notices/${id}`, texts(8), ifMatch(made))).status).toBe(412);
    expect((await officer.ask('PUT', `notices/${id}`, texts(8))).status).toBe(428);
    expect((await officer.ask('POST', `notices/${id}/publish`, {}, ifMatch(made))).status).toBe(412);
    expect((await officer.ask('POST', `notices/${id}/publish`, {}, ifMatch(changed))).status).toBe(200);
    expect(await officer.ask('PUT', `notices/${id}`, texts(8), ifMatch(changed))).toMatchObject({ status: 409, json: { code: 'NOTICE_PUBLISHED' } });
  });

  test('there is one draft at a time, and versions count up', async () => {
    await published(1);
    await draft(2);
    expect((await draft(3)).json).toMatchObject({ code: 'DRAFT_OPEN' });
    const list = [(await officer.ask('GET', 'notices')).json['notices']].flat().map((row) => Object(row));
    expect(list.map(({ number, publishedAt }) => [number, publishedAt])).toEqual([
      [2, null],
      [1, NOON],
    ]);
    expect((await tenant.me.ask('GET', 'notices/current')).json).toMatchObject({ notice: { number: 1 } });
  });

  test('is written and published by the privacy officer alone', async () => {
    for (const role of ['SA', 'DA', 'LL', 'AU'] as const) expect((await (await deskOf(here, role)).ask('POST', 'notices', texts())).status, role).toBe(403);
    expect((await tenant.me.ask('GET', 'notices')).status).toBe(403);
  });
});

describe('consents', () => {
  const say = (purpose: string, given: boolean) => tenant.me.ask('POST', 'me/consents', { purpose, given });

  test('are given and taken back purpose by purpose, with their history', async () => {
    await published();
    await say('notice', true);
    await say('doorLog', true);
    const after = await say('doorLog', false);
    expect(after.json).toMatchObject({ now: { notice: true, doorLog: false, cardAsKey: null, welfareCheck: null } });
    expect([after.json['history']].flat().map((row) => [Object(row).purpose, Object(row).given])).toEqual([
      ['doorLog', false],
      ['doorLog', true],
      ['notice', true],
    ]);
    expect(audited(here).slice(-3)).toEqual(['consent-given', 'consent-given', 'consent-refused']);
  });

  test('refusing all of them leaves key, registration and account as they are', async () => {
    await published();
    const card = await addCard(here.register, { personId: tenant.personId, hex: '0A0B0C0D' });
    const { read } = here.register.register;
    const before = [await read.change.count(), await read.person.findUnique({ where: { id: tenant.personId } })];
    for (const purpose of ['notice', 'doorLog', 'cardAsKey', 'welfareCheck']) expect((await say(purpose, false)).status).toBe(200);
    expect([await read.change.count(), await read.person.findUnique({ where: { id: tenant.personId } })]).toEqual(before);
    expect((await read.credential.findUniqueOrThrow({ where: { id: card } })).status).toBe('active');
  });

  test('that the notice was read counts for that version only', async () => {
    await published(1);
    await say('notice', true);
    await published(2);
    expect((await tenant.me.ask('GET', 'me/consents')).json).toMatchObject({ now: { notice: null } });
  });

  test('are the tenant’s own: nobody else has the page, and there is nothing to agree to before a notice', async () => {
    expect((await say('doorLog', true)).status).toBe(404);
    for (const role of ['PO', 'LL', 'OF'] as const) expect((await (await deskOf(here, role)).ask('GET', 'me/consents')).status, role).toBe(403);
  });
});
