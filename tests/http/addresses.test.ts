import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Browser, World } from './fixture.ts';
import { world } from './fixture.ts';
import { deskOf } from './rights-people.ts';

let here: World;
let landlord: Browser;
let district: Browser;
beforeEach(async () => {
  here = await world();
  landlord = await deskOf(here, 'LL');
  const { id: orgId } = await here.register.register.write((db) =>
    db.orgUnit.create({ data: { depth: 1, kind: 'bureau', name: '样板区', covers: { create: { divisionCode: '890101000000', fromAt: 0 } } } }),
  );
  const assignments = [{ place: 'org', placeId: orgId, fromAt: 0, untilAt: null }] as const;
  await here.site.deps.accounts.create({ login: 'district', passwordHash: 'unused', role: 'DA', displayName: 'district', assignments }, 0);
  district = await deskOf(here, 'DA', { name: 'district' });
  await here.register.register.write((db) => db.division.create({ data: { code: '890101001001', name: '示范社区', level: 'community', validFrom: 0 } }));
  here.journal.entries.splice(0);
});
afterEach(() => here.close());

const HEAD = 'streetCode,street,fromNo,toNo,side,communityCode,stationCode';
const bring = (who: Browser, ...lines: string[]) => who.ask('POST', 'streets/import', { text: [HEAD, ...lines].join('\n') });
const address = (): string => `buildings/${here.building.buildingId}/address`;
const match = (version: number) => ({ 'if-match': `"${version}"` });
const noted = () => here.journal.entries.map(({ event, person }) => `${event.what} ${person.words}`);

test('the district brings the dictionary in, whole or not at all, and for its own communities only', async () => {
  const wrong = await bring(district, 'YC,迎春路,9,1,odd,890101001001,', 'YC,迎春路,1,9,odd,890201001001,');
  expect(wrong.json).toMatchObject({
    rows: 0,
    faults: [
      { row: 2, field: 'toNo' },
      { row: 3, field: 'communityCode', expected: expect.stringContaining('district') },
    ],
  });
  expect((await bring(district, 'YC,迎春路,1,50,both,890101001001,S1', 'YC,迎春路,50,99,both,890101001002,S1')).json).toEqual({ streets: 1, rows: 2, faults: [] });
  expect(noted()).toEqual(['streets-imported rows=2']);
  const find = async (no: number) => (await landlord.ask('GET', `streets?street=${encodeURIComponent('迎春路')}&no=${no}`)).json;
  expect(await find(42)).toEqual({ found: 'one', communities: [{ code: '890101001001', name: '示范社区', streetCode: 'YC', stationCode: 'S1' }] });
  expect([(await find(50))['found'], (await find(100))['found']]).toEqual(['many', 'none']);
  expect((await bring(landlord, 'YC,迎春路,1,50,both,890101001001,S1')).json).toMatchObject({ code: 'NOT_ALLOWED' });
});

test('a landlord fills in an address; what the dictionary lacks is asked about once', async () => {
  await bring(district, 'YC,迎春路,1,41,both,890101001001,S1');
  here.journal.entries.splice(0);
  expect((await landlord.ask('GET', address())).json).toEqual({ text: '测试省测试市样板区迎春路 42 号', divisions: ['示范社区'], parts: null, version: 1 });
  const parts = { street: '迎春路', doorNumber: '42' };
  expect((await landlord.ask('PUT', address(), parts)).json).toMatchObject({ code: 'VERSION_NEEDED' });
  const refused = await landlord.ask('PUT', address(), parts, match(1));
  expect([refused.status, refused.json]).toMatchObject([409, { code: 'ADDRESS_UNKNOWN', field: 'doorNumber' }]);
  const { json } = await landlord.ask('PUT', address(), { ...parts, unlisted: true }, match(1));
  expect(json).toMatchObject({ text: '示范社区 迎春路 42号', parts: { street: '迎春路', doorNumber: '42号', listed: false }, version: 2 });
  expect(noted()).toEqual(['address-set 示范社区 迎春路 42号']);
  expect((await landlord.ask('PUT', address(), { ...parts, block: '北' }, match(2))).json).toMatchObject({ code: 'BAD_INPUT', field: 'block' });
  expect((await landlord.ask('PUT', address(), parts, match(1))).json).toMatchObject({ code: 'STALE_VERSION' });
  expect((await landlord.ask('GET', `buildings/${here.building.buildingId}`)).json).toMatchObject({ address: '示范社区 迎春路 42号' });
  expect((await landlord.ask('GET', `buildings/${here.other.buildingId}/address`)).json).toMatchObject({ code: 'SCOPE_DENIED' });
});
