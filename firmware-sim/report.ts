import type { Message } from '../gateway/wire/mqtt/messages.ts';
import { listVersion } from './local.ts';
import type { Controller, Running, Step } from './model.ts';

/** State messages are at least this far apart, ms. */
const STATE_GAP_MS = 200;
/** Said again after this long without a change, so that the gateway's idea of our running time stays exact. */
const STATE_REPEAT_MS = 600_000;
const LIST_ROWS_MAX = 20_000;

/** True while the lock of this door is released. */
export const isReleased = (c: Pick<Step, 'world' | 'run'>, door: number): boolean =>
  c.world.fire || c.run.doors[door - 1]?.hold === true || (c.run.doors[door - 1]?.releasedUntil ?? 0) > c.run.u;

function stateBody(c: Pick<Step, 'world' | 'run'>, run: Running, s: 'on' | 'off'): Message<'state'> {
  const d = c.world.contact.map((contact, at) => {
    const { hold, lockdown } = run.doors[at] ?? {};
    return {
      d: at + 1,
      c: contact,
      l: isReleased(c, at + 1) ? ('unlocked' as const) : ('locked' as const),
      m: hold === true ? ('hold' as const) : lockdown === true ? ('lockdown' as const) : undefined,
    };
  });
  const q = run.events.length + run.requests.size;
  return { v: 1, i: run.instance, b: run.boot, u: run.u, s, d, p: c.world.mains, bt: c.world.low ? 'low' : 'ok', q, l: listVersion(run.list) };
}

/** What the broker says for the device when its connection breaks; undefined without power. */
export const willBody = (controller: Controller): Message<'state'> | undefined => {
  const { run, world } = controller;
  return run === undefined ? undefined : stateBody({ run, world }, run, 'off');
};

/** Says who it is, once a connection. */
export function publishInfo(c: Step): void {
  const { instance, boot } = c.run;
  const { model, fw, doors } = c.config;
  c.out.push({ t: 'publish', tail: 'info', body: { v: 1, i: instance, b: boot, model, fw, minor: 2, doors, rows: LIST_ROWS_MAX } });
}

/** Something the state message shows has changed. */
export function stateChanged(run: Running): void {
  run.stateDue = Math.min(run.stateDue, Math.max(run.u, run.stateSentAt + STATE_GAP_MS));
}

/** Publishes the state when it is due. */
export function publishState(c: Step): void {
  const { run } = c;
  if (!run.connected || run.stateDue > run.u) return;
  run.stateDue = run.u + STATE_REPEAT_MS;
  run.stateSentAt = run.u;
  c.out.push({ t: 'publish', tail: 'state', body: stateBody(c, run, 'on') });
}
