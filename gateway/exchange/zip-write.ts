import { crc32, deflateRawSync } from 'node:zlib';

const LOCAL = 0x04034b50;
const LISTED = 0x02014b50;
const END = 0x06054b50;
/** Version 2.0 is the first that knows deflate. */
const VERSION = 20;
const UTF8_NAMES = 0x0800;
const DEFLATE = 8;
/** 1 January 1980, the first day the form has: a file says nothing of the clock it was made under. */
const FIRST_DAY = 0x21;

const u16 = (...values: readonly number[]): Buffer => Buffer.from(new Uint16Array(values).buffer);
const u32 = (...values: readonly number[]): Buffer => Buffer.from(new Uint32Array(values).buffer);

/** A ZIP file of these parts by name, in this order, held in memory (APPNOTE 6.3, deflate, names in UTF-8). */
export function writeZip(parts: Readonly<Record<string, string>>): Buffer {
  const files: Buffer[] = [];
  const listing: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(parts)) {
    const [path, plain] = [Buffer.from(name), Buffer.from(text)];
    const packed = deflateRawSync(plain);
    const about = Buffer.concat([u16(VERSION, UTF8_NAMES, DEFLATE, 0, FIRST_DAY), u32(crc32(plain), packed.length, plain.length), u16(path.length, 0)]);
    const file = Buffer.concat([u32(LOCAL), about, path, packed]);
    files.push(file);
    listing.push(u32(LISTED), u16(VERSION), about, u16(0, 0, 0), u32(0, offset), path);
    offset += file.length;
  }
  const list = Buffer.concat(listing);
  return Buffer.concat([...files, list, u32(END), u16(0, 0, files.length, files.length), u32(list.length, offset), u16(0)]);
}
