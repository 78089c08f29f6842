import type { Message } from '../gateway/wire/mqtt/messages.ts';
import { recordDoorEvent } from './events.ts';
import { openMsOf } from './local.ts';
import { release, relock } from './lock.ts';
import type { Step } from './model.ts';
import { isInterlocked } from './rules.ts';

/** Commands remembered until they expire; beyond, new ones are refused rather than risked twice. */
const REMEMBERED = 256;

type Command = Message<'cmd'>;

function forgetExpired(c: Step): void {
  for (const [id, { x }] of c.run.commands) if (x < c.run.u) c.run.commands.delete(id);
}

/** Locks, and until its hours are over the door does not stand open by its schedule. */
function lockNow(c: Step, door: number): void {
  const lock = c.run.doors[door - 1];
  if (lock?.hold === true) {
    lock.holdOff = true;
    lock.hold = false;
    recordDoorEvent(c, door, 'hold-end');
  }
  relock(c, door);
}

function carryOut(c: Step, command: Command): 'done' | 'refused' {
  if (command.a === 'restart') {
    c.out.push({ t: 'restart' });
    return 'done';
  }
  if (command.d > c.config.doors) return 'refused';
  if (command.a === 'unlock' && isInterlocked(c, command.d)) return 'refused';
  if (command.a === 'unlock') release(c, command.d, command.o || openMsOf(c, command.d), { by: 'command', id: command.id });
  else if (command.a === 'lock') lockNow(c, command.d);
  else c.out.push({ t: 'lamp', door: command.d, show: 'identify', answer: undefined });
  return 'done';
}

/**
 * A command from the gateway: done once for each id, never after its end in this device's own running time, never
 * in another boot, so that nothing has to be remembered over a restart. A repeat gets the same answer.
 */
export function commanded(c: Step, command: Command): void {
  const { run } = c;
  const acknowledge = (st: 'done' | 'refused' | 'expired'): void => {
    c.out.push({ t: 'publish', tail: 'cmd/ack', body: { v: 1, id: command.id, st } });
  };
  forgetExpired(c);
  if (command.b !== run.boot || command.x < run.u) return acknowledge('expired');
  const before = run.commands.get(command.id);
  if (before !== undefined) return acknowledge(before.st);
  if (run.commands.size >= REMEMBERED) return acknowledge('refused');
  const restart = command.a === 'restart';
  if (restart) acknowledge('done');
  const st = carryOut(c, command);
  run.commands.set(command.id, { st, x: command.x });
  if (!restart) acknowledge(st);
}
