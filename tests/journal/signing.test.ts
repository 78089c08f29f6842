import { describe, expect, test } from 'vitest';
import { isSignedBy, publicKeyOf, signerOf, verifierKey } from '../../gateway/journal/signing.ts';
import { parseCheckpoint } from '../../gateway/wire/checkpoint.ts';

// RFC 8032 7.1, test 1.
const SEED = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
const PUBLIC = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
const ORIGIN = 'doorbook/log/000102030405060708090a0b0c0d0e0f';
const OTHER = 'doorbook/log/ff0102030405060708090a0b0c0d0e0f';
const body = { origin: ORIGIN, size: 7, root: Buffer.alloc(32, 9).toString('base64'), cites: undefined };
// Made with Python's hashlib: the first four bytes of SHA-256 over origin, line feed, 01 and the public key.
const KEY_ID = '3b2b778f';

describe('signing checkpoints', () => {
  test('the public key is the one of the standard', () => {
    expect(publicKeyOf(SEED).toString('hex')).toBe(PUBLIC);
    expect(signerOf(SEED, ORIGIN).publicKey.toString('hex')).toBe(PUBLIC);
  });

  test('others are given the key in the C2SP form: origin, key id, kind and key', () => {
    expect(verifierKey(ORIGIN, Buffer.from(PUBLIC, 'hex'))).toBe(`${ORIGIN}+${KEY_ID}+${Buffer.from(`01${PUBLIC}`, 'hex').toString('base64')}`);
  });

  test('a note says what was signed, and its signature begins with the key id', () => {
    const note = parseCheckpoint(signerOf(SEED, ORIGIN).sign(body));
    expect(note).toMatchObject({ ...body, signatures: [{ name: ORIGIN }] });
    const blob = Buffer.from(note.signatures[0]?.blob ?? '', 'base64');
    expect([blob.length, blob.subarray(0, 4).toString('hex')]).toEqual([68, KEY_ID]);
    expect(isSignedBy(note, Buffer.from(PUBLIC, 'hex'))).toBe(true);
  });
});

describe('a signature', () => {
  const key = Buffer.from(PUBLIC, 'hex');
  const note = parseCheckpoint(signerOf(SEED, ORIGIN).sign(body));
  const blob = Buffer.from(note.signatures[0]?.blob ?? '', 'base64');
  const under = (name: string, bytes: Uint8Array) => ({ name, blob: Buffer.from(bytes).toString('base64') });
  const changed = (at: number): Buffer => {
    const copy = Buffer.from(blob);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy;
  };

  test('is found among those of witnesses', () => {
    const witness = { name: 'a.witness', blob: Buffer.alloc(76).toString('base64') };
    expect(isSignedBy({ ...note, signatures: [witness, ...note.signatures, witness] }, key)).toBe(true);
    expect(isSignedBy({ ...note, signatures: [witness] }, key)).toBe(false);
    expect(isSignedBy({ ...note, signatures: [] }, key)).toBe(false);
  });

  test('counts for its own text, log, name and key alone', () => {
    expect(isSignedBy({ ...note, text: note.text.replace('7', '8') }, key)).toBe(false);
    expect(isSignedBy({ ...note, origin: OTHER }, key)).toBe(false);
    expect(isSignedBy({ ...note, signatures: [under(OTHER, blob)] }, key)).toBe(false);
    expect(isSignedBy(note, publicKeyOf(Buffer.alloc(32, 1)))).toBe(false);
  });

  test('with another key id, a changed byte or another length counts for nothing', () => {
    for (const bytes of [changed(0), changed(3), changed(4), changed(67), blob.subarray(0, 67), Buffer.concat([blob, Buffer.alloc(1)]), blob.subarray(4)])
      expect(isSignedBy({ ...note, signatures: [under(ORIGIN, bytes)] }, key)).toBe(false);
  });
});
