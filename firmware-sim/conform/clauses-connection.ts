import { isNewcomer } from '../../gateway/wire/mqtt/enrol.ts';
import { decode } from '../../gateway/wire/mqtt/messages.ts';
import { open } from '../../gateway/wire/mqtt/seal.ts';
import { DOWN_TAILS } from '../../gateway/wire/mqtt/topics.ts';
import type { Clause } from './clause.ts';
import { Skipped } from './hands.ts';
import { BACK_MS, must, type Trial } from './trial.ts';

const LEVEL_311 = 4;
const KEEPALIVE_MAX_S = 120;
const WILL_MAX_BYTES = 1024;
/** `log` is for minor version 1. */
const MINOR_TAILS: readonly string[] = ['log'];

async function enrolled({ bench: { enrolled } }: Trial): Promise<string> {
  must(enrolled !== undefined, 'no ask to be enrolled was seen');
  must(isNewcomer(enrolled.clientId) && enrolled.fits, `client id ${enrolled.clientId}, or its topic, password, clean session or will, are not those of section 2a`);
  return `asked as ${enrolled.clientId}`;
}

async function login({ bench }: Trial): Promise<string> {
  for (const { connect } of bench.transcript.sessions) {
    const { protocol, level, clientId, username, clean, keepalive } = connect;
    must(protocol === 'MQTT' && level === LEVEL_311, `protocol ${protocol} level ${level}`);
    must(clientId === bench.identity.device && username === clientId, `client id ${clientId}, user name ${username}`);
    must(clean, 'clean session 0');
    must(keepalive >= 1 && keepalive <= KEEPALIVE_MAX_S, `keepalive ${keepalive} s`);
  }
  return `keepalive ${bench.transcript.sessions[0]?.connect.keepalive} s, clean session`;
}

async function will({ bench }: Trial): Promise<string> {
  const said = bench.transcript.sessions.flatMap(({ connect }) => (connect.will === undefined ? [] : [connect.will]));
  for (const { topic, payload, qos } of said) {
    must(topic === bench.topic('state') && qos < 2 && payload.length <= WILL_MAX_BYTES, `a will of ${payload.length} bytes to ${topic} at QoS ${qos}`);
    const body = open(bench.keys.up, topic, payload);
    must(body !== undefined, 'the will does not open');
    must(decode('state', body).s === 'off', 'the will does not say "off"');
  }
  return said.length === 0 ? 'has none' : 'a sealed state that says "off"';
}

async function subscribed({ bench }: Trial): Promise<string> {
  const wanted = DOWN_TAILS.map((tail) => bench.topic(tail));
  const needed = DOWN_TAILS.filter((tail) => !MINOR_TAILS.includes(tail)).map((tail) => bench.topic(tail));
  bench.transcript.sessions.forEach((session, at) => {
    const { filters, subscribedAt } = session;
    const first = bench.transcript.seen.find((seen) => seen.session === at);
    if (first === undefined && subscribedAt === undefined) return;
    const foreign = filters.find((filter) => !wanted.includes(filter));
    must(foreign === undefined, `subscribed to ${foreign}`);
    const missing = needed.find((filter) => !filters.includes(filter));
    must(missing === undefined, `not subscribed to ${missing}`);
    must(first === undefined || (subscribedAt !== undefined && subscribedAt <= first.at), `published ${first?.tail} before it subscribed`);
  });
  return `${bench.transcript.sessions[0]?.filters.length} filters before anything was said`;
}

/** On every connection that lasted: `state` first, then `info`, then `time/ask`. */
async function ordered({ bench }: Trial): Promise<string> {
  const long = bench.transcript.sessions.filter(({ tails }) => tails.length > 2);
  must(long.length > 0, 'no connection lasted');
  for (const { tails } of long) {
    const places = (['state', 'info', 'time/ask'] as const).map((tail) => tails.indexOf(tail));
    const fits = places.every((place, at) => place >= 0 && (at === 0 ? place === 0 : place > (places[at - 1] ?? 0)));
    must(fits, `said ${tails.slice(0, 5).join(', ')}`);
  }
  return `on ${long.length} connections`;
}

/** A stranger with another key answers at the same address. */
async function pinned(t: Trial): Promise<string> {
  const { bench, certificates } = t;
  if (certificates === undefined) throw new Skipped('plain MQTT has no pin');
  const [session, silent] = [bench.session, bench.silent];
  bench.show(certificates.other);
  try {
    bench.cut();
    const came = await bench.transcript.wait(BACK_MS, () => (bench.silent > silent || bench.session > session ? true : undefined));
    must(bench.session === session, 'the gateway showed another key, and the device logged in');
    must(came === true, 'the device did not try to come back');
  } finally {
    bench.show(certificates.own);
  }
  must(await t.backAfter(session), 'the device did not come back to the right key');
  return 'said nothing to another key, and came back to its own';
}

/** What the device says on every connection; judged at the end, over all of them. */
export const CONNECTION_CLAUSES: readonly Clause[] = [
  { id: 'connection.enrolled', section: '2a', must: 'asks to be enrolled under the id of its own key', judge: enrolled },
  { id: 'connection.login', section: '3', must: 'logs in by MQTT 3.1.1 with its id, the derived password, a clean session and a keepalive', judge: login },
  { id: 'connection.will', section: '3', must: 'leaves a sealed state as its will, or none', judge: will },
  { id: 'connection.subscribed', section: '3, 4', must: 'subscribes to exactly its own topics before it says anything', judge: subscribed },
  { id: 'connection.order', section: '3', must: 'says state, then info, then time/ask', judge: ordered },
];

const CUTS = 4;
/** Between 0.5 s and 120 s, and not always the same; a clock and a handshake may add or take a little, ms. */
const PAUSE_MS = [450, 125_000] as const;
const SPREAD_MS = 150;

async function pauses({ bench }: Trial): Promise<string> {
  const found: number[] = [];
  for (let cut = 0; cut < CUTS; cut += 1) {
    const [{ session }, at] = [bench, bench.at()];
    bench.cut();
    const back = await bench.transcript.wait(PAUSE_MS[1], () => (bench.session > session ? bench.transcript.sessions.at(-1) : undefined));
    must(back !== undefined, 'the device did not come back');
    must(back.at - at >= PAUSE_MS[0], `came back ${Math.round(back.at - at)} ms after its connection was lost`);
    found.push(Math.round(back.at - at));
  }
  must(Math.max(...found) - Math.min(...found) >= SPREAD_MS, `the pauses were ${found.join(', ')} ms: a whole street would return at one moment`);
  return `pauses of ${found.join(', ')} ms`;
}

/** Coming back after a lost connection. */
export const PAUSE_CLAUSES: readonly Clause[] = [{ id: 'connection.pause', section: '3', must: 'comes back after a random pause of 0.5 s at the least', judge: pauses }];

/** The pin, at a later connection. */
export const PIN_CLAUSES: readonly Clause[] = [
  { id: 'connection.pin', section: '2a, 3', must: 'checks the pin at every connection and says nothing to another key', judge: pinned },
];
