import { setTimeout as sleep } from 'node:timers/promises';
import type { Clause } from './clause.ts';
import { must, same, type Trial } from './trial.ts';
import type { SeenAs } from './transcript.ts';

const WINDOW = 8;
/** An event without acknowledgement is sent again after 2 s; a device may take somewhat longer. */
const AGAIN_MS = 4500;
const PRESSES = 10;

type Event = SeenAs<'evt'>;
const keyOf = ({ body: { i, b, n } }: Event): string => `${i}.${b}.${n}`;
const copies = (t: Trial, event: Event): Event[] => t.bench.transcript.of('evt').filter((other) => keyOf(other) === keyOf(event));

async function pressed(t: Trial): Promise<Event> {
  t.mark();
  const isExit = (body: Event['body']): boolean => body.k === 'door' && body.w === 'exit';
  const seen = await t.hands.during('push', () => t.first('evt', t.hands.patienceMs, isExit));
  must(seen !== undefined, 'the exit button was pressed, and no evt "exit" came');
  return seen;
}

/** Sent again without evt/ack, though MQTT acknowledged it; over a new connection too; and never again after evt/ack. */
async function kept(t: Trial): Promise<string> {
  t.bench.answers.evt = () => undefined;
  const event = await pressed(t);
  const again = await t.bench.transcript.wait(AGAIN_MS, () => copies(t, event)[1]);
  must(again !== undefined, `a PUBACK and no evt/ack: not sent again within ${AGAIN_MS} ms`);
  must(same(event, again), 'the repeat says something else');
  must(again.at - event.at > 900, `sent again after ${Math.round(again.at - event.at)} ms: too soon`);
  const before = copies(t, event).length;
  await t.reconnect();
  const later = await t.bench.transcript.wait(AGAIN_MS, () => copies(t, event)[before]);
  must(later !== undefined, 'not sent again on a new connection');
  must(same(event, later), 'sent again on a new connection as something else');
  t.bench.answers = t.bench.usual();
  for (const left of new Map(t.bench.transcript.of('evt').map((seen) => [keyOf(seen), seen])).values()) t.bench.acknowledge(left);
  await sleep(300);
  const sent = copies(t, event).length;
  await sleep(AGAIN_MS - 2000);
  must(copies(t, event).length === sent, 'sent again after its evt/ack');
  return 'the same again without evt/ack and on a new connection; quiet after it';
}

async function inOrder(t: Trial): Promise<string> {
  t.bench.answers.evt = () => undefined;
  const first = await pressed(t);
  for (let more = 1; more < PRESSES; more += 1) await t.hands.during('push', () => sleep(t.hands.auto ? 20 : 1500));
  await sleep(500);
  const from = first.body.n;
  const distinct = (): number[] => [...new Set(t.since('evt').flatMap(({ body }) => (body.n >= from ? [body.n] : [])))];
  const waiting = distinct();
  must(waiting.length <= WINDOW, `${waiting.length} events on the way without an evt/ack, at most ${WINDOW} may be`);
  must(
    waiting.every((n, at) => at === 0 || n > (waiting[at - 1] ?? 0)),
    `not the oldest first: ${waiting.join(', ')}`,
  );
  t.bench.answers = t.bench.usual();
  for (const seen of new Map(t.since('evt').map((event) => [event.body.n, event])).values()) t.bench.acknowledge(seen);
  const all = await t.bench.transcript.wait(AGAIN_MS, () => (distinct().length >= PRESSES ? distinct() : undefined));
  must(all !== undefined, `the button was pressed ${PRESSES} times and ${distinct().length} events came`);
  must(
    all.every((n, at) => at === 0 || n > (all[at - 1] ?? 0)),
    `not the oldest first: ${all.join(', ')}`,
  );
  return `${waiting.length} on the way, the others after them, in order`;
}

/** Events a device must keep. */
export const EVENT_CLAUSES: readonly Clause[] = [
  { id: 'event.kept', section: '1, 7', must: 'keeps an event until the sealed evt/ack, whatever MQTT acknowledged, and over connections', hands: 'person', judge: kept },
  { id: 'event.order', section: '7', must: `sends the oldest events first, at most ${WINDOW} at a time`, hands: 'person', judge: inOrder },
];
