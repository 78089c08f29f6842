import { DAY_MS, type LocalDate, startOfDay } from '../core/local-date.ts';
import { writeZip } from './zip-write.ts';

/** A cell to be written: text stays text whatever it looks like; a day is a date; null is empty. */
export type Cell = string | number | { readonly day: LocalDate } | null;

/** One column: its heading, and how wide it is in characters. */
export interface Column {
  readonly head: string;
  readonly width: number;
}

/** One sheet under its heading. */
export interface Sheet {
  /** Name on its tab; what a tab cannot have is left out. */
  readonly name: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const SCHEMAS = 'http://schemas.openxmlformats.org';
const MAIN = `xmlns="${SCHEMAS}/spreadsheetml/2006/main"`;
const DOCUMENT = `${SCHEMAS}/officeDocument/2006/relationships`;
const PACKAGE = `${SCHEMAS}/package/2006`;
const TYPE = 'application/vnd.openxmlformats-officedocument.spreadsheetml';
/** Numbers of cell formats in styles.xml. */
const STYLE = { text: 1, day: 2, head: 3 } as const;
const MAX_TAB = 31;
const LETTERS = 26;
const FIRST_LETTER = 65;

// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no place for these, not even escaped.
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Text of XML. Readers of workbooks take _x0041_ for a character, so an underline that would begin one is written as such. */
const xml = (text: string): string =>
  text
    .replace(NOT_XML, '')
    .replace(/_(?=x[0-9A-Fa-f]{4}_)/g, '_x005F_')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;');

/** A, B … Z, AA: the name of a column, counted from 0. */
const letters = (at: number): string => (at < LETTERS ? '' : letters(Math.floor(at / LETTERS) - 1)) + String.fromCharCode(FIRST_LETTER + (at % LETTERS));

/** Days of the 1900 system, which counts a 29 February 1900 that never was; no day before that comes here. */
const serialOf = (day: LocalDate): number => Math.round((startOfDay(day) - startOfDay('1899-12-30')) / DAY_MS);

function cellXml(cell: Cell, ref: string, style: number): string {
  if (cell === null || cell === '') return '';
  if (typeof cell === 'number') return `<c r="${ref}"><v>${cell}</v></c>`;
  if (typeof cell === 'object') return `<c r="${ref}" s="${STYLE.day}"><v>${serialOf(cell.day)}</v></c>`;
  return `<c r="${ref}" s="${style}" t="inlineStr"><is><t xml:space="preserve">${xml(cell)}</t></is></c>`;
}

const rowXml = (cells: readonly Cell[], row: number, style: number): string =>
  `<row r="${row}">${cells.map((cell, at) => cellXml(cell, `${letters(at)}${row}`, style)).join('')}</row>`;

function sheetXml({ columns, rows }: Sheet): string {
  const last = `${letters(columns.length - 1)}${rows.length + 1}`;
  const widths = columns.map(({ width }, at) => `<col min="${at + 1}" max="${at + 1}" width="${width}" customWidth="1"/>`).join('');
  // The heading stays where it is while somebody scrolls.
  const view = '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>';
  const heading = columns.map(({ head }) => head);
  const body = [rowXml(heading, 1, STYLE.head), ...rows.map((cells, at) => rowXml(cells, at + 2, STYLE.text))].join('');
  return `${HEAD}<worksheet ${MAIN}><dimension ref="A1:${last}"/>${view}<cols>${widths}</cols><sheetData>${body}</sheetData><autoFilter ref="A1:${last}"/></worksheet>`;
}

const relations = (...each: readonly string[]): string =>
  `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${each
    .map((of, at) => {
      const [kind, target] = of.split(' ');
      return `<Relationship Id="rId${at + 1}" Type="${DOCUMENT}/${kind}" Target="${target}"/>`;
    })
    .join('')}</Relationships>`;

const override = (part: string, kind: string): string => `<Override PartName="/xl/${part}.xml" ContentType="${TYPE}.${kind}+xml"/>`;

/** Plain, text (49 is @: a number typed into it later stays as it was typed), day, heading. */
const STYLES = `${HEAD}<styleSheet ${MAIN}><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>\
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`;

/** An .xlsx workbook of one sheet (ECMA-376): a frozen heading with filters, days as dates, all other text as text, so that no cell is ever a formula and no number loses digits. */
export function writeWorkbook(sheet: Sheet): Buffer {
  const tab = sheet.name.replace(/[\\/?*[\]:']/g, ' ').slice(0, MAX_TAB);
  return writeZip({
    '[Content_Types].xml': `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>${override('workbook', 'sheet.main')}${override('worksheets/sheet1', 'worksheet')}${override('styles', 'styles')}</Types>`,
    '_rels/.rels': relations('officeDocument xl/workbook.xml'),
    'xl/workbook.xml': `${HEAD}<workbook ${MAIN} xmlns:r="${DOCUMENT}"><sheets><sheet name="${xml(tab)}" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': relations('worksheet worksheets/sheet1.xml', 'styles styles.xml'),
    'xl/styles.xml': STYLES,
    'xl/worksheets/sheet1.xml': sheetXml(sheet),
  });
}
