import { documentKind } from '../core/documents.ts';
import { dateAt } from '../core/local-date.ts';
import { maskDocument, maskPhone } from '../core/mask.ts';
import { writtenPhone } from '../core/phone.ts';
import type { RosterRow } from '../store/roster.ts';
import { csvRow } from './csv-cell.ts';
import { type Cell, type Column, type Sheet, writeWorkbook } from './workbook-write.ts';

/** How a roster is written. */
export interface RosterForm {
  /** Document and phone numbers in full; else masked, under headings that no import takes for numbers. */
  readonly whole: boolean;
  /** Of several buildings: rooms are written as unit codes, so that an import into one of them refuses the others'. */
  readonly several: boolean;
  /** Stands in every row. */
  readonly watermark: string;
}

interface Written extends Column {
  readonly cell: (row: RosterRow, form: RosterForm) => Cell;
}

const day = (at: number | null): Cell => (at === null ? null : { day: dateAt(at) });
const STATES = { registered: '已登记 registered', due: '待登记 due', overdue: '逾期 overdue', movedOut: '已搬离 moved out' } as const;
const SEXES: Readonly<Record<number, string>> = { 1: '男', 2: '女' };
const RELATIONS: Readonly<Record<string, string>> = { spouse: '配偶', child: '子女', parent: '父母', relative: '亲属', friend: '朋友', colleague: '同事', other: '其他' };

/** The headings of an import (`roster-columns.ts`) where a column means the same, with English in brackets, which an import passes over. */
const COLUMNS: readonly Written[] = [
  { head: '楼栋 (building)', width: 22, cell: ({ building }) => building },
  { head: '房号 (room)', width: 11, cell: ({ room, unitCode }, { several }) => (several ? unitCode : room) },
  { head: '楼层 (floor)', width: 8, cell: ({ floor }) => floor },
  { head: '姓名 (name)', width: 14, cell: ({ person }) => person.name },
  { head: '性别 (sex)', width: 8, cell: ({ sex }) => SEXES[sex] ?? null },
  { head: '证件类型 (document type)', width: 16, cell: ({ person }) => documentKind(person.documentType)?.zh ?? null },
];
const WHOLE: readonly Written[] = [
  { head: '证件号码 (document number)', width: 22, cell: ({ person }) => person.document },
  { head: '手机号 (phone)', width: 15, cell: ({ person }) => writtenPhone(person.phone) },
];
const MASKED: readonly Written[] = [
  { head: '遮盖的证件号 (masked document)', width: 22, cell: ({ person }) => maskDocument(person.document) },
  { head: '遮盖的手机号 (masked phone)', width: 15, cell: ({ person }) => maskPhone(person.phone) },
];
const REST: readonly Written[] = [
  { head: '关系 (role)', width: 10, cell: ({ role, relation }) => (role === 'tenant' ? '租客' : (RELATIONS[relation] ?? '同住人')) },
  { head: '起租日期 (start)', width: 12, cell: ({ startAt }) => day(startAt) },
  { head: '退租日期 (contract end)', width: 12, cell: ({ termEnd }) => day(termEnd) },
  { head: '实际入住 (moved in)', width: 12, cell: ({ fromAt }) => day(fromAt) },
  { head: '离开 (leaves)', width: 12, cell: ({ endAt }) => day(endAt) },
  { head: '证件核对 (document checked)', width: 14, cell: ({ checked }) => (checked ? '已核对 checked' : '未核对 not checked') },
  { head: '登记状态 (registration)', width: 16, cell: ({ state }) => STATES[state] },
  { head: '登记期限 (due by)', width: 12, cell: ({ registrationDue }) => day(registrationDue) },
  { head: '卡数 (active cards)', width: 8, cell: ({ keys }) => keys },
  { head: '水印 (watermark)', width: 20, cell: (_, { watermark }) => watermark },
];

const columnsOf = ({ whole }: RosterForm): readonly Written[] => [...COLUMNS, ...(whole ? WHOLE : MASKED), ...REST];

/** A roster as a workbook: days are dates, numbers of documents and phones are text. */
export function rosterWorkbook(rows: readonly RosterRow[], form: RosterForm): Buffer {
  const columns = columnsOf(form);
  const sheet: Sheet = { name: '花名册 roster', columns, rows: rows.map((row) => columns.map(({ cell }) => cell(row, form))) };
  return writeWorkbook(sheet);
}

const plain = (cell: Cell): string | number | null => (typeof cell === 'object' && cell !== null ? cell.day : cell);

/** A roster as CSV in UTF-8 with its mark, a cell that a spreadsheet would run made harmless. */
export function rosterCsv(rows: readonly RosterRow[], form: RosterForm): Buffer {
  const columns = columnsOf(form);
  const lines = rows.map((row) => csvRow(columns.map(({ cell }) => plain(cell(row, form)))));
  return Buffer.from(`\uFEFF${csvRow(columns.map(({ head }) => head))}${lines.join('')}`);
}
