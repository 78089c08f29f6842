import { describe, expect, test } from 'vitest';
import { coveredBy, type Frame, FrameReader } from '../../../gateway/wire/osdp/frame.ts';
import { DEFAULT_KEY, weakness } from '../../../gateway/wire/osdp/keys.ts';
import { type CommandName, readCommand, readReply, writeCommand } from '../../../gateway/wire/osdp/messages.ts';
import { decrypt, deriveKeys, deviceCryptogram, encrypt, firstMac, macOf, panelCryptogram, sameBytes, SecureSession } from '../../../gateway/wire/osdp/secure.ts';
import { DEFAULT_SESSION, NIST, RECORDED, SECURED } from './vectors.ts';

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const shown = (bytes: Uint8Array | undefined): string | undefined => (bytes === undefined ? undefined : Buffer.from(bytes).toString('hex'));
function frameOf(text: string): Frame {
  const [heard] = new FrameReader().push(hex(text));
  if (heard?.t !== 'frame') throw new Error('no frame');
  return heard.frame;
}
const ZERO = Buffer.alloc(16);
const ZERO_KEYS = { enc: ZERO, mac1: ZERO, mac2: ZERO };
const NIST_KEYS = { enc: hex(NIST.key), mac1: hex(NIST.key), mac2: hex(NIST.key) };
const inverted = (text: string): Buffer => Buffer.from(hex(text).map((byte) => ~byte));

test('the handshake of Annex E', () => {
  const { key, panelRandom, deviceRandom, ...expected } = DEFAULT_SESSION;
  expect(shown(DEFAULT_KEY)).toBe(key);
  const keys = deriveKeys(DEFAULT_KEY, hex(panelRandom));
  expect({ enc: shown(keys.enc), mac1: shown(keys.mac1), mac2: shown(keys.mac2) }).toMatchObject({ enc: expected.enc, mac1: expected.mac1, mac2: expected.mac2 });
  expect(shown(deviceCryptogram(keys, hex(panelRandom), hex(deviceRandom)))).toBe(expected.deviceCryptogram);
  expect(shown(panelCryptogram(keys, hex(panelRandom), hex(deviceRandom)))).toBe(expected.panelCryptogram);
  expect(shown(firstMac(keys, hex(expected.panelCryptogram)))).toBe(expected.firstMac);
});

test('encryption, padding and the code over several blocks, by NIST’s numbers', () => {
  expect(shown(encrypt(NIST_KEYS, inverted(NIST.iv), hex(NIST.iv).subarray(0, 15)))).toBe(NIST.padded15);
  expect(shown(encrypt(NIST_KEYS, inverted(NIST.iv), hex(NIST.iv)))).toBe(NIST.padded16);
  expect(shown(decrypt(NIST_KEYS, inverted(NIST.iv), hex(NIST.padded15)))).toBe(NIST.iv.slice(0, 30));
  expect(shown(decrypt(NIST_KEYS, inverted(NIST.iv), hex(NIST.padded16)))).toBe(NIST.iv);
  expect(shown(macOf(NIST_KEYS, hex(NIST.iv), hex(NIST.text)))).toBe(NIST.mac);
});

test('padding that is none is no data', () => {
  const cipher = (plain: string): Buffer => encrypt(NIST_KEYS, ZERO, hex(plain)).subarray(0, 16);
  expect(decrypt(NIST_KEYS, ZERO, cipher('00'.repeat(16)))).toBeUndefined();
  expect(decrypt(NIST_KEYS, ZERO, cipher(`${'11'.repeat(8)}80${'00'.repeat(6)}01`))).toBeUndefined();
  expect(decrypt(NIST_KEYS, ZERO, hex('00'.repeat(15)))).toBeUndefined();
  expect(decrypt(NIST_KEYS, ZERO, encrypt(NIST_KEYS, ZERO, hex('11'.repeat(16))).subarray(0, 16))).toBeUndefined();
  expect(shown(decrypt(NIST_KEYS, ZERO, cipher(`80${'00'.repeat(15)}`)))).toBe('');
});

test.each(SECURED)('%s under keys of zeros is sealed and opened as another maker’s', (name, body, bytes) => {
  const { code, data } = writeCommand(name as CommandName, body as never);
  expect(shown(new SecureSession(ZERO_KEYS, ZERO).seal({ address: 0, reply: false, sequence: 2, code, data }))).toBe(bytes);
  const opened = new SecureSession(ZERO_KEYS, ZERO).open(frameOf(bytes));
  expect(readCommand({ code, data: opened?.data ?? hex('ff') })).toEqual({ name, body });
  expect(opened?.encrypted).toBe(data.length > 0);
});

describe('a session recorded between a panel and a device of another maker', () => {
  const [, , , , challenge = '', answer = '', proof = '', first = ''] = RECORDED.handshake;
  const random = frameOf(challenge).data;
  const keys = deriveKeys(hex(RECORDED.key), random);
  const began = (): SecureSession => new SecureSession(keys, frameOf(first).data);

  test('its handshake is recomputed', () => {
    expect([shown(keys.enc), shown(keys.mac1), shown(keys.mac2)]).toEqual([RECORDED.enc, RECORDED.mac1, RECORDED.mac2]);
    const reply = readReply(frameOf(answer));
    if (reply?.name !== 'CCRYPT') throw new Error('no answer to the challenge');
    expect(shown(deviceCryptogram(keys, random, reply.body.random))).toBe(shown(reply.body.cryptogram));
    expect(shown(panelCryptogram(keys, random, reply.body.random))).toBe(shown(frameOf(proof).data));
    expect(shown(firstMac(keys, frameOf(proof).data))).toBe(shown(frameOf(first).data));
    expect([challenge, answer, proof, first].map((text) => frameOf(text).block?.type)).toEqual([0x11, 0x12, 0x13, 0x14]);
  });

  test('every frame of it opens, and says what it said', () => {
    const session = began();
    const macs = RECORDED.frames.map(([name, data, bytes]) => {
      const frame = frameOf(bytes);
      const opened = session.open(frame);
      expect([name, shown(opened?.data)]).toEqual([name, data]);
      const read = frame.reply ? readReply : readCommand;
      expect(read({ code: frame.code, data: opened?.data ?? hex('ff') })?.name).toBe(name);
      return shown(frame.mac);
    });
    expect(macs).toEqual(RECORDED.frames.map(([, , , mac]) => mac.slice(0, 8)));
  });

  test('every frame of it comes out of ours byte by byte, but for one that broke the rules', () => {
    const session = began();
    for (const [, data, bytes] of RECORDED.frames) {
      const frame = frameOf(bytes);
      // A reply under a panel's type, its data in clear: read, and never made.
      if (frame.reply && frame.block?.type === 0x15) {
        expect(session.open(frame)).toEqual({ data: hex(data), encrypted: false });
        continue;
      }
      const { address, reply, sequence, code } = frame;
      expect(`ff${shown(session.seal({ address, reply, sequence, code, data: hex(data) }))}`).toBe(bytes);
    }
  });

  test('each frame’s code covers everything before it', () => {
    expect(RECORDED.frames.map(([, , bytes]) => coveredBy(frameOf(bytes)).length)).toEqual(RECORDED.frames.map(([, , bytes]) => hex(bytes).length - 7));
  });

  test('a frame opens in its place only, and after a wrong code nothing does', () => {
    const [poll, card, next] = RECORDED.frames;
    const skipped = began();
    skipped.open(frameOf(poll[2]));
    expect(skipped.open(frameOf(next[2]))).toBeUndefined();
    const bent = frameOf(card[2]);
    const broken = began();
    broken.open(frameOf(poll[2]));
    expect(broken.open({ ...bent, mac: hex('de343d2f') })).toBeUndefined();
    expect(broken.open(bent)).toBeUndefined();
    expect(began().open(frameOf(challenge))).toBeUndefined();
  });
});

test.each([
  ['too short', '00', 'length'],
  ['the public default', '303132333435363738393a3b3c3d3e3f', 'default'],
  ['one byte again and again', '7a'.repeat(16), 'pattern'],
  ['rising', '404142434445464748494a4b4c4d4e4f', 'pattern'],
  ['rising over the end', 'f8f9fafbfcfdfeff0001020304050607', 'pattern'],
  ['falling', '0f0e0d0c0b0a09080706050403020100', 'pattern'],
  ['two equal halves', '0011220033440055'.repeat(2), 'halves'],
  ['of a public example', NIST.key, 'sample'],
])('a key %s is refused', (_, key, why) => {
  expect(weakness(hex(key))).toBe(why);
});

test('all 768 keys of patterns are refused, and an ordinary one is not', () => {
  for (const step of [0, 1, -1]) for (let from = 0; from < 256; from += 1) expect(weakness(Uint8Array.from({ length: 16 }, (_, at) => from + step * at))).toBeDefined();
  expect(weakness(hex('8f13a2c45b907e6d214fb8c30a55d9e7'))).toBeUndefined();
  expect(sameBytes(hex('00'), hex('0000'))).toBe(false);
});
