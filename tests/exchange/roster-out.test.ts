import { expect, test } from 'vitest';
import { TEST_DIVISIONS } from '../../gateway/core/division.ts';
import { endOfDay, startOfDay } from '../../gateway/core/local-date.ts';
import { readRosterFile } from '../../gateway/exchange/roster-file.ts';
import { type RosterForm, rosterCsv, rosterWorkbook } from '../../gateway/exchange/roster-out.ts';
import { readWorkbook } from '../../gateway/exchange/workbook.ts';
import type { RosterRow } from '../../gateway/store/roster.ts';

const CODE = '890101001001B00042';
const context = { buildingCode: CODE, today: '2026-11-22', readers: { bits: 32, order: 'msb' }, divisions: TEST_DIVISIONS, testPrefixes: ['120'] } as const;
const WHOLE: RosterForm = { whole: true, several: false, watermark: 'clerk · 7' };

const row = (about: Partial<RosterRow> = {}, person: Partial<RosterRow['person']> = {}): RosterRow => ({
  ...{ id: 1, key: '', sex: 1, birth: '1990-03-07', buildingId: 1, building: '迎春路 42 号', buildingEn: '', unitId: 12, unitCode: `${CODE}-0503`, floor: 5, room: '0503' },
  ...{ role: 'tenant', relation: '', basis: 'rent', checked: true, state: 'due', registrationState: 'pending', registrationDue: endOfDay('2026-03-08') },
  ...{ fromAt: startOfDay('2026-03-01'), startAt: startOfDay('2026-03-01'), termEnd: endOfDay('2027-02-28'), endAt: null, keys: 2 },
  person: { id: 1, name: '李雷', documentType: '111', document: '890101199003070118', phone: '+8612000000001', ...person },
  ...about,
});
const ROWS = [
  row(),
  row(
    { id: 2, role: 'coOccupant', relation: 'spouse', sex: 2, termEnd: endOfDay('2027-02-28') },
    { id: 2, name: 'Ann "A" <Lee>, & Co', documentType: '414', document: 'X1234567', phone: '' },
  ),
  row({ id: 3, room: 'B101', floor: -1, unitCode: `${CODE}-B101`, termEnd: null, sex: 0 }, { id: 3, name: '买买提·吾守尔', documentType: '', document: '', phone: '+86755123456' }),
];
const bytesOf = { csv: rosterCsv, xlsx: rosterWorkbook } as const;

test.each(['csv', 'xlsx'] as const)('an exported %s goes back in unchanged', async (form) => {
  const file = await readRosterFile(bytesOf[form](ROWS, WHOLE), context);
  expect(file.findings.filter(({ warning }) => !warning)).toEqual([]);
  expect(file.rows.map(({ birth: _, cards: __, row: ___, ...rest }) => rest)).toEqual(
    ROWS.map(({ person, sex, floor, room, startAt, termEnd, role }) => ({
      ...{ name: person.name, documentType: person.documentType, document: person.document, sex, phone: person.phone },
      ...{ room: { floor, room }, startAt, termEnd, role },
    })),
  );
});

test('a workbook keeps whole numbers as text and days as days, under a heading that stays', async () => {
  const book = await readWorkbook(rosterWorkbook(ROWS, WHOLE));
  if (!book.ok) throw new Error(book.code);
  const [head, first] = book.lines.map(({ cells }) => cells);
  const at = (heading: string): string => first?.[head?.findIndex((each) => each.startsWith(heading)) ?? -1] ?? '';
  expect([at('证件号码'), at('起租日期'), at('登记期限'), at('卡数'), at('登记状态'), at('水印')]).toEqual([
    '890101199003070118',
    '2026-03-01',
    '2026-03-08',
    '2',
    '待登记 due',
    'clerk · 7',
  ]);
});

test('text that looks like a formula is never one, nor markup, nor a character in disguise', async () => {
  const evil = ['=HYPERLINK("http://x","y")', '+1+1', '@SUM(A1)', '-2+3', '\t=1', '</t></is></c>', '_x0041_'];
  const rows = evil.map((name, id) => row({ id }, { name }));
  const csv = rosterCsv(rows, WHOLE).toString();
  expect(csv.startsWith('\uFEFF')).toBe(true);
  for (const line of csv.split('\r\n').slice(1, 6)) expect(line).toMatch(/,"?'\s*[=+@-]/);
  const book = await readWorkbook(rosterWorkbook(rows, WHOLE));
  expect(book.ok && book.lines.slice(1).map(({ cells }) => cells[3]?.trim())).toEqual(evil.map((name) => name.trim()));
});

test('masked numbers stand under headings that no import takes for numbers; of several buildings rooms name theirs', async () => {
  const file = await readRosterFile(rosterCsv(ROWS.slice(0, 1), { ...WHOLE, whole: false }), context);
  expect(file.columns.find(({ header }) => header.startsWith('遮盖的证件号'))?.meaning).toBe('ignored');
  expect(file.findings.map(({ code }) => code)).toContain('PERSON_UNIDENTIFIED');
  const elsewhere = { ...context, buildingCode: '890101001001B00043' };
  const area = await readRosterFile(rosterWorkbook(ROWS.slice(0, 1), { ...WHOLE, several: true }), elsewhere);
  expect(area.findings.map(({ code }) => code)).toEqual(['UNIT_OTHER_BUILDING']);
});
