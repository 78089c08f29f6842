import { createReadStream } from 'node:fs';

/** A piece of a file: its header line and some of its rows, whole. */
export interface Piece {
  readonly bytes: Buffer;
  /** Row of the file its first row is, as a spreadsheet shows it: the header is row 1. */
  readonly row: number;
  /** Bytes of the file up to its end. */
  readonly upTo: number;
}

/** A piece ends where the building changes, from this size on; wherever a line ends from that. Bytes. */
const ENOUGH = 1024 * 1024;
const MOST = 4 * 1024 * 1024;
const [NEWLINE, QUOTE] = [0x0a, 0x22];
/** A line without an end beyond this is no line of a roster. */
const LONGEST_LINE = 256 * 1024;

/** Why a file cannot be cut into pieces. */
export class NoPieces extends Error {
  override readonly name = 'NoPieces';
}

/** A row as it stands in the file: the lines of it, where a quoted cell may go over several. */
async function* rowsOf(file: string): AsyncGenerator<{ readonly bytes: Buffer; readonly lines: number }> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const part of createReadStream(file, { highWaterMark: ENOUGH })) {
    let bytes: Buffer = Buffer.concat([rest, part]);
    let [quotes, lines, begins] = [0, 0, 0];
    for (let at = 0; at < bytes.length; at += 1) {
      if (bytes[at] === QUOTE) quotes += 1;
      if (bytes[at] !== NEWLINE) continue;
      lines += 1;
      if (quotes % 2 === 1) continue;
      yield { bytes: bytes.subarray(begins, at + 1), lines };
      [quotes, lines, begins] = [0, 0, at + 1];
    }
    bytes = bytes.subarray(begins);
    if (bytes.length > LONGEST_LINE) throw new NoPieces('a row is longer than 256 kB: a quotation mark is not closed, or this is no CSV file.');
    rest = bytes;
  }
  if (rest.length > 0) yield { bytes: Buffer.concat([rest, Buffer.of(NEWLINE)]), lines: 1 };
}

const BUILDING = /\d{12}B\d{5}(?=-)/;
const buildingOf = (row: Buffer): string => BUILDING.exec(row.toString('latin1'))?.[0] ?? '';

/**
 * Cuts a roster of any size into pieces that each can be read by themselves: its first row is the header of each. People
 * of one building stay together as far as the file has them together. Rejects with NoPieces, or what the disk says.
 */
export async function* piecesOf(file: string): AsyncGenerator<Piece> {
  let header: Buffer | undefined;
  let rows: Buffer[] = [];
  let [size, row, next, upTo, building] = [0, 0, 1, 0, ''];
  for await (const { bytes, lines } of rowsOf(file)) {
    if (header === undefined) {
      header = Buffer.from(bytes);
    } else {
      const own = size >= ENOUGH ? buildingOf(bytes) : '';
      if (size >= MOST || (size >= ENOUGH && own !== building)) {
        yield { bytes: Buffer.concat([header, ...rows]), row, upTo };
        [rows, size] = [[], 0];
      }
      if (size === 0) row = next;
      // Looked at where a piece may end only: it is the dear part of cutting.
      if (size + bytes.length >= ENOUGH) building = buildingOf(bytes);
      rows.push(bytes);
      size += bytes.length;
    }
    next += lines;
    upTo += bytes.length;
  }
  if (header !== undefined && rows.length > 0) yield { bytes: Buffer.concat([header, ...rows]), row, upTo };
}
