import { createCipheriv, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createVault, readingBytes } from '../../gateway/store/vault.ts';

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const keys = { vault: [{ n: 1, key: key(1) }], hash: [{ n: 1, key: key(2) }], fingerprint: key(3) } as const;
const vault = createVault(keys);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

describe('sealing', () => {
  test('any text comes back as it went in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(vault.open('person.name', vault.seal('person.name', text))).toBe(text);
      }),
      { numRuns: 200 },
    );
  });

  test('the same name twice looks different, and shows nothing of it', () => {
    const [one, other] = [vault.seal('person.name', '李小明'), vault.seal('person.name', '李小明')];
    expect(hex(one)).not.toBe(hex(other));
    expect(hex(one)).not.toContain(hex(Buffer.from('李小明')));
  });

  test('a value moved to another field does not open there', () => {
    expect(() => vault.open('person.phone', vault.seal('person.name', '李小明'))).toThrow('person.phone: the value does not open');
  });

  test('with one bit changed anywhere, or cut, it does not open', () => {
    const sealed = vault.seal('person.document', '890101199003070118');
    for (let at = 0; at < sealed.length; at += 1)
      expect(
        () =>
          vault.open(
            'person.document',
            sealed.map((byte, index) => (index === at ? byte ^ 1 : byte)),
          ),
        `byte ${at}`,
      ).toThrow('person.document');
    for (let length = 0; length < sealed.length; length += 1) expect(() => vault.open('person.document', sealed.slice(0, length))).toThrow('person.document');
  });

  test('another gateway’s keys do not open it', () => {
    const other = createVault({ ...keys, vault: [{ n: 1, key: key(9) }] });
    expect(() => other.open('person.name', vault.seal('person.name', '李小明'))).toThrow('does not open with this gateway');
  });

  test('bytes go in and out as bytes', () => {
    const secret = Uint8Array.from({ length: 32 }, (_, at) => at * 8);
    expect([...vault.openBytes('controller.secret', vault.sealBytes('controller.secret', secret))]).toEqual([...secret]);
  });
});

describe('keys with numbers', () => {
  const newer = createVault({ ...keys, vault: [{ n: 300, key: key(7) }, ...keys.vault], hash: [{ n: 2, key: key(8) }, ...keys.hash] });

  test('a sealed value says which key it is under: version 2, the number in two bytes', () => {
    expect(hex(newer.seal('person.name', '李小明')).slice(0, 6)).toBe('02012c');
    expect(hex(newer.sealHead)).toBe('02012c');
    expect(hex(vault.seal('person.name', '李小明')).slice(0, 6)).toBe('020001');
  });

  test('what an older key sealed still opens, also in the first version, which had no number', () => {
    expect(newer.open('person.name', vault.seal('person.name', '李小明'))).toBe('李小明');
    const nonce = Buffer.alloc(12, 5);
    const cipher = createCipheriv('aes-256-gcm', key(1), nonce).setAAD(Buffer.from('doorbook/register/person.name'));
    const first = Buffer.concat([Buffer.of(1), nonce, cipher.update('李小明'), cipher.final(), cipher.getAuthTag()]);
    expect(newer.open('person.name', first)).toBe('李小明');
  });

  test('what a key sealed that is gone does not open, and the message says which', () => {
    expect(() => vault.open('person.name', newer.seal('person.name', '李小明'))).toThrow('person.name: the value is sealed under key 300');
  });

  test('new hashes are of the newest key; looking up tries all', () => {
    expect([newer.changing, vault.changing, newer.hashKey]).toEqual([true, false, 2]);
    expect(newer.hashes('phone', '+8612000000001').map(hex)).toEqual([hex(newer.hash('phone', '+8612000000001')), hex(vault.hash('phone', '+8612000000001'))]);
    expect(hex(newer.hash('phone', '+8612000000001'))).not.toBe(hex(vault.hash('phone', '+8612000000001')));
  });

  test.each(['holder', 'request'] as const)('a hash of kind %s outlasts a change of keys: what it was made of is not kept', (kind) => {
    expect(hex(newer.hash(kind, 'A123'))).toBe(hex(vault.hash(kind, 'A123')));
    expect(hex(newer.hash(kind, 'A123'))).not.toBe(hex(vault.hash(kind, 'A124')));
  });

  test('the fingerprint key stays: a card is the same card', () => {
    const reading = { bits: 32, hex: '1A2B3C4D' };
    expect(hex(newer.fingerprint(reading))).toBe(hex(vault.fingerprint(reading)));
  });
});

describe('search hashes', () => {
  test('16 bytes of HMAC-SHA-256 over kind, a zero byte and the text', () => {
    const whole = createHmac('sha256', key(2)).update('document').update(Buffer.of(0)).update('111:890101199003070118').digest('hex');
    expect(hex(vault.hash('document', '111:890101199003070118'))).toBe(whole.slice(0, 32));
  });

  test('the same digits as another kind hash differently', () => {
    expect(hex(vault.hash('phone', '12000000001'))).not.toBe(hex(vault.hash('document', '12000000001')));
  });
});

describe('fingerprints', () => {
  test('canonical bytes: width, then the value big-endian in as few bytes as the width needs', () => {
    expect(hex(readingBytes({ bits: 32, hex: '1A2B3C4D' }))).toBe('201a2b3c4d');
    expect(hex(readingBytes({ bits: 24, hex: '2b3c4d' }))).toBe('182b3c4d');
    expect(hex(readingBytes({ bits: 40, hex: '1F00ABCDEF' }))).toBe('281f00abcdef');
    expect(hex(readingBytes({ bits: 56, hex: '04A1B2C3D4E5F6' }))).toBe('3804a1b2c3d4e5f6');
    expect(hex(readingBytes({ bits: 26, hex: '1' }))).toBe('1a00000001');
  });

  test('12 bytes of HMAC-SHA-256, whatever the case and leading zeros of the hex', () => {
    const whole = createHmac('sha256', key(3)).update(Buffer.from('200a0b0c0d', 'hex')).digest('hex');
    for (const written of ['0A0B0C0D', '0a0b0c0d', 'A0B0C0D', '00000A0B0C0D']) expect(hex(vault.fingerprint({ bits: 32, hex: written }))).toBe(whole.slice(0, 24));
  });

  test('the same digits at another width are another credential', () => {
    expect(hex(vault.fingerprint({ bits: 24, hex: '2B3C4D' }))).not.toBe(hex(vault.fingerprint({ bits: 32, hex: '2B3C4D' })));
  });

  test.each([
    [{ bits: 0, hex: '1' }, 'bits: expected a whole number from 1 to 64'],
    [{ bits: 65, hex: '1' }, 'bits'],
    [{ bits: 32.5, hex: '1' }, 'bits'],
    [{ bits: 32, hex: '' }, 'hex: expected 1 to 64 hex digits'],
    [{ bits: 32, hex: 'xyz' }, 'hex'],
    [{ bits: 24, hex: '1A2B3C4D' }, 'hex: expected a value of at most 24 bits'],
  ])('%o cannot be a reading', (reading, message) => {
    expect(() => readingBytes(reading)).toThrow(message);
  });
});
