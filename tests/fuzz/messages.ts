import { listDigest, sortRows } from '../../gateway/wire/mqtt/list.ts';
import { encode, type Message, type MessageTail, MESSAGES } from '../../gateway/wire/mqtt/messages.ts';
import type { ListRow } from '../../gateway/wire/mqtt/list.ts';
import { DOOR_WORDS } from '../../gateway/wire/mqtt/door-words.ts';
import { header, settings } from '../helpers/lists.ts';
import type { Random } from './random.ts';

const U32 = 2 ** 32 - 1;
const LOG_ID = 'ab'.repeat(16);
const WALL = 1_795_000_000_000;

const hex = (random: Random, bytes: number): string => random.bytes(bytes).toString('hex');
const yes = (random: Random): boolean => random.oneIn(2);
const whole = (random: Random, most: number): number => (random.oneIn(4) ? random.pick([0, 1, most]) : random.below(most + 1));
const positive = (random: Random, most: number): number => Math.max(1, whole(random, most));
const version = (random: Random): string => (random.oneIn(4) ? '' : `${random.below(9)}.${random.below(99)}`);
const reading = (random: Random): Message<'req'>['c'] => {
  const w = random.pick([0, 1, 24, 26, 32, 34, 37, 40, 56, 64, 255]);
  return { w, x: hex(random, Math.min(32, Math.ceil(w / 8))) };
};
const up = (random: Random) => ({ v: 1, i: '00112233445566aa', b: positive(random, 3), n: positive(random, U32), u: whole(random, 1e9), t: random.pick([0, WALL]) }) as const;
const row = (random: Random): ListRow => [
  hex(random, 12),
  positive(random, 255),
  random.pick([0, WALL, Number.MAX_SAFE_INTEGER]),
  whole(random, 255),
  whole(random, 255),
  hex(random, 16),
];
const rows = (random: Random): ListRow[] => sortRows(Array.from({ length: random.pick([0, 1, 3, 20, 300]) }, () => row(random)));

const span = (random: Random): [number, number] => {
  const from = whole(random, 1439);
  return [from, from + positive(random, 1440 - from)];
};
const day = (random: Random): string => `202${whole(random, 9)}-1${whole(random, 2)}-0${positive(random, 9)}`;
const doorOf = (random: Random) =>
  settings({
    o: whole(random, 600_000),
    h: whole(random, 1e6),
    u: whole(random, 3),
    f: random.pick([0, 1]),
    p: whole(random, 3),
    i: whole(random, 255),
    a: whole(random, 1440),
    x: random.pick([0, 1]),
    k: random.pick([0, WALL]),
  });
/** What a header may say of doors: schedules that are there, and some that are not. */
const rules = (random: Random) => ({
  doors: [doorOf(random), doorOf(random)],
  sched: [{ s: 1, w: Array.from({ length: 8 }, () => [span(random)]) }],
  hol: [day(random)],
  work: [day(random)],
});

const outcome = (random: Random): Message<'evt'> => ({
  ...up(random),
  k: 'outcome',
  d: positive(random, 8),
  rb: positive(random, 3),
  rn: positive(random, U32),
  c: reading(random),
  m: random.pick(['card', 'pin', 'qr']),
  rt: random.pick([0, WALL]),
  f: random.pick(['executed', 'local', 'not-executed', 'unknown']),
  g: yes(random),
  r: random.pick(['OK', 'REVOKED', 'NOT_A_REASON']),
  o: random.pick(['opened', 'unopened', 'unknown']),
  l: version(random),
});
const doorEvent = (random: Random): Message<'evt'> => ({
  ...up(random),
  k: 'door',
  d: positive(random, 8),
  w: random.pick(DOOR_WORDS),
  off: yes(random),
});

/** A valid body for every tail. */
const MAKE: { readonly [T in MessageTail]: (random: Random) => Message<T> } = {
  info: (random) => ({
    v: 1,
    i: '00112233445566aa',
    b: 1,
    model: 'sim',
    fw: '1.0',
    minor: whole(random, 1000),
    doors: positive(random, 8),
    rows: whole(random, 100_000),
    keys: whole(random, 255),
  }),
  state: (random) => ({
    v: 1,
    i: '00112233445566aa',
    b: positive(random, 3),
    u: whole(random, 1e9),
    s: random.pick(['on', 'off']),
    d: Array.from({ length: random.below(9) }, (_, at) => ({ d: at + 1, c: random.pick(['open', 'closed', 'unknown']), l: random.pick(['locked', 'unlocked']) })),
    p: yes(random),
    q: whole(random, U32),
    l: version(random),
  }),
  req: (random) => ({ ...up(random), d: positive(random, 8), k: random.pick(['card', 'pin', 'qr']), c: reading(random), ms: random.pick([50, 400, 10_000]), l: version(random) }),
  evt: (random) => (yes(random) ? outcome(random) : doorEvent(random)),
  'cmd/ack': (random) => ({ v: 1, id: hex(random, 8), st: random.pick(['done', 'refused', 'expired']) }),
  'acl/have': (random) => ({ v: 1, i: '00112233445566aa', b: positive(random, 3), l: version(random) }),
  'acl/get': (random) => ({ v: 1, i: '00112233445566aa', b: positive(random, 3), e: whole(random, 3), n: whole(random, 3), f: random.pick(['', version(random)]) }),
  'time/ask': (random) => ({ v: 1, no: hex(random, 8) }),
  res: (random) => ({
    v: 1,
    i: '00112233445566aa',
    b: positive(random, 2),
    n: positive(random, 4),
    g: yes(random),
    r: random.pick(['OK', 'REVOKED', 'UNAVAILABLE']),
    o: whole(random, 600_000),
    e: whole(random, 99),
  }),
  'evt/ack': (random) => ({ v: 1, i: '00112233445566aa', b: positive(random, 2), n: positive(random, 4) }),
  cmd: (random) => ({
    v: 1,
    id: hex(random, 8),
    d: positive(random, 8),
    a: random.pick(['unlock', 'lock', 'restart', 'identify']),
    o: whole(random, 600_000),
    b: positive(random, 2),
    x: whole(random, 1e6),
  }),
  'acl/want': (random) => {
    const held = rows(random);
    const of = Math.ceil(held.length / 300);
    return header({ e: whole(random, 3), n: whole(random, 5), until: WALL, count: held.length, of, dig: listDigest(held), ...rules(random) });
  },
  'acl/c': (random) => ({ e: whole(random, 3), n: whole(random, 5), at: random.pick([0, 0, 1, 999]), rows: rows(random) }),
  'log/have': (random) => ({ v: 1, i: '00112233445566aa', b: positive(random, 3), o: LOG_ID, s: positive(random, 1e6), h: hex(random, 32) }),
  log: (random) => {
    const [s, root] = [positive(random, 1e6), random.bytes(32)];
    return {
      v: 1,
      o: LOG_ID,
      s,
      h: root.toString('hex'),
      note: `doorbook/log/${LOG_ID}\n${s}\n${root.toString('base64')}\n\n— doorbook/log/${LOG_ID} ${random.bytes(68).toString('base64')}\n`,
    };
  },
  time: (random) => ({ v: 1, no: hex(random, 8), t: random.pick([0, WALL, WALL + 1]) }),
};

const isTail = (text: string): text is MessageTail => text in MESSAGES;
/** Every tail, in the order of its number in fuzz inputs. */
export const TAILS: readonly MessageTail[] = Object.keys(MESSAGES).filter(isTail);

const bodyOf = <T extends MessageTail>(tail: T, random: Random): Buffer => encode(tail, MAKE[tail](random));

/** A tail and a valid body under it. */
export function makeMessage(random: Random, among: readonly MessageTail[] = TAILS): { readonly tail: MessageTail; readonly body: Buffer } {
  const tail = random.any(among) ?? 'req';
  return { tail, body: bodyOf(tail, random) };
}

/** Words of these messages: field names, and values at the edges of what is taken. */
export const MESSAGE_WORDS: readonly string[] = [
  ...['"v":1', '"i":', '"b":0', '"n":4294967296', '"u":-1', '"u":1e400', '"c":{"w":64,"x":"', '"k":"outcome"', '"k":"door"', '"rows":[[', '"__proto__":{}', '"constructor":1'],
  ...['null', 'true', '[]', '{}', '9007199254740992', '1e308', '-0', '0.5', '"\\u0000"', '\ud800', '"l":"1.1"', '[[[[[[[[[[[[[[[['],
];
