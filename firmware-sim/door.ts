import { askTime, timeCame } from './clock.ts';
import { checkpointCame, publishCheckpoints } from './checkpoints.ts';
import { commanded } from './commands.ts';
import { acknowledged, recordDoorEvent, sendEvents } from './events.ts';
import { chunkCame, publishHave, rowIndex, superviseList, wanted } from './lists.ts';
import { type Controller, type ControllerConfig, type Down, type Input, NEVER, type Now, type Output, type Running, type Step, type World } from './model.ts';
import { keyPressed, superviseKeypads, tapped, typingEnds } from './keypad.ts';
import { superviseModes } from './modes.ts';
import { startTries } from './pins.ts';
import { nextMinute } from './rules.ts';
import { publishInfo, publishState, stateChanged } from './report.ts';
import { answered, closeInterrupted, decideWaiting, superviseRequests } from './requests.ts';
import type { RequestRecord, StoreImage } from './store-image.ts';
import { contactChanged, deviceSensed, exitPressed, fireInput, heldMsOf, superviseDoors } from './supervise.ts';

/** A controller without power. */
export const createController = (config: ControllerConfig): Controller => ({
  config,
  world: {
    contact: Array.from({ length: config.doors }, () => 'closed' as const),
    reader: Array.from({ length: config.doors }, () => true),
    fire: false,
    tamper: false,
    mains: true,
    low: false,
  },
  run: undefined,
});

function startRun(config: ControllerConfig, image: StoreImage, now: Now): Running {
  const records = [...image.records.values()].sort((a, b) => a.n - b.n);
  return {
    u: now.u,
    wall: now.wall,
    instance: image.instance,
    boot: image.boot,
    seq: image.seq,
    connected: false,
    localUntil: 0,
    requests: new Map(),
    events: records.flatMap((record) => (record.kind === 'event' ? [record.body] : [])),
    sent: new Map(),
    dropped: 0,
    doors: Array.from({ length: config.doors }, () => ({
      releasedUntil: 0,
      heldAt: NEVER,
      abnormal: false,
      faulty: false,
      hold: false,
      firstCard: false,
      holdOff: false,
      lockdown: undefined,
      keypad: undefined,
      mutedUntil: 0,
      lastIn: new Map(),
    })),
    list: image.list,
    rows: rowIndex(image.list),
    fetch: undefined,
    ask: undefined,
    clock: undefined,
    floor: image.floor,
    checkpoints: new Map(image.checkpoints),
    checkpointStoredAt: -NEVER,
    commands: new Map(),
    released: new Map(image.released),
    tries: startTries(image.tries, now.u),
    stateDue: NEVER,
    stateSentAt: -NEVER,
  };
}

/** Power on: locks closed or held by the fire input, interrupted requests closed, never a pulse for one of them. */
function boot(controller: Controller, input: Extract<Input, { t: 'boot' }>, now: Now): Output[] {
  const { config, world } = controller;
  const run = startRun(config, input.image, now);
  controller.run = run;
  const c: Step = { config, world, run, out: [] };
  run.doors.forEach((lock, at) => {
    lock.faulty = world.contact[at] === 'unknown';
    if (world.contact[at] === 'open') lock.heldAt = run.u + heldMsOf(c, at + 1);
    c.out.push(world.fire ? { t: 'pulse', door: at + 1, until: NEVER, cause: { by: 'fire' } } : { t: 'relock', door: at + 1 });
  });
  closeInterrupted(
    c,
    [...input.image.records.values()].filter((record): record is RequestRecord => record.kind === 'request').sort((a, b) => a.n - b.n),
  );
  if (input.after === 'power-lost') recordDoorEvent(c, 1, 'power-back');
  return c.out;
}

function connected(c: Step, nonce: string): void {
  c.run.connected = true;
  c.run.sent.clear();
  stateChanged(c.run);
  c.run.stateDue = c.run.u;
  publishState(c);
  publishInfo(c);
  askTime(c, nonce);
  publishHave(c);
  publishCheckpoints(c);
  sendEvents(c);
}

function disconnected(c: Step): void {
  c.run.connected = false;
  c.run.sent.clear();
  c.run.fetch = undefined;
  c.run.ask = undefined;
  decideWaiting(c);
}

function received(c: Step, { tail, body }: Down): void {
  switch (tail) {
    case 'res':
      return answered(c, body);
    case 'evt/ack':
      return acknowledged(c, body);
    case 'cmd':
      return commanded(c, body);
    case 'acl/want':
      return wanted(c, body);
    case 'acl/c':
      return chunkCame(c, body);
    case 'time':
      return timeCame(c, body);
    case 'log':
      return checkpointCame(c, body);
  }
}

function handle(c: Step, input: Exclude<Input, { t: 'boot' | 'power-lost' }>): void {
  switch (input.t) {
    case 'tap':
      return tapped(c, input);
    case 'key':
      return keyPressed(c, input);
    case 'exit':
      return exitPressed(c, input.door);
    case 'contact':
      return contactChanged(c, input.door, input.contact);
    case 'fire':
      return fireInput(c, input.on);
    case 'tamper':
    case 'mains':
    case 'battery':
    case 'reader':
      return deviceSensed(c, input);
    case 'message':
      return received(c, input.message);
    case 'connected':
      return connected(c, input.nonce);
    case 'disconnected':
      return disconnected(c);
    case 'ask-time':
      return askTime(c, input.nonce);
    case 'tick':
      return;
  }
}

/** Whatever was due before this moment comes first, so that an answer after its budget is late however late the timer was. */
function overdue(c: Step): void {
  superviseRequests(c);
  superviseKeypads(c);
  superviseModes(c);
  superviseDoors(c);
  superviseList(c);
  sendEvents(c);
}

/** Without power only the hardware acts: exit button and fire input cut the lock's own supply (design.md 6.1). */
function withoutPower(controller: Controller, input: Input): Output[] {
  if (input.t === 'exit') return [{ t: 'pulse', door: input.door, until: controller.world.fire ? NEVER : 0, cause: { by: 'exit' } }];
  if (input.t !== 'fire') return [];
  return controller.world.contact.map((_, at) => (input.on ? { t: 'pulse', door: at + 1, until: NEVER, cause: { by: 'fire' } } : { t: 'relock', door: at + 1 }));
}

/** Keeps a value where it differs; true when it did. */
function changed<K extends PropertyKey, V>(place: Record<K, V>, key: K, value: V): boolean {
  if (place[key] === value) return false;
  place[key] = value;
  return true;
}

/** True when the sensors really show something new, or the input is no sensor's; keeps what they show, with power or without. */
function sense(world: World, input: Input): boolean {
  switch (input.t) {
    case 'contact':
      return changed(world.contact, input.door - 1, input.contact);
    case 'reader':
      return changed(world.reader, input.door - 1, input.ok);
    case 'fire':
      return changed(world, 'fire', input.on);
    case 'tamper':
      return changed(world, 'tamper', input.on);
    case 'mains':
      return changed(world, 'mains', input.on);
    case 'battery':
      return changed(world, 'low', input.low);
    default:
      return true;
  }
}

/**
 * One input to a controller at one moment: changes `controller` and returns what its surroundings must do, in
 * order. Reads no clock, no file, no chance. RangeError when the door is not one of its own.
 */
export function step(controller: Controller, input: Input, now: Now): Output[] {
  const { config, world } = controller;
  if ('door' in input && !(Number.isInteger(input.door) && input.door >= 1 && input.door <= config.doors))
    throw new RangeError(`door: expected 1 to ${config.doors}, got ${input.door}`);
  if (input.t === 'boot') return boot(controller, input, now);
  if (input.t === 'power-lost') {
    controller.run = undefined;
    return [];
  }
  const news = sense(world, input);
  const { run } = controller;
  if (run === undefined) return news ? withoutPower(controller, input) : [];
  run.u = Math.max(run.u, now.u);
  run.wall = now.wall;
  const c: Step = { config, world, run, out: [] };
  overdue(c);
  if (news) handle(c, input);
  superviseModes(c);
  publishState(c);
  return c.out;
}

/** When the controller wants its next tick, in its running time; Infinity: not before another input. */
export function wakeAt({ run }: Controller): number {
  if (run === undefined) return NEVER;
  let at = run.connected ? Math.min(run.stateDue, ...run.sent.values()) : NEVER;
  for (const { record, repeatAt, budgetAt, outcomeAt } of run.requests.values()) at = Math.min(at, record.claim === null ? Math.min(repeatAt, budgetAt) : outcomeAt);
  for (const lock of run.doors) at = Math.min(at, lock.heldAt, lock.releasedUntil === 0 ? NEVER : lock.releasedUntil);
  return Math.min(at, run.fetch?.retryAt ?? NEVER, nextMinute(run), typingEnds(run));
}
