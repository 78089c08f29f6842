import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CborError, type CborValue, decodeCbor, decodeCborPrefix, encodeCbor } from '../../gateway/wire/cbor.ts';

const hex = (value: CborValue): string => encodeCbor(value).toString('hex');
const bytes = (text: string): Buffer => Buffer.from(text, 'hex');

// RFC 8949 appendix A, the rows of the kinds the log uses; the last two maps by hand.
const VECTORS: readonly (readonly [CborValue, string])[] = [
  [0, '00'],
  [1, '01'],
  [10, '0a'],
  [23, '17'],
  [24, '1818'],
  [25, '1819'],
  [100, '1864'],
  [1000, '1903e8'],
  [1_000_000, '1a000f4240'],
  [1_000_000_000_000, '1b000000e8d4a51000'],
  [Number.MAX_SAFE_INTEGER, '1b001fffffffffffff'],
  [-1, '20'],
  [-10, '29'],
  [-100, '3863'],
  [-1000, '3903e7'],
  [false, 'f4'],
  [true, 'f5'],
  [null, 'f6'],
  [Buffer.alloc(0), '40'],
  [bytes('01020304'), '4401020304'],
  ['', '60'],
  ['a', '6161'],
  ['IETF', '6449455446'],
  ['"\\', '62225c'],
  ['ü', '62c3bc'],
  ['水', '63e6b0b4'],
  ['𐅑', '64f0908591'],
  [[], '80'],
  [[1, 2, 3], '83010203'],
  [[1, [2, 3], [4, 5]], '8301820203820405'],
  [new Map(), 'a0'],
  [
    new Map([
      [1, 2],
      [3, 4],
    ]),
    'a201020304',
  ],
  [
    new Map<number, CborValue>([
      [-1, true],
      [10, 'x'],
      [-2, null],
      [2, 0],
    ]),
    'a402000a617820f521f6',
  ],
];

const value: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', maxDepth: 4 },
    fc.maxSafeInteger(),
    fc.string({ unit: 'grapheme' }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 300 }).map((part) => Buffer.from(part)),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(fc.tuple(fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -30, max: 300 })), tie('value')), { maxLength: 5 }).map((pairs) => new Map(pairs)),
  ),
})).value;

/** Maps compare by their pairs in key order, since a map is encoded in that order whatever order it was made in. */
const plain = (each: CborValue): unknown => {
  if (each instanceof Map) return { map: [...each].sort(([a], [b]) => a - b).map(([key, inner]) => [key, plain(inner)]) };
  if (each instanceof Uint8Array) return { bytes: Buffer.from(each).toString('hex') };
  return Array.isArray(each) ? each.map(plain) : each;
};

describe('canonical CBOR', () => {
  test.each(VECTORS.map(([each, text]) => [text, each] as const))('%s is written and read as in RFC 8949', (text, each) => {
    expect(hex(each)).toBe(text);
    expect(plain(decodeCbor(bytes(text)))).toEqual(plain(each));
  });

  test('every value comes back as it was, and its encoding is the only one', () => {
    fc.assert(
      fc.property(value, (each) => {
        const encoded = encodeCbor(each);
        const back = decodeCbor(encoded);
        expect(plain(back)).toEqual(plain(each));
        expect(encodeCbor(back).equals(encoded)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['a number in a longer form', '1817'],
    ['a 16-bit number that fits 8', '1900ff'],
    ['a 64-bit number that fits 32', '1b00000000ffffffff'],
    ['a number beyond 2^53', '1b0020000000000000'],
    ['a negative number beyond −2^53', '3b001fffffffffffff'],
    ['map keys out of order', 'a202010101'],
    ['a map key twice', 'a201010102'],
    ['a text key', 'a1616101'],
    ['a negative key before a positive one', 'a220010101'],
    ['an indefinite length', '9f0102ff'],
    ['a tag', 'c001'],
    ['a float', 'f93c00'],
    ['undefined', 'f7'],
    ['a reserved length', '1c'],
    ['an 8-bit number that fits the head', '1800'],
    ['a 32-bit number that fits 16', '1a0000ffff'],
    ['a longer head than its number of bytes', '1900'],
    ['a tag without anything', 'c0'],
    ['a reserved length with as many bytes behind it', `1c${'00'.repeat(16)}`],
    ['a byte of text that cannot begin one', '6180'],
    ['a map key twice, negative', 'a220012001'],
    ['a map without its last value', 'a10'.concat('1')],
    ['a boolean as a map key', 'a1f401'],
    ['long text that is not UTF-8', `7821${'61'.repeat(31)}c328`],
    ['text that is not UTF-8', '62c328'],
    ['bytes that run past the end', '450102'],
    ['an array that runs past the end', '9affffffff'],
    ['nothing at all', ''],
    ['bytes after the value', '0000'],
    ['deep nesting', '81'.repeat(20).concat('00')],
  ])('%s is refused', (_, text) => {
    expect(() => decodeCbor(bytes(text))).toThrow(CborError);
  });

  test('every length of a number begins where the one before cannot hold it', () => {
    const edges = [23, 24, 0xff, 0x100, 0xffff, 0x10000, 2 ** 32 - 1, 2 ** 32];
    expect(edges.map(hex)).toEqual(['17', '1818', '18ff', '190100', '19ffff', '1a00010000', '1affffffff', '1b0000000100000000']);
    expect(edges.map((edge) => hex(-1 - edge))).toEqual(['37', '3818', '38ff', '390100', '39ffff', '3a00010000', '3affffffff', '3b0000000100000000']);
    for (const edge of edges) expect([decodeCbor(encodeCbor(edge)), decodeCbor(encodeCbor(-1 - edge))]).toEqual([edge, -1 - edge]);
  });

  test('a map is written in the order of its keys, 0 to the largest and then −1 down, whatever order it was made in', () => {
    const keys = [0, 1, 23, 24, 500, -1, -2, -300];
    const written = hex(new Map(keys.map((key) => [key, 0])));
    expect(written).toBe(`a8${keys.map((key) => `${hex(key)}00`).join('')}`);
    for (const order of [keys.toReversed(), [...keys.slice(3), ...keys.slice(0, 3)]]) expect(hex(new Map(order.map((key) => [key, 0])))).toBe(written);
  });

  test('what is longer than the buffer it is written in is written whole, and the next too', () => {
    const long = 'x'.repeat(70_000);
    const large = Buffer.alloc(300_000, 7);
    expect(decodeCbor(encodeCbor([long, 1]))).toEqual([long, 1]);
    expect(plain(decodeCbor(encodeCbor([large, 'end'])))).toEqual(plain([large, 'end']));
    expect(hex([1, 2, 3])).toBe('83010203');
    const many = Array.from({ length: 200_000 }, (_, at) => at % 24);
    expect(decodeCbor(encodeCbor(many))).toEqual(many);
  });

  test('text of any length and script comes back, around the length where short words are read otherwise', () => {
    for (const length of [1, 31, 32, 33])
      for (const text of ['a'.repeat(length), `${'a'.repeat(length - 1)}\u007f`, '水'.repeat(length), `${'a'.repeat(length - 1)}ü`])
        expect(decodeCbor(encodeCbor(text))).toBe(text);
    expect(decodeCbor(encodeCbor('\ufeffa'))).toBe('\ufeffa');
  });

  test('eight levels inside one another are read, nine are not', () => {
    expect(decodeCbor(bytes(`${'81'.repeat(8)}00`))).toEqual([[[[[[[[0]]]]]]]]);
    expect(() => decodeCbor(bytes(`${'81'.repeat(9)}00`))).toThrow(CborError);
    expect(() => decodeCbor(bytes(`${'a100'.repeat(9)}00`))).toThrow(CborError);
    expect(() => decodeCbor(bytes(`${'a100'.repeat(8)}00`))).not.toThrow();
  });

  test('what is read is a copy: changing it changes no byte of the log', () => {
    const encoded = encodeCbor(Buffer.of(1, 2));
    const read = decodeCbor(encoded);
    if (read instanceof Uint8Array) read.fill(9);
    expect(encoded.toString('hex')).toBe('420102');
    expect(decodeCbor(new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.length))).toEqual(Buffer.of(1, 2));
  });

  test('numbers that are not whole or too large are not written', () => {
    for (const each of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53)]) expect(() => encodeCbor(each)).toThrow(CborError);
  });

  test('a prefix reader takes no item that runs past the end, also inside another', () => {
    for (const text of ['450102', '81450102', '650102', '82016501', '19']) expect(() => decodeCborPrefix(bytes(text)), text).toThrow(CborError);
  });

  test('its errors have a name of their own', () => {
    expect(() => decodeCbor(Buffer.alloc(0))).toThrow(expect.objectContaining({ name: 'CborError' }));
  });

  test('a prefix reader says where the value ended', () => {
    expect(decodeCborPrefix(bytes('8301020300ff'))).toEqual({ value: [1, 2, 3], used: 4 });
  });

  test('random bytes are refused or read as the one encoding of something', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => {
        let read: CborValue;
        try {
          read = decodeCbor(noise);
        } catch (error) {
          expect(error).toBeInstanceOf(CborError);
          return;
        }
        expect(encodeCbor(read).equals(noise)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
