import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Ask, codeOf, give, isNewcomer, newcomerOf, offerText, readAsk, readCode, readOffer, take } from '../../gateway/wire/mqtt/enrol.ts';

// Made by another implementation (Python: curve and HKDF by hand, the cryptography package for AES-GCM), not by ours.
const DEVICE = Buffer.alloc(32, 0x11);
const GATEWAY = Buffer.alloc(32, 0x22);
const CODE = 'ABCD-EFGH-JKMN';
const PUBLIC = '040217e617f0b6443928278f96999e69a23a4f2c152bdf6d6cdf66e5b80282d4ed194a7debcb97712d2dda3ca85aa8765a56f45fc758599652f2897c65306e5794';
const EPHEMERAL = '04d65a93977caa3d1b081852ff57a79e465f1660577304baead505dd3a48589cf350185e895372df6221ea3a137557e473fddb6755f05bd507c3c533fce9c91285';
const CLIENT = 'new-2bad0fd610d99eae';
const SEALED =
  '0000000000000000000000002b637dca8aa3d38c952849158cbe1192c55ef079a75da3eadca7d73ac7e011f39ca8f79f6c56cb340e97a7bb57f2bd33408bcbb45e718f257ea59e14ab165f09578ca257906951458398e0478c17965643af32ec7522caca933274aff636f9064b0a89aeb7a4de52aa2bf7040745637f6ef5e5c2a8745e3f1fd40c774e6239c48362c61091ce79221df6f25221e18d615ead3e7172586f45b943bdc48e82d6815f435211826b58f79d56b79e421d40121814f303d2a4a440d1093c2c4f4b544b91df4e6483cb3fa4e1';
const IDENTITY = {
  site: 'yc42',
  device: 'yc42-d01',
  secret: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
  list: '6e7a1cdd29b0b78fd13af4c5598feff4ef2a97166e3ca6f2e4fbfccd80505bf1',
};
const ASK: Ask = { v: 1, k: PUBLIC, c: CODE, model: 'esp32-door', fw: '1.0', doors: 1 };
const body = (value: object): Buffer => Buffer.from(JSON.stringify(value));

describe('a trade', () => {
  test('is sealed as the vector says', () => {
    expect(give(ASK, IDENTITY, GATEWAY, Buffer.alloc(12))).toEqual({ v: 1, e: EPHEMERAL, x: SEALED });
    expect(newcomerOf(Buffer.from(PUBLIC, 'hex'))).toBe(CLIENT);
  });

  test('is opened as the vector says', () => {
    expect(take(body({ v: 1, e: EPHEMERAL, x: SEALED }), { privateKey: DEVICE, code: CODE })).toEqual(IDENTITY);
  });

  test.each([
    ['another key', { privateKey: Buffer.alloc(32, 0x12), code: CODE }],
    ['another code', { privateKey: DEVICE, code: 'ABCD-EFGH-JKMP' }],
  ])('opens for nobody with %s', (_, own) => {
    expect(() => take(body({ v: 1, e: EPHEMERAL, x: SEALED }), own)).toThrow('x: expected an answer sealed for this device');
  });

  test('with a gateway whose point is none is refused', () => {
    expect(() => take(body({ v: 1, e: `04${'11'.repeat(64)}`, x: SEALED }), { privateKey: DEVICE, code: CODE })).toThrow('e: expected an uncompressed point of P-256');
  });

  test('that is refused says why', () => {
    expect(take(body({ v: 1, r: 'EXPIRED' }), { privateKey: DEVICE, code: CODE })).toBe('EXPIRED');
    expect(() => take(body({ v: 1, r: 'BECAUSE' }), { privateKey: DEVICE, code: CODE })).toThrow('r: expected');
  });

  test.each<[string, object, string]>([
    ['a point beside the curve', { ...ASK, k: `04${'11'.repeat(64)}` }, 'k: expected an uncompressed point of P-256'],
    ['a short key', { ...ASK, k: '04' }, 'k: expected 130 lower-case hex digits'],
    ['no code', { ...ASK, c: '' }, 'c: expected'],
    ['nine doors', { ...ASK, doors: 9 }, 'doors: expected a whole number from 1 to 8'],
    ['another version', { ...ASK, v: 2 }, 'v: expected'],
  ])('with %s is refused by the name of the field', (_, ask, why) => {
    expect(() => readAsk(body(ask))).toThrow(why);
  });

  test('is read as it was written', () => {
    expect(readAsk(body(ASK))).toEqual(ASK);
    expect(() => readAsk(Buffer.from('{'))).toThrow('body: expected a JSON object');
  });
});

describe('a code', () => {
  test('has twelve letters that nobody takes for another, five bits of each byte', () => {
    expect(codeOf(Buffer.from('000102030405060708090a0b', 'hex'))).toBe('0123-4567-89AB');
    expect(codeOf(Buffer.alloc(12, 0xff))).toBe('ZZZZ-ZZZZ-ZZZZ');
    expect(() => codeOf(Buffer.alloc(11))).toThrow('expected 12 random bytes, got 11');
  });

  test.each([
    ['abcd-efgh-jkmn', CODE],
    [' ABCDEFGHJKMN ', CODE],
    ['ABCD EFGH JKMN', CODE],
    ['oiil-0000-0000', '0111-0000-0000'],
    ['ABCD-EFGH-JKM', undefined],
    ['ABCD-EFGH-JKMU', undefined],
    ['', undefined],
  ])('typed as %j is %j', (typed, code) => {
    expect(readCode(typed)).toBe(code);
  });
});

describe('an offer', () => {
  const pin = 'A'.repeat(43);
  test('comes back as it was, with any host', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\x21-\x7e]{1,40}$/), fc.integer({ min: 1, max: 65_535 }), fc.constantFrom('', pin), (host, port, key) => {
        expect(readOffer(offerText({ host, port, pin: key, code: CODE }))).toEqual({ host, port, pin: key, code: CODE });
      }),
    );
  });

  test('reads as it stands in a QR code', () => {
    expect(offerText({ host: '192.168.1.10', port: 8883, pin, code: CODE })).toBe(`doorbook:enrol?h=192.168.1.10&p=8883&k=${pin}&c=ABCD-EFGH-JKMN`);
  });

  test.each([
    ['https://example.cn', 'offer: expected'],
    ['doorbook:enrol?p=1&c=ABCD-EFGH-JKMN', 'h: expected the address'],
    ['doorbook:enrol?h=a&p=0&c=ABCD-EFGH-JKMN', 'p: expected a port'],
    ['doorbook:enrol?h=a&p=1.5&c=ABCD-EFGH-JKMN', 'p: expected a port'],
    ['doorbook:enrol?h=a&p=65536&c=ABCD-EFGH-JKMN', 'p: expected a port'],
    ['doorbook:enrol?h=a&p=1&k=short&c=ABCD-EFGH-JKMN', 'k: expected the pin'],
    ['doorbook:enrol?h=a&p=1&c=1234', 'c: expected a code'],
  ])('%s is refused', (text, why) => {
    expect(() => readOffer(text)).toThrow(why);
  });
});

test.each([
  [CLIENT, true],
  ['new-2bad0fd610d99ea', false],
  ['new-2BAD0FD610D99EAE', false],
  ['yc42-d01', false],
])('%s is a newcomer: %s', (id, is) => {
  expect(isNewcomer(id)).toBe(is);
});
