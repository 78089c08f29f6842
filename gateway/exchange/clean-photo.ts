/** A photo as it is kept: pixels and what decodes them. Nothing of where, when and with what it was taken. */
export interface CleanPhoto {
  readonly type: 'image/jpeg' | 'image/png';
  readonly bytes: Uint8Array;
}

const MOST_PIXELS = 40_000_000;

const same = (bytes: Uint8Array, at: number, what: readonly number[]): boolean => what.every((byte, i) => bytes[at + i] === byte);
const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0);
const u32 = (bytes: Uint8Array, at: number): number => u16(bytes, at) * 65_536 + u16(bytes, at + 2);
const ascii = (text: string): number[] => [...text].map((letter) => letter.codePointAt(0) ?? 0);

/** Joins parts of a photo. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const MARKER = { soi: 0xd8, eoi: 0xd9, sos: 0xda, app1: 0xe1, app14: 0xee } as const;
/** Quantisation and Huffman tables, restart interval, and frames: baseline, extended, progressive (ITU-T T.81 B.1). */
const KEPT: ReadonlySet<number> = new Set([0xdb, 0xc4, 0xdd, 0xc0, 0xc1, 0xc2]);
const FRAMES: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2]);
const EXIF = ascii('Exif\0\0');
const ADOBE = ascii('Adobe');
const ADOBE_BYTES = 16;

/** How the picture is to be turned, 2 to 8, as EXIF says (tag 0x0112 of the first directory); undefined: as it is. */
function turnedBy(segment: Uint8Array): number | undefined {
  if (!same(segment, 4, EXIF)) return undefined;
  const tiff = segment.subarray(10);
  const little = same(tiff, 0, ascii('II'));
  const short = (at: number): number => (little ? (tiff[at + 1] ?? 0) * 256 + (tiff[at] ?? 0) : u16(tiff, at));
  const long = (at: number): number => (little ? short(at + 2) * 65_536 + short(at) : u32(tiff, at));
  const first = long(4);
  const count = Math.min(short(first), 64);
  for (let at = first + 2, n = 0; n < count; at += 12, n += 1) {
    const turn = short(at) === 0x0112 ? short(at + 8) : 0;
    if (turn >= 2 && turn <= 8) return turn;
  }
  return undefined;
}

/** An EXIF segment that says how the picture is to be turned, and nothing else. */
const turnSegment = (turn: number): Uint8Array =>
  Uint8Array.from([0xff, MARKER.app1, 0, 34, ...EXIF, ...ascii('MM'), 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, turn, 0, 0, 0, 0, 0, 0]);

/** Where the coded data that begins here ends: at a marker that is neither stuffing nor a restart. */
function scanEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && !(bytes[at] === 0xff && bytes[at + 1] !== 0 && bytes[at + 1] !== undefined && ((bytes[at + 1] ?? 0) < 0xd0 || (bytes[at + 1] ?? 0) > 0xd7))) at += 1;
  return at;
}

/** Is this segment needed to decode the pixels? Of the application segments only Adobe's, which says how colours are coded. */
const isNeeded = (marker: number, segment: Uint8Array): boolean => KEPT.has(marker) || (marker === MARKER.app14 && segment.length === ADOBE_BYTES && same(segment, 4, ADOBE));

function cleanJpeg(bytes: Uint8Array): Uint8Array | undefined {
  const kept: Uint8Array[] = [];
  let [turn, pixels, scans]: [number | undefined, number, number] = [undefined, 0, 0];
  for (let at = 2; at + 4 <= bytes.length || same(bytes, at, [0xff, MARKER.eoi]); ) {
    const marker = bytes[at + 1] ?? 0;
    if (bytes[at] !== 0xff) return undefined;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === MARKER.eoi) {
      if (pixels === 0 || scans === 0) return undefined;
      const start = Uint8Array.from([0xff, MARKER.soi]);
      // What follows the end (a second picture, a short film) is not kept.
      return joined([start, ...(turn === undefined ? [] : [turnSegment(turn)]), ...kept, Uint8Array.from([0xff, MARKER.eoi])]);
    }
    const end = at + 2 + u16(bytes, at + 2);
    if (u16(bytes, at + 2) < 2 || end > bytes.length) return undefined;
    const segment = bytes.subarray(at, end);
    if (FRAMES.has(marker)) pixels = u16(bytes, at + 5) * u16(bytes, at + 7);
    if (pixels > MOST_PIXELS) return undefined;
    if (marker === MARKER.app1) turn ??= turnedBy(segment);
    at = marker === MARKER.sos ? scanEnd(bytes, end) : end;
    if (marker === MARKER.sos) {
      scans += 1;
      kept.push(bytes.subarray(end - segment.length, at));
    } else if (isNeeded(marker, segment)) kept.push(segment);
  }
  return undefined;
}

const PNG_START = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** Header, palette, transparency, pixels, end (ISO/IEC 15948 11.2). */
const CHUNKS: ReadonlySet<string> = new Set(['IHDR', 'PLTE', 'tRNS', 'IDAT', 'IEND']);

function cleanPng(bytes: Uint8Array): Uint8Array | undefined {
  const kept: Uint8Array[] = [bytes.subarray(0, 8)];
  let pixels = 0;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const [size, name] = [u32(bytes, at), String.fromCodePoint(...bytes.subarray(at + 4, at + 8))];
    const end = at + 12 + size;
    if (end > bytes.length) return undefined;
    if (name === 'IHDR') pixels = u32(bytes, at + 8) * u32(bytes, at + 12);
    if (pixels === 0 || pixels > MOST_PIXELS) return undefined;
    if (CHUNKS.has(name)) kept.push(bytes.subarray(at, end));
    if (name === 'IEND') return joined(kept);
    at = end;
  }
  return undefined;
}

/** A JPEG or PNG without metadata; undefined for anything else, and for one that cannot be read to its end. */
export function cleanPhoto(bytes: Uint8Array): CleanPhoto | undefined {
  if (same(bytes, 0, [0xff, MARKER.soi, 0xff])) {
    const cleaned = cleanJpeg(bytes);
    return cleaned && { type: 'image/jpeg', bytes: cleaned };
  }
  if (!same(bytes, 0, PNG_START)) return undefined;
  const cleaned = cleanPng(bytes);
  return cleaned && { type: 'image/png', bytes: cleaned };
}
