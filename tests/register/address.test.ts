import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readStreetFile } from '../../gateway/exchange/street-file.ts';
import { importStreets } from '../../gateway/register/import-streets.ts';
import { type AddressWish, setAddress } from '../../gateway/register/set-address.ts';
import { communitiesAt } from '../../gateway/store/streets.ts';
import { addBuilding, temporaryRegister, type TestRegister } from '../helpers/register.ts';

let held: TestRegister;
let buildingId: number;
let notes: string[];
beforeEach(async () => {
  held = await temporaryRegister();
  buildingId = (await addBuilding(held)).buildingId;
  notes = [];
  const divisions = [
    ['890000000000', '测试省'],
    ['890101000000', '样板区'],
    ['890101001001', '示范社区'],
    ['890101001002', '和平社区'],
  ] as const;
  await held.register.write((db) => db.division.createMany({ data: divisions.map(([code, name]) => ({ code, name, level: 'any', validFrom: 0 })) }));
});
afterEach(() => held.close());

const note = (words: string): Promise<unknown> => Promise.resolve(notes.push(words));
const quiet = (): Promise<unknown> => Promise.resolve();
const HEAD = 'streetCode,street,fromNo,toNo,side,communityCode,stationCode';
async function bring(...lines: string[]) {
  const { ranges, faults } = await readStreetFile([HEAD, ...lines].join('\r\n'));
  expect(faults).toEqual([]);
  return importStreets(held.register, ranges, quiet);
}
const PARTS = { group: '', street: '迎春路', doorNumber: '42', compound: '', block: '3', entrance: '2' };
const set = (parts: Partial<typeof PARTS> = {}, about: Partial<AddressWish> = {}) =>
  setAddress(held.register, { buildingId, version: 1, parts: { ...PARTS, ...parts }, unlisted: false, ...about }, note);
const building = () => held.register.read.building.findUnique({ where: { id: buildingId }, include: { parts: true } });

describe('the address of a building', () => {
  test('is its text until somebody fills in the parts; then the text is built from them', async () => {
    expect(await building()).toMatchObject({ address: '测试省测试市样板区迎春路 42 号', parts: null });
    await set();
    const text = '测试省样板区示范社区 迎春路 42号 3栋 2单元';
    expect(await building()).toMatchObject({ address: text, version: 2, parts: { doorNumber: '42号', block: '3栋', entrance: '2单元', listed: false } });
    expect(notes).toEqual([text]);
    await set({ doorNumber: '44', block: '' }, { version: 2 });
    expect(await building()).toMatchObject({ address: '测试省样板区示范社区 迎春路 44号 2单元', version: 3, parts: { block: '' } });
  });

  test('is held against the dictionary, where there is one', async () => {
    await bring('YC,迎春路,1,99,odd,890101001001,S1', 'YC,迎春路,42,60,even,890101001002,S1', 'YC,迎春路,60,60,both,890101001001,S1');
    await set({ doorNumber: '43' });
    expect(await building()).toMatchObject({ parts: { listed: true } });
    // One number in two communities: the building's own code says which.
    await set({ doorNumber: '60' }, { version: 2 });
    expect(await building()).toMatchObject({ parts: { listed: true } });
    const again = { version: 3 };
    await expect(set({ doorNumber: '42' }, again)).rejects.toMatchObject({
      code: 'ADDRESS_UNKNOWN',
      detail: { field: 'doorNumber', expected: expect.stringContaining('和平社区') },
    });
    await expect(set({ doorNumber: '40' }, again)).rejects.toMatchObject({
      code: 'ADDRESS_UNKNOWN',
      detail: { field: 'doorNumber', expected: expect.stringContaining('on this street') },
    });
    await expect(set({ street: '迎秋路' }, again)).rejects.toMatchObject({ code: 'ADDRESS_UNKNOWN', detail: { field: 'street' } });
    await set({ doorNumber: '40' }, { version: 3, unlisted: true });
    expect(await building()).toMatchObject({ version: 4, parts: { doorNumber: '40号', listed: false } });
    await set({ doorNumber: '', compound: '春苑' }, { version: 4 });
    expect(notes).toHaveLength(4);
  });

  test('is refused by the field that cannot be read, by another version, and without its note', async () => {
    await expect(set({ block: '北' })).rejects.toMatchObject({ code: 'BAD_INPUT', detail: { field: 'block' } });
    await expect(set({}, { version: 2 })).rejects.toMatchObject({ code: 'STALE_VERSION' });
    await expect(set({}, { buildingId: 999 })).rejects.toMatchObject({ code: 'NOT_FOUND', detail: { field: 'id' } });
    const failing = setAddress(held.register, { buildingId, version: 1, parts: PARTS, unlisted: false }, () => Promise.reject(new Error('the log is full')));
    await expect(failing).rejects.toThrow('the log is full');
    expect([await building(), notes]).toMatchObject([{ version: 1, parts: null }, []]);
  });
});

describe('the street dictionary', () => {
  test('is replaced street by street and community by community', async () => {
    expect(await bring('YC,迎春路,1,99,both,890101001001,S1', 'YC,迎春路,100,199,both,890101001002,S1', 'YQ,迎秋路,1,9,单,890101001001,')).toEqual({ streets: 2, rows: 3 });
    expect(await bring('YC,迎春路,1,49,both,890101001001,S1')).toEqual({ streets: 1, rows: 1 });
    const at = async (street: string, no: number) => (await communitiesAt(held.register.read, street, no))?.map(({ communityCode }) => communityCode.slice(-3));
    expect([await at('迎春路', 49), await at('迎春路', 50), await at('迎春路', 100), await at('迎秋路', 9), await at('迎夏路', 1)]).toEqual([
      ['001'],
      [],
      ['002'],
      ['001'],
      undefined,
    ]);
  });

  test('says every line that is wrong', async () => {
    const read = await readStreetFile(
      `\uFEFFstreet;streetCode;toNo;fromNo;communityCode;side\n迎春路;YC;9;1;890101001001;odd\n迎春路;YC;x;1;890101001001;odd\n;YC;9;1;890101001001;odd`,
    );
    expect([read.ranges, read.faults]).toMatchObject([
      [{ row: 2, stationCode: '' }],
      [
        { row: 3, field: 'toNo' },
        { row: 4, field: 'street' },
      ],
    ]);
    for (const text of [HEAD, 'street,fromNo\n迎春路,1'])
      expect((await readStreetFile(text)).faults).toMatchObject([{ row: 1, field: 'file', expected: expect.stringContaining('streetCode,street') }]);
    expect((await readStreetFile(`${HEAD}\n"YC,迎春路`)).faults).toMatchObject([{ field: 'file' }]);
  });
});
