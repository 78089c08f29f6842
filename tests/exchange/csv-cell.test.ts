import Papa from 'papaparse';
import { describe, expect, test } from 'vitest';
import { csvCell, csvRow } from '../../gateway/exchange/csv-cell.ts';

describe('a cell of a CSV file', () => {
  test.each([
    ['=1+1', "'=1+1"],
    ['+86 name', "'+86 name"],
    ['-cmd', "'-cmd"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\tx', `"'\tx"`],
    ['\rx', `"'\rx"`],
    ['\n=1', `"'\n=1"`],
    ['  =1', "'  =1"],
    ['＝1+1', "'＝1+1"],
    ['　@x', "'　@x"],
    ['\u0000=1', "'=1"],
    ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
  ])('%j would be run by a spreadsheet, and becomes text', (value, cell) => {
    expect(csvCell(value)).toBe(cell);
  });

  test.each([
    ['王小明', '王小明'],
    ['a-b=c', 'a-b=c'],
    ['-12.5', '-12.5'],
    [-3, '-3'],
    [true, 'true'],
    [null, ''],
    [undefined, ''],
    ['', ''],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['two\nlines', '"two\nlines"'],
  ])('%j is told as it is', (value, cell) => {
    expect(csvCell(value)).toBe(cell);
  });

  test('reads back as what was written, but for the apostrophe', () => {
    const values = ['=A1', 'x,y', 'q"q', 'line\r\nline', ' lead', '-5', '+x'];
    expect(Papa.parse<string[]>(csvRow(values)).data[0]?.map((cell) => cell.replace(/^'/, ''))).toEqual(values);
  });

  test('of any hostile beginning never starts with a sign of a formula', () => {
    for (const lead of ['', ' ', '\t', '\r', '\n', '\u0000', '\u00a0', '\u3000'])
      for (const sign of ['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        expect(csvCell(`${lead}${sign}cmd|' /C calc'!A0`).replace(/^"/, '')[0], JSON.stringify(lead + sign)).toBe("'");
  });
});
