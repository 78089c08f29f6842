import { describe, expect, test } from 'vitest';
import { TEST_DIVISIONS } from '../../gateway/core/division.ts';
import { endOfDay, startOfDay } from '../../gateway/core/local-date.ts';
import { MAX_COLUMNS, MAX_ROWS } from '../../gateway/exchange/csv-table.ts';
import { readRosterFile } from '../../gateway/exchange/roster-file.ts';
import { readWorkbook } from '../../gateway/exchange/workbook.ts';
import { type BookParts, bookParts, textBook, zipOf } from './workbook-file.ts';

const context = { buildingCode: '890101001001B00042', today: '2026-11-22', readers: { bits: 32, order: 'msb' }, divisions: TEST_DIVISIONS, testPrefixes: ['120'] } as const;
const HEADER = ['姓名', '证件类型', '证件号码', '手机号', '房号', '起租日期', '退租日期', '卡号'];

const linesOf = async (book: BookParts): Promise<unknown> => {
  const read = await readWorkbook(zipOf(bookParts(book)));
  return read.ok ? read.lines.map(({ row, cells }) => [row, ...cells]) : read.code;
};
const cell = (column: string, type: string, value: string, style = 0): string => `<c r="${column}1" t="${type}" s="${style}"><v>${value}</v></c>`;
const one = async (value: string, type = 'n', style: number | string = 0): Promise<unknown> =>
  linesOf({ sheet: `<row r="1">${cell('A', type, value, 1)}</row>`, styles: [0, style] });

describe('a workbook', () => {
  test('gives the rows that its CSV would give', async () => {
    const file = await readRosterFile(textBook([HEADER, ['李雷', '居民身份证', '890101199003070118', '12000000001', '0503', '2026-03-01', '2027-02-28', '1A2B3C4D']]), context);
    expect(file.encoding).toBe('XLSX');
    expect(file.findings).toEqual([]);
    expect(file.rows).toMatchObject([{ row: 2, name: '李雷', document: '890101199003070118', startAt: startOfDay('2026-03-01'), termEnd: endOfDay('2027-02-28') }]);
  });

  test('dates, numbers and text of every kind a cell has', async () => {
    expect(await one('46082', 'n', 14)).toEqual([[1, '2026-03-01']]);
    expect(await one('46082.75', 'n', 'yyyy"年"m"月"d"日"')).toEqual([[1, '2026-03-01']]);
    expect(await one('44620', 'n', 31)).toEqual([[1, '2022-02-28']]);
    expect(await one('46082', 'n', '#,##0" days"')).toEqual([[1, '46082']]);
    expect(await one('46082', 'n', '[Red]0.00')).toEqual([[1, '46082']]);
    expect(await one('503', 'n', '0000')).toEqual([[1, '0503']]);
    expect(await one('12000000001')).toEqual([[1, '12000000001']]);
    expect(await one('1.2000000001E10')).toEqual([[1, '12000000001']]);
    expect(await one('0503', 'str')).toEqual([[1, '0503']]);
    expect(await one('1', 'b')).toEqual([[1, '1']]);
    expect(await linesOf({ sheet: `<row r="1">${cell('A', 'n', '44620')}</row>`, from1904: true, styles: [14] })).toEqual([[1, '2026-03-01']]);
  });

  test('a long number whose last digits are gone is told, not guessed', async () => {
    expect(await one('890101199003070118')).toEqual([[1, '8.901011990030701E+17']]);
    const sheet = `<row r="1">${HEADER.map((_, at) => cell(String.fromCharCode(65 + at), 's', String(at))).join('')}</row>
      <row r="2"><c r="A2" t="s"><v>8</v></c><c r="C2"><v>8.90101199003070E+17</v></c><c r="E2" t="inlineStr"><is><t>0503</t></is></c><c r="F2" s="1"><v>46082</v></c></row>`;
    const file = await readRosterFile(zipOf(bookParts({ sheet, strings: [...HEADER, '李雷'], styles: [0, 14] })), context);
    expect(file.findings.map(({ row, column, code }) => [row, column, code])).toEqual([[2, '证件号码', 'CELL_SHORTENED']]);
  });

  test('gaps between cells and rows stay gaps; a row of nothing is none; how a word is read is not the word', async () => {
    const sheet =
      '<row r="2"><c r="B2" t="s"><v>0</v></c><c t="s"><v>1</v></c></row><row r="4"><c r="A4"/><c r="B4" t="inlineStr"><is><t> </t></is></c></row><row><c t="s"><v>2</v></c></row>';
    const strings = ['a &amp; b', '<r><t>李</t></r><r><t xml:space="preserve"> 雷</t></r><rPh sb="0" eb="1"><t>lǐ</t></rPh>', '末'];
    expect(await linesOf({ sheet, strings })).toEqual([
      [2, '', 'a &amp; b', '李 雷'],
      [5, '末'],
    ]);
  });

  test('the first sheet that can be seen is read, wherever its part lies', async () => {
    const parts = bookParts({ sheet: '', sheets: '<sheet name="x" sheetId="1" state="hidden" r:id="rId1"/><sheet name="y" sheetId="2" r:id="rId2"/>' });
    const read = await readWorkbook(zipOf({ ...parts, 'xl/worksheets/sheet2.xml': '<x:worksheet xmlns:x="u"><x:row r="1"><x:c t="n"><x:v>7</x:v></x:c></x:row></x:worksheet>' }));
    expect(read).toEqual({ ok: true, lines: [{ row: 1, cells: ['7'] }] });
  });
});

describe('a workbook that cannot be read', () => {
  const parts = bookParts({ sheet: '<row r="1"><c t="n"><v>7</v></c></row>' });
  const code = async (bytes: Uint8Array): Promise<string> => {
    const read = await readWorkbook(bytes);
    return read.ok ? 'ok' : read.code;
  };

  test('is refused by its name, whatever is wrong with it', async () => {
    expect(await code(zipOf(parts))).toBe('ok');
    expect(await code(zipOf({ mimetype: 'application/vnd.oasis.opendocument.spreadsheet' }))).toBe('FILE_WORKBOOK');
    expect(await code(zipOf({ ...parts, 'xl/worksheets/sheet1.xml': '<worksheet><row>' }))).toBe('FILE_WORKBOOK');
    const { 'xl/worksheets/sheet1.xml': _sheet, ...without } = parts;
    expect(await code(zipOf(without))).toBe('FILE_WORKBOOK');
    const whole = zipOf(parts);
    expect(await code(whole.subarray(0, whole.length - 30))).toBe('FILE_WORKBOOK');
    const bent = Buffer.from(whole);
    bent.fill(0xff, 60, 90);
    expect(await code(bent)).toBe('FILE_WORKBOOK');
    const locked = Buffer.from(whole);
    for (let at = locked.indexOf('PK\u0001\u0002', 0, 'latin1'); at >= 0; at = locked.indexOf('PK\u0001\u0002', at + 4, 'latin1')) locked.writeUInt16LE(1, at + 8);
    expect(await code(locked)).toBe('FILE_WORKBOOK');
  });

  test('neither entities that grow nor parts that unpack to more than they say are followed', async () => {
    const bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;">]><worksheet><row><c t="str"><v>&c;</v></c></row></worksheet>';
    expect(await code(zipOf({ ...parts, 'xl/worksheets/sheet1.xml': bomb }))).toBe('FILE_WORKBOOK');
    expect(await code(zipOf({ ...parts, 'xl/worksheets/sheet1.xml': `<worksheet>${'<a>'.repeat(100)}${'</a>'.repeat(100)}</worksheet>` }))).toBe('FILE_WORKBOOK');
    const spaces = { ...parts, 'xl/worksheets/sheet1.xml': `<worksheet>${' '.repeat(50 * 1024 * 1024)}</worksheet>` };
    expect(await code(zipOf(spaces))).toBe('FILE_WORKBOOK');
    expect(await code(zipOf(spaces, 1000))).toBe('FILE_WORKBOOK');
    expect(await code(zipOf(Object.fromEntries(Array.from({ length: 1001 }, (_, n) => [`p${n}`, '']))))).toBe('FILE_WORKBOOK');
  });

  test('too many columns or rows are named with their row', async () => {
    const wide = `<row r="1"/><row r="2">${'<c t="n"><v>1</v></c>'.repeat(MAX_COLUMNS + 1)}</row>`;
    expect(await readWorkbook(zipOf(bookParts({ sheet: wide })))).toEqual({ ok: false, code: 'FILE_COLUMNS', row: 2 });
    const long = '<row><c t="n"><v>1</v></c></row>'.repeat(MAX_ROWS + 2);
    expect(await readWorkbook(zipOf(bookParts({ sheet: long })))).toEqual({ ok: false, code: 'FILE_ROWS', row: MAX_ROWS + 2 });
    const empty = `<row r="1"><c r="XFD1"/></row><row r="3"><c r="A3"><v>1</v></c></row>`;
    expect(await linesOf({ sheet: empty })).toEqual([[3, '1']]);
  });
});
