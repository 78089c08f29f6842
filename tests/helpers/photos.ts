import { crc32, deflateSync } from 'node:zlib';

/** A JPEG segment: marker, length, body. */
export const segment = (marker: number, body: Uint8Array): Buffer => Buffer.concat([Buffer.from([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255]), body]);

const START = Buffer.from([0xff, 0xd8]);
const END = Buffer.from([0xff, 0xd9]);

/** A JPEG in form: 64 × 48, one table of each kind, one scan with stuffing and a restart. `extra` stands where cameras put theirs. */
export function jpeg(extra: readonly Buffer[], fill = 1): Buffer {
  const frame = segment(0xc0, Buffer.from([8, 0, 48, 0, 64, 1, 1, 0x11, 0]));
  const scan = Buffer.concat([segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])), Buffer.from([fill, 2, 0xff, 0x00, 3, 0xff, 0xd0, 4, 5])]);
  return Buffer.concat([START, ...extra, segment(0xdb, Buffer.alloc(65, fill)), frame, segment(0xc4, Buffer.alloc(20, 2)), scan, END]);
}

/** A chunk of a PNG. */
export function chunk(name: string, body: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(name, 'latin1'), body]);
  const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  size.writeUInt32BE(body.length);
  sum.writeUInt32BE(crc32(named));
  return Buffer.concat([size, named, sum]);
}

/** A PNG of 2 × 1 grey pixels. `extra` stands where cameras and editors put theirs. */
export function png(extra: readonly Buffer[], pixels: Buffer = deflateSync(Buffer.from([0, 1, 2]))): Buffer {
  const header = Buffer.from([0, 0, 0, 2, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  const start = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([start, chunk('IHDR', header), ...extra, chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}
