import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { HomeSheet, RosterPage } from '../../gateway/http/schemas/people-roster.ts';
import { readWorkbook } from '../../gateway/exchange/workbook.ts';
import type { Role } from '../../gateway/core/roles.ts';
import { addCard, addTenant, DAY, NOON } from '../helpers/register.ts';
import { type Browser, type World, world } from './fixture.ts';
import { audited, deskOf, tenantOf } from './rights-people.ts';

// One house with a person in each state, another landlord's beside it, and a big one of 3,000 rooms.
let here: World;
let by: Record<'LL' | 'GW' | 'CL' | 'OF' | 'BL' | 'DA' | 'TEN' | 'SA' | 'single', Browser>;
const ids: Record<string, number> = {};
const BIG = 3_000;
let big = 0;

async function makeBig(): Promise<void> {
  const { register } = here.register;
  const name = register.vault.seal('person.name', '众甲');
  await register.write(async (db) => {
    const { id } = await db.building.create({ data: { code: '890101001001B00099', siteId: here.building.siteId, name: '大楼' } });
    big = id;
    // Thirty floors of a hundred, one person each; row numbers far above the others'.
    const numbers = 'WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n + 1 < ?)';
    const many = (table: string, columns: string, values: string, ...about: unknown[]): Promise<number> =>
      db.$executeRawUnsafe(`INSERT INTO "${table}" (${columns}) ${numbers} SELECT ${values} FROM c`, BIG, ...about);
    const room = `printf('%02d%02d', n / 100 + 1, n % 100)`;
    await many('RentalUnit', '"id", "code", "buildingId", "floor", "room"', `10000 + n, '890101001001B00099-' || ${room}, ?, n / 100 + 1, ${room}`, id);
    await many('Person', '"id", "nameSealed", "createdAt"', '10000 + n, ?, 0', name);
    await many('Tenancy', '"id", "unitId", "startAt", "createdAt"', '10000 + n, 10000 + n, ?, 0', NOON - 10 * DAY);
    await many('Occupant', '"tenancyId", "personId", "fromAt", "registrationState"', `10000 + n, 10000 + n, ?, 'accepted'`, NOON - 10 * DAY);
  });
}

beforeAll(async () => {
  here = await world();
  const unit = (room: string): number => here.building.units[room] ?? 0;
  const add = async (name: string, stay: Parameters<typeof addTenant>[1]): Promise<void> => {
    ids[name] = (await addTenant(here.register, { ...stay, name })).personId;
  };
  await add('李登记', { unitId: unit('0201') });
  await add('王待办', { unitId: unit('0302'), registrationState: 'pending', registrationDue: NOON + DAY, checkedBy: '' });
  await add('赵逾期', { unitId: unit('0503'), registrationState: 'pending', registrationDue: NOON - DAY });
  await add('钱搬走', { unitId: unit('0303'), accessUntil: NOON - 2 * DAY });
  await add('孙别家', { unitId: here.other.units['0201'] ?? 0 });
  await addCard(here.register, { personId: ids['李登记'] ?? 0, hex: '0A0B0C0D' });
  await makeBig();
  const desk = (role: Role, name?: string, buildingIds?: number[]) =>
    deskOf(here, role, { ...(name === undefined ? {} : { name }), ...(buildingIds === undefined ? {} : { buildingIds }) });
  const { me: tenant } = await tenantOf(here, { unitId: unit('0501'), name: '周住户' });
  ids['周住户'] = Number((await here.site.deps.accounts.byLogin('12000000001'))?.personId);
  const single = await desk('LL', 'll-single', []);
  const account = await here.site.deps.accounts.byLogin('ll-single');
  await here.register.register.write((db) => db.assignment.create({ data: { accountId: account?.id ?? 0, place: 'unit', placeId: unit('0201'), fromAt: 0n, createdAt: 0n } }));
  await here.site.rightsChanged();
  by = {
    ...{ LL: await desk('LL'), GW: await desk('GW'), CL: await desk('CL'), OF: await desk('OF'), BL: await desk('BL'), DA: await desk('DA') },
    ...{ SA: await desk('SA'), TEN: tenant, single },
  };
});
afterAll(() => here.close());
beforeEach(async () => {
  here.journal.entries.length = 0;
  here.time.now = NOON;
  await here.register.register.write((db) => db.dailyLooks.deleteMany({}));
});

async function roster(who: Browser, query = ''): Promise<RosterPage> {
  const { status, text } = await who.ask('GET', `roster?${query}`);
  expect([status, text.slice(0, 200)]).toEqual([200, text.slice(0, 200)]);
  return JSON.parse(text);
}
const names = ({ lines }: RosterPage): string[] => lines.map(({ person }) => person.name);

describe('the roster', () => {
  test('shows each role its columns and no more', async () => {
    const [own, worker, clerk, officer] = [await roster(by.LL), await roster(by.GW), await roster(by.CL), await roster(by.OF)];
    expect(names(own)).toEqual(['李登记', '王待办', '周住户', '赵逾期']);
    expect(own.lines[0]).toMatchObject({
      person: { documentMasked: '890101********0118', phoneMasked: '120****0001' },
      ...{ state: 'registered', checked: true, keys: 1, movedIn: NOON - 30 * DAY, leaves: null },
    });
    expect(names(clerk)).toEqual(names(own));
    for (const masked of [worker, officer]) expect(names(masked)).toEqual(['李*', '王*', '周*', '赵*']);
    expect([own, worker, clerk, officer].map(({ dates, mayExport, lines }) => [dates, mayExport, lines[0]?.termEnd !== null])).toEqual([
      [true, true, true],
      [true, false, true],
      [true, true, true],
      [false, false, false],
    ]);
    expect(own.communities).toEqual([{ code: '890101001001', name: '890101001001', nameEn: '' }]);
    for (const page of [own, worker, clerk, officer]) expect(JSON.stringify(page)).not.toMatch(/890101199003070118|12000000001|entries|granted|lastUsed/);
  });

  test('is for nobody else, and a landlord is never shown another’s tenants', async () => {
    for (const role of ['BL', 'DA', 'TEN', 'SA'] as const) expect((await by[role].ask('GET', 'roster')).json, role).toMatchObject({ code: 'NOT_ALLOWED' });
    expect((await by.LL.ask('GET', `roster?building=${here.other.buildingId}`)).json).toMatchObject({ code: 'SCOPE_DENIED' });
    expect(names(await roster(by.single))).toEqual(['李登记']);
    expect(names(await roster(by.single, `building=${here.building.buildingId}&state=movedOut`))).toEqual([]);
    expect((await roster(by.single)).counts).toEqual({ registered: 1, due: 0, overdue: 0, movedOut: 0 });
  });

  test('is filtered by state and floor and area, put in order, and keeps who left apart', async () => {
    expect((await roster(by.LL)).counts).toEqual({ registered: 2, due: 1, overdue: 1, movedOut: 1 });
    for (const [query, wanted] of [
      ['state=registered', ['李登记', '周住户']],
      ['state=due', ['王待办']],
      ['state=overdue', ['赵逾期']],
      ['state=movedOut', ['钱搬走']],
      ['floor=3', ['王待办']],
      ['sort=room&descending=true', ['赵逾期', '周住户', '王待办', '李登记']],
      ['sort=due&limit=2', ['赵逾期', '王待办']],
      ['division=890101001001', ['李登记', '王待办', '周住户', '赵逾期']],
      ['division=890102000000', []],
    ] as const)
      expect(names(await roster(by.LL, query)), query).toEqual(wanted);
    expect((await roster(by.LL, 'state=movedOut')).lines[0]).toMatchObject({ state: 'movedOut', leaves: NOON - 2 * DAY });
    expect((await by.OF.ask('GET', 'roster?sort=end')).json).toMatchObject({ code: 'BAD_INPUT', field: 'sort' });
    expect((await by.LL.ask('GET', 'roster?sort=name')).json).toMatchObject({ code: 'BAD_INPUT', field: 'sort' });
    expect((await by.LL.ask('GET', 'roster?sort=due&after=WyJhIiwxXQ')).json).toMatchObject({ code: 'BAD_INPUT', field: 'after' });
  });

  test('pages through 3,000 rooms once each, in every order, fast', async () => {
    const owner = await deskOf(here, 'LL', { name: 'll-big', buildingIds: [big] });
    for (const order of ['sort=room', 'sort=start&descending=true']) {
      const seen: number[] = [];
      const began = performance.now();
      for (let after: string | null = ''; after !== null && seen.length < 1_000; ) {
        const page: RosterPage = await roster(owner, `${order}&limit=100${after === '' ? '' : `&after=${after}`}`);
        seen.push(...page.lines.map(({ id }) => id));
        after = page.next;
      }
      expect(new Set(seen).size).toBe(1_000);
      // Ten pages; a page of a person in a hurry takes far less than a second.
      expect(performance.now() - began).toBeLessThan(5_000);
    }
    expect((await roster(owner, 'floor=30')).lines).toHaveLength(50);
    expect((await roster(owner, 'floor=30&limit=100')).next).toBeNull();
    expect((await roster(owner)).counts.registered).toBe(BIG);
  });

  test('notes everybody it shows before it shows him, and ends where an officer’s look-ups end', async () => {
    here.time.now += 6 * 60_000;
    await roster(by.LL, 'state=overdue');
    expect(here.journal.entries.filter(({ event }) => event.what === 'viewed').map(({ person }) => person.personId)).toEqual([ids['赵逾期']]);
    const clerk = await deskOf(here, 'CL', { name: 'cl-big', buildingIds: [big] });
    const first = await roster(clerk, 'limit=80');
    const second = await roster(clerk, `limit=80&after=${first.next}`);
    expect([first.cut, second.cut, second.lines.length]).toEqual([false, true, 20]);
    expect((await clerk.ask('GET', `roster?limit=80&after=${second.next}`)).json).toMatchObject({ code: 'LOOKS_SPENT' });
    here.log.broken = true;
    expect((await by.GW.ask('GET', 'roster')).status).toBe(503);
    here.log.broken = false;
  });
});

describe('an export of the roster', () => {
  const note = '季度核对材料';
  const wish = (about: object = {}): object => ({ building: here.building.buildingId, form: 'csv', note, ...about });
  const cells = (text: string): string[][] =>
    text
      .replace('\uFEFF', '')
      .trim()
      .split('\r\n')
      .map((line) => line.split(','));

  test('gives a clerk whole numbers and a landlord masked ones, each line marked, each person noted', async () => {
    const clerk = await by.CL.ask('POST', 'roster/export', wish());
    expect(clerk.headers['content-disposition']).toMatch(/filename="roster-890101001001B00042-2026-07-01\.csv"; filename\*=UTF-8''%E8%8A%B1/);
    const [head, ...rows] = cells(clerk.text);
    expect(head?.slice(0, 8).map((each) => each.split(' ')[0])).toEqual(['楼栋', '房号', '楼层', '姓名', '性别', '证件类型', '证件号码', '手机号']);
    expect(rows.map((row) => [row[1], row[3], row[6]])).toContainEqual(['0302', '王待办', '890101199003070118']);
    const entry = here.journal.entries.findIndex(({ event }) => event.what === 'roster-made');
    expect(rows.every((row) => row.at(-1)?.startsWith('cl · '))).toBe(true);
    expect(here.journal.entries[entry]?.person.words).toContain(note);
    expect(here.journal.entries.slice(0, entry).filter(({ event }) => event.what === 'roster-exported')).toHaveLength(4);

    const landlord = await by.LL.ask('POST', 'roster/export', wish({ state: 'movedOut' }));
    expect(cells(landlord.text)[1]?.slice(1, 8)).toEqual(['0303', '3', '钱搬走', '', '居民身份证', '890101********0118', '120****0001']);
    const book = await here.app.inject({
      method: 'POST',
      url: '/api/v1/roster/export',
      headers: { host: 'localhost:8080', cookie: by.CL.cookie, 'x-csrf-token': by.CL.csrf },
      payload: wish({ form: 'xlsx' }),
    });
    const read = await readWorkbook(book.rawPayload);
    expect(read.ok && read.lines.map((line) => line.cells[3])).toEqual(['姓名 (name)', '李登记', '王待办', '周住户', '赵逾期']);
  });

  test('is for landlord and clerk, of their own, with a reason and a fresh second factor', async () => {
    for (const role of ['GW', 'OF', 'BL', 'DA', 'TEN', 'SA'] as const)
      expect((await by[role].ask('POST', 'roster/export', wish())).json, role).toMatchObject({ code: 'NOT_ALLOWED' });
    expect((await by.LL.ask('POST', 'roster/export', wish({ building: here.other.buildingId }))).json).toMatchObject({ code: 'SCOPE_DENIED' });
    expect((await by.LL.ask('POST', 'roster/export', wish({ note: '' }))).json).toMatchObject({ code: 'BAD_INPUT', field: 'note' });
    expect((await by.LL.ask('POST', 'roster/export', wish({ form: 'pdf' }))).json).toMatchObject({ code: 'BAD_INPUT', field: 'form' });
    here.time.now += 11 * 60_000;
    expect((await by.LL.ask('POST', 'roster/export', wish())).json).toMatchObject({ code: 'SECOND_FACTOR' });
    expect(audited(here)).toEqual([]);
  });

  test('of more than a hundred people waits for a second person, and is that very roster', async () => {
    const owner = await deskOf(here, 'LL', { name: 'll-big2', buildingIds: [big] });
    const privacy = await deskOf(here, 'PO');
    const asked = await owner.ask('POST', 'roster/export', wish({ building: big }));
    expect([asked.status, asked.json['persons']]).toEqual([202, BIG]);
    const approval = asked.json['pendingAct'];
    expect((await owner.ask('POST', 'roster/export', wish({ building: big, approval }))).json).toMatchObject({ code: 'EXPORT_NOT_APPROVED' });
    expect((await privacy.ask('POST', `pending-acts/${approval}/approve`, {})).status).toBeLessThan(300);
    expect((await owner.ask('POST', 'roster/export', wish({ building: big, floor: 2 }))).status).toBe(200);
    expect((await owner.ask('POST', 'roster/export', wish({ building: big, state: 'registered', approval }))).json).toMatchObject({ code: 'EXPORT_NOT_APPROVED' });
    expect(cells((await owner.ask('POST', 'roster/export', wish({ building: big, approval }))).text)).toHaveLength(BIG + 1);
  });
});

describe('the forms of a home', () => {
  const unit = (room: string): string => `units/${here.building.units[room]}/sheet`;
  const read = async (who: Browser, room = '0302'): Promise<HomeSheet> => JSON.parse((await who.ask('GET', unit(room))).text);
  const print = async (who: Browser, body: object, room = '0302') => who.ask('POST', `${unit(room)}/print`, body);

  test('are masked on screen; a print is an entry of its own, and so is everybody on it', async () => {
    const sheet = await read(by.LL);
    expect(sheet).toMatchObject({
      unit: { room: '0302', floor: 3 },
      building: { address: '测试省测试市样板区迎春路 42 号' },
      filing: { state: 'draft' },
      people: [{ name: '王待办', document: '890101********0118', birth: '', basis: 'rent' }],
      ...{ whole: false, printed: null },
    });
    expect((await read(by.GW)).people[0]).toMatchObject({ name: '王*', movedIn: NOON - 30 * DAY });
    expect((await read(by.OF)).people[0]).toMatchObject({ name: '王*', termEnd: null });
    const { json } = await print(by.LL, { why: 'file' });
    expect(json).toMatchObject({ printed: { by: 'll' }, people: [{ document: '890101********0118' }] });
    expect(audited(here).slice(-2)).toEqual(['printed', 'sheet-printed']);
  });

  test('a clerk’s print of one person has whole numbers, with a fresh second factor', async () => {
    const person = ids['王待办'];
    expect((await print(by.CL, { why: 'counter' })).json).toMatchObject({ people: [{ document: '890101********0118' }] });
    expect((await print(by.CL, { why: 'counter', person })).json).toMatchObject({ whole: true, people: [{ id: person, document: '890101199003070118', phone: '12000000001' }] });
    expect((await print(by.CL, { why: 'counter', person: ids['李登记'] })).json).toMatchObject({ code: 'NOT_FOUND', field: 'person' });
    expect((await print(by.LL, { why: 'file', person })).json).toMatchObject({ people: [{ document: '890101********0118' }] });
    here.time.now += 11 * 60_000;
    expect((await print(by.CL, { why: 'counter', person })).json).toMatchObject({ code: 'SECOND_FACTOR' });
    expect((await print(by.CL, { why: 'counter' })).status).toBe(200);
  });

  test('are not for others, nor of others’ homes, nor of who has moved out', async () => {
    for (const role of ['BL', 'DA', 'TEN', 'SA'] as const) expect((await by[role].ask('GET', unit('0302'))).json, role).toMatchObject({ code: 'NOT_ALLOWED' });
    expect((await by.LL.ask('GET', `units/${here.other.units['0201']}/sheet`)).json).toMatchObject({ code: 'SCOPE_DENIED' });
    expect((await by.single.ask('GET', unit('0302'))).json).toMatchObject({ code: 'SCOPE_DENIED' });
    expect((await read(by.LL, '0303')).people).toEqual([]);
    expect((await print(by.LL, { why: 'fun' })).json).toMatchObject({ code: 'BAD_INPUT', field: 'why' });
  });

  test('tenant and landlord are told of a print by somebody else', async () => {
    await print(by.GW, { why: 'visit' }, '0501');
    const { text } = await by.TEN.ask('GET', 'me/receipts');
    expect(text).toContain('打印了登记表，里面有您。');
    expect((await by.LL.ask('GET', 'me/audits')).text).toContain('打印了这一户的登记表。');
  });
});
