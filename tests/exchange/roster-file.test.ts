import { describe, expect, test } from 'vitest';
import { TEST_DIVISIONS } from '../../gateway/core/division.ts';
import { endOfDay, startOfDay } from '../../gateway/core/local-date.ts';
import { MAX_FILE_BYTES } from '../../gateway/exchange/file-text.ts';
import { readRosterFile, type RosterFile } from '../../gateway/exchange/roster-file.ts';
import type { RosterContext } from '../../gateway/exchange/roster-row.ts';

const context: RosterContext = {
  buildingCode: '890101001001B00042',
  today: '2026-11-22',
  readers: { bits: 32, order: 'msb' },
  divisions: TEST_DIVISIONS,
  testPrefixes: ['120'],
};
const read = (text: string | Uint8Array): Promise<RosterFile> => readRosterFile(typeof text === 'string' ? new TextEncoder().encode(text) : text, context);
const found = (file: RosterFile): string[] => file.findings.map((finding) => `${finding.row} ${finding.column} ${finding.code}${finding.warning ? ' (warning)' : ''}`);

const HEADER = '姓名,性别,证件类型,证件号码,手机号,房号,起租日期,退租日期,卡号,关系';
const ROW = '李雷,男,居民身份证,890101199003070118,12000000001,0503,2026-03-01,2027-02-28,1A2B3C4D,本人';
const roster = (...rows: string[]): string => [HEADER, ...rows].join('\n');

/** GB18030 bytes of 姓名,证件号码,手机号,房号,起租日期⏎李雷,…: Node decodes this encoding but cannot write it, so the bytes are spelled out. */
const GB18030 = Buffer.concat([
  Buffer.from([
    0xd0, 0xd5, 0xc3, 0xfb, 0x2c, 0xd6, 0xa4, 0xbc, 0xfe, 0xba, 0xc5, 0xc2, 0xeb, 0x2c, 0xca, 0xd6, 0xbb, 0xfa, 0xba, 0xc5, 0x2c, 0xb7, 0xbf, 0xba, 0xc5, 0x2c, 0xc6, 0xf0, 0xd7,
    0xe2, 0xc8, 0xd5, 0xc6, 0xda, 0x0a,
  ]),
  Buffer.from([0xc0, 0xee, 0xc0, 0xd7]),
  Buffer.from(',890101199003070118,12000000001,0503,2026'),
  Buffer.from([0xc4, 0xea]),
  Buffer.from('3'),
  Buffer.from([0xd4, 0xc2]),
  Buffer.from('1'),
  Buffer.from([0xc8, 0xd5]),
]);

describe('a roster file', () => {
  test('a row comes out typed', async () => {
    const file = await read(roster(ROW));
    expect(file.findings).toEqual([]);
    expect(file.rows).toEqual([
      {
        row: 2,
        name: '李雷',
        documentType: '111',
        document: '890101199003070118',
        birth: '1990-03-07',
        sex: 1,
        phone: '+8612000000001',
        room: { floor: 5, room: '0503' },
        startAt: startOfDay('2026-03-01'),
        termEnd: endOfDay('2027-02-28'),
        role: 'tenant',
        cards: [{ bits: 32, hex: '1A2B3C4D' }],
      },
    ]);
  });

  test('English headers, in another order and other spellings, give the same row', async () => {
    const file = await read(
      'Unit No.,Card Number,Full name,Relationship,ID type,ID Number (required),Mobile,Lease start,Lease end,Sex,Remarks\n503,1a2b3c4d,李雷,tenant,ID card,890101199003070118,+86 120-0000-0001,2026/3/1,46446,M,hello',
    );
    expect(file.findings).toEqual([]);
    expect(file.rows).toEqual((await read(roster(ROW))).rows);
    expect(file.columns.find((column) => column.header === 'Remarks')?.meaning).toBe('ignored');
    expect(file.columns.find((column) => column.header === 'Unit No.')?.meaning).toBe('room');
  });

  test.each([
    ['UTF-8', (text: string) => Buffer.from(text)],
    ['UTF-8 (BOM)', (text: string) => Buffer.from(`\uFEFF${text}`)],
    ['UTF-16', (text: string) => Buffer.from(`\uFEFF${text.replaceAll(',', '\t')}`, 'utf16le')],
  ])('%s is recognised and said', async (encoding, encode) => {
    const file = await read(encode(roster(ROW)));
    expect([file.encoding, file.rows[0]?.name, file.findings]).toEqual([encoding, '李雷', []]);
  });

  test('GB18030 is recognised and said', async () => {
    const file = await read(GB18030);
    expect([file.encoding, file.rows[0]?.name, file.rows[0]?.startAt, file.findings]).toEqual(['GB18030', '李雷', startOfDay('2026-03-01'), []]);
  });

  test('a title above the header and empty lines keep the row numbers of the spreadsheet', async () => {
    const file = await read(`迎春路42号花名册,,\n\n${HEADER}\n\n${ROW.replace('0503', '??')}`);
    expect(found(file)).toEqual(['5 房号 ROOM_FORMAT']);
    expect(file.rowCount).toBe(1);
  });

  test.each(['2026-03-01', '2026/3/1', '2026年3月1日', '46082', '２０２６－０３－０１', '２０２６年３月１日'])('start date %s', async (date) => {
    expect((await read(roster(ROW.replace('2026-03-01', date)))).rows[0]?.startAt).toBe(startOfDay('2026-03-01'));
  });

  test('full-width digits in every number', async () => {
    const wide = (text: string): string => text.replace(/[0-9A-Z]/g, (char) => String.fromCharCode(char.charCodeAt(0) + 0xfee0));
    const cells = ROW.split(',').map((cell) => wide(cell));
    const file = await read(roster(cells.join(',')));
    expect(file.rows).toEqual((await read(roster(ROW))).rows);
  });

  test('cards in hex, in decimal, several in a cell, and by the byte order of the building', async () => {
    const cards = async (cell: string, order: 'msb' | 'lsb' = 'msb'): Promise<string[]> => {
      const file = await readRosterFile(Buffer.from(roster(ROW.replace('1A2B3C4D', cell))), { ...context, readers: { bits: 32, order } });
      return file.rows[0]?.cards.map((card) => card.hex) ?? found(file);
    };
    expect(await cards('0439041101')).toEqual(['1A2B3C4D']);
    expect(await cards('1295788826', 'lsb')).toEqual(['1A2B3C4D']);
    expect(await cards('"06699,15437"')).toEqual(['1A2B3C4D']);
    expect(await cards('1A2B3C4D;5C5D5E5F、1a2b3c4d')).toEqual(['1A2B3C4D', '5C5D5E5F']);
    expect(await cards('02833485')).toEqual(['2 卡号 CARD_TAP']);
    expect(await cards('')).toEqual([]);
  });

  test('in a column of hex, digits without a letter are hex; in a mixed handful they are not', async () => {
    const rows = (count: number): string[] =>
      Array.from({ length: count }, (_, at) => `租客${at},,护照,E000000${at},,05${String(at + 10)},2026-03-01,,${(0x1000000a + at * 16).toString(16)},`);
    const bare = '王五,,护照,E9999999,,0301,2026-03-01,,10000000,';
    expect((await read(roster(...rows(8), bare))).rows.at(-1)?.cards).toEqual([{ bits: 32, hex: '10000000' }]);
    expect(found(await read(roster(...rows(7), bare)))).toEqual(['9 卡号 CARD_TAP']);
  });

  test('formula cells are data, never evaluated, and stay in the name as written', async () => {
    const file = await read(
      roster(
        '=1+1,,护照,E0000001,,0503,2026-03-01,,,',
        '"=HYPERLINK(""http://x"",""李"")",,护照,@E000001,,0503,2026-03-01,,=1A2B3C4D,',
        '@李,,护照,E0000003,-12000000001,0503,2026-03-01,,,',
      ),
    );
    expect(file.rows.map((row) => row.name)).toEqual(['=1+1', '@李']);
    expect(found(file)).toEqual(['3 证件号码 DOC_NUMBER_FORMAT', '3 卡号 CARD_FORMAT']);
    expect(file.rows[1]?.phone).toBe('+8612000000001');
  });
});

describe('what is wrong is named by row, column, value and reason', () => {
  const change = async (from: string, to: string): Promise<string[]> => found(await read(roster(ROW.replace(from, to))));

  test.each([
    ['李雷', '', '2 姓名 NAME_FORMAT'],
    ['李雷', '李'.repeat(51), '2 姓名 NAME_FORMAT'],
    ['男', '女', '2 性别 SEX_DIFFERS'],
    ['男', '保密', '2 性别 SEX_UNKNOWN (warning)'],
    ['居民身份证', '工作证', '2 证件类型 DOC_TYPE_UNKNOWN'],
    ['居民身份证,890101199003070118', ',E1234567', '2 证件类型 DOC_TYPE_MISSING'],
    ['居民身份证', '驾驶证', '2 证件号码 DOC_NOT_SUFFICIENT'],
    ['890101199003070118', '', '2 证件号码 DOC_MISSING (warning)'],
    ['890101199003070118', '890101199003070117', '2 证件号码 ID_CHECKSUM'],
    ['890101199003070118', '8.90101E+17', '2 证件号码 CELL_SHORTENED'],
    ['890101199003070118', '89010119970229011X', '2 证件号码 ID_DATE_INVALID'],
    ['890101199003070118', '890199199003070113', '2 证件号码 ID_DIVISION_UNKNOWN'],
    ['12000000001', '1200000000', '2 手机号 PHONE_FORMAT'],
    ['12000000001', '1.2E+10', '2 手机号 CELL_SHORTENED'],
    ['0503', '1-203', '2 房号 ROOM_FORMAT'],
    ['0503', '890101001001B00043-0503', '2 房号 UNIT_OTHER_BUILDING'],
    ['2026-03-01', '', '2 起租日期 DATE_MISSING'],
    ['2026-03-01', '三月一日', '2 起租日期 DATE_FORMAT'],
    ['2026-03-01', '2026-02-30', '2 起租日期 DATE_INVALID'],
    ['2026-03-01', '7', '2 起租日期 DATE_RANGE'],
    ['2027-02-28', '2026-02-28', '2 退租日期 DATE_ORDER'],
    ['1A2B3C4D', '4.39E+08', '2 卡号 CELL_SHORTENED'],
    ['1A2B3C4D', 'X', '2 卡号 CARD_FORMAT'],
    ['1A2B3C4D', '081A2B3C', '2 卡号 CARD_RANDOM'],
    ['本人', '本人,多出的', '2  ROW_TOO_WIDE'],
    ['本人', '长'.repeat(513), '2 关系 CELL_TOO_LONG'],
  ])('%s replaced by %.20s', async (from, to, expected) => {
    expect(await change(from, to)).toEqual([expected]);
  });

  test('neither document nor phone', async () => {
    expect(await change('890101199003070118,12000000001', ',')).toEqual(['2 证件号码 DOC_MISSING (warning)', '2 证件号码 PERSON_UNIDENTIFIED']);
  });

  test('a finding carries the value and a sentence in both languages; a long value is cut', async () => {
    const file = await read(roster(ROW.replace('0503', 'x'.repeat(200))));
    expect(file.findings[0]?.value).toBe(`${'x'.repeat(64)}…`);
    expect(file.findings[0]?.reason.zh).toMatch(/房号/);
    expect(file.findings[0]?.reason.en).toMatch(/0503/);
  });

  test('a row with several faults names each, and a warning keeps no row out', async () => {
    const file = await read(roster(ROW.replace('0503', '??').replace('890101199003070118', '1'), ROW.replace('890101199003070118', '')));
    expect(found(file)).toEqual(['2 证件号码 ID_LENGTH', '2 房号 ROOM_FORMAT', '3 证件号码 DOC_MISSING (warning)']);
    expect(file.rows.map((row) => row.row)).toEqual([3]);
  });
});

describe('contradictions inside one file', () => {
  const second = '韩梅梅,女,居民身份证,890101198808150225,12000000002,0503,2026-03-01,2027-02-28,5C5D5E5F,配偶';

  test('none in a home of two', async () => {
    const file = await read(roster(ROW, second));
    expect(file.findings).toEqual([]);
    expect(file.rows.map((row) => row.role)).toEqual(['tenant', 'coOccupant']);
  });

  test('the same person twice in a home: the second row', async () => {
    expect(found(await read(roster(ROW, second, ROW)))).toEqual(['4 姓名 PERSON_TWICE']);
  });

  test('the same person in two homes with one card is fine', async () => {
    expect(found(await read(roster(ROW, ROW.replace('0503', '0504'))))).toEqual([]);
  });

  test('one card for two people: both rows, however it is written', async () => {
    expect(found(await read(roster(ROW, second.replace('5C5D5E5F', '0439041101'))))).toEqual(['2 卡号 CARD_TWICE', '3 卡号 CARD_TWICE']);
  });

  test('one document under two names, and two ends of one contract', async () => {
    expect(found(await read(roster(ROW, ROW.replace('李雷', '李蕾').replace('0503', '0504'))))).toEqual(['3 姓名 PERSON_NAME_CLASH']);
    expect(found(await read(roster(ROW, second.replace('2027-02-28', '2027-03-31'))))).toEqual(['3 退租日期 TERM_DIFFERS']);
  });
});

describe('a file that cannot be used says so in one finding', () => {
  const code = async (content: string | Uint8Array): Promise<string> => {
    const file = await read(content);
    expect([file.usable, file.rows]).toEqual([false, []]);
    return found(file).join();
  };

  test('empty, too large, a workbook, another encoding, binary', async () => {
    expect(await code('')).toBe('0  FILE_EMPTY');
    expect(await code(' \n \n')).toBe('0  FILE_EMPTY');
    expect(await code(new Uint8Array(MAX_FILE_BYTES + 1))).toBe('0  FILE_TOO_LARGE');
    expect(await code(Buffer.from([0x50, 0x4b, 3, 4, 1, 2]))).toBe('0  FILE_WORKBOOK');
    expect(await code(Buffer.from([0xff, 0xff, 0xff]))).toBe('0  FILE_ENCODING');
    expect(await code(`${HEADER}\n\0`)).toBe('0  FILE_ENCODING');
  });

  test('no header, a column missing, a column twice, no rows, an open quote, too many columns or rows', async () => {
    expect(await code('a,b\n1,2')).toBe('0 姓名, 房号, 起租日期 FILE_HEADER');
    expect(await code('姓名,手机号\n李雷,1')).toBe('0 房号, 起租日期 FILE_COLUMN_MISSING');
    expect(await code('姓名,房号,起租日期,入住日期\n')).toBe('0 起租日期, 入住日期 FILE_COLUMN_TWICE');
    expect(await code(HEADER)).toBe('0  FILE_NO_ROWS');
    expect(await code(`${HEADER}\n李,"雷`)).toBe('2  FILE_QUOTES');
    expect(await code(`${HEADER}\n${','.repeat(64)}x`)).toBe('2  FILE_COLUMNS');
    expect(await code(`${HEADER}\n${'x\n'.repeat(20_001)}`)).toBe('20002  FILE_ROWS');
  });
});

test('20,000 rows are read in slices: others get the thread at least every 20 ms of its time', async () => {
  const rows = Array.from(
    { length: 20_000 },
    (_, at) => `租客${at},,护照,E${String(at).padStart(8, '0')},,${String(1 + (at % 30)).padStart(2, '0')}${String((at % 90) + 10)},2026-03-01,,${(0xa0000000 + at).toString(16)},`,
  );
  const bytes = Buffer.from(roster(...rows));
  let turns = 0;
  let reading = true;
  const watch = (): void => {
    turns += 1;
    if (reading) setImmediate(watch);
  };
  const before = process.cpuUsage();
  setImmediate(watch);
  const file = await read(bytes);
  reading = false;
  const { user, system } = process.cpuUsage(before);
  expect([file.rows.length, file.findings.length]).toEqual([20_000, 0]);
  expect(turns).toBeGreaterThan((user + system) / 1000 / 20);
});
