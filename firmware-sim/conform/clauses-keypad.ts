import { setTimeout as sleep } from 'node:timers/promises';
import { canonicalReading, type ListRow, ROW_FLAGS } from '../../gateway/wire/mqtt/list.ts';
import { pinVerifier } from '../../gateway/wire/mqtt/pin.ts';
import type { Clause } from './clause.ts';
import { type Act, KEYED, Skipped } from './hands.ts';
import { rulesFor } from './lists.ts';
import { ANSWER_MS, must, type Trial } from './trial.ts';

const SECTION = '8b';
const MINOR = 2;
const DAY_MINUTES = 1440;
const ALL_DAY = { s: 1, w: Array.from({ length: 8 }, () => [[0, DAY_MINUTES] as const]) };
/** A release of 1 s is over by then. */
const OVER_MS = 1900;
/** Keys are a habit no more, so long after a card. */
const HABIT_MS = 5200;
/** The keypad gives up ten seconds after the last key, give or take a timer. */
const GIVES_UP = [9500, 12_000] as const;

/** Brings the device to hold a list in whose hours, all day, the card needs its PIN. */
async function pinHours(t: Trial): Promise<void> {
  const info = t.bench.transcript.of('info').at(-1)?.body;
  if ((info?.minor ?? 0) < MINOR) throw new Skipped(`minor version ${MINOR} has the keypad`);
  if (((info?.keys ?? 1) & 1) === 0) throw new Skipped('it says that door 1 has no keypad');
  const [print, doors, until, schedule] = await t.row();
  const canonical = t.card && canonicalReading(t.card);
  must(canonical !== undefined, 'the card that was used cannot be read');
  const row: ListRow = [print, doors, until, schedule, ROW_FLAGS.pin, await pinVerifier(KEYED['tap-pin'], canonical)];
  await t.hold([row], { ...rulesFor(t.bench.doors, { p: 1 }), sched: [ALL_DAY] });
}

/** The requests the device makes of an act, until the first has come. */
async function requestOf(t: Trial, act: Act, ms = t.hands.patienceMs) {
  t.mark();
  const from = t.bench.at();
  const seen = await t.hands.during(act, () => t.first('req', ms));
  must(seen !== undefined, `${act}: no req came`);
  return { body: seen.body, after: seen.at - from };
}

async function asks(t: Trial): Promise<string> {
  await pinHours(t);
  const { body } = await requestOf(t, 'tap-pin');
  must(body.k === 'card' && body.p === KEYED['tap-pin'], `the first req has k ${body.k} and p ${body.p ?? 'left out'}, expected card and what was typed`);
  await sleep(OVER_MS);
  return 'asked for the digits first, and sent them with the card';
}

async function gaveUp(t: Trial): Promise<string> {
  await pinHours(t);
  const { body, after } = await requestOf(t, 'tap', GIVES_UP[1] + ANSWER_MS);
  must(body.k === 'card' && body.p === undefined, 'nothing was typed, and the req has p');
  must(!t.hands.auto || (after >= GIVES_UP[0] && after <= GIVES_UP[1]), `a card without digits was sent on after ${Math.round(after)} ms`);
  await sleep(OVER_MS);
  return `a card without digits was sent on after ${Math.round(after)} ms`;
}

async function alone(t: Trial): Promise<string> {
  await pinHours(t);
  await sleep(HABIT_MS);
  const { body } = await requestOf(t, 'type');
  must(body.k === 'pin' && body.c.w === KEYED.type.length * 4 && body.c.x === KEYED.type && body.p === undefined, `the req has k ${body.k} and c ${JSON.stringify(body.c)}`);
  const seen = await t.first('evt', ANSWER_MS, ({ k }) => k === 'outcome');
  must(seen?.body.k === 'outcome' && /^0*$/.test(seen.body.c.x), 'the digits stand in the outcome');
  return 'sent as a reading of its own; zeros in the outcome';
}

/** What became of cards and digits without a network, in order, once it is back. */
async function away(t: Trial, acts: readonly Act[]): Promise<string[]> {
  const { session } = t.bench;
  await t.hands.during('network-off', async () => undefined);
  for (const act of acts) await t.hands.during(act, () => sleep(t.hands.auto ? 2000 : 15_000));
  t.mark();
  await t.hands.during('network-on', async () => undefined);
  must(await t.backAfter(session), 'the device did not come back');
  const told = (): string[] =>
    t.since('evt').flatMap(({ body }) => (body.k === 'outcome' ? [`${body.f} ${body.r}`] : body.w === 'duress' || body.w === 'pin-tries' ? [body.w] : []));
  await t.bench.transcript.wait(ANSWER_MS * 2, () => (told().filter((word) => word.includes(' ')).length >= acts.length ? true : undefined));
  await sleep(ANSWER_MS);
  return [...new Set(told())];
}

async function offline(t: Trial): Promise<string> {
  await pinHours(t);
  const told = await away(t, ['tap-pin', 'tap-wrong', 'tap-threat']);
  const expected = ['local OK', 'local PIN_WRONG', 'duress'];
  must(expected.every((each) => told.includes(each)) && told.length === expected.length, `told ${told.join(', ')}, expected ${expected.join(', ')}`);
  return 'the right PIN and that of somebody under threat opened, which was told; a wrong one did not';
}

/** Clauses of minor version 2. */
export const KEYPAD_CLAUSES: readonly Clause[] = [
  { id: 'keypad.asks', section: SECTION, must: 'asks for the PIN of a card in the hours of it, and sends both in one request', hands: 'person', judge: asks },
  { id: 'keypad.gives-up', section: SECTION, must: 'sends a card on without digits ten seconds after the last key', hands: 'person', judge: gaveUp },
  { id: 'keypad.alone', section: SECTION, must: 'sends digits without a card as a reading of 4 bits each, and keeps none of them', hands: 'person', judge: alone },
  { id: 'keypad.offline', section: SECTION, must: 'judges a PIN by its row without a network, and tells of duress', hands: 'person', judge: offline },
];
