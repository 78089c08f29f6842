import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Method } from '../../gateway/core/facts.ts';
import { BuildingId, ControllerId, CredentialId, DoorId, PersonId, TenancyId, UnitId } from '../../gateway/core/ids.ts';
import { NOTES, REASONS } from '../../gateway/core/reasons.ts';
import { CborError, type CborValue, encodeCbor } from '../../gateway/wire/cbor.ts';
import { decodeEvent, decodePerson, encodeEvent, encodePerson } from '../../gateway/journal/encode.ts';
import { ENTRY_KIND, type EntryKind, type EventData, eventOf, type Final, NO_PERSON, type PersonData } from '../../gateway/journal/entry.ts';
import { NOON, tapEntry } from './samples.ts';

const METHODS: readonly Method[] = ['card', 'pin', 'app', 'qr', 'remote'];
const FINALS: readonly Final[] = ['executed', 'local', 'not-executed', 'unknown'];
const KINDS = Object.keys(ENTRY_KIND).filter((name): name is EntryKind => name in ENTRY_KIND);
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const u32 = fc.nat({ max: 2 ** 32 - 1 });
const hexOf = (bytes: number): fc.Arbitrary<string> => fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((each) => Buffer.from(each).toString('hex'));

const event: fc.Arbitrary<EventData> = fc.record({
  kind: fc.constantFrom(...KINDS),
  key: maybe(fc.record({ controllerId: u32.map(ControllerId), instance: hexOf(8), boot: u32, seq: u32 })),
  buildingId: u32.map(BuildingId),
  doorId: u32.map(DoorId),
  granted: fc.boolean(),
  reason: maybe(fc.constantFrom(...REASONS)),
  note: maybe(fc.constantFrom(...NOTES)),
  method: maybe(fc.constantFrom(...METHODS)),
  openMs: fc.nat(),
  offline: fc.boolean(),
  final: maybe(fc.constantFrom(...FINALS)),
  what: maybe(fc.constantFrom('exit', 'forced', 'online', '')),
  ref: maybe(fc.maxSafeNat()),
  deviceTime: fc.maxSafeNat(),
  gatewayTime: fc.maxSafeNat(),
  skewMs: fc.maxSafeInteger(),
  list: fc.constantFrom('', '1.7', '4294967295.4294967295'),
  digest: fc.oneof(fc.constant(''), hexOf(8), fc.constantFrom('ABCD', 'abc')),
});

const person: fc.Arbitrary<PersonData> = fc.record({
  personId: u32.map(PersonId),
  unitId: u32.map(UnitId),
  tenancyId: u32.map(TenancyId),
  credentialId: u32.map(CredentialId),
  fingerprint: fc.oneof(fc.constant(''), hexOf(12)),
  accountId: fc.nat(),
  words: fc.string({ maxLength: 40, unit: 'grapheme' }).map((words) => words.slice(0, 120).toWellFormed()),
});

describe('event data', () => {
  test('every event comes back as it was', () => {
    fc.assert(
      fc.property(event, (each) => {
        expect(decodeEvent(encodeEvent(each))).toEqual(each);
      }),
      { numRuns: 400 },
    );
  });

  test.each(KINDS)('an entry of kind %s keeps its kind', (kind) => {
    expect(decodeEvent(encodeEvent(eventOf({ kind, gatewayTime: NOON }))).kind).toBe(kind);
  });

  test.each(REASONS)('the reason %s keeps its name', (reason) => {
    expect(decodeEvent(encodeEvent(eventOf({ kind: 'access', gatewayTime: NOON, reason }))).reason).toBe(reason);
  });

  test('the bytes of a known event stay what they are for ever', () => {
    // Written by hand from RFC 8949: a map of 17 (b1); keys 1 kind, 2–5 device key, 6 building, 7 door, 8 granted, 9 reason, 10 note, 11 method, 12 openMs, 17–19 times, 20 list, 21 digest.
    const { event: tap } = tapEntry(5);
    expect(encodeEvent(tap).toString('hex')).toBe(
      [
        'b1',
        '0101',
        '0203',
        '034800112233445566ff',
        '0402',
        '0505',
        '0607',
        '071829',
        '08f5',
        '0901',
        '0a01',
        '0b01',
        '0c191388',
        '111b0000019e8156a5f4',
        '121b0000019e8156a600',
        '132b',
        '1463312e37',
        '15480123456789abcdef',
      ].join(''),
    );
  });

  test('what is not said takes no byte: an empty event is its kind and its time', () => {
    expect(encodeEvent(eventOf({ kind: 'door', gatewayTime: 1 })).toString('hex')).toBe('a201031201');
    expect(decodeEvent(encodeEvent(eventOf({ kind: 'door', gatewayTime: 0 })))).toEqual(eventOf({ kind: 'door', gatewayTime: 0 }));
  });

  test.each(['ab', 'abc', 'AB', 'xab', 'abx', 'ab cd'])('a digest of "%s" comes back letter for letter, and only pairs of lower-case hex travel as bytes', (digest) => {
    const written = encodeEvent(eventOf({ kind: 'door', gatewayTime: 1, digest }));
    expect(decodeEvent(written).digest).toBe(digest);
    expect(written.includes(Buffer.from(digest))).toBe(digest !== 'ab');
  });

  test('names of a newer version are no name here', () => {
    const newer = new Map<number, number>([1, 9, 10, 11, 14].map((key) => [key, key === 1 ? 1 : 9999]));
    expect(decodeEvent(encodeCbor(newer))).toEqual(eventOf({ kind: 'access', gatewayTime: 0 }));
  });

  test('a key or a name of a newer version is passed over', () => {
    const newer = encodeCbor(
      new Map<number, number | string>([
        [1, 1],
        [9, 9999],
        [18, NOON],
        [4000, 'later'],
      ]),
    );
    expect(decodeEvent(newer)).toEqual(eventOf({ kind: 'access', gatewayTime: NOON }));
  });

  test('an unknown kind and things that are no event are refused', () => {
    for (const [key, wrong] of [
      [20, 5],
      [20, true],
      [15, 5],
      [16, 'x'],
      [6, 'x'],
    ] as const)
      expect(
        () =>
          decodeEvent(
            encodeCbor(
              new Map<number, CborValue>([
                [1, 1],
                [key, wrong],
              ]),
            ),
          ),
        `${key}`,
      ).toThrow(CborError);
    for (const each of [new Map([[1, 200]]), new Map(), [1], 5]) expect(() => decodeEvent(encodeCbor(each))).toThrow(CborError);
    expect(() =>
      decodeEvent(
        encodeCbor(
          new Map<number, number | string>([
            [1, 1],
            [12, 'long'],
          ]),
        ),
      ),
    ).toThrow(CborError);
  });
});

describe('person data', () => {
  test('everybody comes back as they were', () => {
    fc.assert(
      fc.property(person, (each) => {
        expect(decodePerson(encodePerson(each))).toEqual(each);
      }),
      { numRuns: 300 },
    );
  });

  test('nobody takes as many bytes as somebody', () => {
    const nobody = encodePerson(NO_PERSON);
    expect(nobody).toHaveLength(256);
    expect(nobody.equals(Buffer.concat([Buffer.of(0xa0), Buffer.alloc(255)]))).toBe(true);
    expect(encodePerson(tapEntry(1, {}, { fingerprint: 'ff'.repeat(12), accountId: 2 ** 31, words: 'x'.repeat(120) }).person)).toHaveLength(256);
  });

  test('120 Chinese characters are kept whole', () => {
    const words = '查'.repeat(120);
    const data = encodePerson({ ...NO_PERSON, words });
    expect(data).toHaveLength(512);
    expect(decodePerson(data).words).toBe(words);
  });

  test('longer words are refused by name', () => {
    expect(() => encodePerson({ ...NO_PERSON, words: 'x'.repeat(121) })).toThrow(/words: expected at most 120/);
  });

  test('person data is a map of seven numbered fields, those that say nothing left out', () => {
    const whole = encodePerson({ personId: PersonId(1), unitId: UnitId(2), tenancyId: TenancyId(3), credentialId: CredentialId(4), fingerprint: 'ab', accountId: 6, words: 'w' });
    expect(whole.subarray(0, 17).toString('hex')).toBe('a7010102020303040405 41ab0606076177'.replace(' ', ''));
    expect(whole.subarray(17).every((byte) => byte === 0)).toBe(true);
    expect(
      encodePerson({ ...NO_PERSON, accountId: 6 })
        .subarray(0, 4)
        .toString('hex'),
    ).toBe('a1060600');
  });

  test('data of another kind is refused as person data', () => {
    for (const value of [[1], 5, 'x']) expect(() => decodePerson(Buffer.concat([encodeCbor(value), Buffer.alloc(256)]).subarray(0, 256))).toThrow(CborError);
  });

  test('padding that is not zeros is refused, wherever it is', () => {
    const early = encodePerson(NO_PERSON);
    early[1] = 1;
    expect(() => decodePerson(early)).toThrow(CborError);
    expect(() => decodePerson(Buffer.concat([encodePerson(NO_PERSON), Buffer.alloc(1)]))).toThrow(CborError);
    expect(decodePerson(Buffer.concat([encodePerson(NO_PERSON), Buffer.alloc(256)]))).toEqual(NO_PERSON);
    const data = encodePerson(NO_PERSON);
    data[255] = 1;
    expect(() => decodePerson(data)).toThrow(CborError);
    expect(() => decodePerson(encodePerson(NO_PERSON).subarray(0, 255))).toThrow(CborError);
  });
});
