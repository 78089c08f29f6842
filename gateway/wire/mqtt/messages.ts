import { type ReadBy, type Reader, FieldError, list, oneOf, optional, record, text, whole } from '../fields.ts';
import { DOOR_WORDS } from './door-words.ts';
import { decodeChunk, encodeChunk, type ListChunk } from './list-chunk.ts';
import { listHeader } from './list-header.ts';
import { reading } from './reading.ts';

/**
 * Every message of the native controller protocol, one declaration each: the reader checks it and the type
 * follows from it. Bodies are JSON objects under the seal of `seal.ts`; field names are short because they
 * travel, and are explained here and in docs/controller-protocol.md.
 *
 * Freshness without trusting any clock: `u` is the device's running time since boot in ms. The gateway keeps,
 * for each (device, boot), the smallest (arrival − u) it has seen; a message's age is its own (arrival − u)
 * above that. Commands expire at a value of the device's own `u`, in its own boot.
 */
const U32 = 2 ** 32 - 1;
const hex = (digits: number): Reader<string> => text(new RegExp(`^[0-9a-f]{${digits}}$`), `${digits} lower-case hex digits`);
const version = oneOf(1);
const instance = hex(16);
const boot = whole(1, U32);
const seq = whole(1, U32);
const uptime = whole(0, Number.MAX_SAFE_INTEGER);
/** Device clock, epoch ms; 0: the device has none. Any value is accepted and recorded, none is believed. */
const deviceTime = whole(0, Number.MAX_SAFE_INTEGER);
const door = whole(1, 8);
const listVersion = text(/^(\d{1,10}\.\d{1,10})?$/, 'an access list version "epoch.n", or empty');
const reason = text(/^[A-Z_]{2,24}$/, 'a reason name in capitals');
const up = { v: version, i: instance, b: boot, n: seq, u: uptime, t: deviceTime };

const infoMessage = record({
  v: version,
  i: instance,
  b: boot,
  model: text(/^[\x20-\x7e]{1,32}$/, '1 to 32 printable characters'),
  fw: text(/^[\x20-\x7e]{1,32}$/, '1 to 32 printable characters'),
  minor: whole(0, 1000),
  doors: whole(1, 8),
  rows: whole(0, 100_000),
  /** Doors with a keypad, bit 0: door 1. Left out: with minor version 2 all of them, else none. */
  keys: optional(whole(0, 255)),
});
const stateMessage = record({
  v: version,
  i: instance,
  b: boot,
  u: uptime,
  s: oneOf('on', 'off'),
  /** One for each door: number, contact, lock, and what it is in: standing open by its schedule, or a lockdown. */
  d: list(record({ d: door, c: oneOf('open', 'closed', 'unknown'), l: oneOf('locked', 'unlocked'), m: optional(oneOf('hold', 'lockdown')) }), 8),
  /** Mains present; battery, where there is one; events waiting; list held. */
  p: oneOf(true, false),
  bt: optional(oneOf('ok', 'low')),
  q: whole(0, U32),
  l: listVersion,
});
/** `p`: digits typed after the card. */
const requestMessage = record({
  ...up,
  d: door,
  k: oneOf('card', 'pin', 'qr'),
  c: reading,
  p: optional(text(/^\d{1,12}$/, '1 to 12 digits')),
  ms: whole(50, 10_000),
  l: listVersion,
});
const responseMessage = record({ v: version, i: instance, b: boot, n: seq, g: oneOf(true, false), r: reason, o: whole(0, 600_000), e: whole(0, Number.MAX_SAFE_INTEGER) });

const outcomeEvent = record({
  ...up,
  k: oneOf('outcome'),
  d: door,
  /** The request it closes: boot and sequence; the reading, method, clock and budget it had. */
  rb: boot,
  rn: seq,
  c: reading,
  m: oneOf('card', 'pin', 'qr'),
  rt: deviceTime,
  f: oneOf('executed', 'local', 'not-executed', 'unknown'),
  g: oneOf(true, false),
  r: reason,
  o: oneOf('opened', 'unopened', 'unknown'),
  l: listVersion,
});
const doorEvent = record({
  ...up,
  k: oneOf('door'),
  d: door,
  w: oneOf(...DOOR_WORDS),
  /** True when the device had no gateway at that moment. */
  off: oneOf(true, false),
});
const eventMessage: Reader<ReadBy<typeof outcomeEvent> | ReadBy<typeof doorEvent>> = (value, field) => {
  const kind = record({ k: oneOf('outcome', 'door') })(value, field).k;
  return kind === 'outcome' ? outcomeEvent(value, field) : doorEvent(value, field);
};
const eventAck = record({ v: version, i: instance, b: boot, n: seq });
const command = record({ v: version, id: hex(16), d: door, a: oneOf('unlock', 'lock', 'restart', 'identify'), o: whole(0, 600_000), b: boot, x: uptime });
const commandAck = record({ v: version, id: hex(16), st: oneOf('done', 'refused', 'expired') });
const timeAsk = record({ v: version, no: hex(16) });
const time = record({ v: version, no: hex(16), t: whole(0, Number.MAX_SAFE_INTEGER) });
const listHave = record({ v: version, i: instance, b: boot, l: listVersion });
/** `f`: the version held, from which the difference would do; empty: the whole list. */
const listGet = record({ v: version, i: instance, b: boot, e: whole(0, U32), n: whole(0, U32), f: listVersion });

/** A checkpoint of the log for a device to keep: id of the log, entries, root, and the signed note itself. */
const logCheckpoint = record({
  v: version,
  o: hex(32),
  s: whole(1, Number.MAX_SAFE_INTEGER),
  h: hex(64),
  note: text(/^[\x20-\x7e\n—]{1,1024}$/, 'a signed note of 1 to 1024 characters'),
});
/** The newest checkpoint of a log that a device holds. */
const logHave = record({ v: version, i: instance, b: boot, o: hex(32), s: whole(1, Number.MAX_SAFE_INTEGER), h: hex(64) });

/** One reader for each topic tail whose body is JSON: what may stand in that message. */
export const MESSAGES = {
  info: infoMessage,
  state: stateMessage,
  req: requestMessage,
  evt: eventMessage,
  'cmd/ack': commandAck,
  'acl/have': listHave,
  'acl/get': listGet,
  'time/ask': timeAsk,
  'log/have': logHave,
  res: responseMessage,
  'evt/ack': eventAck,
  cmd: command,
  'acl/want': listHeader,
  time,
  log: logCheckpoint,
} as const;
type JsonTail = keyof typeof MESSAGES;
/** A tail that carries a message: all of them. `acl/c` alone is not JSON (`list-chunk.ts`). */
export type MessageTail = JsonTail | 'acl/c';
/** The checked body of the message under a tail. */
export type Message<T extends MessageTail> = T extends JsonTail ? ReadBy<(typeof MESSAGES)[T]> : ListChunk;

const isJson = (tail: MessageTail): tail is JsonTail => tail !== 'acl/c';

/** Reads an unsealed body; of `acl/want` what `openHeader` found in it. Throws FieldError; a body that is not JSON names the field `body`. */
export function decode<T extends MessageTail>(tail: T, body: Uint8Array): Message<T> {
  if (!isJson(tail)) return decodeChunk(body) as Message<T>;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch {
    throw new FieldError('body', 'a JSON object');
  }
  const read = MESSAGES[tail] as Reader<Message<T>>;
  return read(value, '');
}

/** The body to seal; that of `acl/want` is signed first. Fields that are undefined are left out. */
export const encode = <T extends MessageTail>(tail: T, message: Message<T>): Buffer => (isJson(tail) ? Buffer.from(JSON.stringify(message)) : encodeChunk(message as ListChunk));
