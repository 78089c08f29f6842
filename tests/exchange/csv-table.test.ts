import { describe, expect, test } from 'vitest';
import { MAX_COLUMNS, MAX_ROWS, readCsv } from '../../gateway/exchange/csv-table.ts';

const cells = async (text: string): Promise<unknown> => {
  const table = await readCsv(text);
  return table.ok ? table.lines.map((line) => [line.row, ...line.cells]) : `${table.code} ${table.row}`;
};

describe('CSV text to cells', () => {
  test('rows are numbered as a spreadsheet shows them, empty lines counted, quoted line breaks inside one row', async () => {
    expect(await cells('a,b\r\n\r\n1,"x\r\ny"\r\n,\r\n2,"say ""hi"""\r\n')).toEqual([
      [1, 'a', 'b'],
      [3, '1', 'x\r\ny'],
      [5, '2', 'say "hi"'],
    ]);
  });

  test('tab and semicolon separate too', async () => {
    expect(await cells('a\tb\n1\t2')).toEqual([
      [1, 'a', 'b'],
      [2, '1', '2'],
    ]);
    expect(await cells('a;b\n1;2')).toEqual([
      [1, 'a', 'b'],
      [2, '1', '2'],
    ]);
  });

  test.each([
    ['a,";",b\nc,d,e\n', [1, 'a', ';', 'b'], [2, 'c', 'd', 'e']],
    ['姓名,卡号,房号\n李雷,"1A2B3C4D;",0503\n', [1, '姓名', '卡号', '房号'], [2, '李雷', '1A2B3C4D;', '0503']],
    ['a;",";b\nc;d;e\n\n', [1, 'a', ',', 'b'], [2, 'c', 'd', 'e']],
    ['名单\na,b\n"1;2",3\n', [1, '名单'], [2, 'a', 'b'], [3, '1;2', '3']],
  ])('a separator inside quotes is text, whatever the last line end seems to say (found by the csv-cell fuzzer): %j', async (text, ...lines) => {
    expect(await cells(text)).toEqual(lines);
  });

  test('nothing is converted', async () => {
    expect(await cells('a,b\n007,=1+1\n1e5,@x')).toEqual([
      [1, 'a', 'b'],
      [2, '007', '=1+1'],
      [3, '1e5', '@x'],
    ]);
  });

  test('a file of many pieces loses and repeats nothing, and gives the thread away', async () => {
    const rows = Array.from({ length: 19_000 }, (_, at) => `${at},"line ${at}\nsecond, ""quoted""",李雷`);
    let turns = 0;
    const ticking = setInterval(() => {
      turns += 1;
    }, 1);
    const table = await readCsv(`n,t,x\n${rows.join('\n')}`);
    clearInterval(ticking);
    expect(table.ok && table.lines.length).toBe(19_001);
    expect(table.ok && table.lines.every((line, at) => at === 0 || (line.row === at + 1 && line.cells[0] === String(at - 1) && line.cells.length === 3))).toBe(true);
    expect(turns).toBeGreaterThan(3);
  });

  test('too many rows, too many columns and an unclosed quote are refused with their row', async () => {
    expect(await cells(`h\n${'x\n'.repeat(MAX_ROWS)}`)).toHaveLength(MAX_ROWS + 1);
    expect(await cells(`h\n${'x\n'.repeat(MAX_ROWS + 1)}`)).toBe(`FILE_ROWS ${MAX_ROWS + 2}`);
    expect(await cells(`h\n${'x,'.repeat(MAX_COLUMNS)}y`)).toBe('FILE_COLUMNS 2');
    expect(await cells('a,b\n1,2\n3,"4\n5,6\n')).toBe('FILE_QUOTES 3');
  });

  test('an unclosed quote before 8 MiB is refused in bounded time', async () => {
    expect(await cells(`a,b\n1,"${'x,y\n'.repeat(2_000_000)}`)).toBe('FILE_QUOTES 2');
  });
});
