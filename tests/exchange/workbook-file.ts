import { crc32, deflateRawSync } from 'node:zlib';

/** A ZIP file with these parts, packed as spreadsheet programs pack them. `says`: what a part claims to have unpacked, bytes. */
export function zipOf(parts: Readonly<Record<string, string>>, says?: number): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, text] of Object.entries(parts)) {
    const plain = Buffer.from(text);
    const packed = deflateRawSync(plain);
    const path = Buffer.from(name);
    // Version, flags, method 8, time and date, check, sizes, length of the name, of extra fields.
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt16LE(8, 4);
    facts.writeUInt32LE(crc32(plain), 10);
    facts.writeUInt32LE(packed.length, 14);
    facts.writeUInt32LE(says ?? plain.length, 18);
    facts.writeUInt16LE(path.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    const body = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), facts, path, packed]);
    bodies.push(body);
    directory.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000', 'latin1'), facts, tail, path]));
    at += body.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(listing.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...bodies, listing, Buffer.from('PK\u0005\u0006', 'latin1'), end]);
}

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
const MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
const LINKS = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** What a workbook is made of. `sheet`: the rows as XML; `styles`: the formats of styles 0, 1, … by number, or own formats. */
export interface BookParts {
  readonly sheet: string;
  readonly strings?: readonly string[];
  readonly styles?: readonly (number | string)[];
  readonly from1904?: boolean;
  readonly sheets?: string;
}

/** The parts of an .xlsx workbook as a spreadsheet program writes them. */
export function bookParts({ sheet, strings = [], styles = [0], from1904 = false, sheets = '<sheet name="花名册" sheetId="1" r:id="rId1"/>' }: BookParts): Record<string, string> {
  const formats = styles.map((style, n) => (typeof style === 'string' ? `<numFmt numFmtId="${200 + n}" formatCode="${escaped(style).replaceAll('"', '&quot;')}"/>` : ''));
  const cells = styles.map((style, n) => `<xf numFmtId="${typeof style === 'string' ? 200 + n : style}"/>`);
  return {
    'xl/workbook.xml': `${HEAD}<workbook ${MAIN} xmlns:r="${LINKS}"><workbookPr${from1904 ? ' date1904="1"' : ''}/><sheets>${sheets}</sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `${HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Target="/xl/worksheets/sheet2.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': `${HEAD}<worksheet ${MAIN}><sheetData>${sheet}</sheetData></worksheet>`,
    'xl/sharedStrings.xml': `${HEAD}<sst ${MAIN}>${strings.map((text) => `<si>${text.startsWith('<') ? text : `<t>${escaped(text)}</t>`}</si>`).join('')}</sst>`,
    'xl/styles.xml': `${HEAD}<styleSheet ${MAIN}><numFmts>${formats.join('')}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>${cells.join('')}</cellXfs></styleSheet>`,
  };
}

/** A workbook whose first sheet has these cells, all as text. */
export function textBook(rows: readonly (readonly string[])[]): Buffer {
  const strings = [...new Set(rows.flat())];
  const row = (cells: readonly string[], n: number): string =>
    `<row r="${n + 1}">${cells.map((cell, at) => `<c r="${String.fromCharCode(65 + at)}${n + 1}" t="s"><v>${strings.indexOf(cell)}</v></c>`).join('')}</row>`;
  return zipOf(bookParts({ sheet: rows.map(row).join(''), strings }));
}
