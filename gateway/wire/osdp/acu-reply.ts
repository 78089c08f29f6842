import { FieldError } from '../fields.ts';
import { alarm, badMac } from './acu-alarm.ts';
import { BUFFER_MIN, type LineStep, type Peer } from './acu-model.ts';
import { countAnswer as countTested, refuseQuestion, testOf } from './acu-test.ts';
import { AGAIN_MS, challenged, endSession, identified, keyRefused, keySent, proofRefused, proved, ready } from './acu-session.ts';
import { moved, probed } from './acu-move.ts';
import { type Frame, FRAME_MAX, type Heard, isSecured } from './frame.ts';
import { type CommandName, FUNCTION, NAK, readReply, type Reply } from './messages.ts';
import { sameBytes } from './secure.ts';

/** After BUSY the same command again after 50, 100, 200 … ms, 20 times or for 8 s, whichever is first (osdp.md 2.3). */
const BUSY_MS = 50;
const BUSY_GAP_MAX_MS = 500;
const BUSY_TIMES = 20;
const BUSY_FOR_MS = 8000;
/** Polls at once after a report, because more may wait (osdp.md 2.7). */
const REPOLLS = 3;
/** A session that is so old has lasted, ms. */
const LASTING_MS = 5000;

/** What may only be said under encryption: whoever is at the door. */
const PRIVATE: readonly Reply['name'][] = ['RAW', 'FMT', 'KEYPAD', 'MFGREP'];

/** Something right came from this device. */
function alive(c: LineStep, peer: Peer): void {
  peer.heardAt = c.now;
  peer.quiet = false;
  peer.bent = 0;
  if (peer.session !== undefined && c.now - peer.provedAt >= LASTING_MS) peer.shortLived = 0;
  if (peer.quality === 'degraded') c.out.push({ t: 'quality', address: peer.record.address, state: 'good' });
  peer.quality = 'good';
}

function busy(c: LineStep, peer: Peer): void {
  const { pending } = peer;
  if (pending === undefined) return;
  alive(c, peer);
  c.line.waiting = undefined;
  pending.busy += 1;
  peer.counts.busy += 1;
  const test = testOf(c.line, peer);
  if (test !== undefined) test.busy += 1;
  if (pending.busy > BUSY_TIMES || c.now - pending.firstAt > BUSY_FOR_MS) {
    endSession(c, peer, 'busy');
    peer.nextAt = c.now + AGAIN_MS;
  } else pending.retryAt = c.now + Math.min(BUSY_GAP_MAX_MS, BUSY_MS * 2 ** (pending.busy - 1));
}

/** A refusal in clear: our bytes came bent, or the device has no session, or wants none. */
function refusedClear(c: LineStep, peer: Peer, error: number): void {
  const { pending } = peer;
  if (pending === undefined) return;
  alive(c, peer);
  c.line.waiting = undefined;
  if (error === NAK.check) {
    const test = testOf(c.line, peer);
    if (test !== undefined) test.bent += 1;
    pending.garbled = true;
    pending.retryAt = c.now;
  } else if (pending.name === 'CHLNG') keyRefused(c, peer);
  else if (pending.name === 'SCRYPT') proofRefused(c, peer);
  else if (peer.session === undefined && error !== NAK.sequence) answered(c, peer, { name: 'NAK', body: { error, more: new Uint8Array() } });
  else endSession(c, peer, error === NAK.sequence ? 'sequence' : 'refused');
}

/** A clear answer while only secured ones count (osdp.md 2.3): not read, told, and another is waited for. */
function clearInSession(c: LineStep, peer: Peer, code: number): void {
  if (peer.pending === undefined) return;
  // A key change is answered in clear by some devices: then nobody knows, and only the new key can tell.
  if (peer.pending.name === 'KEYSET' && readReply({ code, data: new Uint8Array() })?.name === 'ACK') {
    c.line.waiting = undefined;
    return keySent(c, peer);
  }
  c.line.counts.stray += 1;
  if (!peer.pending.clearSeen) alarm(c, peer, 'clear-reply');
  peer.pending.clearSeen = true;
}

function read(frame: Frame, data: Uint8Array): Reply | undefined {
  try {
    return readReply({ code: frame.code, data });
  } catch (error) {
    if (error instanceof FieldError) return undefined;
    throw error;
  }
}

/** Adapters that hear themselves give our own bytes back; another panel on the line is something else. */
function heardPanel(c: LineStep, frame: Frame): void {
  const { line } = c;
  if (sameBytes(frame.bytes, line.lastSent)) {
    line.echoes += 1;
    return;
  }
  line.counts.stray += 1;
  const about = line.peers.find(({ at }) => at === frame.address) ?? line.waiting?.peer ?? line.peers[0];
  if (about !== undefined) alarm(c, about, 'second-panel');
}

/** An answer nobody waits for: it came late. */
function heardStray({ line }: LineStep, { address }: Frame): void {
  line.counts.stray += 1;
  const peer = line.peers.find(({ record }) => record.address === address);
  const test = peer === undefined ? undefined : testOf(line, peer);
  if (test !== undefined) test.slow += 1;
}

function heardFrame(c: LineStep, frame: Frame): void {
  const { line } = c;
  const peer = line.waiting?.peer;
  if (!frame.reply) return heardPanel(c, frame);
  if (line.test !== undefined) line.test.answerBytes = frame.bytes.length;
  if (peer?.pending?.probe === true && frame.address === peer.move?.to) return probed(c, peer, true);
  if (peer?.pending === undefined || peer.pending.probe || frame.address !== peer.at) return heardStray(c, frame);
  const secured = isSecured(frame.block);
  const reply = secured ? undefined : read(frame, frame.data);
  if (reply?.name === 'BUSY') return busy(c, peer);
  if (reply?.name === 'NAK') return refusedClear(c, peer, reply.body.error);
  if (frame.sequence !== peer.pending.sequence) return heardStray(c, frame);
  if (peer.session === undefined) return answeredClear(c, peer, frame, reply);
  if (!secured) return clearInSession(c, peer, frame.code);
  const opened = peer.session.open(frame);
  const test = testOf(line, peer);
  if (opened === undefined) {
    line.waiting = undefined;
    badMac(c, peer);
    if (test !== undefined) test.badMacs += 1;
    return endSession(c, peer, 'mac');
  }
  const said = read(frame, opened.data);
  if (said === undefined || (PRIVATE.includes(said.name) && !opened.encrypted)) {
    alarm(c, peer, said === undefined ? 'unreadable' : 'clear-reply');
    return answered(c, peer, { name: 'ACK', body: undefined });
  }
  answered(c, peer, said);
}

function answeredClear(c: LineStep, peer: Peer, frame: Frame, reply: Reply | undefined): void {
  const name = peer.pending?.name;
  const isHandshake = name === 'CHLNG' || name === 'SCRYPT';
  // A frame under a session we do not have, or one that cannot be read: waited on for another.
  if (reply === undefined || (isHandshake && reply.name !== 'CCRYPT' && reply.name !== 'RMAC_I')) {
    c.line.counts.stray += 1;
    return;
  }
  answered(c, peer, reply, frame);
}

function countAnswer({ counts }: Peer, ms: number): void {
  counts.answered += 1;
  counts.answerMs += ms;
  counts.slowestMs = Math.max(counts.slowestMs, ms);
}

/** The command has its answer. */
function answered(c: LineStep, peer: Peer, reply: Reply, frame?: Frame): void {
  const { pending } = peer;
  if (pending === undefined) return;
  alive(c, peer);
  c.line.waiting = undefined;
  c.line.counts.answered += 1;
  countAnswer(peer, c.now - pending.sentAt);
  countTested(c.line, peer, c.now - pending.sentAt);
  peer.pending = undefined;
  peer.sequence = pending.sequence;
  const { address } = peer.record;
  if (pending.action !== undefined) c.out.push({ t: 'done', address, tag: pending.action.tag, result: reply.name === 'NAK' ? 'refused' : 'ok' });
  switch (pending.name) {
    case 'CHLNG':
      return reply.name === 'CCRYPT' && frame !== undefined ? challenged(c, peer, frame, reply) : keyRefused(c, peer);
    case 'SCRYPT':
      return reply.name === 'RMAC_I' && frame !== undefined ? proved(c, peer, frame, reply) : keyRefused(c, peer);
    case 'KEYSET':
      return keySent(c, peer);
    case 'COMSET':
      return moved(c, peer, reply);
    case 'POLL':
      peer.repolls = reply.name === 'ACK' || reply.name === 'NAK' ? 0 : peer.repolls === 0 ? REPOLLS : Math.max(1, peer.repolls) - 1;
      return report(c, peer, reply);
    default:
      if (pending.isTest) return testAnswered(c, peer, pending.name, reply);
      if (pending.action === undefined && peer.asks[0] === pending.name) return askedOf(c, peer, reply);
      return report(c, peer, reply);
  }
}

/** A test's question was answered: what the device shows of itself counts as ever. */
function testAnswered(c: LineStep, peer: Peer, name: CommandName, reply: Reply): void {
  if (reply.name === 'NAK') refuseQuestion(c.line, peer, name);
  else if (reply.name !== 'PDID') report(c, peer, reply);
}

/** One of the first questions was answered. */
function askedOf(c: LineStep, peer: Peer, reply: Reply): void {
  const asked = peer.asks.shift();
  if (reply.name === 'PDID') identified(c, peer, reply);
  else if (reply.name === 'PDCAP') capable(c, peer, reply);
  else report(c, peer, reply);
  if (asked === 'CAP' && peer.phase === 'asking') ready(c, peer);
}

/** What a device says it can do changes nothing of what we ask of it; that it lost something is told (osdp.md 4, attack 2). */
function capable(c: LineStep, peer: Peer, { body }: Reply<'PDCAP'>): void {
  const levelOf = (wanted: number): number => body.find((each) => each.function === wanted)?.level ?? 0;
  const buffer = body.find((each) => each.function === FUNCTION.buffer);
  peer.buffer = Math.min(FRAME_MAX, Math.max(BUFFER_MIN, buffer === undefined ? 0 : buffer.level + 256 * buffer.count));
  // Who takes no more than any device must will not say more either: the exchange is spared. How the doors stand is asked first.
  if (peer.buffer > BUFFER_MIN) peer.asks.push('ACURXSIZE');
  if (peer.session !== undefined && (levelOf(FUNCTION.security) & 1 & levelOf(FUNCTION.check)) === 0) alarm(c, peer, 'capabilities');
}

/** Something happened at the device. Nothing a device says under the public key counts. */
function report(c: LineStep, peer: Peer, reply: Reply): void {
  if (reply.name === 'ACK' || reply.name === 'NAK' || peer.commission !== undefined) return;
  peer.held += 1;
  c.out.push({ t: 'report', address: peer.record.address, reply });
}

/** Something that began like a frame and is none. */
export function heardBent({ line }: LineStep): void {
  line.counts.badChecks += 1;
  const peer = line.waiting?.peer;
  if (peer?.pending === undefined) return;
  peer.counts.badChecks += 1;
  const test = testOf(line, peer);
  if (test !== undefined) test.badChecks += 1;
  peer.pending.garbled = true;
}

/** What came along the line, in order. */
export function heardAll(c: LineStep, all: readonly Heard[]): void {
  for (const heard of all) {
    if (heard.t === 'frame') heardFrame(c, heard.frame);
    else heardBent(c);
  }
}
