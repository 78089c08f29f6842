import { FieldError } from '../../gateway/wire/fields.ts';
import { BLOCK, BROADCAST, encodeFrame, type Frame, FrameReader, isSecured, MARK } from '../../gateway/wire/osdp/frame.ts';
import { DEFAULT_KEY } from '../../gateway/wire/osdp/keys.ts';
import { type Command, NAK, readCommand, type Written, writeReply } from '../../gateway/wire/osdp/messages.ts';
import { deriveKeys, deviceCryptogram, firstMac, panelCryptogram, sameBytes, SecureSession, type SessionKeys } from '../../gateway/wire/osdp/secure.ts';
import { carryOut } from './peripheral-acts.ts';
import type { Peripheral } from './peripheral-model.ts';

/** A device drops its session after so long a silence (osdp.md 2.4), ms. */
const OFFLINE_MS = 8000;
/** A frame that stops for so long will not be whole any more (osdp.md 2.2), ms: bytes through adapters come in bursts. */
const GAP_MS = 40;
/** What may be said to a device in full security without a session (osdp.md 2.8). */
const CLEAR: readonly Command['name'][] = ['ID', 'CAP', 'CHLNG', 'SCRYPT'];
const NO_SEQUENCE = -1;

/** What a device remembers of its panel: gone with its power. */
export interface Talk {
  readonly reader: FrameReader;
  heardAt: number;
  bytesAt: number;
  sequence: number;
  lastCode: number;
  lastReply: Buffer | undefined;
  session: SecureSession | undefined;
  handshake: { readonly keys: SessionKeys; readonly panel: Uint8Array; readonly device: Uint8Array; readonly type: number } | undefined;
}

/** A device that has just got power. */
export const newTalk = (): Talk => ({
  reader: new FrameReader(),
  heardAt: Number.NEGATIVE_INFINITY,
  bytesAt: Number.NEGATIVE_INFINITY,
  sequence: NO_SEQUENCE,
  lastCode: 0,
  lastReply: undefined,
  session: undefined,
  handshake: undefined,
});

const nextSequence = (sequence: number): number => (sequence === NO_SEQUENCE ? 0 : sequence === 3 ? 1 : sequence + 1);

interface Turn {
  readonly peripheral: Peripheral;
  readonly talk: Talk;
  readonly frame: Frame;
  readonly now: number;
}

function clearReply({ peripheral, frame }: Turn, { code, data }: Written, block?: { type: number; data: Uint8Array }): Buffer {
  return encodeFrame({ address: peripheral.address, reply: true, sequence: frame.sequence, crc: frame.crc, block, code, data });
}
const refuse = (turn: Turn, error: number): Buffer => clearReply(turn, writeReply('NAK', { error, more: new Uint8Array() }));

/** The panel's challenge (osdp.md 2.8, step 3): under the key it names, if we have that one. */
function challenge(turn: Turn, random: Uint8Array): Buffer {
  const { peripheral, talk, frame } = turn;
  const type = frame.block?.type === BLOCK.chlng ? (frame.block.data[0] ?? NO_SEQUENCE) : NO_SEQUENCE;
  const key = type === 0 && peripheral.mode === 'install' ? DEFAULT_KEY : type === 1 ? peripheral.key : undefined;
  if (key === undefined) return refuse(turn, NAK.block);
  const keys = deriveKeys(key, random);
  const device = peripheral.random(8);
  talk.session = undefined;
  talk.handshake = { keys, panel: random, device, type };
  const id = Buffer.concat([peripheral.identity.vendor, Buffer.from([peripheral.identity.model]), peripheral.identity.serial]);
  const body = { id, random: device, cryptogram: deviceCryptogram(keys, random, device) };
  return clearReply(turn, writeReply('CCRYPT', body), { type: BLOCK.ccrypt, data: Buffer.from([type]) });
}

/** The panel's proof (step 5). */
function proof(turn: Turn, cryptogram: Uint8Array): Buffer {
  const { talk } = turn;
  const { handshake } = talk;
  talk.handshake = undefined;
  if (handshake === undefined || !sameBytes(cryptogram, panelCryptogram(handshake.keys, handshake.panel, handshake.device))) return refuse(turn, NAK.security);
  const first = firstMac(handshake.keys, cryptogram);
  talk.session = new SecureSession(handshake.keys, first);
  return clearReply(turn, writeReply('RMAC_I', { mac: first }), { type: BLOCK.rmac, data: Buffer.from([1]) });
}

function read(turn: Turn, data: Uint8Array): Command | number {
  try {
    return readCommand({ code: turn.frame.code, data }) ?? NAK.unknown;
  } catch (error) {
    if (error instanceof FieldError) return NAK.length;
    throw error;
  }
}

function answerSecured(turn: Turn, session: SecureSession): Buffer {
  const { peripheral, talk, frame, now } = turn;
  const opened = session.open(frame);
  if (opened === undefined) {
    talk.session = undefined;
    return refuse(turn, NAK.security);
  }
  const seal = ({ code, data }: Written): Buffer => session.seal({ address: peripheral.address, reply: true, sequence: frame.sequence, code, data });
  const command = read(turn, opened.data);
  if (typeof command === 'number') return seal(writeReply('NAK', { error: command, more: new Uint8Array() }));
  const reply = seal(carryOut(peripheral, command, now));
  if (command.name === 'KEYSET') talk.session = undefined;
  return reply;
}

function answerClear(turn: Turn): Buffer {
  const { peripheral, frame, now } = turn;
  const command = read(turn, frame.data);
  if (typeof command === 'number') return refuse(turn, command);
  if (command.name === 'CHLNG') return challenge(turn, command.body.random);
  if (command.name === 'SCRYPT') return proof(turn, command.body.cryptogram);
  if (command.name === 'KEYSET' || (peripheral.mode !== 'clear' && !CLEAR.includes(command.name))) return refuse(turn, NAK.security);
  return clearReply(turn, carryOut(peripheral, command, now));
}

function answer(turn: Turn): Buffer {
  const { peripheral, talk, frame } = turn;
  if (peripheral.faults.busy > 0) {
    peripheral.faults.busy -= 1;
    return encodeFrame({ address: peripheral.address, reply: true, sequence: 0, crc: frame.crc, ...writeReply('BUSY', undefined) });
  }
  if (frame.sequence === 0) {
    talk.session = undefined;
    talk.lastReply = undefined;
    talk.sequence = NO_SEQUENCE;
  } else if (frame.sequence === talk.sequence && frame.code === talk.lastCode && talk.lastReply !== undefined) return talk.lastReply;
  if (frame.sequence !== nextSequence(talk.sequence)) return refuse(turn, NAK.sequence);
  talk.sequence = frame.sequence;
  talk.lastCode = frame.code;
  if (!isSecured(frame.block)) {
    // A clear command ends what was secured: somebody else is talking, or the panel began anew.
    talk.session = undefined;
    talk.lastReply = answerClear(turn);
  } else talk.lastReply = talk.session === undefined ? refuse(turn, NAK.security) : answerSecured(turn, talk.session);
  return talk.lastReply;
}

/** Its answer is on the line: it goes to where that said, and waits for somebody to begin with it there. */
function settle(peripheral: Peripheral, talk: Talk): void {
  if (peripheral.next === undefined) return;
  ({ address: peripheral.address, baud: peripheral.baud } = peripheral.next);
  peripheral.next = undefined;
  talk.session = undefined;
  talk.lastReply = undefined;
  talk.sequence = NO_SEQUENCE;
}

/** Bytes that came along the line; what the device says to them, each with its mark, in order. Reads no clock and no port. */
export function hear(peripheral: Peripheral, talk: Talk, bytes: Uint8Array, now: number): Buffer[] {
  const replies: Buffer[] = [];
  if (now - talk.bytesAt > GAP_MS) talk.reader.clear();
  talk.bytesAt = now;
  for (const heard of talk.reader.push(bytes)) {
    // A bent frame is answered by silence: the panel says it again.
    if (heard.t !== 'frame' || heard.frame.reply) continue;
    const { address } = heard.frame;
    if (address !== peripheral.address && address !== BROADCAST) continue;
    if (now - talk.heardAt > OFFLINE_MS) talk.session = undefined;
    talk.heardAt = now;
    replies.push(Buffer.concat([Buffer.from([MARK]), answer({ peripheral, talk, frame: heard.frame, now })]));
    settle(peripheral, talk);
  }
  return replies;
}
