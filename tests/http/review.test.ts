import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addTenant, DAY, NOON } from '../helpers/register.ts';
import { type Browser, building } from './fixture.ts';
import { enter, noted, openForPeople, type ReviewWorld, reviewWorld, tap } from './review-fixture.ts';

let here: ReviewWorld;
let officer: Browser & { accountId: number };

beforeAll(async () => {
  here = await reviewWorld();
  officer = await enter(here, { login: 'of-1', role: 'OF' });
  const { lodgers, stranger } = here;
  const [zhao, qian, li] = [lodgers['0201'], lodgers['0202'], lodgers['0302']];
  if (!zhao || !qian || !li) throw new Error('lodgers');
  tap(here, zhao, { ago: 40 * DAY });
  for (let n = 0; n < 5; n++) tap(here, zhao, { ago: 3_600_000 * (6 - n) });
  tap(here, qian, { ago: 1_000_000, granted: false });
  tap(here, li, { ago: 900_000, door: 'D03' });
  tap(here, stranger, { ago: 800_000, granted: false });
  here.journal.add({ kind: 'door', what: 'forced', ...building(here), gatewayTime: NOON - 700_000 });
  here.journal.add({ kind: 'link', what: 'offline', ...building(here), gatewayTime: NOON - 600_000 });
});
afterAll(() => here.close());

interface Line {
  readonly index: number;
  readonly code: string;
  readonly person: { id: number; name: string } | null;
  readonly unit: { room: string } | null;
}
const linesOf = (json: Record<string, unknown>): Line[] => Object(json['lines']);

describe('without the second act', () => {
  test('an officer sees counts by home, nobody’s name, and the asking is noted under the purpose', async () => {
    const { json: purpose } = await officer.ask('POST', 'purposes', here.wish);
    const { json, text } = await officer.ask('GET', `purposes/${purpose['id']}/units`);
    expect(json['units']).toMatchObject([
      { unit: { room: '0201' }, granted: 5, refused: 0, lastDay: '2026-07-01' },
      { unit: { room: '0202' }, granted: 0, refused: 1 },
      { unit: { room: '0302' }, granted: 1, refused: 0 },
    ]);
    expect(json['all']).toEqual({ granted: 6, refused: 2 });
    expect(text).not.toMatch(/赵|钱|李|吴/);
    expect(noted(here, 'counts-viewed')).toMatchObject([{ event: { ref: purpose['entryIndex'] }, person: { accountId: officer.accountId } }]);
  });

  test('lines carry no person and no home, and neither can be asked for', async () => {
    const { json: purpose } = await officer.ask('POST', 'purposes', here.wish);
    const { json, text } = await officer.ask('GET', `purposes/${purpose['id']}/entries`);
    expect(linesOf(json)).toHaveLength(9);
    expect(linesOf(json).every(({ person, unit }) => person === null && unit === null)).toBe(true);
    expect(text).not.toMatch(/赵|钱|李|吴/);
    for (const filter of [`person=${here.lodgers['0201']?.personId}`, `unit=${here.lodgers['0201']?.unitId}`]) {
      expect((await officer.ask('GET', `purposes/${purpose['id']}/entries?${filter}`)).json['code']).toBe('PEOPLE_NOT_OPEN');
    }
    expect(noted(here, 'entries-viewed')).toEqual([]);
  });
});

describe('after it', () => {
  test('lines carry masked persons and their homes, each person noted once for the page, citing the purpose', async () => {
    const id = await openForPeople(here, officer);
    const { json, text } = await officer.ask('GET', `purposes/${id}/entries`);
    expect(linesOf(json).map(({ person, unit }) => [person?.name, unit?.room])).toEqual([
      [undefined, undefined],
      ['吴*', '0201'],
      ['李*', '0302'],
      ['钱*', '0202'],
      ...new Array(5).fill(['赵*', '0201']),
    ]);
    expect(text).not.toMatch(/赵一鸣|钱多多|李小明|吴边|890101|12000/);
    const purpose = (await officer.ask('GET', `purposes/${id}`)).json;
    const looks = noted(here, 'entries-viewed');
    expect(looks.map(({ person }) => person.personId).sort()).toEqual(
      [here.lodgers['0201'], here.lodgers['0202'], here.lodgers['0302'], here.stranger].map((each) => each?.personId).sort(),
    );
    expect(looks.every(({ event, person }) => event.ref === purpose['entryIndex'] && person.accountId === officer.accountId)).toBe(true);
    await officer.ask('GET', `purposes/${id}/entries`);
    expect(noted(here, 'entries-viewed')).toHaveLength(4);
    here.time.now += 5 * 60_000;
    await officer.ask('GET', `purposes/${id}/entries`);
    expect(noted(here, 'entries-viewed')).toHaveLength(8);
    here.time.now = NOON;
  });

  test('the log is narrowed by person, home, door, result, reason and time, never beyond purpose and building', async () => {
    const id = await openForPeople(here, officer);
    const count = async (filter: string): Promise<number | unknown> => {
      const { json } = await officer.ask('GET', `purposes/${id}/entries?${filter}`);
      return json['code'] ?? linesOf(json).length;
    };
    const zhao = here.lodgers['0201'];
    expect(await count(`person=${zhao?.personId}`)).toBe(5);
    expect(await count(`person=${zhao?.personId}&from=0`)).toBe(5);
    expect(await count(`unit=${zhao?.unitId}`)).toBe(5);
    expect(await count(`door=${here.building.doors['D03']}`)).toBe(1);
    expect(await count(`door=${here.other.doors['D01']}`)).toBe('SCOPE_DENIED');
    expect(await count('result=refused')).toBe(2);
    expect(await count('result=granted')).toBe(6);
    expect(await count('reason=WRONG_DOOR')).toBe(2);
    expect(await count('reason=WRONG')).toBe('BAD_INPUT');
    expect(await count(`from=${NOON - 900_000}`)).toBe(3);
    expect(await count(`until=${NOON - 900_000}`)).toBe(6);
    // Somebody of another station's area, though he came to these doors.
    expect(await count(`person=${here.stranger.personId}`)).toBe('SCOPE_DENIED');
    expect(await count('person=99999')).toBe('SCOPE_DENIED');
  });

  test('pages go on by index and end', async () => {
    const id = await openForPeople(here, officer);
    const seen: number[] = [];
    for (let before = ''; ; ) {
      const { json } = await officer.ask('GET', `purposes/${id}/entries?limit=2${before}`);
      seen.push(...linesOf(json).map(({ index }) => index));
      if (json['next'] === null) break;
      before = `&before=${json['next']}`;
    }
    expect(seen).toHaveLength(9);
    expect([...seen].sort((a, b) => b - a)).toEqual(seen);
  });

  test('nothing is shown when the journal cannot take the note', async () => {
    const id = await openForPeople(here, officer);
    here.log.broken = true;
    for (const url of [`purposes/${id}/entries`, `purposes/${id}/units`]) {
      const { status, text } = await officer.ask('GET', url);
      expect([status, text]).toEqual([503, expect.not.stringMatching(/赵|0201/)]);
    }
    here.log.broken = false;
  });

  test('the privacy officer asks for a person, never for everything', async () => {
    const privacy = await enter(here, { login: 'po-1', role: 'PO' });
    const { buildingId: _, ...wish } = here.wish;
    const { json: purpose } = await privacy.ask('POST', 'purposes', { ...wish, purpose: 'request', reason: '本人申请查阅' });
    await privacy.ask('POST', `purposes/${purpose['id']}/people`, { reason: '本人申请查阅' });
    expect((await privacy.ask('GET', `purposes/${purpose['id']}/entries`)).json['field']).toBe('person');
    const { json } = await privacy.ask('GET', `purposes/${purpose['id']}/entries?person=${here.lodgers['0302']?.personId}`);
    expect(linesOf(json)).toMatchObject([{ person: { name: '李*' }, unit: { room: '0302' } }]);
  });
});

describe('an export', () => {
  const note = { note: '移送案卷材料' };

  test('is a file that says who, when and why, marks every row, runs no formula and proves itself; each person in it is noted', async () => {
    const { register } = here.register;
    const evil = await addTenant(here.register, { unitId: here.building.units['0401'] ?? 0, name: '=周' });
    const entry = tap(here, { personId: evil.personId, unitId: here.building.units['0401'] ?? 0, masked: '=*' }, { ago: 500_000 });
    const id = await openForPeople(here, officer);
    const { status, text, headers } = await officer.ask('POST', `purposes/${id}/export`, note);
    expect([status, headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8']);
    expect(headers['content-disposition']).toMatch(/^attachment; filename="doorbook-2026-07-01-\d+\.csv"$/);
    expect(text.startsWith('\uFEFF# Doorbook')).toBe(true);
    for (const part of ['of-1的名字 (of-1)', '2026-07-01 20:00:00 +08:00', '核对楼道纠纷；移送案卷材料', 'incident']) expect(text).toContain(part);
    const rows = text.split('\r\n');
    const body = rows.filter((row) => /^\d+,/.test(row));
    expect(body).toHaveLength(10);
    expect(body.every((row) => row.endsWith(`of-1 · ${noted(here, 'export-made').at(-1)?.index}`))).toBe(true);
    expect(body[0]).toContain(",'=*,");
    expect(text).not.toMatch(/赵一鸣|890101|12000/);
    const last = rows.at(-2) ?? '';
    const before = text.slice(0, text.lastIndexOf(last));
    expect(last).toBe(`# SHA-256,${createHash('sha256').update(before).digest('hex')}`);
    expect(new Set(noted(here, 'exported').map(({ person }) => person.personId)).size).toBe(5);
    here.journal.entries.splice(entry.index - 1, 1, { ...entry, event: { ...entry.event, gatewayTime: 0 } });
    await register.write((db) => db.occupant.deleteMany({ where: { personId: evil.personId } }));
  });

  test('needs the second act, a recent second factor and a journal that works', async () => {
    const { json: purpose } = await officer.ask('POST', 'purposes', here.wish);
    expect((await officer.ask('POST', `purposes/${purpose['id']}/export`, note)).json['code']).toBe('PEOPLE_NOT_OPEN');
    const id = await openForPeople(here, officer);
    here.log.broken = true;
    const { status, text } = await officer.ask('POST', `purposes/${id}/export`, note);
    expect([status, text]).toEqual([503, expect.not.stringMatching(/\*/)]);
    here.log.broken = false;
    here.time.now += 10 * 60_000;
    expect((await officer.ask('POST', `purposes/${id}/export`, note)).json['code']).toBe('SECOND_FACTOR');
    here.time.now = NOON;
  });

  test('of more than a hundred persons waits for a second person, and is that very export', async () => {
    const fresh = await enter(here, { login: 'of-many', role: 'OF' });
    const unitId = here.building.units['0503'] ?? 0;
    for (let n = 0; n < 101; n++) tap(here, { personId: (await addTenant(here.register, { unitId, name: `吕${n}` })).personId, unitId, masked: '吕*' }, { ago: 10_000 + n });
    const id = await openForPeople(here, fresh);
    const asked = await fresh.ask('POST', `purposes/${id}/export`, { ...note, unit: unitId });
    expect([asked.status, asked.json]).toMatchObject([202, { persons: 101, pendingAct: expect.any(Number) }]);
    const approval = Number(asked.json['pendingAct']);
    const get = async (body: object): Promise<unknown> => {
      const answer = await fresh.ask('POST', `purposes/${id}/export`, { ...note, ...body });
      return answer.status === 200 ? answer.text.split('\r\n').filter((row) => /^\d+,/.test(row)).length : answer.json['code'];
    };
    expect(await get({ unit: unitId, approval })).toBe('EXPORT_NOT_APPROVED');
    expect((await fresh.ask('POST', `look-ups/${approval}/decide`, { agree: true })).json['code']).toBe('SAME_PERSON');
    expect(noted(here, 'exported').filter(({ person }) => person.accountId === fresh.accountId)).toEqual([]);
    const colleague = await enter(here, { login: 'of-second', role: 'OF' });
    expect((await colleague.ask('POST', `look-ups/${approval}/decide`, { agree: true })).status).toBe(204);
    expect(await get({ approval })).toBe('EXPORT_NOT_APPROVED');
    expect(await get({ unit: unitId, until: NOON - 1, approval })).toBe('EXPORT_NOT_APPROVED');
    expect(await get({ unit: unitId, approval })).toBe(101);
    expect(noted(here, 'exported').filter(({ person }) => person.accountId === fresh.accountId)).toHaveLength(101);
    expect((await fresh.ask('GET', 'me/looks')).json['today']).toMatchObject({ looks: 0 });
    expect((await colleague.ask('POST', `purposes/${id}/export`, { ...note, unit: unitId, approval })).status).toBe(404);
  });
});
