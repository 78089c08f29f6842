import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { jpeg, segment } from '../helpers/photos.ts';
import { WHOLE_SHEET } from '../helpers/sheet.ts';
import { type Answer, type Browser, type World, world } from './fixture.ts';
import { deskOf } from './rights-people.ts';

let here: World;
let me: Browser;
let at: string;
beforeEach(async () => {
  here = await world();
  me = await deskOf(here, 'LL');
  at = `doors/${here.building.doors['D01']}/commissioning`;
});
afterEach(() => here.close());

const tag = (revision: unknown): Record<string, string> => ({ 'if-match': `"${String(revision)}"` });
const save = (body: object, revision: number, by = me): Promise<Answer> => by.ask('PUT', at, body, tag(revision));
const sign = (revision: number, by = me): Promise<Answer> => by.ask('POST', `${at}/sign`, undefined, tag(revision));
const shown = async (by = me, query = ''): Promise<Record<string, unknown>> => (await by.ask('GET', `${at}${query}`)).json;

describe('a sheet', () => {
  test('is empty, then a draft, then signed, in the log with the digest of what was signed', async () => {
    expect(await shown()).toMatchObject({ sheet: null, versions: [], revision: 0, mayWrite: true });
    expect((await save(WHOLE_SHEET, 0)).json).toMatchObject({ sheet: { version: 1, state: 'draft', body: WHOLE_SHEET, photo: false }, revision: 1 });
    expect((await sign(1)).json).toMatchObject({
      sheet: { version: 1, state: 'signed', signedAt: here.time.now, signedBy: { name: 'll', role: 'LL' }, retestDue: Date.UTC(2027, 6, 1, 16) - 1 },
      revision: 2,
    });
    const [entry] = here.journal.entries.filter(({ event }) => event.what === 'door-commissioned');
    expect(entry?.event.doorId).toBe(here.building.doors['D01']);
    expect(entry?.person.words).toMatch(/^v1 sha256=[0-9a-f]{64}$/);
  });

  test('that is signed stays as it is: a change begins the next version, and the door goes on counting as tested', async () => {
    await save(WHOLE_SHEET, 0);
    await sign(1);
    expect((await sign(2)).json).toMatchObject({ code: 'BAD_INPUT', field: 'body' });
    expect((await save({ ...WHOLE_SHEET, note: '换了锁' }, 2)).json).toMatchObject({
      sheet: { version: 2, state: 'draft' },
      versions: [{ version: 2 }, { version: 1, state: 'signed' }],
    });
    expect(await shown(me, '?version=1')).toMatchObject({ sheet: { version: 1, state: 'signed', body: { note: '' } } });
    expect((await me.ask('GET', `${at}?version=3`)).status).toBe(404);
    expect((await me.ask('GET', `doors/${here.building.doors['D01']}`)).json).toMatchObject({ door: { retestDue: Date.UTC(2027, 6, 1, 16) - 1 } });
    expect((await me.ask('GET', 'commissioning/count')).json).toEqual({ doors: 4, without: 3, due: 0 });
    here.time.now = Date.UTC(2027, 6, 1, 16);
    expect((await (await deskOf(here, 'SA')).ask('GET', 'commissioning/count')).json).toEqual({ doors: 8, without: 7, due: 1 });
  });

  test('is not overwritten by who did not see the last change, and not signed without the log', async () => {
    await save(WHOLE_SHEET, 0);
    const operator = await deskOf(here, 'SA');
    expect((await save({ ...WHOLE_SHEET, note: 'mine' }, 0, operator)).status).toBe(412);
    expect((await me.ask('PUT', at, WHOLE_SHEET)).status).toBe(428);
    here.log.broken = true;
    expect((await sign(1)).status).toBe(503);
    here.log.broken = false;
    expect(await shown()).toMatchObject({ sheet: { state: 'draft' }, revision: 1 });
  });

  test('that is not whole is kept, and not signed: the field is named', async () => {
    expect((await save({ ...WHOLE_SHEET, exit: { way: 'no', tested: true } }, 0)).status).toBe(200);
    expect((await sign(1)).json).toMatchObject({ code: 'BAD_INPUT', field: 'exit.way', expected: expect.stringMatching(/.+ \/ .+/) });
  });

  test('of a door without fire alarm and battery can be signed; bad input names its field', async () => {
    const without = {
      ...WHOLE_SHEET,
      fire: { relay: 'none', tested: false },
      power: { ...WHOLE_SHEET.power, batteryAh: null, hours: null, testedOn: '' },
      steps: { ...WHOLE_SHEET.steps, fire: 'none', battery: 'none' },
    };
    await save(without, 0);
    expect((await sign(1)).status).toBe(200);
    for (const [field, change] of [
      ['testedOn', { testedOn: '2026-02-30' }],
      ['lock.kind', { lock: { ...WHOLE_SHEET.lock, kind: 'glue' } }],
      ['reader.bits', { reader: { kind: 'x', bits: 7 } }],
      ['tester', { tester: 'x'.repeat(41) }],
    ] as const)
      expect((await save({ ...WHOLE_SHEET, ...change }, 2)).json, field).toMatchObject({ code: 'BAD_INPUT', field });
  });

  test('is written by the landlord and the operator, read by building leader and officer, and nobody else’s', async () => {
    await save(WHOLE_SHEET, 0);
    for (const role of ['BL', 'OF'] as const) {
      const by = await deskOf(here, role);
      expect((await shown(by))['mayWrite'], role).toBe(false);
      expect((await save(WHOLE_SHEET, 1, by)).status, role).toBe(403);
    }
    for (const role of ['TEN', 'DA', 'AU', 'PO', 'GW', 'CL'] as const) expect((await (await deskOf(here, role)).ask('GET', at)).status, role).toBe(403);
    const other = await deskOf(here, 'LL', { name: 'other', buildingIds: [here.other.buildingId] });
    expect([(await other.ask('GET', at)).status, (await save(WHOLE_SHEET, 1, other)).status, (await sign(1, other)).status]).toEqual([404, 404, 404]);
    expect((await sign(1, await deskOf(here, 'SA'))).status).toBe(200);
  });
});

describe('the photo', () => {
  const GPS = 'GPS 22.5431N 114.0579E iPhone 89';
  const photo = jpeg([segment(0xe1, Buffer.from(`Exif\0\0${GPS}`))]);
  const put = (payload: Buffer, revision: number, type = 'image/jpeg', by = me): Promise<Answer> =>
    by.ask('POST', `${at}/photo`, payload, { ...tag(revision), 'content-type': type });

  test('is kept without what the camera added, sealed, and served as a picture and nothing else', async () => {
    expect(photo.includes(GPS)).toBe(true);
    expect((await put(photo, 0)).json).toMatchObject({ sheet: { version: 1, state: 'draft', photo: true }, revision: 1 });
    const got = await here.app.inject({ url: `/api/v1/${at}/photo`, headers: { host: 'localhost:8080', cookie: me.cookie } });
    expect(got.rawPayload.equals(jpeg([]))).toBe(true);
    expect(got.headers).toMatchObject({
      'content-type': 'image/jpeg',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'content-disposition': expect.stringMatching(/^inline; filename="door-\d+\.jpg"$/),
    });
    const [row] = await here.register.register.read.doorPhoto.findMany();
    expect(Buffer.from(row?.imageSealed ?? []).includes(jpeg([]))).toBe(false);
  });

  test('that is no whole JPEG or PNG, too large, or of another type is refused', async () => {
    expect((await put(photo.subarray(0, -3), 0)).json).toMatchObject({ code: 'BAD_INPUT', field: 'photo' });
    expect((await put(Buffer.from('<svg onload="alert(1)"/>'), 0)).json).toMatchObject({ code: 'BAD_INPUT', field: 'photo' });
    expect((await put(Buffer.alloc(2 * 1024 * 1024 + 1), 0)).status).toBe(413);
    expect((await put(photo, 0, 'image/svg+xml')).status).toBe(415);
    expect((await put(photo, 0, 'image/jpeg', await deskOf(here, 'BL'))).status).toBe(403);
    expect((await me.ask('GET', `${at}/photo`)).status).toBe(404);
  });

  test('goes on to the next version; one that no version shows any more is gone', async () => {
    await put(photo, 0);
    await put(jpeg([], 7), 1);
    expect(await here.register.register.read.doorPhoto.count()).toBe(1);
    await save(WHOLE_SHEET, 2);
    await sign(3);
    await save({ ...WHOLE_SHEET, note: '复测' }, 4);
    expect(await shown()).toMatchObject({ sheet: { version: 2, photo: true } });
    await put(photo, 5);
    expect(await here.register.register.read.doorPhoto.count()).toBe(2);
    const of = async (version: number) =>
      (await here.app.inject({ url: `/api/v1/${at}/photo?version=${version}`, headers: { host: 'localhost:8080', cookie: me.cookie } })).rawPayload;
    expect([(await of(1)).equals(jpeg([], 7)), (await of(2)).equals(jpeg([]))]).toEqual([true, true]);
  });
});
