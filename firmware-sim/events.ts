import type { DoorWord } from '../gateway/wire/mqtt/door-words.ts';
import type { Message } from '../gateway/wire/mqtt/messages.ts';
import { deviceTime, type Step } from './model.ts';
import { stateChanged } from './report.ts';
import type { EventBody, EventRecord } from './store-image.ts';

/** Events on their way at a time, and how long to wait for the acknowledgement, ms. */
const WINDOW = 8;
const RESEND_MS = 2000;

/** No room for a new record: the oldest stay, the newest is dropped. */
export const isFull = (c: Step): boolean => c.run.events.length + c.run.requests.size >= c.config.queueMax;

/** The fields every upward message begins with, under the next sequence number. */
export function nextHead(c: Step): { v: 1; i: string; b: number; n: number; u: number; t: number } {
  const { run } = c;
  run.seq += 1;
  return { v: 1, i: run.instance, b: run.boot, n: run.seq, u: run.u, t: deviceTime(run) };
}

/** Puts events that are written in the same step in line, and sends what the window allows. */
export function queueEvents(c: Step, bodies: readonly EventBody[]): void {
  c.run.events.push(...bodies);
  stateChanged(c.run);
  sendEvents(c);
}

/** An event as the store keeps it. */
export const eventRecord = (body: EventBody): EventRecord => ({ kind: 'event', n: body.n, body });

/** Something the door noticed by itself: stored, then sent. Dropped and counted when the store is full. */
export function recordDoorEvent(c: Step, door: number, what: DoorWord): void {
  if (isFull(c)) {
    c.run.dropped += 1;
    return;
  }
  const body: EventBody = { ...nextHead(c), k: 'door', d: door, w: what, off: !c.run.connected };
  c.out.push({ t: 'store', change: { put: [eventRecord(body)] } });
  queueEvents(c, [body]);
}

/** Sends the oldest events, in order: those not yet sent in this connection, and those nobody acknowledged in time. */
export function sendEvents(c: Step): void {
  const { run } = c;
  if (!run.connected) return;
  for (const body of run.events.slice(0, WINDOW)) {
    if ((run.sent.get(body.n) ?? 0) > run.u) continue;
    run.sent.set(body.n, run.u + RESEND_MS);
    c.out.push({ t: 'publish', tail: 'evt', body });
  }
}

/** The gateway has it on disk: only this erases an event. */
export function acknowledged(c: Step, ack: Message<'evt/ack'>): void {
  const { run } = c;
  const at = run.events.slice(0, WINDOW).findIndex((event) => event.i === ack.i && event.b === ack.b && event.n === ack.n);
  if (at < 0) return;
  run.events.splice(at, 1);
  run.sent.delete(ack.n);
  c.out.push({ t: 'store', change: { erase: [ack.n] } });
  stateChanged(run);
  sendEvents(c);
}
