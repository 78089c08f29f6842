import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DoorId, PersonId, UnitId } from '../../gateway/core/ids.ts';
import { NO_PERSON } from '../../gateway/journal/entry.ts';
import { dataRequestsOf } from '../../gateway/store/data-requests.ts';
import { addCard, addTenant, DAY, NOON } from '../helpers/register.ts';
import { type Browser, building, type World, world } from './fixture.ts';
import { audited, deskOf, ifMatch, type Tenant, tenantOf } from './rights-people.ts';

/** NOON is the evening of 1 July 2026 in Shanghai; fifteen working days later is 22 July. */
const DUE = Date.UTC(2026, 6, 22, 16) - 1;

let here: World;
let tenant: Tenant;
let officer: Browser;
let tenants = 0;
/** Logins of those who live here; each test has its own. */
const login = (): string => `1200000${String(tenants++).padStart(4, '0')}`;
let own: string;

beforeAll(async () => {
  here = await world();
});
beforeEach(async () => {
  here.time.now = NOON;
  here.journal.entries.length = 0;
  await here.register.register.write((db) => db.$transaction([db.dataRequest.deleteMany(), db.credential.deleteMany(), db.idempotentAnswer.deleteMany()]));
  own = login();
  tenant = await tenantOf(here, { login: own });
  officer = await deskOf(here, 'PO');
});
afterAll(() => here.close());

const file = (kind: string, text?: string) => tenant.me.ask('POST', 'me/requests', { kind, ...(text === undefined ? {} : { text }) });
const idOf = (answer: { json: Record<string, unknown> }): number => Number(answer.json['id']);
const rowsOf = (answer: { json: Record<string, unknown> }): Record<string, unknown>[] => [answer.json['requests']].flat().map((row) => Object(row));

async function decide(id: number, decision: 'answered' | 'refused', words = 'Done as asked.') {
  const read = await officer.ask('GET', `requests/${id}`);
  return officer.ask('POST', `requests/${id}/decide`, { decision, words }, ifMatch(read));
}

describe("a person's request", () => {
  test('is due at the end of the fifteenth working day, is in the audit log, and he sees it', async () => {
    const filed = await file('copy');
    expect(filed.json).toMatchObject({ kind: 'copy', state: 'open', receivedAt: NOON, dueAt: DUE, copyUntil: null });
    expect(rowsOf(await tenant.me.ask('GET', 'me/requests'))).toHaveLength(1);
    expect(audited(here)).toContain('request-filed');
  });

  test('a second one of the same kind is not taken while the first is open; a correction must say what is wrong', async () => {
    await file('copy');
    expect(await file('copy')).toMatchObject({ status: 409, json: { code: 'REQUEST_OPEN' } });
    expect(await file('correct', ' ')).toMatchObject({ status: 400, json: { code: 'BAD_INPUT', field: 'text' } });
  });

  test('is not filed when the log cannot be written', async () => {
    here.log.broken = true;
    expect((await file('copy')).status).toBe(503);
    here.log.broken = false;
    expect(rowsOf(await tenant.me.ask('GET', 'me/requests'))).toEqual([]);
  });

  test('an account without a person in the register is told where to go', async () => {
    const landlord = await deskOf(here, 'LL');
    expect(await landlord.ask('POST', 'me/requests', { kind: 'copy' })).toMatchObject({ status: 409, json: { code: 'NO_PERSON' } });
    expect(rowsOf(await landlord.ask('GET', 'me/requests'))).toEqual([]);
  });

  test('whoever has moved out may still ask', async () => {
    const gone = await tenantOf(here, { unitId: here.building.units['0303'] ?? 0, accessUntil: NOON - DAY, login: login() });
    expect((await gone.me.ask('POST', 'me/requests', { kind: 'copy' })).status).toBe(200);
  });
});

describe('at the counter', () => {
  test('a clerk files for a person of his station, and of no other', async () => {
    const clerk = await deskOf(here, 'CL');
    const stranger = await addTenant(here.register, { unitId: here.other.units['0302'] ?? 0 });
    expect((await clerk.ask('POST', `people/${tenant.personId}/requests`, { kind: 'delete' })).json).toMatchObject({ counter: true, state: 'open' });
    expect(await clerk.ask('POST', `people/${stranger.personId}/requests`, { kind: 'delete' })).toMatchObject({ status: 404, json: { code: 'SCOPE_DENIED' } });
  });

  test('a clerk sees the requests of his station alone, nobody else the queue at all', async () => {
    await file('copy');
    const far = await deskOf(here, 'CL', { name: 'far', buildingIds: [here.other.buildingId] });
    expect(rowsOf(await far.ask('GET', 'requests'))).toEqual([]);
    const id = idOf(await tenant.me.ask('POST', 'me/requests', { kind: 'delete' }));
    expect(await far.ask('GET', `requests/${id}`)).toMatchObject({ status: 404 });
    for (const role of ['OF', 'LL', 'SA', 'DA'] as const) expect((await (await deskOf(here, role)).ask('GET', 'requests')).status, role).toBe(403);
    expect((await tenant.me.ask('GET', `requests/${id}`)).status).toBe(403);
  });

  test('puts a name and a phone right: the row is changed once, from the version that was read', async () => {
    const id = idOf(await file('correct', 'My name is 李晓明, phone 120 0000 0009.'));
    const clerk = await deskOf(here, 'CL');
    const read = await clerk.ask('GET', `requests/${id}`);
    const wish = { personVersion: read.json['personVersion'], name: '李晓明', phone: '120-0000-0009', note: 'ID card shown' };
    expect(await clerk.ask('POST', `requests/${id}/correction`, wish)).toMatchObject({ status: 428 });
    expect(await clerk.ask('POST', `requests/${id}/correction`, wish, ifMatch(read))).toMatchObject({ status: 200, json: { phoneMasked: '120****0009' } });
    expect(await clerk.ask('POST', `requests/${id}/correction`, wish, ifMatch(read))).toMatchObject({ status: 412, json: { code: 'STALE_VERSION' } });
    const row = await here.register.register.read.person.findUniqueOrThrow({ where: { id: tenant.personId } });
    expect(here.register.register.vault.open('person.name', row.nameSealed)).toBe('李晓明');
    expect(audited(here)).toContain('person-corrected');
  });

  test('a person changed elsewhere since, and a number that cannot be right, are refused and nothing is written', async () => {
    const id = idOf(await file('correct', 'wrong number'));
    const read = await officer.ask('GET', `requests/${id}`);
    const send = (body: object) => officer.ask('POST', `requests/${id}/correction`, { personVersion: read.json['personVersion'], note: 'seen', ...body }, ifMatch(read));
    expect(await send({ documentType: '111', documentNumber: '890101199003070119' })).toMatchObject({ status: 400, json: { field: 'documentNumber' } });
    expect(await send({ phone: '1300' })).toMatchObject({ status: 400, json: { field: 'phone' } });
    expect(await send({})).toMatchObject({ status: 400 });
    expect(audited(here)).not.toContain('person-corrected');
    expect(await send({ personVersion: 7, name: 'X' })).toMatchObject({ status: 412 });
  });
});

describe("the privacy officer's queue", () => {
  test('is in the order of due dates, the late one marked, names masked, no words', async () => {
    await file('copy', 'a secret wish');
    here.time.now = NOON + 10 * DAY;
    tenant = { ...tenant, me: await deskOf(here, 'TEN', { name: own }) };
    await file('delete', 'please');
    here.time.now = DUE + 1;
    officer = await deskOf(here, 'PO');
    const page = await officer.ask('GET', 'requests');
    expect(rowsOf(page).map(({ kind, overdue }) => [kind, overdue])).toEqual([
      ['copy', true],
      ['delete', false],
    ]);
    expect(rowsOf(page)[0]).toMatchObject({ person: { id: tenant.personId, name: '李*' } });
    expect(page.text).not.toContain('secret');
    expect(page.text).not.toContain('小明');
  });

  test('pages on by the cursor, and keeps decided ones apart', async () => {
    for (const kind of ['copy', 'delete', 'correct']) await file(kind, 'something is wrong');
    const first = await officer.ask('GET', 'requests?limit=2');
    const second = await officer.ask('GET', `requests?limit=2&after=${String(first.json['next'])}`);
    expect([rowsOf(first).length, rowsOf(second).length, second.json['next']]).toEqual([2, 1, null]);
    await decide(Number(rowsOf(first)[0]?.['id']), 'refused', 'We hold nothing.');
    expect(rowsOf(await officer.ask('GET', 'requests?state=closed'))).toHaveLength(1);
    expect(rowsOf(await officer.ask('GET', 'requests'))).toHaveLength(2);
  });

  test('reading one is noted under the person, so that he sees who looked', async () => {
    const id = idOf(await file('copy', 'all of it'));
    const read = await officer.ask('GET', `requests/${id}`);
    expect(read.json).toMatchObject({ text: 'all of it', documentMasked: '890101********0118', homes: [{ room: '0302', current: true }] });
    expect(here.journal.entries.at(-1)).toMatchObject({ event: { what: 'request-read' }, person: { personId: tenant.personId } });
  });

  test('an answer needs the version that was read, is given once, and only by him', async () => {
    const id = idOf(await file('copy'));
    const body = { decision: 'refused', words: 'Nothing is held.' };
    expect((await officer.ask('POST', `requests/${id}/decide`, body)).status).toBe(428);
    const read = await officer.ask('GET', `requests/${id}`);
    expect((await officer.ask('POST', `requests/${id}/decide`, body, ifMatch(read))).status).toBe(200);
    expect((await officer.ask('POST', `requests/${id}/decide`, body, ifMatch(await officer.ask('GET', `requests/${id}`)))).json).toMatchObject({ code: 'REQUEST_DECIDED' });
    const auditor = await deskOf(here, 'AU');
    expect((await auditor.ask('POST', `requests/${id}/decide`, body, { 'if-match': '"2"' })).status).toBe(403);
    expect(rowsOf(await tenant.me.ask('GET', 'me/requests'))[0]).toMatchObject({ state: 'refused', answer: 'Nothing is held.' });
  });
});

describe('a copy', () => {
  const fetchCopy = (id: number, format = 'json', me: Browser = tenant.me) => me.ask('POST', `me/requests/${id}/copy`, { format });

  async function granted(): Promise<number> {
    const id = idOf(await file('copy'));
    await decide(id, 'answered');
    return id;
  }

  test('has everything of that person and nothing of another, once', async () => {
    await addCard(here.register, { personId: tenant.personId, hex: '0A0B0C0D' });
    const stop = (personId: number) => ({ credentialId: 1, personId, tail: '9F3E', reason: 'lost', stoppedAt: BigInt(NOON), stoppedBy: 1 });
    const doors = {
      create: [
        { doorId: 1, holds: 'list', confirmedAt: BigInt(NOON) },
        { doorId: 2, holds: 'list' },
      ],
    };
    await here.register.register.write((db) => db.cardStop.create({ data: { ...stop(tenant.personId), doors } }));
    const right = { buildingId: here.building.buildingId, purpose: 'caretaker', fromAt: 0n, untilAt: BigInt(NOON), createdAt: 0n, duty: true };
    await here.register.register.write((db) => db.accessGrant.create({ data: { ...right, personId: tenant.personId } }));
    const other = await addTenant(here.register, { unitId: here.building.units['0303'] ?? 0, name: '王别人' });
    await here.register.register.write((db) => db.cardStop.create({ data: { ...stop(other.personId), tail: '7777' } }));
    const at = { ...building(here), doorId: DoorId(here.building.doors['D01'] ?? 0), kind: 'access', granted: true, reason: 'OK' } as const;
    here.journal.add(at, { ...NO_PERSON, personId: PersonId(tenant.personId), unitId: UnitId(here.building.units['0302'] ?? 0) });
    here.journal.add(at, { ...NO_PERSON, personId: PersonId(other.personId) });
    const id = await granted();
    const copy = await fetchCopy(id);
    expect(copy.headers['content-disposition']).toContain('attachment');
    expect(copy.json).toMatchObject({
      person: { name: '李小明', document: '890101199003070118', phone: '+8612000000001' },
      homes: [{ home: '0302' }],
      credentials: [{ tail: '0C0D' }],
      stops: [{ tail: '9F3E', reason: 'lost', at: '2026-07-01T20:00:00+08:00', undone: '', doors: 2, confirmed: 1 }],
      work: [{ building: '迎春路 42 号', purpose: 'caretaker', until: '2026-07-01T20:00:00+08:00', hours: '', duty: true }],
      entries: [{ door: '大门', result: 'granted' }],
      requests: [{ kind: 'copy', state: 'answered' }],
    });
    expect([copy.json['looks']].flat().map((look) => Object(look).role)).toContain('PO');
    expect(copy.text).not.toMatch(/王别人|7777/);
    expect(copy.text).not.toMatch(/0A0B0C0D/i);
    expect(await fetchCopy(id)).toMatchObject({ status: 410, json: { code: 'COPY_GONE' } });
  });

  test('asked for twice at the same moment is given once', async () => {
    const id = await granted();
    const { takeCopy } = dataRequestsOf(here.register.register);
    expect(await Promise.all([takeCopy(id, NOON), takeCopy(id, NOON)])).toEqual([true, false]);
    expect((await fetchCopy(id)).status).toBe(410);
  });

  test('as CSV no cell is a formula', async () => {
    const { vault } = here.register.register;
    await here.register.register.write((db) => db.person.update({ where: { id: tenant.personId }, data: { nameSealed: vault.seal('person.name', '=HYPERLINK("http://x")') } }));
    const copy = await fetchCopy(await granted(), 'csv');
    expect(copy.headers['content-type']).toContain('text/csv');
    expect(copy.text).toContain(`person,1,name,"'=HYPERLINK`);
    expect(copy.text.split('\r\n').some((line) => /,[=+@-][^,\d]/.test(line))).toBe(false);
  });

  test('waits fourteen days, for its owner alone', async () => {
    const id = await granted();
    const neighbour = await tenantOf(here, { unitId: here.building.units['0303'] ?? 0, login: login() });
    expect((await fetchCopy(id, 'json', neighbour.me)).status).toBe(404);
    here.time.now = NOON + 14 * DAY;
    expect((await fetchCopy(id, 'json', await deskOf(here, 'TEN', { name: own }))).json).toMatchObject({ code: 'COPY_GONE' });
  });

  test('is not there before it is granted, and no repeat under an idempotency key gives it again', async () => {
    const id = idOf(await file('copy'));
    expect((await fetchCopy(id)).status).toBe(404);
    await decide(id, 'answered');
    const ask = () => tenant.me.ask('POST', `me/requests/${id}/copy`, { format: 'json' }, { 'idempotency-key': 'k1' });
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBeGreaterThanOrEqual(409);
    const kept = await here.register.register.read.idempotentAnswer.findMany();
    expect(kept.every(({ bodySealed }) => bodySealed === null)).toBe(true);
  });
});

describe('deletion and withdrawal', () => {
  const name = async (): Promise<string> => {
    const row = await here.register.register.read.person.findUniqueOrThrow({ where: { id: tenant.personId } });
    return here.register.register.vault.open('person.name', row.nameSealed);
  };
  const leave = (daysAgo: number) => here.register.register.write((db) => db.tenancy.updateMany({ data: { accessUntil: BigInt(NOON - daysAgo * DAY) } }));

  test.each([
    ['while a tenancy runs', undefined, 'live'],
    ['while a door record must name who came', 183, 'GB 50396-2007'],
  ] as const)('is refused %s, with the reason in words', async (_, leftDaysAgo, words) => {
    if (leftDaysAgo !== undefined) await leave(leftDaysAgo);
    const id = idOf(await file('delete'));
    expect(Object((await officer.ask('GET', `requests/${id}`)).json['mustKeep'])['en']).toContain(words);
    expect(await decide(id, 'answered')).toMatchObject({ status: 409, json: { code: 'MUST_KEEP' } });
    expect(await name()).toBe('李小明');
    expect(audited(here)).not.toContain('request-answered');
    expect((await decide(id, 'refused', 'Still needed.')).status).toBe(200);
  });

  test('is done at once when nothing keeps it: the person, his card, his account are gone', async () => {
    const id = idOf(await file('delete'));
    await leave(185);
    expect(await decide(id, 'answered')).toMatchObject({ status: 200, json: { anonymised: true } });
    expect(await name()).toBe('—');
    expect((await tenant.me.ask('GET', 'me/requests')).status).toBe(401);
    expect(here.told.changed).toBeGreaterThan(0);
  });

  test('withdrawing consent takes effect at once and leaves the key alone', async () => {
    await addCard(here.register, { personId: tenant.personId, hex: '0A0B0C0D' });
    const { read, write } = here.register.register;
    const notice = await write((db) => db.privacyNotice.create({ data: { number: 1, textZh: 'x', textEn: 'x', publishedAt: 1n } }));
    await write((db) => db.consent.create({ data: { personId: tenant.personId, noticeId: notice.id, purpose: 'welfareCheck', given: true, at: 1n } }));
    expect((await file('withdraw')).json).toMatchObject({ state: 'answered', answer: expect.stringContaining('key') });
    expect((await tenant.me.ask('GET', 'me/consents')).json).toMatchObject({ now: { welfareCheck: false } });
    expect((await read.credential.findMany({ where: { personId: tenant.personId } })).map(({ status }) => status)).toEqual(['active']);
  });
});
