import { setTimeout as sleep } from 'node:timers/promises';
import type { Clause } from './clause.ts';
import { Skipped } from './hands.ts';
import { verdict } from './clauses-request.ts';
import { type Rules, rulesFor } from './lists.ts';
import { must, randomId, type Trial } from './trial.ts';

const MINUTE_MS = 60_000;
/** The time is told so many minutes ahead; the hours of the schedule begin after half of it. */
const AHEAD_MIN = 20;
const CHINA_MINUTES = 480;
const DAY_MIN = 1440;
const LATE_MS = 5600;
const SHOWN_MS = 900;
/** An answer is taken within this. */
const TAKEN_MS = 200;
/** Past the end of the judge's lists. */
const FAR_MS = 8 * 86_400_000;
const OVER_MS = 1900;

/** Rules by which door 1 stands open in hours that begin in 10 minutes. In UTC's own terms, so that it also works around midnight. */
function soonOpen(doors: number, now: number): Rules {
  const minute = (Math.floor(now / MINUTE_MS) + CHINA_MINUTES) % DAY_MIN;
  // Moves the day so that now is noon by the schedule.
  const tz = CHINA_MINUTES + (DAY_MIN / 2 - minute);
  const zone = tz < -720 ? tz + DAY_MIN : tz > 840 ? tz - DAY_MIN : tz;
  const from = DAY_MIN / 2 + AHEAD_MIN / 2;
  return { ...rulesFor(doors, { u: 1 }), tz: zone, sched: [{ s: 1, w: Array.from({ length: 8 }, () => [[from, from + 60] as const]) }] };
}

const standsOpen = async (t: Trial, ms = SHOWN_MS): Promise<boolean> => (await t.first('state', ms, ({ d }) => d.some(({ m }) => m === 'hold'))) !== undefined;
const ahead = (t: Trial): number => t.bench.now() + AHEAD_MIN * MINUTE_MS;

/** Right answers move the judge's clock for good: a device never believes less than it was told. */
async function believes(t: Trial): Promise<void> {
  t.bench.answers.time = ({ body: { no } }) => t.bench.say('time', { v: 1, no, t: t.bench.now() });
  t.bench.skewMs += AHEAD_MIN * MINUTE_MS;
  await t.reconnect();
  must(await standsOpen(t, SHOWN_MS * 2), 'by the time it was told the door should stand open by its schedule, and no state says m "hold"');
  await t.hold([], rulesFor(t.bench.doors));
}

async function otherNonce(t: Trial): Promise<string> {
  await t.hold([], soonOpen(t.bench.doors, t.bench.now()));
  t.mark();
  t.bench.say('time', { v: 1, no: randomId(), t: ahead(t) });
  must(!(await standsOpen(t)), 'a time nobody asked for was believed');
  t.bench.answers.time = () => t.bench.say('time', { v: 1, no: randomId(), t: ahead(t) });
  await t.reconnect();
  must(t.since('time/ask').length > 0 || (await t.first('time/ask', SHOWN_MS)) !== undefined, 'no time/ask on a new connection');
  must(!(await standsOpen(t)), 'an answer with another nonce was believed');
  await believes(t);
  return 'only the answer to its own question was believed';
}

async function late(t: Trial): Promise<string> {
  await t.hold([], soonOpen(t.bench.doors, t.bench.now()));
  t.mark();
  const asked: string[] = [];
  t.bench.answers.time = ({ body: { no } }) => void asked.push(no);
  await t.reconnect();
  await t.first('time/ask', SHOWN_MS);
  const [no] = asked;
  if (no === undefined) throw new Skipped('no time/ask on a new connection');
  await sleep(LATE_MS);
  t.bench.say('time', { v: 1, no, t: ahead(t) });
  must(!(await standsOpen(t)), `an answer after ${LATE_MS} ms was believed`);
  t.bench.answers = t.bench.usual();
  await t.hold([], rulesFor(t.bench.doors));
  return `an answer after ${LATE_MS} ms was not believed`;
}

/** Reconnects at the judge's present time, and sees that the device asks for it. */
async function toldNow(t: Trial): Promise<void> {
  t.mark();
  await t.reconnect();
  must(t.since('time/ask').length > 0 || (await t.first('time/ask', SHOWN_MS)) !== undefined, 'no time/ask on a new connection');
  await sleep(TAKEN_MS);
}

/** The floor goes ahead of the end of every list there is; then the time is right again. */
async function floorAhead(t: Trial): Promise<string> {
  const row = await t.row();
  t.bench.answers = t.bench.usual();
  t.bench.skewMs += FAR_MS;
  await toldNow(t);
  t.bench.skewMs -= FAR_MS;
  try {
    await toldNow(t);
    await t.hold([row]);
    t.bench.answers.req = (seen) => verdict(t, seen, false, { r: 'UNAVAILABLE' });
    const { f, g, r } = await t.outcome(await t.tap());
    must(f === 'local' && g, `by the time it was told the list holds for days: outcome ${f} ${g} ${r}, expected local true OK`);
    await t.locked(OVER_MS);
  } finally {
    // It never believes less than it was told: the clauses after this one are judged from there.
    t.bench.skewMs += FAR_MS;
    t.bench.answers = t.bench.usual();
    await toldNow(t);
  }
  return 'a list that came after the clock was right again was gone by, though the floor is past its end';
}

/** What a device believes of the time. Door 1 stands open for a moment. */
export const TIME_CLAUSES: readonly Clause[] = [
  { id: 'time.nonce', section: '8, 8a', must: 'believes only the answer with the nonce of its question, and goes by it', judge: otherNonce },
  { id: 'time.floor', section: '8', must: 'goes by a list that came since it started by the time as it was last told, not by the floor', hands: 'person', judge: floorAhead },
  { id: 'time.late', section: '8', must: 'believes no answer that comes 5 s after its question', judge: late },
];
