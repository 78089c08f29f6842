import { describe, expect, test } from 'vitest';
import { cleanPhoto } from '../../gateway/exchange/clean-photo.ts';
import { chunk, jpeg, png, segment } from '../helpers/photos.ts';

/** TIFF with orientation and a GPS directory, as phones write it. */
function exif(order: 'II' | 'MM', turn: number): Buffer {
  const little = order === 'II';
  const u16 = (value: number): Buffer => {
    const made = Buffer.alloc(2);
    if (little) made.writeUInt16LE(value);
    else made.writeUInt16BE(value);
    return made;
  };
  const u32 = (value: number): Buffer =>
    little ? Buffer.concat([u16(value % 65_536), u16(Math.floor(value / 65_536))]) : Buffer.concat([u16(Math.floor(value / 65_536)), u16(value % 65_536)]);
  const entry = (tag: number, type: number, value: Buffer): Buffer => Buffer.concat([u16(tag), u16(type), u32(1), value]);
  const gps = Buffer.concat([u16(1), entry(0x0001, 2, Buffer.from('N\0\0\0')), u32(0)]);
  const first = Buffer.concat([u16(3), entry(0x010f, 2, Buffer.from('HW\0\0')), entry(0x0112, 3, Buffer.concat([u16(turn), u16(0)])), entry(0x8825, 4, u32(50)), u32(0)]);
  return segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), Buffer.from(order), u16(42), u32(8), first, gps, Buffer.from('22.5431N 114.0579E')]));
}

const clean = (bytes: Buffer): Buffer | undefined => {
  const made = cleanPhoto(bytes);
  return made && Buffer.from(made.bytes);
};

describe('a JPEG', () => {
  test('loses EXIF with position and device, XMP, comments, colour profile, thumbnails and what follows its end', () => {
    const extra = [
      segment(0xe0, Buffer.from('JFIF\0 thumbnail')),
      exif('MM', 1),
      segment(0xe1, Buffer.from('http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>')),
      segment(0xe2, Buffer.from('ICC_PROFILE\0 MPF')),
      segment(0xed, Buffer.from('Photoshop 3.0\0')),
      segment(0xfe, Buffer.from('taken by 李小明')),
    ];
    const cleaned = clean(Buffer.concat([jpeg(extra), Buffer.from('ftypmp42 a short film')]));
    expect(cleaned?.equals(jpeg([]))).toBe(true);
  });

  test.each(['II', 'MM'] as const)('keeps how it is to be turned, and nothing else of EXIF (%s)', (order) => {
    const cleaned = clean(jpeg([exif(order, 6)]));
    expect(cleaned?.includes('114.0579E')).toBe(false);
    const said = segment(0xe1, Buffer.from('Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0', 'latin1'));
    expect(cleaned?.equals(jpeg([said]))).toBe(true);
    // Cleaned again it stays the same.
    expect(clean(cleaned ?? Buffer.alloc(0))?.equals(cleaned ?? Buffer.alloc(0))).toBe(true);
  });

  test('keeps Adobe’s word on its colours, and not what merely begins like it', () => {
    const adobe = segment(0xee, Buffer.from('Adobe\0d\0\0\0\0\0', 'latin1').subarray(0, 12));
    expect(clean(jpeg([adobe]))?.equals(jpeg([adobe]))).toBe(true);
    expect(clean(jpeg([segment(0xee, Buffer.from('Adobe and where it was taken'))]))?.equals(jpeg([]))).toBe(true);
  });

  test('that is cut anywhere, has no picture or a huge one is refused', () => {
    const whole = jpeg([exif('MM', 6)]);
    for (let at = 0; at < whole.length; at += 1) expect(clean(whole.subarray(0, at)), String(at)).toBeUndefined();
    expect(clean(Buffer.from([0xff, 0xd8, 0xff, 0xd9]))).toBeUndefined();
    const huge = jpeg([]);
    const frame = huge.indexOf(Buffer.from([0xff, 0xc0]));
    huge.writeUInt16BE(65_000, frame + 5);
    huge.writeUInt16BE(65_000, frame + 7);
    expect(clean(huge)).toBeUndefined();
  });

  test('with any one byte changed is refused or gives no more than pixels', () => {
    const whole = jpeg([segment(0xe1, Buffer.from('Exif\0\0 114.0579E'))]);
    for (let at = 0; at < whole.length; at += 1) {
      const bent = Buffer.from(whole);
      bent[at] = (bent[at] ?? 0) ^ 0x55;
      expect(() => clean(bent)).not.toThrow();
    }
  });
});

describe('a PNG', () => {
  test('loses text, time, EXIF and every other chunk that is not pixels', () => {
    const extra = ['tEXt', 'iTXt', 'zTXt', 'tIME', 'eXIf', 'iCCP', 'pHYs', 'prVt'].map((name) => chunk(name, Buffer.from('GPS 114.0579E')));
    const cleaned = clean(Buffer.concat([png(extra), Buffer.from('more')]));
    expect(cleaned?.equals(png([]))).toBe(true);
  });

  test('keeps its palette, and is refused when it is cut', () => {
    const palette = chunk('PLTE', Buffer.from([1, 2, 3]));
    expect(clean(png([palette]))?.equals(png([palette]))).toBe(true);
    const whole = png([]);
    for (let at = 0; at < whole.length; at += 1) expect(clean(whole.subarray(0, at)), String(at)).toBeUndefined();
  });
});

test('what is neither is refused', () => {
  for (const text of ['', 'GIF89a', 'RIFF0000WEBP', '<svg xmlns="http://www.w3.org/2000/svg"/>', '%PDF-1.7']) expect(clean(Buffer.from(text))).toBeUndefined();
});
