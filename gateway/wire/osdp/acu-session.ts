import { alarm } from './acu-alarm.ts';
import { type Action, BUFFER_MIN, type Commissioned, type Exchange, isBarred, type LineStep, type Loss, type Peer } from './acu-model.ts';
import { refuseQuestion, testQuestion } from './acu-test.ts';
import { BLOCK, encodeFrame, FRAME_MAX, type Frame } from './frame.ts';
import { DEFAULT_KEY, weakness } from './keys.ts';
import { type Command, type CommandName, type Reply, type Written, writeCommand } from './messages.ts';
import { deriveKeys, deviceCryptogram, firstMac, panelCryptogram, sameBytes, SecureSession } from './secure.ts';

const RANDOM_BYTES = 8;
/** Of a frame with a CRC, without its data; of one under a code; and of what is encrypted at once (osdp.md 2.2, 2.8). */
const CLEAR_BYTES = 8;
const SECURED_BYTES = 14;
const BLOCK_BYTES = 16;
/** Handshakes with one device begin no closer together than this, ms: a stray frame costs one, not a storm of them. */
const CHALLENGE_GAP_MS = 250;
/** After each session that ends by itself the gap doubles, so often at most, until one has lasted (acu-reply.ts). */
const DOUBLED_MAX = 2;
const UNLASTING: readonly Loss[] = ['mac', 'sequence', 'refused', 'clear'];
/** Codes and their starts are effectively 32 bits: a session is renewed after so long (osdp.md 2.8), ms. */
const RENEW_MS = 86_400_000;
/** A device that would not take our key, or did not answer, is asked again after this, ms: always, never 300 s (osdp.md 0). */
export const AGAIN_MS = 1000;
/** Asked at the beginning of each session: who it is, what it can do, then how everything stands (osdp.md 2.5). */
const FIRST_ASKS: readonly CommandName[] = ['ID', 'CAP', 'LSTAT', 'ISTAT', 'OSTAT', 'RSTAT'];
const RENEWAL_ASKS: readonly CommandName[] = ['ID', 'CAP'];

const nextSequence = (sequence: number): number => (sequence === 3 ? 1 : sequence + 1);

const unsent = { probe: false, isTest: false, firstAt: 0, sentAt: 0, retryAt: 0, tries: 0, busy: 0, garbled: false, noisy: false, clearSeen: false };

/** The command as it goes on the line: sealed in a session, else in clear. */
function exchange(peer: Peer, name: CommandName, written: Written, options: Pick<Partial<Exchange>, 'action' | 'isTest'> & { sequence?: number; block?: number } = {}): Exchange {
  const { at: address } = peer;
  const { action, isTest = false, sequence = nextSequence(peer.sequence), block } = options;
  const fields = { address, reply: false, sequence, ...written };
  const handshake = block === undefined ? undefined : { type: block, data: Buffer.from([peer.handshake?.type ?? 1]) };
  const bytes = peer.session === undefined ? encodeFrame({ ...fields, crc: true, block: handshake }) : peer.session.seal(fields);
  return { ...unsent, bytes, name, sequence, action, isTest };
}

/** The first frame of a session: a challenge under our key, whatever the device says it can do; an ID where somebody made an exception. */
function greet({ line, now }: LineStep, peer: Peer): Exchange {
  peer.challengedAt = now;
  const { commission, record } = peer;
  if (commission === undefined && record.clear === true && record.key === undefined) {
    peer.phase = 'asking';
    peer.asks = [...FIRST_ASKS];
    return ask(peer, 0);
  }
  // The public key is used by an operator's act alone, never because a device asks for it (osdp.md 4, attack 3).
  const key = commission === undefined ? record.key : commission.proving ? commission.fresh : commission.from;
  if (key === undefined) throw new Error('a device without a key is not greeted');
  const random = line.config.random(RANDOM_BYTES);
  const isDefault = commission !== undefined && !commission.proving && sameBytes(key, DEFAULT_KEY);
  peer.handshake = { keys: deriveKeys(key, random), random, type: isDefault ? 0 : 1, cryptogram: new Uint8Array(), first: new Uint8Array() };
  return exchange(peer, 'CHLNG', writeCommand('CHLNG', { random }), { sequence: 0, block: BLOCK.chlng });
}

function ask(peer: Peer, sequence: number): Exchange {
  const [name = 'ID'] = peer.asks;
  return exchange(peer, name, question(name), { sequence });
}

function question(name: CommandName): Written {
  if (name === 'ID' || name === 'CAP') return writeCommand(name, { kind: 0 });
  if (name === 'ACURXSIZE') return writeCommand(name, { size: FRAME_MAX });
  return writeCommand(name as 'LSTAT', undefined);
}

/** May its session be renewed now? Of a line one at a time: the others are asked meanwhile. */
function isStale({ line, now }: LineStep, peer: Peer): boolean {
  if (peer.session === undefined || peer.repolls > 0 || now - peer.provedAt < (line.config.renewMs ?? RENEW_MS)) return false;
  return line.peers.every(({ renewing }) => !renewing);
}

/** A new session takes the place of the old one; whoever is outside learns of it only when it fails. */
function renew(c: LineStep, peer: Peer): Exchange {
  peer.renewing = true;
  peer.session = undefined;
  peer.phase = 'away';
  return greet(c, peer);
}

/** What the device is told next in its turn; an action first. */
export function nextExchange(c: LineStep, peer: Peer): Exchange {
  if (peer.phase === 'away') return greet(c, peer);
  if (peer.phase === 'proving') return exchange(peer, 'SCRYPT', writeCommand('SCRYPT', { cryptogram: peer.handshake?.cryptogram ?? new Uint8Array() }), { block: BLOCK.scrypt });
  const action = peer.phase === 'up' ? peer.queue.shift() : undefined;
  if (action !== undefined) return exchange(peer, action.order.name, writeOrder(action), { action });
  const { commission } = peer;
  if (commission?.fresh !== undefined && peer.phase === 'up')
    return exchange(peer, 'KEYSET', writeCommand('KEYSET', { kind: 1, length: commission.fresh.length, data: commission.fresh }));
  if (mayMove(peer) && peer.move?.free === false) return probe(peer.move.to);
  if (mayMove(peer)) return exchange(peer, 'COMSET', writeCommand('COMSET', { address: peer.move?.to ?? peer.at, baud: peer.move?.baud ?? c.line.config.baud }));
  if (peer.asks.length > 0) return ask(peer, nextSequence(peer.sequence));
  const asked = commission === undefined ? testQuestion(c.line, peer) : undefined;
  if (asked !== undefined) return exchange(peer, asked.name, asked.written, { isTest: true });
  peer.polledAt = c.now;
  if (commission === undefined && isStale(c, peer)) return renew(c, peer);
  return exchange(peer, 'POLL', writeCommand('POLL', undefined));
}

/** Asks who is at an address, in clear: whoever is there answers that, and what he answers is not looked at. */
const probe = (address: number): Exchange => ({
  ...unsent,
  ...{ name: 'ID', sequence: 0, action: undefined, probe: true },
  bytes: encodeFrame({ address, reply: false, sequence: 0, crc: true, ...question('ID') }),
});

/** May it be told its next address or speed now: under its key, at the address it has, and only an address its record knows of. */
export const mayMove = ({ move, phase, session, record, at }: Peer): boolean =>
  move !== undefined && move.to === (move.baud === undefined ? record.nextAddress : record.address) && at === record.address && phase === 'up' && session !== undefined;

/** Nobody with its key was met where it was looked for: next time it is looked for at its other address, if it may have one. */
export function lookElsewhere(peer: Peer): void {
  const { address, nextAddress } = peer.record;
  peer.at = peer.at === address ? (nextAddress ?? address) : address;
}

/** The code and data of an order. Throws FieldError naming the field that does not fit. */
export const writeOrder = <N extends Action['order']['name']>({ order }: { readonly order: Command<N> }): Written => writeCommand(order.name, order.body);

/** Bytes of the frame that carries an order to this device. */
export function frameLength(peer: Peer, action: Action): number {
  const { length } = writeOrder(action).data;
  if (peer.session === undefined && !peer.renewing) return CLEAR_BYTES + length;
  return SECURED_BYTES + (length === 0 ? 0 : BLOCK_BYTES * (Math.floor(length / BLOCK_BYTES) + 1));
}

/**
 * Ends a session, if there is one. What was to be done in it is not done in the next: a lock that was to open then
 * must not open now. What was on its way may or may not have been done.
 */
export function endSession(c: LineStep, peer: Peer, why: Loss): void {
  const { address } = peer.record;
  const { pending, queue } = peer;
  const isDeaf = pending?.name === 'COMSET' && peer.move?.baud !== undefined;
  if (pending?.action !== undefined) c.out.push({ t: 'done', address, tag: pending.action.tag, result: 'unknown' });
  for (const { tag } of queue.splice(0)) c.out.push({ t: 'done', address, tag, result: 'not-up' });
  if ((peer.phase === 'up' || peer.renewing) && peer.commission === undefined) c.out.push({ t: 'down', address, why });
  // A device that is silent at a long frame is asked a shorter one in its next session.
  if (pending?.isTest === true && pending.name === 'LED' && (why === 'silent' || why === 'refused')) refuseQuestion(c.line, peer, pending.name);
  // A key that was sent may be the device's now, whatever came back: only a handshake under it can tell.
  if (pending?.name === 'KEYSET' && peer.commission !== undefined) peer.commission.proving = true;
  // It may have gone, and its answer not come: looked for at both, the new one first.
  if (pending?.name === 'COMSET' && peer.move !== undefined) {
    peer.at = peer.move.to;
    peer.move = undefined;
    c.out.push({ t: 'moved', address, of: { result: 'sent' } });
  }
  if (peer.session !== undefined && UNLASTING.includes(why)) peer.shortLived = Math.min(DOUBLED_MAX, peer.shortLived + 1);
  peer.session = undefined;
  peer.handshake = undefined;
  peer.pending = undefined;
  peer.renewing = false;
  peer.buffer = BUFFER_MIN;
  peer.asks = [];
  peer.sequence = 0;
  peer.repolls = 0;
  if (isDeaf) peer.phase = 'barred';
  else if (peer.phase !== 'barred') peer.phase = 'away';
  peer.nextAt = Math.max(c.now, peer.challengedAt + CHALLENGE_GAP_MS * 2 ** peer.shortLived);
}

/** The device refused our key, or proved another: asked again after a while, and told once. */
export function keyRefused(c: LineStep, peer: Peer): void {
  const { commission } = peer;
  endSession(c, peer, 'refused');
  lookElsewhere(peer);
  peer.nextAt = c.now + AGAIN_MS;
  if (commission?.proving === true) endCommission(c, peer, 'unproven');
  else if (!peer.keyAlarm) peer.keyAlarm = alarm(c, peer, 'key-refused');
}

/**
 * The device refused our proof. It has our key, or we had not got so far: a challenge that was said twice, whose first
 * answer came late, ends like this. Again and again it is a refusal.
 */
export function proofRefused(c: LineStep, peer: Peer): void {
  if (peer.shortLived >= DOUBLED_MAX) return keyRefused(c, peer);
  peer.shortLived += 1;
  endSession(c, peer, 'refused');
}

/** The device answered the challenge (osdp.md 2.8, steps 3 and 4): only with the key we asked for, and the right proof. */
export function challenged(c: LineStep, peer: Peer, frame: Frame, { body }: Reply<'CCRYPT'>): void {
  const { handshake } = peer;
  if (handshake === undefined || frame.block?.type !== BLOCK.ccrypt || frame.block.data[0] !== handshake.type) return keyRefused(c, peer);
  if (!sameBytes(deviceCryptogram(handshake.keys, handshake.random, body.random), body.cryptogram)) return keyRefused(c, peer);
  handshake.cryptogram = panelCryptogram(handshake.keys, handshake.random, body.random);
  handshake.first = firstMac(handshake.keys, handshake.cryptogram);
  peer.phase = 'proving';
}

/** The device took our proof (step 6). */
export function proved(c: LineStep, peer: Peer, frame: Frame, { body }: Reply<'RMAC_I'>): void {
  const { handshake } = peer;
  if (handshake === undefined || frame.block?.type !== BLOCK.rmac || frame.block.data[0] !== 1 || !sameBytes(handshake.first, body.mac)) return keyRefused(c, peer);
  peer.session = new SecureSession(handshake.keys, handshake.first);
  peer.handshake = undefined;
  peer.keyAlarm = false;
  peer.provedAt = c.now;
  peer.phase = 'asking';
  peer.asks = [...(peer.renewing ? RENEWAL_ASKS : FIRST_ASKS)];
}

/** The device said who it is, inside the session: as it was enrolled, or it stays out (osdp.md 4, attack 5). */
export function identified(c: LineStep, peer: Peer, { body }: Reply<'PDID'>): void {
  const { record } = peer;
  const identity = Buffer.concat([body.vendor, Buffer.from([body.model]), body.serial]).toString('hex');
  peer.identity = identity;
  if (peer.commission !== undefined || record.identity === undefined || record.identity === identity) return;
  alarm(c, peer, 'swapped');
  endSession(c, peer, 'refused');
  peer.phase = 'barred';
}

/** The first questions are answered: the device is at work; or it waits for the operator; or its new key is proved. */
export function ready(c: LineStep, peer: Peer): void {
  const { commission, identity } = peer;
  const { address } = peer.record;
  peer.phase = 'up';
  if (peer.renewing) {
    peer.renewing = false;
    return;
  }
  if (commission?.proving === true && commission.fresh !== undefined) {
    peer.record = { ...peer.record, key: commission.fresh, identity };
    endCommission(c, peer, 'done');
  } else if (commission !== undefined) {
    if (!commission.told) c.out.push({ t: 'identity', address, identity });
    commission.told = true;
    return;
  }
  c.out.push({ t: 'up', address, identity, where: peer.at });
}

/** An operator begins; what ran before with this device is over. */
export function beginCommission(c: LineStep, peer: Peer, from: Uint8Array | undefined, until: number): void {
  endSession(c, peer, 'commissioning');
  peer.commission = { from: from ?? DEFAULT_KEY, until, fresh: undefined, proving: false, told: false };
  peer.phase = 'away';
  peer.nextAt = c.now;
}

/** The operator confirmed, with a fresh key: sent once, if it is one that may protect a device. */
export function confirmCommission(c: LineStep, peer: Peer, key: Uint8Array): void {
  const { commission } = peer;
  const { address } = peer.record;
  const refuse = (result: Commissioned): void => void c.out.push({ t: 'commissioned', address, result });
  if (commission === undefined || !commission.told || commission.fresh !== undefined || peer.phase !== 'up') return refuse('not-ready');
  if (weakness(key) !== undefined) return refuse('weak-key');
  if (sameBytes(key, commission.from)) return refuse('same-key');
  commission.fresh = key;
}

/** The key was sent: whatever came back, only a handshake under it tells whether it is the device's now. */
export function keySent(c: LineStep, peer: Peer): void {
  if (peer.commission !== undefined) peer.commission.proving = true;
  endSession(c, peer, 'commissioning');
  peer.nextAt = c.now;
}

/** The operator's act is over. Its session was none of the device's work: no `down` is told of it. */
export function endCommission(c: LineStep, peer: Peer, result: Commissioned): void {
  if (result !== 'done') endSession(c, peer, 'commissioning');
  peer.commission = undefined;
  c.out.push({ t: 'commissioned', address: peer.record.address, result });
  if (result !== 'done' && isBarred(peer.record)) peer.phase = 'barred';
}
