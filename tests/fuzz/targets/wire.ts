import { FieldError } from '../../../gateway/wire/fields.ts';
import { canonicalReading, listDigest, listFingerprint, readingBytes } from '../../../gateway/wire/mqtt/list.ts';
import { decode, encode, type Message, type MessageTail } from '../../../gateway/wire/mqtt/messages.ts';
import { give, offerText, readAsk, readOffer, take } from '../../../gateway/wire/mqtt/enrol.ts';
import { DOWN_TAILS, type DownTail } from '../../../gateway/wire/mqtt/topics.ts';
import { open, seal } from '../../../gateway/wire/mqtt/seal.ts';
import type { Down } from '../../../firmware-sim/model.ts';
import { virtualController } from '../../../firmware-sim/virtual.ts';
import { makeMessage, MESSAGE_WORDS, TAILS } from '../messages.ts';
import { sometimesBent } from '../json.ts';
import type { Random } from '../random.ts';
import { allowing, hold, plain, type Target } from '../target.ts';

const tailOf = (input: Buffer): MessageTail => TAILS[(input[0] ?? 0) % TAILS.length] ?? 'req';

function make(random: Random): Buffer {
  const { tail, body } = makeMessage(random);
  return Buffer.concat([Buffer.of(TAILS.indexOf(tail)), sometimesBent(body, random)]);
}

/** Every number of these messages is a whole one. */
function isWhole(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  return typeof value !== 'object' || value === null || Object.values(value).every(isWhole);
}

/** Whatever a message is read as, its own text is read as the same again. */
function readMessage(input: Buffer): void {
  const tail = tailOf(input);
  const message = allowing([FieldError], () => decode(tail, input.subarray(1)));
  if (message === undefined) return;
  hold(isWhole(message), 'a number that is not whole came through');
  const text = encode(tail, message);
  hold(encode(tail, decode(tail, text)).equals(text), 'a message is read otherwise the second time');
  if ('c' in message) {
    const [value, canonical] = [readingBytes(message.c), canonicalReading(message.c)];
    hold(value === undefined ? canonical === undefined : canonical?.length === value.length + 1, 'a reading with two forms');
    if (canonical !== undefined) listFingerprint(Buffer.alloc(32), canonical);
  }
  if ('rows' in message && Array.isArray(message.rows)) listDigest(message.rows);
}

/** Every reader of a message, without the seal. */
export const messages: Target = {
  name: 'messages',
  covers: ['gateway/wire/mqtt/messages.ts', 'gateway/wire/fields.ts', 'gateway/wire/mqtt/list.ts', 'gateway/wire/mqtt/list-chunk.ts', 'gateway/wire/mqtt/list-header.ts'],
  words: MESSAGE_WORDS,
  make,
  open: plain(readMessage),
};

const KEY = Buffer.alloc(32, 5);
const TOPIC = 'ac/1/yc42/d/yc42-d01/req';
const PLAINTEXT = Buffer.from('{"v":1}');
const SEALED = seal(KEY, TOPIC, PLAINTEXT, Buffer.alloc(12, 1));

/** Opening a seal: only what was sealed, for this topic, ever opens. */
export const sealed: Target = {
  name: 'seal',
  covers: ['gateway/wire/mqtt/seal.ts'],
  words: [],
  make: (random) => seal(KEY, TOPIC, PLAINTEXT, random.bytes(12)),
  open: plain((input) => {
    hold(open(KEY, TOPIC, SEALED)?.equals(PLAINTEXT) === true, 'what was sealed does not open');
    const opened = open(KEY, TOPIC, input);
    if (opened !== undefined) hold(opened.equals(PLAINTEXT), `opened as ${opened.toString('hex')}`);
    hold(open(KEY, `${TOPIC}x`, input) === undefined, 'opened under another topic');
  }),
};

const ASK = {
  v: 1,
  k: '040217e617f0b6443928278f96999e69a23a4f2c152bdf6d6cdf66e5b80282d4ed194a7debcb97712d2dda3ca85aa8765a56f45fc758599652f2897c65306e5794',
  c: 'ABCD-EFGH-JKMN',
  model: 'esp32-door',
  fw: '1.0',
  doors: 1,
} as const;
const DEVICE_KEY = Buffer.alloc(32, 0x11);
const GIVEN = give(ASK, { site: 'yc42', device: 'yc42-d01', secret: '05'.repeat(32), list: '06'.repeat(32) }, Buffer.alloc(32, 0x22), Buffer.alloc(12, 1));

/** What a stranger may say before it is anybody, what a device takes for an answer, and what somebody types. */
export const enrolment: Target = {
  name: 'enrol',
  covers: ['gateway/wire/mqtt/enrol.ts'],
  words: ['"k"', '"c"', '"e"', '"x"', '"r":"USED"', 'doorbook:enrol?', '&h=', '&p=65535', '&k=', '&c=ABCD-EFGH-JKMN', '04'.repeat(65), 'null', '1e999'],
  make(random) {
    const valid = [JSON.stringify(ASK), JSON.stringify(GIVEN), offerText({ host: '192.0.2.7', port: 8883, pin: 'A'.repeat(43), code: ASK.c })];
    return sometimesBent(Buffer.from(random.any(valid) ?? ''), random);
  },
  open: plain((input) => {
    const ask = allowing([FieldError], () => readAsk(input));
    if (ask !== undefined) give(ask, { site: 'yc42', device: 'yc42-d01', secret: '05'.repeat(32), list: '06'.repeat(32) }, DEVICE_KEY);
    const taken = allowing([FieldError], () => take(input, { privateKey: DEVICE_KEY, code: ASK.c }));
    if (typeof taken === 'object') hold(taken.secret === '05'.repeat(32), `an identity nobody gave: ${taken.device}`);
    const offer = allowing([FieldError], () => readOffer(input.toString('utf8')));
    if (offer !== undefined) hold(offerText(readOffer(offerText(offer))) === offerText(offer), 'an offer is read otherwise the second time');
  }),
};

const isDown = (tail: string): tail is DownTail => DOWN_TAILS.some((known) => known === tail);
const asDown = (tail: DownTail, body: Message<DownTail>): Down => Object({ tail, body });
const BETWEEN = Buffer.from('\n');

/** Messages of one input, parted by line ends: a JSON text as we write it has none. */
function* downward(input: Buffer): Generator<Down> {
  for (let from = 0; from < input.length; ) {
    const end = input.indexOf(BETWEEN, from);
    const part = input.subarray(from, end < 0 ? input.length : end);
    const tail = DOWN_TAILS[(part[0] ?? 0) % DOWN_TAILS.length] ?? 'res';
    const body = allowing([FieldError], () => decode(tail, part.subarray(1)));
    if (body !== undefined) yield asDown(tail, body);
    from += part.length + 1;
  }
}

function makeDownward(random: Random): Buffer {
  const all = Array.from({ length: 1 + random.below(4) }, () => {
    const { tail, body } = makeMessage(random, DOWN_TAILS);
    return [Buffer.of(isDown(tail) ? DOWN_TAILS.indexOf(tail) + 6 * random.below(2) : 0), body, BETWEEN];
  });
  return Buffer.concat(all.flat());
}

/** A controller that is told anything its gateway's key could seal: it goes on, and its list only moves forward. */
export const device: Target = {
  name: 'device',
  covers: ['firmware-sim/door.ts', 'firmware-sim/lists.ts', 'firmware-sim/commands.ts', 'firmware-sim/requests.ts', 'firmware-sim/events.ts'],
  words: MESSAGE_WORDS,
  make: makeDownward,
  open: plain((input) => {
    const config = { doors: 2, listKey: KEY, model: 'sim', fw: '1.0', heldMs: 60_000, openMs: 5000, queueMax: 100 };
    const controller = virtualController({ config, instance: '00112233445566aa' });
    controller.powerOn(0);
    controller.input({ t: 'connected', nonce: 'a1b2c3d4e5f60718' }, 1);
    controller.input({ t: 'tap', door: 1, reading: { w: 32, x: '1a2b3c4d' }, method: 'card' }, 2);
    let version = { e: 0, n: 0 };
    let at = 3;
    for (const message of downward(input)) {
      controller.input({ t: 'message', message }, at);
      at += 100;
      controller.input({ t: 'tick' }, at);
      const { list } = controller.image;
      if (list === undefined) continue;
      hold(list.e > version.e || (list.e === version.e && list.n >= version.n), `the list went back to ${list.e}.${list.n}`);
      version = list;
    }
  }),
};
