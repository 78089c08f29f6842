import { setTimeout as sleep } from 'node:timers/promises';
import { type ListRow, ROW_FLAGS } from '../../gateway/wire/mqtt/list.ts';
import type { DoorSettings } from '../../gateway/wire/mqtt/list-header.ts';
import type { Message } from '../../gateway/wire/mqtt/messages.ts';
import type { Clause } from './clause.ts';
import { Skipped } from './hands.ts';
import { type Rules, rulesFor, versionOf } from './lists.ts';
import { must, SHOWN_MS, type Trial } from './trial.ts';

const SECTION = '8a';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A release of 1 s is over by then, also as the judge sees it. */
const OVER_MS = 1900;
/** A mode is shown and told within this, ms: states are 200 ms apart, and a new connection comes first. */
const TOLD_MS = 1500;
const DAY_MIN = 1440;
const PASSBACK_MIN = 5;

type DoorWord = Extract<Message<'evt'>, { k: 'door' }>['w'];

/** Brings the device to hold these rows and rules; what it says of them counts from here. */
async function ruled(t: Trial, rows: readonly ListRow[], rules: Rules): Promise<void> {
  const list = t.nextList(rows, rules);
  t.mark();
  t.give(list);
  must(await t.holds(list), `a list ${versionOf(list)} with other rules was offered and is not held`);
}

const firstDoor = (t: Trial, settings: Partial<DoorSettings>): Rules => rulesFor(t.bench.doors, settings);

/** What the last state says of a door fits, at the latest after `ms`. */
async function shows(t: Trial, door: number, fits: (state: Message<'state'>['d'][number]) => boolean, ms = TOLD_MS): Promise<boolean> {
  const look = (): true | undefined => {
    const state = t.bench.transcript
      .of('state')
      .at(-1)
      ?.body.d.find(({ d }) => d === door);
    return state !== undefined && fits(state) ? true : undefined;
  };
  return (await t.bench.transcript.wait(ms, look)) === true;
}

const told = async (t: Trial, word: DoorWord, ms = TOLD_MS): Promise<boolean> => (await t.first('evt', ms, (body) => body.k === 'door' && body.w === word)) !== undefined;

/** A card is held to the reader and the gateway cannot decide: what the device decides by its list, with the lock shut again. */
async function byList(t: Trial): Promise<string> {
  t.bench.answers.req = ({ body: { i, b, n } }) => t.bench.say('res', { v: 1, i, b, n, g: false, r: 'UNAVAILABLE', o: 0, e: 1 });
  const { f, r } = await t.outcome(await t.tap());
  must(f === 'local', `UNAVAILABLE, and the outcome is ${f}`);
  await t.locked(OVER_MS);
  return r;
}

/** Puts the plain rules back, whatever came of it. */
const restored =
  (judge: Clause['judge']): Clause['judge'] =>
  async (t) => {
    try {
      return await judge(t);
    } finally {
      t.bench.answers = t.bench.usual();
      const plain = t.nextList([]);
      t.mark();
      t.give(plain);
      await t.holds(plain);
      await t.locked(OVER_MS);
    }
  };

async function lockDown(t: Trial, ms = 10 * MINUTE_MS): Promise<ListRow> {
  const row = await t.row();
  await ruled(t, [row], firstDoor(t, { k: t.bench.now() + ms }));
  must(await shows(t, 1, ({ m }) => m === 'lockdown'), 'a list says that door 1 is in lockdown, and no state says m "lockdown"');
  return row;
}

async function lockdown(t: Trial): Promise<string> {
  await lockDown(t);
  must(await told(t, 'lockdown'), 'a lockdown took force, and no evt "lockdown" came');
  const reason = await byList(t);
  must(reason === 'LOCKDOWN', `a card of the list in a lockdown: ${reason}`);
  must((await t.command({})) === 'done' && (await t.unlocks()), 'a command does not open the door in a lockdown');
  return 'shown and told; a card of the list was refused, a command opened';
}

async function exitInLockdown(t: Trial): Promise<string> {
  await lockDown(t);
  t.mark();
  must(await t.hands.during('push', () => t.unlocks(t.hands.patienceMs)), 'the exit button was pressed in a lockdown, and the lock was not released');
  must(await told(t, 'exit'), 'the exit button was pressed in a lockdown, and no evt "exit" came');
  return 'the exit button opened';
}

async function ends(t: Trial): Promise<string> {
  await lockDown(t);
  t.mark();
  t.bench.skewMs += 20 * MINUTE_MS;
  await t.reconnect();
  must(await told(t, 'lockdown-end'), 'by the time it was told the lockdown is over, and no evt "lockdown-end" came');
  must(await shows(t, 1, ({ m }) => m === undefined), 'the lockdown is over, and the state still says so');
  const reason = await byList(t);
  must(reason === 'OK', `the lockdown is over, and a card of the list: ${reason}`);
  return 'over at the moment in the header';
}

/** Whatever the header says: two hours of running time. */
async function alwaysEnds(t: Trial): Promise<string> {
  if (t.hands.pass === undefined) throw new Skipped('takes two hours: only a simulator whose clock can be moved');
  await lockDown(t, 12 * HOUR_MS);
  t.mark();
  await t.pass(2 * HOUR_MS - MINUTE_MS);
  must(!(await told(t, 'lockdown-end', SHOWN_MS)), 'the lockdown was over before its two hours');
  await t.pass(2 * MINUTE_MS);
  must(await told(t, 'lockdown-end'), 'no evt "lockdown-end" after two hours of running time');
  must((await byList(t)) === 'OK', 'a card of the list is still refused after two hours of running time');
  return 'over after two hours';
}

async function duty(t: Trial): Promise<string> {
  const row = await t.row();
  const [print, doors, until, schedule, , pin] = row;
  const k = t.bench.now() + 10 * MINUTE_MS;
  await ruled(t, [[print, doors, until, schedule, ROW_FLAGS.duty, pin]], firstDoor(t, { k }));
  must((await byList(t)) === 'OK', 'a duty card was not let in during a lockdown');
  must(await told(t, 'duty-release'), 'a duty card was let in, and no evt "duty-release" came');
  must(await shows(t, 1, ({ m }) => m === undefined), 'a duty card was let in, and the state still says m "lockdown"');
  await ruled(t, [row], firstDoor(t, { k }));
  must((await byList(t)) === 'OK', 'a duty card ended the lockdown, and another card is still refused');
  await ruled(t, [row], firstDoor(t, { k: k + MINUTE_MS }));
  const reason = await byList(t);
  must(reason === 'LOCKDOWN', `another lockdown after one that a duty card ended, and a card: ${reason}`);
  return 'ended this lockdown and not the next one';
}

async function interlock(t: Trial): Promise<string> {
  if (t.doors < 2 || t.bench.doors < 2) throw new Skipped('has one door (conform --doors 2)');
  const plain = rulesFor(t.bench.doors);
  await ruled(t, [await t.row()], { ...plain, doors: plain.doors.map((door, at) => (at < 2 ? { ...door, i: at === 0 ? 2 : 1 } : door)) });
  const released = (door: number): Promise<boolean> => shows(t, door, ({ l }) => l === 'unlocked', SHOWN_MS);
  must((await t.command({ d: 2, o: 15_000 })) === 'done' && (await released(2)), 'door 2 was not unlocked by a command');
  const st = await t.command({});
  must(st === 'refused', `unlock for door 1 while door 2 of its interlock is unlocked: cmd/ack ${st}`);
  must(!(await released(1)), 'door 1 was released while door 2 of its interlock was unlocked');
  const { f, g, r } = await t.outcome(await t.tap());
  must(f === 'local' && !g && r === 'INTERLOCK', `granted while door 2 was unlocked: outcome ${f} ${g} ${r}, expected local false INTERLOCK`);
  must(!(await released(1)), 'a verdict released door 1 while door 2 of its interlock was unlocked');
  must(await t.hands.during('push', () => released(1)), 'the exit button did not open: an interlock must not be asked');
  for (const d of [1, 2]) must((await t.command({ d, a: 'lock', o: 0 })) === 'done', `lock for door ${d} was not done`);
  must(await t.locked(OVER_MS), 'lock was done, and a lock is still shown as released');
  must((await t.command({})) === 'done' && (await released(1)), 'door 2 is locked again, and door 1 was not unlocked by a command');
  return 'refused to command and verdict, not to the exit button';
}

async function hardPassback(t: Trial): Promise<string> {
  await ruled(t, [await t.row()], firstDoor(t, { a: PASSBACK_MIN, x: 1 }));
  must((await byList(t)) === 'OK', 'the card was not let in the first time');
  const second = await byList(t);
  must(second === 'ANTIPASSBACK', `the same card again at once: ${second}`);
  if (t.hands.pass === undefined) return 'refused the second time';
  await t.pass(PASSBACK_MIN * MINUTE_MS);
  must((await byList(t)) === 'OK', `still refused after ${PASSBACK_MIN} min`);
  return `refused for ${PASSBACK_MIN} min`;
}

async function softPassback(t: Trial): Promise<string> {
  await ruled(t, [await t.row()], firstDoor(t, { a: PASSBACK_MIN, x: 0 }));
  for (const time of ['first', 'second']) {
    const reason = await byList(t);
    must(reason === 'OK', `x 0, and the card was refused the ${time} time: ${reason}`);
  }
  return 'let in both times';
}

async function firstCard(t: Trial): Promise<string> {
  const allDay = Array.from({ length: 8 }, () => [[0, DAY_MIN] as const]);
  await ruled(t, [await t.row()], { ...firstDoor(t, { u: 1, f: 1 }), sched: [{ s: 1, w: allDay }] });
  must(!(await shows(t, 1, ({ m, l }) => m === 'hold' || l === 'unlocked', TOLD_MS / 2)), 'the door stands open before its first card');
  t.bench.answers = t.bench.usual();
  await t.tap();
  must(await told(t, 'first-in'), 'the first card of the span was let in, and no evt "first-in" came');
  must(await shows(t, 1, ({ m }) => m === 'hold'), 'the first card was let in, and no state says m "hold"');
  await sleep(OVER_MS);
  must(await shows(t, 1, ({ m, l }) => m === 'hold' && l === 'unlocked', 0), 'the door did not stay open after its first card');
  return 'shut before the first card, open after it';
}

async function fire(t: Trial): Promise<string> {
  const all = (lock: 'locked' | 'unlocked') => (): true | undefined =>
    t.bench.transcript
      .of('state')
      .at(-1)
      ?.body.d.every(({ l }) => l === lock)
      ? true
      : undefined;
  t.mark();
  try {
    const released = await t.hands.during('fire-on', () => t.bench.transcript.wait(t.hands.patienceMs, all('unlocked')));
    must(released === true, 'the fire input is on, and not every lock is released');
    must(await told(t, 'fire'), 'the fire input is on, and no evt "fire" came');
    await t.command({ a: 'lock', o: 0 });
    await sleep(SHOWN_MS);
    must(all('unlocked')() === true, 'a command to lock closed a lock while the fire input was on');
  } finally {
    await t.hands.during('fire-off', async () => undefined);
  }
  must(await told(t, 'fire-end', t.hands.patienceMs), 'the fire input is off again, and no evt "fire-end" came');
  must((await t.bench.transcript.wait(OVER_MS, all('locked'))) === true, 'the fire input is off again, and a lock is still released');
  return 'released every lock, against a command too, and shut them afterwards';
}

/** The rules in the header of a list, and what goes before every rule. */
export const MODE_CLAUSES: readonly Clause[] = [
  { id: 'lockdown.holds', section: SECTION, must: 'refuses cards in a lockdown, shows and tells it; a command opens', hands: 'person', judge: restored(lockdown) },
  { id: 'lockdown.exit', section: SECTION, must: 'opens for the exit button in a lockdown', hands: 'person', judge: restored(exitInLockdown) },
  { id: 'lockdown.ends', section: SECTION, must: 'ends a lockdown at the moment its header says', hands: 'person', judge: restored(ends) },
  { id: 'lockdown.always-ends', section: SECTION, must: 'ends a lockdown after two hours of running time, whatever its header says', hands: 'person', judge: restored(alwaysEnds) },
  { id: 'lockdown.duty', section: SECTION, must: 'lets a duty card end a lockdown, and not the next one', hands: 'person', judge: restored(duty) },
  { id: 'interlock.one', section: SECTION, must: 'opens no door while another of its interlock is open, but for the exit button', hands: 'person', judge: restored(interlock) },
  { id: 'passback.hard', section: SECTION, must: 'lets a card in once in the time of a hard anti-passback', hands: 'person', judge: restored(hardPassback) },
  { id: 'passback.soft', section: SECTION, must: 'lets a card in again under a soft anti-passback', hands: 'person', judge: restored(softPassback) },
  { id: 'hours.first-card', section: SECTION, must: 'stands open in hours of the first card only after it', hands: 'person', judge: restored(firstCard) },
  { id: 'fire.releases', section: '1, 5', must: 'releases every lock while the fire input is on, against commands too', hands: 'person', judge: fire },
];
