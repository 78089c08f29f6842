import type { Clause } from './clause.ts';
import { Skipped } from './hands.ts';
import { must, same, type Trial } from './trial.ts';
import type { SeenAs } from './transcript.ts';

/** What a network and this computer may add to a message on its way, ms. */
const AGE_MS = 250;
const STATE_GAP_MS = 150;
const SILENT_MS = 15_000;
/** What was on its way when the acknowledgement was sent may still arrive, ms. */
const CROSSING_MS = 500;
const RETAINED: readonly string[] = ['info', 'state'];

async function nonces({ bench }: Trial): Promise<string> {
  const twice = [...bench.transcript.nonces].find(([, times]) => times > 1);
  must(twice === undefined, `the nonce ${twice?.[0]} sealed ${twice?.[1]} messages`);
  return `${bench.transcript.nonces.size} messages, each with a nonce of its own`;
}

async function readable({ bench: { transcript } }: Trial): Promise<string> {
  must(transcript.troubles.length === 0, `${transcript.troubles.length} messages did not open or read: ${transcript.troubles.slice(0, 3).join('; ')}`);
  const wrong = transcript.seen.find(({ tail, qos, retain }) => qos !== 1 || retain !== RETAINED.includes(tail));
  must(wrong === undefined, `${wrong?.tail} came at QoS ${wrong?.qos}${wrong?.retain ? ', retained' : ''}`);
  return `${transcript.seen.length} messages, every field as it should be`;
}

type Numbered = SeenAs<'req'> | SeenAs<'evt'>;
const numberedOf = ({ bench: { transcript } }: Trial): Numbered[] => [...transcript.of('req'), ...transcript.of('evt')].sort((a, b) => a.at - b.at);

/** A key names one message for ever: a repeat is the same, another message has another. */
async function keys(t: Trial): Promise<string> {
  const first = new Map<string, Numbered>();
  for (const seen of numberedOf(t)) {
    const key = `${seen.body.i}.${seen.body.b}.${seen.body.n}`;
    const known = first.get(key);
    must(known === undefined || (known.tail === seen.tail && same(known, seen)), `key ${key} named two messages: ${JSON.stringify(known?.json)} and ${JSON.stringify(seen.json)}`);
    if (known === undefined) first.set(key, seen);
  }
  if (first.size === 0) throw new Skipped('no request and no event was seen');
  return `${first.size} requests and events, each key one content`;
}

/** The first time a message goes it is as old as its way: `u` is exact. */
async function ages({ bench: { transcript } }: Trial): Promise<string> {
  const asked = new Set<string>();
  const fresh = transcript.seen.flatMap((seen) => {
    if (seen.tail !== 'state' && seen.tail !== 'req') return [];
    const key = seen.tail === 'req' ? `${seen.body.b}.${seen.body.n}` : '';
    if (key !== '' && asked.has(key)) return [];
    asked.add(key);
    return [{ tail: seen.tail, b: seen.body.b, offset: seen.at - seen.body.u }];
  });
  let oldest = 0;
  for (const boot of new Set(fresh.map(({ b }) => b))) {
    const offsets = fresh.filter(({ b }) => b === boot);
    const least = Math.min(...offsets.map(({ offset }) => offset));
    for (const { tail, offset } of offsets) {
      must(offset - least <= AGE_MS, `a ${tail} was ${Math.round(offset - least)} ms older than its running time says`);
      oldest = Math.max(oldest, offset - least);
    }
  }
  return `${fresh.length} messages, at most ${Math.round(oldest)} ms old`;
}

async function stateGap({ bench: { transcript } }: Trial): Promise<string> {
  const states = transcript.of('state');
  states.forEach((state, at) => {
    const before = states[at - 1];
    if (before === undefined || before.session !== state.session) return;
    const apart = Math.max(state.at - before.at, state.body.u - before.body.u);
    must(apart >= STATE_GAP_MS, `two states ${Math.round(apart)} ms apart`);
  });
  return `${states.length} states`;
}

async function versions({ bench: { transcript } }: Trial): Promise<string> {
  let newest: readonly number[] = [0, 0];
  for (const { body } of transcript.of('acl/have')) {
    const [e = 0, n = 0] = body.l.split('.').map(Number);
    must(e > (newest[0] ?? 0) || (e === newest[0] && n >= (newest[1] ?? 0)), `acl/have ${body.l} after ${newest.join('.')}`);
    newest = [e, n];
  }
  return `up to ${newest.join('.')}`;
}

async function erased({ bench }: Trial): Promise<string> {
  const late = bench.transcript.of('evt').find(({ at, body }) => at > (bench.acked.get(`${body.b}.${body.n}`) ?? Number.POSITIVE_INFINITY) + CROSSING_MS);
  must(late === undefined, `event ${late?.body.b}.${late?.body.n} was sent again after its evt/ack`);
  return `${bench.acked.size} events, none again after its evt/ack`;
}

async function heard({ bench: { transcript } }: Trial): Promise<string> {
  const longest = Math.max(0, ...transcript.sessions.map(({ quietMs }) => quietMs));
  must(longest <= SILENT_MS, `silent for ${Math.round(longest)} ms, and would be shown as offline`);
  return `never silent for more than ${Math.round(longest)} ms`;
}

const CHECKPOINT_PAUSE_MS = 1500;

async function checkpoints(t: Trial): Promise<string> {
  const { bench } = t;
  if ((bench.transcript.of('info').at(-1)?.body.minor ?? 0) < 1) throw new Skipped('minor version 0 keeps no checkpoints');
  const o = 'b0'.repeat(16);
  const log = (s: number, h: string): void => bench.say('log', { v: 1, o, s, h: h.repeat(64), note: `doorbook/log/${o}\n${s}\n` });
  for (const [s, h] of [
    [10, 'a'],
    [5, 'b'],
    [10, 'c'],
  ] as const) {
    t.mark();
    log(s, h);
    const have = await t.first('log/have', CHECKPOINT_PAUSE_MS, (body) => body.o === o);
    must(have?.body.s === 10 && have.body.h === 'a'.repeat(64), `after a log of ${s} entries log/have says ${have?.body.s ?? 'nothing'}`);
  }
  return 'kept the longest, and said so of a shorter and of another one';
}

/** Checkpoints of minor version 1. */
export const LOG_CLAUSES: readonly Clause[] = [
  { id: 'log.never-back', section: '9', must: 'never takes a checkpoint of fewer entries, or another one of as many', judge: checkpoints },
];

/** Judged over everything that was seen, so last. */
export const OVERALL_CLAUSES: readonly Clause[] = [
  { id: 'seal.nonces', section: '4', must: 'never uses a nonce twice, for a repeat neither', judge: nonces },
  { id: 'message.fields', section: '4, 5', must: 'seals each message for its topic, with all its fields, at QoS 1, retained only where it may', judge: readable },
  { id: 'message.keys', section: '2, 6', must: 'names one message by a key for ever; a repeat says the same', judge: keys },
  { id: 'time.running', section: '6', must: 'says its running time to a few ms', judge: ages },
  { id: 'state.gap', section: '5', must: 'leaves 200 ms between two states', judge: stateGap },
  { id: 'list.forwards', section: '8', must: 'never names an older list than before', judge: versions },
  { id: 'event.erased', section: '5', must: 'does not send an event again after its evt/ack', judge: erased },
  { id: 'connection.alive', section: '3', must: 'is never silent for 15 s', judge: heard },
];
