import { describe, expect, test } from 'vitest';
import { type AddressParts, addressText, communitiesOf, RANGE_COLUMNS, readAddress, readRange, SIDES, type StreetRange } from '../../gateway/core/address.ts';

const NONE: AddressParts = { group: '', street: '', doorNumber: '', compound: '', block: '', entrance: '' };
const read = (about: Partial<AddressParts>) => readAddress({ ...NONE, street: '迎春路', ...about });
const TEXT = '最多 40 个普通字 / at most 40 plain characters';

describe('the parts of an address', () => {
  test.each<[Partial<AddressParts>, object]>([
    [{ doorNumber: '42' }, { doorNumber: '42号', number: 42 }],
    [{ doorNumber: ' ０４２ 号 ' }, { doorNumber: '42号', number: 42 }],
    [{ doorNumber: '42-1号' }, { doorNumber: '42-1号', number: 42 }],
    [{ doorNumber: '99999-9999' }, { doorNumber: '99999-9999号', number: 99999 }],
    [{ doorNumber: '' }, { doorNumber: '', number: undefined }],
    [{ doorNumber: ' ', block: ' ', entrance: '\u3000' }, {}],
    [{ block: '3' }, { block: '3栋' }],
    [{ block: '03 幢' }, { block: '3幢' }],
    [{ block: '42栋' }, { block: '42栋' }],
    [{ block: '9999号楼' }, { block: '9999号楼' }],
    [{ block: 'a座' }, { block: 'A座' }],
    [{ block: 'AB123' }, { block: 'AB123栋' }],
    [{ entrance: '2' }, { entrance: '2单元' }],
    [{ entrance: '02单元' }, { entrance: '2单元' }],
    [{ entrance: '99 单元' }, { entrance: '99单元' }],
    [
      { street: ' 迎春路 ', compound: ' 春苑 ', group: ' 二组 ' },
      { street: '迎春路', compound: '春苑', group: '二组' },
    ],
    [
      { street: '', compound: '春苑' },
      { street: '', compound: '春苑' },
    ],
    [
      { street: '', group: '二组' },
      { street: '', group: '二组' },
    ],
    [{ street: '路'.repeat(40) }, { street: '路'.repeat(40) }],
  ])('%j are kept as %j', (about, expected) => {
    expect(read(about)).toEqual({ ...NONE, street: '迎春路', number: undefined, ...expected });
  });

  test.each<[Partial<AddressParts>, string, string]>([
    [{ street: '路'.repeat(41) }, 'street', TEXT],
    [{ group: 'a\u202eb' }, 'group', TEXT],
    [{ compound: '苑'.repeat(41) }, 'compound', TEXT],
    [{ street: ' ' }, 'street', '街路巷、小区或村民小组至少一项 / a street, a compound or a group'],
    [{ street: '', compound: '春苑', doorNumber: '4' }, 'street', '门牌号所在的街路巷 / the street of the door number'],
    ...['号', '42号院', '门42', '123456', '42-', '42-12345'].map((doorNumber): [object, string, string] => [
      { doorNumber },
      'doorNumber',
      '门牌号，如 42号、42-1号 / a number such as 42 or 42-1',
    ]),
    ...['0栋', '12345', 'ABC', '3号', '北3栋', '3栋2', 'A1234'].map((block): [object, string, string] => [
      { block },
      'block',
      '楼号，如 3栋、3幢、3号楼、A座 / a block such as 3栋 or A座',
    ]),
    ...['0', '100', '二单元', '东2', '2单元1'].map((entrance): [object, string, string] => [{ entrance }, 'entrance', '单元，如 2单元 / an entrance such as 2']),
  ])('%j cannot be: %s', (about, field, expected) => {
    expect(read(about)).toEqual({ field, expected });
  });
});

describe('the whole address', () => {
  const DIVISIONS = ['测试省', '测试市', '样板区', '一号街道', '示范社区'];
  test('is built from its parts (domain.md 3.5)', () => {
    const parts = { ...NONE, street: '迎春路', doorNumber: '42号', block: '3栋', entrance: '2单元' };
    expect(addressText(DIVISIONS, parts, { floor: 5, room: '0503' })).toBe('测试省测试市样板区一号街道示范社区 迎春路 42号 3栋 2单元 5层 0503室');
    expect(addressText(DIVISIONS, { ...parts, group: '二组', compound: '春苑' })).toBe('测试省测试市样板区一号街道示范社区 二组 迎春路 42号 春苑 3栋 2单元');
    expect(addressText([], { ...NONE, compound: '春苑' }, { floor: -1, room: 'B101' })).toBe('春苑 地下1层 B101室');
    expect(addressText([], { ...NONE, compound: '春苑' }, { floor: 0, room: '0001' })).toBe('春苑 0层 0001室');
  });
});

const ROW: StreetRange = { streetCode: 'YC', street: '迎春路', fromNo: 10, toNo: 20, side: 'both', communityCode: '890101001001', stationCode: 'S1' };

describe('the street dictionary', () => {
  const rows: StreetRange[] = [
    ROW,
    { ...ROW, fromNo: 21, toNo: 31, side: 'odd', communityCode: '890101001002' },
    { ...ROW, fromNo: 20, toNo: 30, side: 'even', communityCode: '890101001003' },
    { ...ROW, fromNo: 12, toNo: 12, stationCode: 'S2' },
  ];
  test.each([
    [9, []],
    [10, ['001']],
    [12, ['001']],
    [20, ['001', '003']],
    [21, ['002']],
    [22, ['003']],
    [31, ['002']],
    [32, []],
  ])('number %d lies in %j', (number, expected) => {
    const found = communitiesOf(rows, number);
    expect(found.map(({ communityCode }) => communityCode.slice(-3))).toEqual(expected);
    expect(found.every(({ stationCode }) => stationCode === 'S1')).toBe(true);
  });

  const CELLS = { streetCode: ' yc-1 ', street: ' 迎春路 ', fromNo: '１', toNo: '99', side: 'Odd', communityCode: '890101001001', stationCode: '' };
  test('is read row by row', () => {
    expect(readRange(CELLS)).toEqual({ streetCode: 'YC-1', street: '迎春路', fromNo: 1, toNo: 99, side: 'odd', communityCode: '890101001001', stationCode: '' });
    expect(readRange({ ...CELLS, street: '路'.repeat(40), fromNo: '0', toNo: '0', stationCode: 's2' })).toMatchObject({ fromNo: 0, toNo: 0, stationCode: 'S2' });
    expect(['单', '双', '全', '', 'even', 'both', 'ODD'].map((side) => Object(readRange({ ...CELLS, side })).side)).toEqual(['odd', 'even', 'both', 'both', 'even', 'both', 'odd']);
    expect([[...SIDES], RANGE_COLUMNS.length]).toEqual([['odd', 'even', 'both'], Object.keys(CELLS).length]);
  });

  const CODE = '1–20 个字母、数字或 - / 1 to 20 of A-Z 0-9 -';
  const STREET = '街路巷名，最多 40 个字 / a street, at most 40 characters';
  const NUMBER = '0 到 99999 的门牌号 / a door number from 0 to 99999';
  test.each<[object, string, string]>([
    [{ streetCode: '' }, 'streetCode', CODE],
    [{ streetCode: 'A_B' }, 'streetCode', CODE],
    [{ streetCode: 'A'.repeat(21) }, 'streetCode', CODE],
    [{ streetCode: '路A' }, 'streetCode', CODE],
    [{ street: ' ' }, 'street', STREET],
    [{ street: '路'.repeat(41) }, 'street', STREET],
    [{ fromNo: 'x' }, 'fromNo', NUMBER],
    [{ fromNo: 'a1' }, 'fromNo', NUMBER],
    [{ fromNo: '123456' }, 'fromNo', NUMBER],
    [{ toNo: '' }, 'toNo', NUMBER],
    [{ toNo: '9号' }, 'toNo', NUMBER],
    [{ fromNo: '10', toNo: '9' }, 'toNo', '不小于 10 / not below 10'],
    [{ side: 'left' }, 'side', 'odd | even | both（单 | 双 | 全）'],
    [{ communityCode: '890101001000' }, 'communityCode', '12 位社区代码 / the 12 digits of a community'],
    [{ stationCode: 'S 1!' }, 'stationCode', CODE],
  ])('%j is refused by its column: %s', (about, field, expected) => {
    expect(readRange({ ...CELLS, ...about })).toEqual({ field, expected });
  });
});
