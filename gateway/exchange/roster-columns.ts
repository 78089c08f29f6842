import { halfWidth } from '../core/text.ts';
import type { CsvLine } from './csv-table.ts';

/** What a column of a roster can mean. */
export const MEANINGS = ['name', 'sex', 'documentType', 'document', 'phone', 'room', 'start', 'end', 'card', 'role'] as const;
export type Meaning = (typeof MEANINGS)[number];

/** Without these no row can be placed. */
const REQUIRED: readonly Meaning[] = ['name', 'room', 'start'];

/** The name shown for a column the file does not have. */
export const COLUMN_NAMES: Readonly<Record<Meaning, string>> = {
  name: '姓名',
  sex: '性别',
  documentType: '证件类型',
  document: '证件号码',
  phone: '手机号',
  room: '房号',
  start: '起租日期',
  end: '退租日期',
  card: '卡号',
  role: '关系',
};

/** Headers people use, lower case, without spaces, marks and what stands in brackets. */
const HEADERS: Readonly<Record<Meaning, string>> = {
  name: '姓名 名字 租客姓名 承租人姓名 住户姓名 租客 承租人 name fullname tenantname tenant',
  sex: '性别 sex gender',
  documentType: '证件类型 证件种类 证件名称 证件类别 documenttype idtype documentkind typeofdocument iddocumenttype',
  document: '证件号码 证件号 证件编号 身份证号 身份证号码 身份证 公民身份号码 document documentnumber documentno idnumber idno idcard idcardnumber identitynumber',
  phone: '手机号 手机 手机号码 联系电话 电话 电话号码 联系方式 phone phonenumber phoneno mobile mobilenumber mobilephone tel telephone cell',
  room: '房号 房间号 房间 室号 房屋 单元房号 门牌号 room roomno roomnumber unit unitno unitnumber flat apartment',
  start: '起租日期 起租日 起租 入住日期 入住日 入住时间 租期开始 开始日期 合同开始日期 startdate start leasestart leasestartdate tenancystart movein moveindate from',
  end: '退租日期 退租日 到期日期 到期日 租期结束 结束日期 终止日期 合同到期 合同到期日期 合同结束日期 enddate end leaseend leaseenddate tenancyend termend moveout moveoutdate until to',
  card: '卡号 门卡 门卡号 门禁卡 门禁卡号 ic卡号 id卡号 card cards cardno cardnumber cardnumbers accesscard',
  role: '关系 角色 与承租人关系 与租客关系 身份 role relation relationship relationtotenant',
};

const MEANING_OF: ReadonlyMap<string, Meaning> = new Map(MEANINGS.flatMap((meaning) => HEADERS[meaning].split(' ').map((header) => [header, meaning] as const)));

const meaningOf = (header: string): Meaning | undefined =>
  MEANING_OF.get(
    halfWidth(header)
      .toLowerCase()
      .replace(/\(.*?\)|[\s_*:./'#-]/g, ''),
  );

/** The header line read. `at`: index of the cell of each column that is there. */
export interface Columns {
  readonly headerRow: number;
  readonly at: Partial<Readonly<Record<Meaning, number>>>;
  /** As written in the file. */
  readonly headers: readonly string[];
  /** For the preview: every header and what it was taken for; 'ignored' for the others. */
  readonly shown: readonly { readonly header: string; readonly meaning: string }[];
}

/** Or why there is none: `columns` names what is missing or there twice. */
export type ColumnsRead =
  | { readonly ok: true; readonly columns: Columns }
  | { readonly ok: false; readonly code: 'FILE_HEADER' | 'FILE_COLUMN_MISSING' | 'FILE_COLUMN_TWICE'; readonly columns: readonly string[] };

/** Title lines above the header are common; further down nobody writes a header. */
const SEARCH_LINES = 10;

/** Finds the header line: the first of the top ten with at least two columns we know. */
export function readColumns(lines: readonly CsvLine[]): ColumnsRead {
  const header = lines.slice(0, SEARCH_LINES).find((line) => line.cells.filter((cell) => meaningOf(cell) !== undefined).length >= 2);
  if (header === undefined) return { ok: false, code: 'FILE_HEADER', columns: REQUIRED.map((meaning) => COLUMN_NAMES[meaning]) };
  const headers = header.cells.map((cell) => cell.trim());
  const at: Partial<Record<Meaning, number>> = {};
  for (const [index, text] of headers.entries()) {
    const meaning = meaningOf(text);
    if (meaning === undefined) continue;
    const before = at[meaning];
    if (before !== undefined) return { ok: false, code: 'FILE_COLUMN_TWICE', columns: [headers[before] ?? '', text] };
    at[meaning] = index;
  }
  const missing = REQUIRED.filter((meaning) => at[meaning] === undefined);
  if (missing.length > 0) return { ok: false, code: 'FILE_COLUMN_MISSING', columns: missing.map((meaning) => COLUMN_NAMES[meaning]) };
  const shown = headers.filter((text) => text !== '').map((text) => ({ header: text, meaning: meaningOf(text) ?? 'ignored' }));
  return { ok: true, columns: { headerRow: header.row, at, headers, shown } };
}

/** The header of a column as the file writes it. */
export const headerOf = (columns: Columns, meaning: Meaning): string => columns.headers[columns.at[meaning] ?? -1] ?? COLUMN_NAMES[meaning];
