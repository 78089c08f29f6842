import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NOON } from '../helpers/register.ts';
import type { Browser } from './fixture.ts';
import { enter, noted, openForPeople, type ReviewWorld, reviewWorld, tap } from './review-fixture.ts';

let here: ReviewWorld;
let officer: Browser & { accountId: number };
let id: number;
let li: number;

beforeAll(async () => {
  here = await reviewWorld();
  officer = await enter(here, { login: 'of-1', role: 'OF' });
  id = await openForPeople(here, officer);
  li = here.lodgers['0302']?.personId ?? 0;
});
afterAll(() => here.close());

const reveal = (body: object, who: Browser = officer) => who.ask('POST', `purposes/${id}/reveal`, { personId: li, fields: ['document'], reason: '核对身份证件', ...body });

describe('revealing a person', () => {
  test('gives the fields asked for, and each time notes which, why, about whom and under what purpose', async () => {
    const first = await reveal({});
    expect(first.json).toMatchObject({ person: li, document: '890101199003070118', documentType: '111' });
    expect(first.text).not.toMatch(/李小明|12000000001/);
    expect((await reveal({ fields: ['name', 'phone'] })).json).toMatchObject({ name: '李小明', phone: '+8612000000001' });
    const { entryIndex } = (await officer.ask('GET', `purposes/${id}`)).json;
    expect(noted(here, 'revealed')).toMatchObject([
      { index: first.json['entry'], event: { ref: entryIndex }, person: { personId: li, accountId: officer.accountId, words: 'document|核对身份证件' } },
      { event: { ref: entryIndex }, person: { personId: li, words: 'name+phone|核对身份证件' } },
    ]);
    await reveal({});
    expect(noted(here, 'revealed')).toHaveLength(3);
  });

  test('is not told a second time to a repeated request', async () => {
    const key = { 'idempotency-key': 'abcdefghijklmnop' };
    const ask = () => officer.ask('POST', `purposes/${id}/reveal`, { personId: li, fields: ['name'], reason: '核对身份证件' }, key);
    expect((await ask()).json['name']).toBe('李小明');
    const again = await ask();
    expect([again.json['code'], again.text]).toEqual(['DONE_ALREADY', expect.not.stringContaining('李小明')]);
  });

  test('needs a reason, a field, the second act, a running purpose and a recent second factor', async () => {
    expect((await reveal({ reason: '看' })).json['code']).toBe('BAD_INPUT');
    expect((await reveal({ fields: [] })).json['code']).toBe('BAD_INPUT');
    expect((await reveal({ fields: ['birth'] })).json['code']).toBe('BAD_INPUT');
    const { json } = await officer.ask('POST', 'purposes', here.wish);
    const bare = { personId: li, fields: ['name'], reason: '核对身份证件' };
    expect((await officer.ask('POST', `purposes/${json['id']}/reveal`, bare)).json['code']).toBe('PEOPLE_NOT_OPEN');
    await officer.ask('POST', `purposes/${json['id']}/close`);
    expect((await officer.ask('POST', `purposes/${json['id']}/reveal`, bare)).json['code']).toBe('PURPOSE_OVER');
    here.time.now += 10 * 60_000;
    expect((await reveal({})).json['code']).toBe('SECOND_FACTOR');
    here.time.now = NOON;
  });

  test('reaches those alone whom the purpose concerns, in the own area', async () => {
    const { stranger } = here;
    expect((await reveal({ personId: stranger.personId })).json['code']).toBe('SCOPE_DENIED');
    tap(here, stranger);
    expect((await reveal({ personId: stranger.personId })).json['code']).toBe('SCOPE_DENIED');
    const both = await enter(here, { login: 'of-both', role: 'OF', buildings: [here.building.buildingId, here.other.buildingId] });
    const mine = await openForPeople(here, both);
    const ask = async () => (await both.ask('POST', `purposes/${mine}/reveal`, { personId: stranger.personId, fields: ['name'], reason: '核对身份证件' })).json;
    expect((await ask())['name']).toBe('吴边');
    here.journal.entries.splice(
      here.journal.entries.findIndex(({ person }) => person.personId === stranger.personId && person.accountId === 0),
      1,
    );
    expect((await ask())['code']).toBe('SCOPE_DENIED');
    expect((await reveal({}, both)).json['code']).toBe('SCOPE_DENIED');
    const clerk = await enter(here, { login: 'cl-1', role: 'CL' });
    expect((await reveal({}, clerk)).status).toBe(403);
  });

  test('shows nothing when the journal cannot take the note', async () => {
    here.log.broken = true;
    const { status, text } = await reveal({});
    expect([status, text]).toEqual([503, expect.not.stringContaining('890101')]);
    here.log.broken = false;
  });
});
