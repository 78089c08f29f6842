import { alarm } from './acu-alarm.ts';
import { setDevices } from './acu-devices.ts';
import { type Action, checkDevices, type Exchange, type Line, type LineInput, type LineOutput, type LineStep, NEVER, type Peer } from './acu-model.ts';
import { heardAll, heardBent } from './acu-reply.ts';
import { beginMove, endMove, probed } from './acu-move.ts';
import { AGAIN_MS, beginCommission, confirmCommission, endCommission, endSession, frameLength, lookElsewhere, mayMove, nextExchange, writeOrder } from './acu-session.ts';
import { beginTest, countDropped, endTest, exchangeMs, testOf } from './acu-test.ts';
import { MARK } from './frame.ts';

/** A device answers within this, ms (osdp.md 2.4); after the first bytes of an answer nothing may come for so long. */
const REPLY_MS = 200;
const GAP_MS = 40;
/** Nothing right was heard for so long, ms: degraded, offline. The device drops its session after as long. */
const DEGRADED_MS = 1000;
const OFFLINE_MS = 8000;
/** Bent answers are asked for again at once so many times, silence once. */
const GARBLED_TRIES = 4;
const SILENT_TRIES = 2;
/** Of one that did not answer last time: the others are not to wait for two devices that answer at once. */
const QUIET_GARBLED_TRIES = 2;
/** After so many such windows in a row somebody is told: two devices with one address, or another speed. */
const BENT_WINDOWS = 8;
/** No answer is longer, characters: what goes on for longer is noise, and is not waited out. */
const ANSWER_CHARACTERS = 300;
/** While other devices live, a silent one is given a window no sooner than this after the last such window, ms. */
const PROBE_GAP_MS = 200;
/** Silence before each frame: two characters. Less than half a millisecond is not worth a timer: turning round takes longer. */
const IDLE_CHARACTERS = 2;
const IDLE_MIN_MS = 0.5;
const BITS_PER_CHARACTER = 10;

const onLineMs = ({ config }: Line, characters: number): number => (characters * BITS_PER_CHARACTER * 1000) / config.baud;

/** When a device may next be told something, by its own state; NEVER: not before another input. */
function dueAt(line: Line, peer: Peer): number {
  if (peer.phase === 'barred') return NEVER;
  if (peer.pending !== undefined) return peer.quiet ? Math.max(peer.pending.retryAt, line.probeAt) : peer.pending.retryAt;
  if (peer.phase === 'away') return peer.quiet ? Math.max(peer.nextAt, line.probeAt) : peer.nextAt;
  if (peer.phase !== 'up' || peer.queue.length > 0 || peer.asks.length > 0 || peer.commission?.fresh !== undefined || mayMove(peer)) return -NEVER;
  if (peer.held > 0) return NEVER;
  return peer.repolls > 0 || testOf(line, peer) !== undefined ? -NEVER : peer.polledAt + line.config.floorMs;
}

const isUrgent = (peer: Peer): boolean => (peer.pending === undefined ? peer.phase === 'up' && peer.queue.length > 0 : peer.pending.action !== undefined && !peer.quiet);

/** Whose turn it is: door actions before everything, then each device in its turn. */
function choose({ line, now }: LineStep): Peer | undefined {
  const due = line.peers.filter((peer) => dueAt(line, peer) <= now);
  const urgent = due.find(isUrgent);
  if (urgent !== undefined) return urgent;
  const after = due.find((peer) => line.peers.indexOf(peer) > line.turn) ?? due[0];
  if (after !== undefined) line.turn = line.peers.indexOf(after);
  return after;
}

/** Actions whose time is over are not begun. */
function dropLate({ line, now, out }: LineStep): void {
  for (const { queue, record } of line.peers)
    for (const action of queue.splice(0)) {
      if (action.until > now) queue.push(action);
      else out.push({ t: 'done', address: record.address, tag: action.tag, result: 'late' });
    }
}

function send(c: LineStep, peer: Peer, exchange: Exchange): void {
  const { line, now, out } = c;
  for (const counts of [line.counts, peer.counts]) {
    if (exchange.tries > 0) counts.repeated += 1;
    counts.sent += 1;
  }
  const test = testOf(line, peer);
  if (test !== undefined) {
    test.sent += 1;
    if (exchange.tries > 0) test.repeated += 1;
  }
  exchange.tries += 1;
  exchange.sentAt = now;
  if (exchange.firstAt === 0) exchange.firstAt = now;
  exchange.garbled = false;
  exchange.noisy = false;
  peer.pending = exchange;
  line.reader.clear();
  line.lastSent = exchange.bytes;
  const until = now + onLineMs(line, exchange.bytes.length + 1) + REPLY_MS + line.config.adapterMs;
  line.waiting = { peer, until, answerBy: until, endsBy: until + onLineMs(line, ANSWER_CHARACTERS) };
  out.push({ t: 'send', bytes: Buffer.concat([Buffer.from([MARK]), exchange.bytes]) });
}

function triesOf(peer: Peer, { garbled, name }: Exchange): number {
  if (peer.quiet) return garbled ? QUIET_GARBLED_TRIES : 1;
  if (garbled) return GARBLED_TRIES;
  return name === 'CHLNG' && !peer.renewing ? 1 : SILENT_TRIES;
}

/** No answer in its time. */
function unanswered(c: LineStep, peer: Peer): void {
  const { line, now } = c;
  const { pending } = peer;
  line.waiting = undefined;
  if (pending === undefined) return;
  if (pending.probe && (pending.garbled || pending.tries >= SILENT_TRIES)) return probed(c, peer, pending.garbled);
  const test = testOf(line, peer);
  if (test !== undefined) test[pending.garbled || pending.noisy || pending.clearSeen ? 'bent' : 'unanswered'] += 1;
  if (pending.garbled || pending.noisy) {
    peer.bent += 1;
    if (peer.bent === BENT_WINDOWS) alarm(c, peer, 'unreadable');
  }
  if (pending.clearSeen) return endSession(c, peer, 'clear');
  if (pending.tries < triesOf(peer, pending)) {
    pending.retryAt = now;
    return;
  }
  peer.quiet = true;
  line.probeAt = line.peers.some((other) => other !== peer && other.phase === 'up' && !other.quiet) ? now + PROBE_GAP_MS : now;
  if (pending.name === 'KEYSET' || pending.name === 'COMSET' || peer.phase !== 'up') endSession(c, peer, 'silent');
  if (pending.name === 'CHLNG') lookElsewhere(peer);
  if (peer.pending !== undefined) peer.pending.retryAt = pending.sentAt + AGAIN_MS;
  else peer.nextAt = Math.max(peer.nextAt, pending.sentAt + AGAIN_MS);
}

/** How long a device has not been heard: told when it is long. */
function worsen(c: LineStep, peer: Peer): void {
  const silent = c.now - peer.heardAt;
  const { address } = peer.record;
  if (!peer.quiet) return;
  if (peer.quality === 'good' && silent >= DEGRADED_MS) {
    peer.quality = 'degraded';
    c.out.push({ t: 'quality', address, state: 'degraded' });
  }
  if (peer.quality === 'degraded' && silent >= OFFLINE_MS) {
    peer.quality = 'offline';
    c.out.push({ t: 'quality', address, state: 'offline' });
    // One that is being asked anew already has its moment: it is not put off.
    if (peer.phase === 'away' && peer.pending === undefined) return;
    const sentAt = peer.pending?.sentAt ?? c.now;
    endSession(c, peer, 'silent');
    peer.nextAt = sentAt + AGAIN_MS;
  }
}

function overdue(c: LineStep): void {
  const { line, now } = c;
  if (line.waiting !== undefined && now >= line.waiting.until) {
    const { peer } = line.waiting;
    // What began and stopped is as bent as what has a wrong check.
    if (line.reader.waiting > 0) heardBent(c);
    heardAll(c, line.reader.silence());
    countDropped(line, peer);
    if (line.waiting !== undefined) unanswered(c, peer);
  }
  if (line.test?.running === true && now >= line.test.until) {
    endTest(line);
    c.out.push({ t: 'tested' });
  }
  for (const peer of line.peers) {
    if (peer.commission !== undefined && now >= peer.commission.until) endCommission(c, peer, 'late');
    if (peer.move !== undefined && now >= peer.move.until) endMove(c, peer);
    // Sent, not answered, and too late by now: it may not be sent again, and the sequence cannot go on without it.
    const late = peer.pending?.action !== undefined && line.waiting?.peer !== peer && peer.pending.action.until <= now;
    if (late) endSession(c, peer, 'late');
    if (line.waiting?.peer !== peer) worsen(c, peer);
  }
  dropLate(c);
}

function handle(c: LineStep, input: LineInput): void {
  const { line } = c;
  if (input.t === 'tick') return;
  if (input.t === 'bytes') return heardBytes(c, input.bytes);
  if (input.t === 'port') return portChanged(c, input.up);
  if (input.t === 'devices') return setDevices(c, input.devices);
  if (input.t === 'test') return beginTest(line, input.until);
  if (input.t === 'test-end') return endTest(line);
  const { address } = input;
  const peer = line.peers.find(({ record }) => record.address === address);
  if (peer === undefined) return notHere(c, input);
  switch (input.t) {
    case 'taken':
      peer.held = Math.max(0, peer.held - 1);
      return;
    case 'act':
      return takeAction(c, peer, input.action);
    case 'commission':
      endMove(c, peer);
      return beginCommission(c, peer, input.from, input.until);
    case 'move':
      return beginMove(c, peer, { to: input.to, baud: input.baud, until: input.until, free: input.baud !== undefined });
    case 'confirm':
      return confirmCommission(c, peer, input.key);
    case 'cancel':
      if (peer.commission !== undefined) endCommission(c, peer, 'cancelled');
      return;
  }
}

function takeAction({ out }: LineStep, peer: Peer, action: Action): void {
  const refuse = (result: 'not-up' | 'refused'): void => void out.push({ t: 'done', address: peer.record.address, tag: action.tag, result });
  if ((peer.phase !== 'up' && !peer.renewing) || peer.commission !== undefined) return refuse('not-up');
  if (frameLength(peer, action) > peer.buffer) return refuse('refused');
  peer.queue.push(action);
}

/** A device that was taken off the line while somebody was about it. */
function notHere({ out }: LineStep, input: Extract<LineInput, { readonly address: number }>): void {
  const { address } = input;
  if (input.t === 'act') out.push({ t: 'done', address, tag: input.action.tag, result: 'not-up' });
  if (input.t === 'commission' || input.t === 'confirm') out.push({ t: 'commissioned', address, result: 'not-ready' });
  if (input.t === 'move') out.push({ t: 'moved', address, of: { result: 'unsent' } });
}

function heardBytes(c: LineStep, bytes: Uint8Array): void {
  const { line, now } = c;
  const all = line.reader.push(bytes);
  const asked = line.waiting?.peer;
  const sentAt = asked?.pending?.sentAt ?? -NEVER;
  heardAll(c, all);
  countDropped(line, asked);
  if (asked !== undefined && line.waiting === undefined) {
    const idle = onLineMs(line, IDLE_CHARACTERS);
    line.freeAt = idle < IDLE_MIN_MS ? now : now + idle;
    // A port that is faster than a wire, a pty, is not to take the whole processor for a test.
    if (line.test?.running === true) line.freeAt = Math.max(line.freeAt, sentAt + exchangeMs(line));
  }
  const { waiting } = line;
  if (waiting === undefined) return;
  const { pending } = waiting.peer;
  const isNothing = all.length === 0 && line.reader.waiting === 0;
  if (isNothing && pending !== undefined && bytes.some((byte) => byte !== MARK)) pending.noisy = true;
  // An answer has begun, or was bent: once nothing more comes, it is not waited for any longer.
  const hasBegun = line.reader.waiting > 0 || pending?.garbled === true;
  waiting.until = hasBegun ? Math.min(waiting.endsBy, now + GAP_MS + line.config.adapterMs) : waiting.answerBy;
}

function portChanged(c: LineStep, up: boolean): void {
  const { line } = c;
  if (line.portUp === up) return;
  line.portUp = up;
  line.waiting = undefined;
  line.reader.clear();
  for (const peer of line.peers) if (!up) endSession(c, peer, 'port');
}

/**
 * One input to a line at one moment (ms, never going back): changes `line` and returns what its surroundings must do,
 * in order. After a report the line wants its next tick at once. Reads no clock and no port. RangeError for `devices` that cannot share a line, FieldError for an order that fits no frame.
 */
export function stepLine(line: Line, input: LineInput, now: number): LineOutput[] {
  // Before anything is changed or told: what is thrown then loses nothing.
  if (input.t === 'devices') checkDevices(input.devices);
  if (input.t === 'act') writeOrder(input.action);
  const c: LineStep = { line, now, out: [] };
  // Bytes first: an answer that is here is no silence, however late the timer was.
  if (input.t === 'bytes') handle(c, input);
  overdue(c);
  if (input.t !== 'bytes') handle(c, input);
  // Who is told of a card may have an order for it at once: the next poll does not go before that.
  if (input.t === 'bytes' && c.out.some(({ t }) => t === 'report')) return c.out;
  while (line.portUp && line.waiting === undefined && now >= line.freeAt) {
    const peer = choose(c);
    if (peer === undefined) break;
    send(c, peer, peer.pending ?? nextExchange(c, peer));
  }
  return c.out;
}

/** When the line wants its next tick; Infinity: not before another input. */
export function lineWakeAt(line: Line): number {
  // One that was told its address has no moment of its own: it ends with its answer, or its session.
  const moveEnds = ({ move, pending }: Peer): number => (move === undefined || pending?.name === 'COMSET' ? NEVER : move.until);
  const tested = line.test?.running === true ? line.test.until : NEVER;
  const ends = Math.min(tested, ...line.peers.map((peer) => Math.min(peer.commission?.until ?? NEVER, moveEnds(peer))));
  if (!line.portUp) return ends;
  if (line.waiting !== undefined) return Math.min(line.waiting.until, ends);
  return Math.min(ends, Math.max(line.freeAt, Math.min(...line.peers.map((peer) => dueAt(line, peer)))));
}
