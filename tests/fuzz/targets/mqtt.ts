import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { type ConnectAsked, connectRefusal, passwordMatches } from '../../../gateway/doors/connect-rules.ts';
import { GUARD_LIMITS } from '../../../gateway/doors/guard.ts';
import { createMeter } from '../../../gateway/doors/packet-meter.ts';
import { type Publication, publishable, subscribable } from '../../../gateway/doors/topic-rules.ts';
import { FieldError } from '../../../gateway/wire/fields.ts';
import { canonicalReading } from '../../../gateway/wire/mqtt/list.ts';
import { decode } from '../../../gateway/wire/mqtt/messages.ts';
import { open } from '../../../gateway/wire/mqtt/seal.ts';
import { deviceTopic, type UpTail } from '../../../gateway/wire/mqtt/topics.ts';
import { makeLater, makeLogin, PACKET_WORDS, SELF } from '../mqtt-packets.ts';
import type { Random } from '../random.ts';
import { allowing, hold, plain, type Target } from '../target.ts';

/** A packet as the parser gives it, as far as it is looked at here. */
interface Parsed extends ConnectAsked, Publication {
  readonly cmd: string;
  readonly username?: string;
  readonly password?: Buffer;
  readonly subscriptions?: readonly { readonly topic: string }[];
}
interface Parser extends EventEmitter {
  parse(bytes: Buffer): number;
}

// The very parser aedes uses, not another version that may lie beside it.
const fromAedes = createRequire(createRequire(import.meta.url).resolve('aedes'));
const { parser }: { parser: () => Parser } = fromAedes('mqtt-packet');

/** A reader of one message, reached as `receive.ts` reaches it. */
function read(tail: UpTail, payload: Buffer): void {
  const body = open(SELF.keys.up, deviceTopic(SELF.site, SELF.deviceId, tail), payload);
  if (body === undefined) return;
  const message = allowing([FieldError], () => decode(tail, body));
  if (message !== undefined && 'c' in message) canonicalReading(message.c);
}

/** What the broker's hooks would say to a packet. */
function judge(packet: Parsed, admitted: boolean): 'in' | 'out' | 'on' {
  if (packet.cmd === 'connect') {
    const known = packet.clientId === SELF.deviceId ? { site: SELF.site, password: SELF.keys.password } : undefined;
    const refusal = connectRefusal(packet, known);
    return refusal === undefined && passwordMatches(SELF.keys.password, packet.password) && packet.username === SELF.deviceId ? 'in' : 'out';
  }
  if (!admitted) return 'on';
  if (packet.cmd === 'publish') {
    const asked = publishable(SELF, packet);
    if ('tail' in asked) read(asked.tail, Buffer.from(packet.payload));
    else return 'out';
  }
  for (const { topic } of packet.subscriptions ?? []) if (subscribable(SELF, topic)) hold(!/[+#]/.test(topic), `a wildcard may be subscribed to: ${topic}`);
  return 'on';
}

/** One connection: the guard's meter, aedes' parser, our rules, seal and readers. The first byte says how the bytes are cut. */
function converse(input: Buffer): void {
  const [cut = 0, bytes] = [input[0], input.subarray(1)];
  const meter = createMeter(GUARD_LIMITS);
  const packets = parser();
  let [admitted, over] = [false, false];
  packets.on('error', () => {
    over = true;
  });
  packets.on('packet', (packet: Parsed) => {
    if (over) return;
    const verdict = judge(packet, admitted);
    if (verdict === 'in') meter.admit();
    admitted ||= verdict === 'in';
    over ||= verdict === 'out';
  });
  for (let at = 0; at < bytes.length && !over; at += cut || bytes.length) {
    const chunk = bytes.subarray(at, at + (cut || bytes.length));
    if (meter.feed(chunk) !== undefined) return;
    const waiting = packets.parse(chunk);
    hold(over || waiting <= (admitted ? GUARD_LIMITS.packet : GUARD_LIMITS.connect) + chunk.length, `the parser holds ${waiting} bytes`);
  }
}

/** A login and what may follow it, behind a byte that says how the stream is cut. */
function makeStream(random: Random): Buffer {
  const later = Array.from({ length: random.below(4) }, () => makeLater(random));
  return Buffer.concat([Buffer.of(random.pick([0, 0, 0, 1, 7, 200])), makeLogin(random), ...later]);
}

/** Packets in a generated stream, on average: its login and 1.5 more. */
export const PACKETS_EACH = 2.5;

/** Everything between the bytes of a socket and the handlers of messages. */
export const mqtt: Target = {
  name: 'mqtt',
  covers: [
    ...['gateway/doors/packet-meter.ts', 'gateway/doors/connect-rules.ts', 'gateway/doors/topic-rules.ts', 'gateway/wire/mqtt/messages.ts', 'gateway/wire/fields.ts'],
    ...['gateway/wire/mqtt/topics.ts', 'gateway/wire/mqtt/seal.ts', 'mqtt-packet/parser.js'],
  ],
  words: PACKET_WORDS,
  make: makeStream,
  open: plain(converse),
  longest: 40_000,
};

/** The meter alone: it judges the same however the bytes are cut, and lets no packet above its limit be announced. */
export const meter: Target = {
  name: 'meter',
  covers: ['gateway/doors/packet-meter.ts'],
  words: PACKET_WORDS,
  make: makeStream,
  open: plain((input) => {
    const [first = 0, bytes] = [input[0], input.subarray(1)];
    const [whole, parts, loggedIn] = [createMeter(GUARD_LIMITS), createMeter(GUARD_LIMITS), createMeter(GUARD_LIMITS)];
    const cut = 1 + (first % 64);
    let found: string | undefined;
    for (let at = 0; at < bytes.length && found === undefined; at += cut) found = parts.feed(bytes.subarray(at, at + cut));
    const expected = whole.feed(bytes);
    // Too much in all is noticed at the end of a piece; what is wrong with a packet may come first in another cut.
    hold((found === undefined) === (expected === undefined), `cut ${cut}: ${found}, whole: ${expected}`);
    loggedIn.admit();
    if (loggedIn.feed(bytes) === undefined) hold(longestPacket(bytes) <= GUARD_LIMITS.packet, 'a packet above the limit passed');
  }),
};

/** Length of the longest packet announced in these bytes, read plainly (MQTT 3.1.1, 2.2). */
function longestPacket(bytes: Buffer): number {
  let longest = 0;
  for (let at = 0; at < bytes.length; ) {
    let [length, size] = [0, 1];
    for (;;) {
      const byte = bytes[at + size];
      if (byte === undefined) return longest;
      length += (byte & 127) * 128 ** (size - 1);
      size += 1;
      if (byte < 128 || size > 5) break;
    }
    longest = Math.max(longest, size + length);
    at += size + length;
  }
  return longest;
}
