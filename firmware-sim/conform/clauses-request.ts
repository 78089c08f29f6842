import { setTimeout as sleep } from 'node:timers/promises';
import type { Clause } from './clause.ts';
import { ANSWER_MS, must, same, SHOWN_MS, type Trial } from './trial.ts';
import type { SeenAs } from './transcript.ts';

const SECTION = '7';
/** A repeat after 150 ms, give or take what a network does. */
const REPEAT = [110, 300] as const;
/** A release of 1 s is over by then, also as the judge sees it. */
const OVER_MS = 1900;

/** Says a verdict on a request: whether it is granted, and what differs from the usual. */
export const verdict = (t: Trial, { body: { i, b, n } }: SeenAs<'req'>, g: boolean, over: { readonly r?: string; readonly o?: number } = {}): void =>
  t.bench.say('res', { v: 1, i, b, n, g, r: g ? 'OK' : 'REVOKED', o: g ? 1000 : 0, e: 1, ...over });
const silent = (): void => undefined;

async function granted(t: Trial): Promise<string> {
  const seen = await t.tap();
  must(await t.unlocks(), 'granted, and no state showed the lock released');
  must(await t.locked(OVER_MS), `granted for 1000 ms, and not locked ${OVER_MS} ms later`);
  const { f, g, r, c, m, rt } = await t.outcome(seen);
  must(f === 'executed' && g && r === 'OK', `outcome ${f} ${g} ${r}, expected executed true OK`);
  const { body } = seen;
  must(c.w === body.c.w && c.x === body.c.x && m === body.k && rt === body.t, 'the outcome repeats another reading, method or clock than its request had');
  return 'released for the verdict, locked again, outcome executed';
}

async function repeated(t: Trial): Promise<string> {
  t.bench.answers.req = silent;
  const first = await t.tap();
  const again = await t.bench.transcript.wait(REPEAT[1] + 100, () => t.since('req').find(({ body: { n } }, at) => at > 0 && n === first.body.n));
  must(again !== undefined, `no repeat within ${REPEAT[1] + 100} ms`);
  verdict(t, again, true);
  const after = Math.round(again.at - first.at);
  must(same(first, again), `the repeat says something else: ${JSON.stringify(first.json)} then ${JSON.stringify(again.json)}`);
  must(after >= REPEAT[0] && after <= REPEAT[1], `the repeat came after ${after} ms`);
  const { f } = await t.outcome(first);
  must(f === 'executed', `the verdict came within 400 ms and the outcome is ${f}`);
  await t.locked(OVER_MS);
  return `the same after ${after} ms, and its verdict was carried out`;
}

/** A grant that is said again while the lock is released, and for longer: it must not open twice. */
async function onceOpen(t: Trial): Promise<string> {
  const seen = await t.tap();
  must(await t.unlocks(), 'granted, and no state showed the lock released');
  await sleep(400);
  verdict(t, seen, true, { o: 5000 });
  must(await t.locked(OVER_MS), 'a second verdict for the same request, with a longer time, kept the lock released');
  return 'a second, longer verdict changed nothing';
}

async function onceRefused(t: Trial): Promise<string> {
  t.bench.answers.req = (seen) => {
    verdict(t, seen, false);
    verdict(t, seen, true);
  };
  const seen = await t.tap();
  must(!(await t.unlocks(SHOWN_MS + 200)), 'refused, then granted for the same request: the lock was released');
  const { g, f, r } = await t.outcome(seen);
  must(!g && f === 'executed' && r === 'REVOKED', `outcome ${f} ${g} ${r}, expected executed false REVOKED`);
  return 'the first verdict stood';
}

async function unavailable(t: Trial): Promise<string> {
  await t.hold([await t.row()]);
  t.bench.answers.req = (seen) => verdict(t, seen, false, { r: 'UNAVAILABLE' });
  const { f, g, r } = await t.outcome(await t.tap());
  must(f === 'local' && g && r === 'OK', `UNAVAILABLE, and the card is in the list: outcome ${f} ${g} ${r}, expected local true OK`);
  await t.locked(OVER_MS);
  return 'decided by its own list at once';
}

/** Nobody answers; a grant that comes too late must not open the door. The card is in no row of the list. */
async function late(t: Trial): Promise<string> {
  await t.row();
  await t.hold([]);
  t.bench.answers.req = silent;
  const seen = await t.tap();
  t.missedAt = seen.at;
  const outcome = await t.outcome(seen);
  verdict(t, seen, true);
  must(!(await t.unlocks()), 'a verdict after the budget released the lock');
  const { f, g, r } = outcome;
  must(f === 'local' && !g && r === 'UNKNOWN_CREDENTIAL', `no verdict, and the card is not in the list: outcome ${f} ${g} ${r}, expected local false UNKNOWN_CREDENTIAL`);
  must(outcome.u - seen.body.u >= 380, `decided ${outcome.u - seen.body.u} ms after the card, before the 400 ms were over`);
  return `decided by itself after ${outcome.u - seen.body.u} ms; the late verdict was ignored`;
}

async function localFirst(t: Trial): Promise<string> {
  const row = await t.row();
  await t.hold([row]);
  if (t.bench.at() - t.missedAt > 20_000) {
    t.bench.answers.req = silent;
    t.missedAt = (await t.tap()).at;
    must((await t.locked(OVER_MS)) && t.since('evt').length > 0, 'no outcome after a missed budget');
  }
  // Whoever still asks is told the opposite: the list has decided before that comes.
  t.bench.answers.req = (seen) => verdict(t, seen, false);
  t.mark();
  const outcome = await t.hands.during('tap', () => t.first('evt', t.hands.patienceMs, ({ k }) => k === 'outcome'));
  must(outcome?.body.k === 'outcome', 'no outcome event for a card within 30 s of a missed budget');
  const { f, g } = outcome.body;
  must(f === 'local' && g, `outcome ${f} ${g}, expected local true: the list decides first for 30 s`);
  await t.locked(OVER_MS);
  return 'decided by the list first, and told afterwards';
}

async function asksAgain(t: Trial): Promise<string> {
  if (t.bench.at() - t.missedAt > 60_000) await localFirst(t);
  t.bench.answers = t.bench.usual();
  const { f } = await t.outcome(await t.tap());
  must(f === 'executed', `outcome ${f}, expected executed: 30 s are over`);
  return 'asks again after 30 s';
}

async function offline(t: Trial): Promise<string> {
  await t.hold([await t.row()]);
  const { session } = t.bench;
  await t.hands.during('network-off', async () => undefined);
  await t.hands.during('tap', () => sleep(t.hands.auto ? 300 : 10_000));
  await t.hands.during('network-on', async () => undefined);
  must(await t.backAfter(session), 'the device did not come back');
  const seen = await t.first('evt', ANSWER_MS * 2, ({ k }) => k === 'outcome');
  must(seen?.body.k === 'outcome', 'a card was held to the reader without a network, and no outcome came afterwards');
  must(seen.body.f === 'local' && seen.body.g, `outcome ${seen.body.f} ${seen.body.g}, expected local true`);
  await t.locked(OVER_MS);
  return 'opened by the list, and told when the network was back';
}

/** Requests that need no missed budget before them. */
export const REQUEST_CLAUSES: readonly Clause[] = [
  { id: 'request.granted', section: '5, 7', must: 'carries out a verdict once, for its open time, and says what came of it', hands: 'person', judge: granted },
  { id: 'request.repeat', section: SECTION, must: 'repeats the same request after 150 ms and goes on listening', hands: 'person', judge: repeated },
  { id: 'request.once', section: SECTION, must: 'does not open a second time for another verdict on the same request', hands: 'person', judge: onceOpen },
  { id: 'request.first', section: SECTION, must: 'takes the first verdict: one that was refused is not opened by a later grant', hands: 'person', judge: onceRefused },
  { id: 'request.unavailable', section: '5', must: 'decides by its own list on UNAVAILABLE', hands: 'person', judge: unavailable },
  { id: 'request.offline', section: '7, 8', must: 'decides by its list without a network, and tells it afterwards', hands: 'person', judge: offline },
];

/** Requests nobody answers. */
export const MISSED_CLAUSES: readonly Clause[] = [
  { id: 'request.late', section: SECTION, must: 'decides by itself when 400 ms are over, and ignores what comes later', hands: 'person', judge: late },
  { id: 'request.local-first', section: SECTION, must: 'decides by its list first for 30 s after a missed budget', hands: 'person', judge: localFirst },
];

/** What can be judged only when those 30 s are over: last, so that other clauses fill them. */
export const AFTER_CLAUSES: readonly Clause[] = [
  { id: 'request.asks-again', section: SECTION, must: 'asks the gateway again when those 30 s are over', hands: 'person', judge: asksAgain },
];
