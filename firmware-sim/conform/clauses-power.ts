import { setTimeout as sleep } from 'node:timers/promises';
import type { Clause } from './clause.ts';
import { Skipped } from './hands.ts';
import { BACK_MS, must, type Trial } from './trial.ts';

/** After a start: time for a lock that should not move to move, ms. */
const WATCHED_MS = 600;

async function again(t: Trial): Promise<void> {
  const { session } = t.bench;
  t.mark();
  await t.hands.during('power-on', async () => undefined);
  must(await t.backAfter(session, BACK_MS), 'the device did not come back after power');
}

async function noPulse(t: Trial): Promise<void> {
  must(!(await t.unlocks(WATCHED_MS)), 'a lock was released after the start');
}

async function boots(t: Trial): Promise<string> {
  const before = t.bench.transcript.of('state').at(-1)?.body;
  must(before !== undefined, 'no state was seen');
  await t.hands.during('power-off', async () => undefined);
  await again(t);
  const after = t.bench.transcript.of('state').at(-1)?.body;
  must(after !== undefined && after.b > before.b, `boot ${before.b} before, ${after?.b} after the power was gone`);
  must(after.i === before.i, 'the instance is another one, and nothing was lost');
  must(after.l === before.l, `held list ${before.l} before, ${after.l} after`);
  await noPulse(t);
  return `boot ${after.b}, the same instance, the list still held, no lock moved`;
}

function machineOnly(t: Trial): void {
  if (!t.hands.auto) throw new Skipped('power must go within milliseconds: only --auto can');
}

async function interrupted(t: Trial): Promise<string> {
  machineOnly(t);
  t.bench.answers.req = () => undefined;
  const seen = await t.tap();
  await t.hands.during('power-off', async () => undefined);
  await again(t);
  await noPulse(t);
  const { f, o } = await t.outcome(seen);
  must(f === 'not-executed' && o === 'unopened', `outcome ${f} ${o}, expected not-executed unopened`);
  return 'nothing moved, and the request was told as not executed';
}

async function midway(t: Trial): Promise<string> {
  machineOnly(t);
  t.bench.answers.req = ({ body: { i, b, n } }) => t.bench.say('res', { v: 1, i, b, n, g: true, r: 'OK', o: 3000, e: 1 });
  const seen = await t.tap();
  must(await t.unlocks(), 'granted, and no state showed the lock released');
  await t.hands.during('power-off', async () => undefined);
  await again(t);
  await noPulse(t);
  const { f, o } = await t.outcome(seen);
  must(f === 'unknown' && o === 'unknown', `outcome ${f} ${o}, expected unknown unknown`);
  return 'nothing moved again, and the request was told as unknown';
}

/** An event whose acknowledgement did not come is there after a loss of power. */
async function keeps(t: Trial): Promise<string> {
  t.bench.answers.evt = () => undefined;
  const event = await t.hands.during('push', () => t.first('evt', t.hands.patienceMs, (body) => body.k === 'door' && body.w === 'exit'));
  must(event !== undefined, 'the exit button was pressed, and no evt came');
  await t.hands.during('power-off', async () => undefined);
  await sleep(50);
  t.bench.answers = t.bench.usual();
  await again(t);
  const { b, n } = event.body;
  must((await t.first('evt', 3000, (body) => body.b === b && body.n === n)) !== undefined, `the event ${b}.${n} is gone with the power`);
  return 'the event was sent again after the start';
}

/** What a loss of power may not do. */
export const POWER_CLAUSES: readonly Clause[] = [
  { id: 'power.boot', section: '2, 7', must: 'starts with a higher boot number, the same instance and list, and moves no lock', hands: 'person', judge: boots },
  { id: 'power.keeps', section: '1, 7', must: 'keeps events over a loss of power', hands: 'person', judge: keeps },
  { id: 'power.asked', section: '7', must: 'tells a request that the power interrupted as not executed', hands: 'switch', judge: interrupted },
  { id: 'power.open', section: '7', must: 'tells a request that was open when the power went as unknown, and does not open again', hands: 'switch', judge: midway },
];
