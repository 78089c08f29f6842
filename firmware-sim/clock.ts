import type { Message } from '../gateway/wire/mqtt/messages.ts';
import { recordDoorEvent } from './events.ts';
import type { Controller, Step } from './model.ts';

/** An answer counts only within this time of its question, ms. */
const ROUND_TRIP_MS = 5000;
/** The clock is set anew this often, ms: a plain crystal loses less than a second. */
const RENEW_MS = 3_600_000;
/** The floor is written when it has risen this far, ms, to spare the store. */
const FLOOR_STEP_MS = 60_000;

/** No crystal is wrong by as much between two answers: the gateway's clock was set, or ours failed. ms. */
const JUMP_MS = 60_000;

/** Asks for the time, with a nonce nobody could foresee. */
export function askTime(c: Step, nonce: string): void {
  if (!c.run.connected) return;
  c.run.ask = { nonce, at: c.run.u };
  c.out.push({ t: 'publish', tail: 'time/ask', body: { v: 1, no: nonce } });
}

/** Should the time be asked for: nobody told this boot, or not since an hour. */
export const wantsTime = ({ run }: Controller): boolean => run?.connected === true && (run.clock === undefined || run.u - run.clock.at >= RENEW_MS);

/** The sealed answer sets this boot's clock, once, when it matches the question and came in time. */
export function timeCame(c: Step, answer: Message<'time'>): void {
  const { run } = c;
  const { ask } = run;
  if (ask === undefined || ask.nonce !== answer.no) return;
  run.ask = undefined;
  if (run.u - ask.at > ROUND_TRIP_MS) return;
  const expected = run.clock === undefined ? answer.t : run.clock.time + run.u - run.clock.at;
  run.clock = { at: run.u, time: answer.t };
  if (Math.abs(answer.t - expected) > JUMP_MS) recordDoorEvent(c, 1, 'clock-jump');
  if (answer.t < run.floor + FLOOR_STEP_MS) return;
  run.floor = answer.t;
  c.out.push({ t: 'store', change: { floor: answer.t } });
}
