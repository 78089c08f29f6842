import { TEST_DIVISIONS } from '../../../gateway/core/division.ts';
import { csvRow } from '../../../gateway/exchange/csv-cell.ts';
import { MAX_CELL, readCsv } from '../../../gateway/exchange/csv-table.ts';
import { readRosterFile } from '../../../gateway/exchange/roster-file.ts';
import type { RosterContext } from '../../../gateway/exchange/roster-row.ts';
import { isRosterCode } from '../../../gateway/exchange/roster-words.ts';
import { gb18030 } from '../../e2e/gb18030.ts';
import { bookParts, textBook, zipOf } from '../../exchange/workbook-file.ts';
import type { Random } from '../random.ts';
import { hold, plain, type Target } from '../target.ts';

const CONTEXT: RosterContext = {
  buildingCode: '890101001001B00042',
  today: '2026-11-22',
  readers: { bits: 32, order: 'msb' },
  divisions: TEST_DIVISIONS,
  testPrefixes: ['120'],
};

const HEADERS = ['姓名,性别,证件类型,证件号码,手机号,房号,起租日期,退租日期,卡号,关系', 'name,sex,document type,document,phone,room,start date,end date,card,role'] as const;
const ROWS = [
  '李雷,男,居民身份证,890101199003070118,12000000001,0503,2026-03-01,2027-02-28,1A2B3C4D,本人',
  '韩梅梅,女,,890101199203070349,12000000002,0302,2026/3/1,,0012345678,配偶',
  '"王, 芳",F,护照,E12345678,12000000003,201,2026年3月1日,2027.2.28,"1A2B3C4E;1A2B3C4F",tenant',
  ',,,,,,,,,',
  ',男,居民身份证,890101199003070118,12000000001,0505,2026-03-01,,,',
  '赵四,,居民身份证,8.90101E+17,1.2E+10,0504,46082,,=1+1,',
] as const;

/** The two texts, spelled in the encoding spreadsheet programs in China save; made once, since its table is large. */
let national: readonly [Buffer, ...Buffer[]] | undefined;

const CELLS = [
  '<c t="s"><v>0</v></c>',
  '<c s="1"><v>46082</v></c>',
  '<c r="F3" s="2"><v>503</v></c>',
  '<c t="inlineStr"><is><t>李雷</t></is></c>',
  '<c><v>8.90101E+17</v></c>',
] as const;

/** A workbook; now and then one whose sheet is not well-formed. */
function book(random: Random, lines: readonly string[]): Buffer {
  if (random.oneIn(2)) return textBook(lines.map((line) => line.split(',')));
  const cells = Array.from({ length: random.below(12) }, () => random.pick(CELLS)).join(random.oneIn(3) ? '</row><row>' : '');
  const sheet = `<row r="${random.below(4)}">${cells}</row>`;
  return zipOf(bookParts({ sheet: random.oneIn(8) ? sheet.slice(0, random.below(sheet.length)) : sheet, strings: ['姓名'], styles: [0, 14, '0000'], from1904: random.oneIn(4) }));
}

function make(random: Random): Buffer {
  const lines = [random.pick(HEADERS), ...Array.from({ length: random.below(6) }, () => random.pick(ROWS))];
  const text = lines.join(random.pick(['\n', '\r\n', '\r'])).replaceAll(',', random.oneIn(5) ? random.pick(['\t', ';']) : ',');
  const encoding = random.below(5);
  if (encoding === 4) return book(random, lines);
  if (encoding === 0) {
    national ??= [gb18030([HEADERS[0], ...ROWS].join('\n')), gb18030([HEADERS[0], ROWS[0]].join('\r\n'))];
    return random.pick(national);
  }
  if (encoding === 1) return Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(text, 'utf16le')]);
  return encoding === 2 ? Buffer.from(`\ufeff${text}`) : Buffer.from(text);
}

/** Any bytes become rows that are in bounds, or findings with a code; nothing is thrown. */
async function read(input: Buffer): Promise<void> {
  const file = await readRosterFile(input, CONTEXT);
  hold(file.usable || file.findings.length > 0, 'not usable, and nothing says why');
  hold(file.rows.length <= file.rowCount, 'more rows came out than went in');
  for (const { code, reason, value } of file.findings)
    hold(isRosterCode(code) && reason.zh !== '' && value.length <= 65, `a finding of no known code or of ${value.length} characters`);
  for (const row of file.rows) {
    hold(row.name !== '' && row.name.length <= MAX_CELL && !/\p{Cc}/u.test(row.name), 'a name that is none');
    hold(Number.isSafeInteger(row.startAt) && (row.termEnd === null || row.termEnd > row.startAt), 'dates that are none');
    hold(row.phone === '' || /^\+[0-9]{6,15}$/.test(row.phone), `a phone that is none: ${row.phone}`);
    hold(row.cards.length <= 8 && row.cards.every(({ bits, hex }) => bits >= 1 && bits <= 64 && /^[0-9A-F]+$/.test(hex)), 'a card that is none');
  }
}

/** Import files, in each encoding, and workbooks. */
export const roster: Target = {
  name: 'roster',
  covers: [
    ...['file-text', 'csv-table', 'workbook', 'xml-walk', 'zip-parts', 'roster-columns', 'roster-file', 'roster-row', 'roster-twice'].map((name) => `gateway/exchange/${name}.ts`),
    ...['cards', 'citizen-id', 'codes', 'documents', 'phone', 'roster-date', 'text', 'wiegand'].map((name) => `gateway/core/${name}.ts`),
  ],
  words: [
    '姓名',
    '房号',
    '起租日期',
    '卡号',
    'name',
    '"',
    '""',
    '\r\n',
    ',',
    ';',
    '\t',
    "'",
    '2026-02-30',
    '8.90101E+17',
    '890101001001B00042-0503',
    '０５０３',
    '\u0000',
    '\ufeff',
    '=cmd|',
    '\ud83d',
  ],
  make,
  open: plain(read),
};

const TEXTS = ['=1+1', '+86', '-5', '@x', '\tx', 'a,b', 'a"b', 'a\nb', '-1.5', '王芳', '＝1', ' =x', "'", ''] as const;

/** A value written as a cell is read back as the same value, never as a formula. */
export const csvCell: Target = {
  name: 'csv-cell',
  covers: ['gateway/exchange/csv-cell.ts'],
  words: ['=', '+', '-', '@', '\t', '\r', '\n', '"', ',', ';', '\u00a0', '\u3000', '＝', '＠', '\u0000'],
  longest: 400,
  make: (random) => Buffer.from(random.pick(TEXTS)),
  open: plain(async (input) => {
    const given = input.toString('utf8').replaceAll('\u0000', '');
    const table = await readCsv(csvRow(['one', 'two', 'three']) + csvRow(['first', input.toString('utf8'), 'last']));
    hold(table.ok, 'what was written cannot be read');
    const [, cell = ''] = table.lines[1]?.cells ?? [];
    hold(cell === given || cell === `'${given}`, `written ${JSON.stringify(given)}, read ${JSON.stringify(cell)}`);
    hold(!/^[\s\u00a0\u3000]*[=+@＝＋－＠]/.test(cell) || /^[+-]?\d/.test(cell), `a formula: ${JSON.stringify(cell)}`);
    hold(!cell.startsWith('-') || /^-\d{1,15}(\.\d{1,15})?$/.test(cell), `a formula: ${JSON.stringify(cell)}`);
  }),
};
