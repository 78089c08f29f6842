import { createHash } from 'node:crypto';
import type { EventKey } from '../journal/entry.ts';
import { readingBytes } from '../wire/mqtt/list.ts';
import type { Message } from '../wire/mqtt/messages.ts';
import { codeReading, digitsOf } from '../wire/mqtt/pin.ts';
import type { Reading } from '../wire/mqtt/reading.ts';
import { type Device, doorIdOf, type LinkContext } from './device.ts';
import type { Tap, Verdict } from './link.ts';
import { observeBoot } from './presence.ts';

/** Requests of one device decided at once. A door has one reader for each side; more than this is a fault or an attack. */
export const MAX_REQUESTS = 32;

const UNAVAILABLE: Verdict = { granted: false, reason: 'UNAVAILABLE', note: undefined, openMs: 0, entry: 0, answer: true };

/** The credential in a reading, hex in capitals; of a keypad what its digits are known by. Undefined when it cannot be one. */
export function credentialOf(reading: Reading, method: Message<'req'>['k']): Tap['credential'] {
  if (method === 'pin') {
    const digits = digitsOf(reading);
    return digits === undefined ? undefined : codeReading(digits);
  }
  const value = readingBytes(reading);
  return value && { bits: reading.w, hex: value.toString('hex').toUpperCase() };
}

/** Never the reading itself: these are kept in memory, and a PIN is a reading too. */
const contentOf = (m: Message<'req'>): string =>
  createHash('sha256')
    .update(JSON.stringify([m.d, m.k, m.c.w, m.c.x.toLowerCase(), m.t, m.p ?? '']))
    .digest('base64');

function tapOf(device: Device, m: Message<'req'>, ageMs: number): Tap {
  const key: EventKey = { controllerId: device.record.controllerId, instance: m.i, boot: m.b, seq: m.n };
  const pin = m.k === 'card' ? m.p : undefined;
  return { key, doorId: doorIdOf(device, m.d), method: m.k, credential: credentialOf(m.c, m.k), pin, deviceTime: m.t, ageMs, budgetMs: m.ms, list: m.l };
}

function answer(context: LinkContext, device: Device, m: Message<'req'>, verdict: Verdict): void {
  if (!verdict.answer) return;
  context.send(device, 'res', { v: 1, i: m.i, b: m.b, n: m.n, g: verdict.granted, r: verdict.reason, o: verdict.openMs, e: verdict.entry });
}

/** Decides once, however often it is asked meanwhile. A fault of the door side is answered so that the door goes by its list. */
function decideOnce(context: LinkContext, device: Device, m: Message<'req'>): Promise<Verdict> {
  const key = `${m.i}.${m.b}.${m.n}`;
  const content = contentOf(m);
  const running = device.deciding.get(key);
  if (running?.content === content) return running.verdict;
  const verdict = context.side.tap(tapOf(device, m, device.clock.age(context.uptime(), m.u))).catch((error: unknown) => {
    context.log.error({ device: device.id, error: String(error) }, 'the decision failed');
    return UNAVAILABLE;
  });
  // Another request under a used key is decided by itself; the first stays the one that repeats join.
  if (running !== undefined) return verdict;
  device.deciding.set(key, { content, verdict });
  return verdict.finally(() => device.deciding.delete(key));
}

/**
 * `req`: somebody asks at a door. Resolves when the answer is sent, so that PUBACK follows the durable entry.
 * Beyond the limit the door is told at once to go by its own list (it keeps the event): MQTT has no refusal
 * of a PUBLISH but closing the connection [MQTT-3.3.5-2], and a closed connection would cost the honest taps too.
 */
export async function onRequest(context: LinkContext, device: Device, m: Message<'req'>): Promise<void> {
  if (!observeBoot(context, device, m)) return;
  if (device.requests >= MAX_REQUESTS) {
    context.refuse(device, 'flood', `more than ${MAX_REQUESTS} requests at once`);
    if (!device.deciding.has(`${m.i}.${m.b}.${m.n}`)) answer(context, device, m, UNAVAILABLE);
    return;
  }
  device.requests += 1;
  try {
    answer(context, device, m, await decideOnce(context, device, m));
  } finally {
    device.requests -= 1;
  }
}
