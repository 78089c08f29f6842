import { afterEach, describe, expect, test } from 'vitest';
import type { Upload } from '../../gateway/http/deps.ts';
import { signedIn, type World, world } from './fixture.ts';

const PREVIEW = {
  id: 7,
  fileName: 'r.csv',
  encoding: 'utf-8',
  rows: 2,
  good: 1,
  bad: 1,
  newPeople: 1,
  newTenancies: 1,
  newCredentials: 0,
  newUnits: 0,
  unchanged: 0,
  columns: [],
  findings: [],
};
const APPLIED = { people: 1, tenancies: 1, credentials: 0, units: 0, unchanged: 0, skipped: 1 };

let here: World;
let uploads: Upload[];
let state: string;

async function made(): Promise<World> {
  uploads = [];
  state = 'previewed';
  const rosters = {
    preview: async (upload: Upload) => {
      uploads.push(upload);
      return PREVIEW;
    },
    find: async (id: number) => (id === PREVIEW.id ? { buildingId: here.building.buildingId, fileName: 'r.csv', state } : undefined),
    apply: async (_id: number, { goodRowsOnly }: { goodRowsOnly: boolean }) => (goodRowsOnly ? APPLIED : undefined),
  };
  here = await world({ rosters });
  return here;
}
afterEach(() => here.close());

const upload = (who: { cookie: string; csrf: string }, about: { query?: string; type?: string; body?: string | Buffer }) =>
  here.app.inject({
    method: 'POST',
    url: `/api/v1/imports?${about.query ?? `building=${here.building.buildingId}&name=r.csv`}`,
    headers: { host: 'localhost:8080', cookie: who.cookie, 'x-csrf-token': who.csrf, 'content-type': about.type ?? 'text/csv' },
    payload: about.body ?? '姓名,房号\n',
  });

describe('a roster file', () => {
  test('arrives byte for byte, with a name that is only a name', async () => {
    await made();
    const landlord = await signedIn(here, 'LL');
    const bytes = Buffer.from([0xd0, 0xd5, 0xc3, 0xfb, 0x0a]);
    const query = `building=${here.building.buildingId}&name=${encodeURIComponent('C:\\files\\..\\名单\u202e.csv')}`;
    expect((await upload(landlord, { query, type: 'application/octet-stream', body: bytes })).json()).toEqual(PREVIEW);
    expect(uploads).toMatchObject([{ buildingId: here.building.buildingId, fileName: '名单.csv', accountId: expect.any(Number) }]);
    expect(uploads[0]?.bytes.equals(bytes)).toBe(true);
  });

  test('may be 8 MiB and no more; other bodies stay at 64 KiB', async () => {
    await made();
    const landlord = await signedIn(here, 'LL');
    expect((await upload(landlord, { body: Buffer.alloc(8 * 1024 * 1024, 0x61) })).statusCode).toBe(200);
    const tooLarge = await upload(landlord, { body: Buffer.alloc(8 * 1024 * 1024 + 1, 0x61) });
    expect([tooLarge.statusCode, tooLarge.json().code]).toEqual([413, 'TOO_LARGE']);
  });

  test.each([
    [{ query: 'name=r.csv' }, 400, 'building'],
    [{ body: '' }, 400, 'body'],
    [{ type: 'application/json', body: '{}' }, 415, 'content-type'],
    [{ type: 'application/vnd.ms-excel' }, 415, undefined],
  ])('is refused with a reason: %j', async (about, status, field) => {
    await made();
    const answer = await upload(await signedIn(here, 'LL'), about);
    expect([answer.statusCode, answer.json().field]).toEqual([status, field]);
  });

  test("is not the officer's, and not for another's building", async () => {
    await made();
    expect((await upload(await signedIn(here, 'OF'), {})).json()).toMatchObject({ code: 'NOT_ALLOWED' });
    expect((await upload(await signedIn(here, 'LL', [here.other.buildingId]), {})).json()).toMatchObject({ code: 'SCOPE_DENIED' });
    expect(uploads).toEqual([]);
  });
});

describe('applying it', () => {
  test('needs a choice about bad rows, then leaves an entry and tells the doors', async () => {
    await made();
    const landlord = await signedIn(here, 'LL');
    expect((await landlord.ask('POST', 'imports/7/apply', { goodRowsOnly: false, attested: true })).json).toMatchObject({ code: 'HAS_BAD_ROWS', field: 'goodRowsOnly' });
    expect(here.told.changed).toBe(0);
    expect((await landlord.ask('POST', 'imports/7/apply', { goodRowsOnly: true, attested: true })).json).toEqual({ ...APPLIED, entry: 1 });
    expect(here.journal.entries).toMatchObject([{ event: { kind: 'register', what: 'import', buildingId: here.building.buildingId }, person: { words: 'r.csv' } }]);
    expect(here.told.changed).toBe(1);
  });

  test('tells the doors also when the log is down: the register has changed', async () => {
    await made();
    const landlord = await signedIn(here, 'LL');
    here.log.broken = true;
    expect((await landlord.ask('POST', 'imports/7/apply', { goodRowsOnly: true, attested: true })).json).toMatchObject({ entry: 0 });
    expect([here.told.changed, here.errors.length]).toEqual([1, 1]);
  });

  test("happens once, and not to another's file", async () => {
    await made();
    const body = { goodRowsOnly: true, attested: true };
    expect((await (await signedIn(here, 'LL', [here.other.buildingId])).ask('POST', 'imports/7/apply', body)).json).toMatchObject({ code: 'SCOPE_DENIED' });
    state = 'applied';
    expect((await (await signedIn(here, 'LL')).ask('POST', 'imports/7/apply', body)).json).toMatchObject({ code: 'ALREADY_APPLIED' });
    expect(here.journal.entries).toEqual([]);
  });
});

describe('a piece of a district', () => {
  const piece = (who: { cookie: string; csrf: string }, body: string | Buffer, row = '2') =>
    here.app.inject({
      method: 'POST',
      url: `/api/v1/district-imports?name=d.csv&row=${row}&attested=true&makeBuildings=true`,
      headers: { host: 'localhost:8080', cookie: who.cookie, 'x-csrf-token': who.csrf, 'content-type': 'text/csv' },
      payload: body,
    });
  const HOME = '姓名,证件类型,证件号码,房号,起租日期\n李雷,身份证,890101199003070118,890101001009B00077-0503,2026-03-01\n';

  test('comes in from the operator, with an entry that says where in the file it was, and its buildings', async () => {
    await made();
    const operator = await signedIn(here, 'SA');
    expect((await piece(operator, HOME, '40001')).json()).toMatchObject({ usable: true, buildings: 1, people: 1, tenancies: 1, units: 1, skipped: 0, entry: 1 });
    expect(here.journal.entries).toMatchObject([{ event: { kind: 'register', what: 'import' }, person: { words: 'd.csv:40001' } }]);
    expect(here.told.changed).toBe(1);
    expect((await piece(operator, '姓名\n李雷\n')).json()).toMatchObject({ usable: false, entry: 0, findings: [{ code: 'FILE_HEADER' }] });
    expect((await piece(operator, '')).json()).toMatchObject({ code: 'BAD_INPUT', field: 'body' });
    expect((await piece(operator, HOME, '0')).json()).toMatchObject({ code: 'BAD_INPUT', field: 'row' });
  });

  test.each(['LL', 'DA', 'CL', 'OF'] as const)('is not for %s', async (role) => {
    await made();
    expect((await piece(await signedIn(here, role), HOME)).json()).toMatchObject({ code: 'NOT_ALLOWED' });
    expect(await here.register.register.read.building.count({ where: { code: '890101001009B00077' } })).toBe(0);
  });
});
