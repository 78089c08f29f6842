import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DAY, NOON } from '../helpers/register.ts';
import { type Browser, type World, world } from './fixture.ts';
import { audited, deskOf, ifMatch } from './rights-people.ts';

let here: World;
let writer: Browser;
let second: Browser;
beforeAll(async () => {
  here = await world();
  writer = await deskOf(here, 'PO', { name: 'writer' });
  second = await deskOf(here, 'PO', { name: 'second' });
});
beforeEach(async () => {
  here.journal.entries.length = 0;
  await here.register.register.write((db) => db.impactAssessment.deleteMany());
});
afterAll(() => here.close());

const TEXT = { title: 'Door records', purpose: 'Safety', necessity: 'Cards alone do not say who', data: 'CANARY times', risk: 'Movements', measures: 'Sealed, 184 days' };
const REVIEW = { reviewAt: NOON + 365 * DAY };
const begin = () => writer.ask('POST', 'assessments', TEXT);
const accept = (me: Browser, made: { json: Record<string, unknown>; headers: Record<string, unknown> }, body: object = REVIEW) =>
  me.ask('POST', `assessments/${String(made.json['id'])}/accept`, body, ifMatch(made));

describe('an impact assessment', () => {
  test('is accepted by a second person, not by whoever wrote it', async () => {
    const made = await begin();
    expect(made.json).toMatchObject({ ...TEXT, state: 'draft', own: true, version: 1 });
    expect(await accept(writer, made)).toMatchObject({ status: 403, json: { code: 'SAME_PERSON' } });
    expect((await accept(second, made)).json).toMatchObject({ state: 'accepted', own: false, reviewAt: REVIEW.reviewAt });
    expect(audited(here)).toEqual(['assessment-drafted', 'assessment-accepted']);
  });

  test('nor by another account of the same natural person', async () => {
    const made = await begin();
    const holderHash = here.register.register.vault.hash('holder', 'S-0042');
    await here.register.register.write((db) => db.account.updateMany({ where: { login: { in: ['writer', 'second'] } }, data: { holderHash } }));
    expect((await accept(second, made)).json).toMatchObject({ code: 'SAME_PERSON' });
    await here.register.register.write((db) => db.account.updateMany({ data: { holderHash: null } }));
  });

  test('is changed from the version that was read, while it is a draft', async () => {
    const made = await begin();
    const id = String(made.json['id']);
    const changed = await writer.ask('PUT', `assessments/${id}`, { ...TEXT, risk: 'Less' }, ifMatch(made));
    expect(changed.json).toMatchObject({ risk: 'Less', version: 2 });
    expect((await accept(second, made)).status).toBe(412);
    expect((await writer.ask('PUT', `assessments/${id}`, TEXT, ifMatch(made))).status).toBe(412);
    const accepted = await accept(second, changed);
    expect(await writer.ask('PUT', `assessments/${id}`, TEXT, ifMatch(accepted))).toMatchObject({ status: 409, json: { code: 'IS_CLOSED' } });
  });

  test('has a review date within three years, and says when it is past', async () => {
    const made = await begin();
    for (const reviewAt of [NOON, NOON + 4 * 366 * DAY]) expect(await accept(second, made, { reviewAt })).toMatchObject({ status: 400, json: { field: 'reviewAt' } });
    await accept(second, made);
    here.time.now = REVIEW.reviewAt + 1;
    const later = await deskOf(here, 'PO', { name: 'second' });
    expect(Object([(await later.ask('GET', 'assessments')).json['assessments']].flat()[0])).toMatchObject({ reviewDue: true });
    here.time.now = NOON;
  });

  test('is retired, not deleted, and its words are sealed', async () => {
    const made = await begin();
    const id = String(made.json['id']);
    const retired = await writer.ask('POST', `assessments/${id}/retire`, {}, ifMatch(made));
    expect(retired.json).toMatchObject({ state: 'retired' });
    expect((await writer.ask('POST', `assessments/${id}/retire`, {}, ifMatch(retired))).json).toMatchObject({ code: 'IS_CLOSED' });
    const [row] = await here.register.register.read.impactAssessment.findMany();
    expect(Buffer.from(row?.bodySealed ?? []).includes('CANARY')).toBe(false);
  });

  test('is read by auditor and privacy officer alone, and all questions must be answered', async () => {
    const made = await begin();
    expect((await (await deskOf(here, 'AU')).ask('GET', `assessments/${String(made.json['id'])}`)).status).toBe(200);
    for (const role of ['SA', 'DA', 'OF', 'LL'] as const) expect((await (await deskOf(here, role)).ask('GET', 'assessments')).status, role).toBe(403);
    expect(await writer.ask('POST', 'assessments', { ...TEXT, risk: '' })).toMatchObject({ status: 400, json: { field: 'risk' } });
  });
});
