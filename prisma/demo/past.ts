import type { VirtualController } from '../../firmware-sim/virtual.ts';
import { virtualController } from '../../firmware-sim/virtual.ts';
import type { Down, Input, Output } from '../../firmware-sim/model.ts';
import { createDevice, type Device, keysOf, type LinkContext } from '../../gateway/doors/device.ts';
import { onEvent } from '../../gateway/doors/events.ts';
import type { DoorSide } from '../../gateway/doors/link.ts';
import { type ListSource, offerNewList, onListGet, onListHave } from '../../gateway/doors/lists.ts';
import { onState } from '../../gateway/doors/presence.ts';
import type { DeviceRecord } from '../../gateway/doors/registry.ts';
import { onRequest } from '../../gateway/doors/requests.ts';
import { decodeChunk, encodePacked } from '../../gateway/wire/mqtt/list-chunk.ts';
import type { Act } from './people.ts';

/** What the past is written with: the real door side, on a clock that the past turns. */
export interface PastParts {
  readonly side: DoorSide;
  readonly devices: Iterable<DeviceRecord>;
  readonly lists: ListSource;
  /** Turned forward as the past goes by; `side` reads the same. Epoch ms. */
  readonly clock: { now: number };
}

const NET_MS = 4;
const OPEN_AFTER_MS = 1100;
const CLOSE_AFTER_MS = 4300;
/** After the last act: its door falls shut and its outcome is told. */
const SETTLE_MS = 60_000;

interface Scene extends PastParts {
  readonly context: LinkContext;
  /** Does something at a moment; things of one moment in the order they were asked for. */
  later(at: number, act: () => void | Promise<void>): void;
}

interface Door {
  readonly device: Device;
  readonly virtual: VirtualController;
  connected: boolean;
  /** When it next wakes by itself, so that one timer is set at a time. */
  wakes: number;
}

/** A queue of things to do, by time. */
function agenda() {
  const items: { at: number; order: number; act: () => void | Promise<void> }[] = [];
  let order = 0;
  return {
    later(at: number, act: () => void | Promise<void>): void {
      let low = 0;
      for (let high = items.length; low < high; ) {
        const middle = (low + high) >> 1;
        const item = items[middle];
        if (item !== undefined && item.at > at) low = middle + 1;
        else high = middle;
      }
      items.splice(low, 0, { at, order: order++, act });
    },
    next: () => items.pop(),
  };
}

function upward(scene: Scene, door: Door, output: Extract<Output, { t: 'publish' }>): void {
  const { context } = scene;
  if (!door.connected) return;
  scene.later(scene.clock.now + NET_MS, async () => {
    switch (output.tail) {
      case 'req':
        return onRequest(context, door.device, output.body);
      case 'evt':
        return onEvent(context, door.device, output.body);
      case 'acl/get':
        return onListGet(context, door.device, output.body);
      case 'acl/have':
        return onListHave(context, door.device, output.body);
      case 'time/ask':
        return void context.send(door.device, 'time', { v: 1, no: output.body.no, t: scene.clock.now });
      case 'state': {
        if (!onState(context, door.device, output.body)) return;
        return offerNewList(context, door.device, scene.lists);
      }
      default:
        return;
    }
  });
}

function carryOut(scene: Scene, door: Door, outputs: readonly Output[]): void {
  const { now } = scene.clock;
  for (const output of outputs) {
    if (output.t === 'publish') upward(scene, door, output);
    else if (output.t === 'pulse') {
      scene.later(now + OPEN_AFTER_MS, () => happen(scene, door, { t: 'contact', door: output.door, contact: 'open' }));
      scene.later(now + CLOSE_AFTER_MS, () => happen(scene, door, { t: 'contact', door: output.door, contact: 'closed' }));
    }
  }
  const wakes = Math.ceil(door.virtual.wakeAt());
  if (wakes >= door.wakes || !Number.isFinite(wakes)) return;
  door.wakes = wakes;
  scene.later(Math.max(wakes, now), () => {
    // An earlier alarm was set since: this one has no work, and would start a second chain.
    if (door.wakes !== wakes) return;
    door.wakes = Number.POSITIVE_INFINITY;
    happen(scene, door, { t: 'tick' });
  });
}

function happen(scene: Scene, door: Door, input: Exclude<Input, { t: 'boot' | 'power-lost' }>): void {
  carryOut(scene, door, door.virtual.input(input, scene.clock.now));
}

function connect(scene: Scene, door: Door, on: boolean): void {
  if (door.connected === on) return;
  door.connected = on;
  if (on) return happen(scene, door, { t: 'connected', nonce: '00000000000000aa' });
  happen(scene, door, { t: 'disconnected' });
  door.device.online = false;
  door.device.greeted = false;
  scene.context.note(door.device, 'offline', 'disconnected');
}

function play(scene: Scene, door: Door, { act }: Act): void {
  switch (act.t) {
    case 'tap':
      return happen(scene, door, { t: 'tap', door: 1, reading: { w: 32, x: act.card }, method: 'card' });
    case 'exit':
      return happen(scene, door, { t: 'exit', door: 1 });
    case 'cut':
      return connect(scene, door, false);
    case 'join':
      return connect(scene, door, true);
    case 'power-off':
      connect(scene, door, false);
      return door.virtual.powerOff(scene.clock.now);
    case 'power-on':
      carryOut(scene, door, door.virtual.powerOn(scene.clock.now, 'power-lost'));
      return connect(scene, door, true);
    case 'prop':
      happen(scene, door, { t: 'exit', door: 1 });
      scene.later(scene.clock.now + OPEN_AFTER_MS / 2, () => happen(scene, door, { t: 'contact', door: 1, contact: 'open' }));
      // The leaf closes long after the lock: the closing that carryOut expects finds it open again.
      scene.later(scene.clock.now + CLOSE_AFTER_MS + 1, () => happen(scene, door, { t: 'contact', door: 1, contact: 'open' }));
      return scene.later(scene.clock.now + act.forMs, () => happen(scene, door, { t: 'contact', door: 1, contact: 'closed' }));
  }
}

const silent = { info: () => undefined, warn: () => undefined, error: (fields: object, message: string) => console.error(message, fields) };

function contextOf(parts: PastParts, deliver: (device: Device, message: Down) => void): LinkContext {
  return {
    side: parts.side,
    now: () => parts.clock.now,
    uptime: () => parts.clock.now,
    log: silent,
    calendar: { holidays: new Set(), makeUpDays: new Set() },
    random: (bytes) => Buffer.alloc(bytes, 7),
    send(device, tail, message, sent) {
      deliver(device, { tail, body: message } as Down);
      sent?.();
      return true;
    },
    sendPiece(device, piece, sent) {
      deliver(device, { tail: 'acl/c', body: decodeChunk(encodePacked(piece)) });
      sent();
      return true;
    },
    refuse: () => undefined,
    note: (device, what, why) => void parts.side.link({ controllerId: device.record.controllerId, what, why, key: undefined }),
    announce: () => undefined,
  };
}

/**
 * Writes the demo's past: the people's acts at simulated controllers, through the real link handlers, unlock
 * path and journal, on a virtual clock from `from` on. Returns the number of acts.
 */
export async function writePast(parts: PastParts, acts: readonly Act[], from: number): Promise<number> {
  const { later, next } = agenda();
  const doors = new Map<string, Door>();
  const context = contextOf(parts, (device, message) => {
    const door = doors.get(device.id);
    if (door?.connected) later(parts.clock.now + NET_MS, () => happen(scene, door, { t: 'message', message }));
  });
  const scene: Scene = { ...parts, context, later };
  parts.clock.now = from;
  for (const record of parts.devices) {
    const device = createDevice(record, from);
    const config = { doors: 1, listKey: keysOf(device).list, model: 'Doorbook demo door', fw: '1.0', heldMs: 60_000, openMs: 5000, queueMax: 10_000 };
    const door: Door = { device, virtual: virtualController({ config, instance: '00000000000000dd' }), connected: false, wakes: Number.POSITIVE_INFINITY };
    doors.set(device.id, door);
    carryOut(scene, door, door.virtual.powerOn(from));
    connect(scene, door, true);
  }
  for (const act of acts) {
    const door = doors.get(act.device);
    if (door) later(act.at, () => play(scene, door, act));
  }
  const end = (acts.at(-1)?.at ?? from) + SETTLE_MS;
  for (let item = next(); item !== undefined && item.at <= end; item = next()) {
    parts.clock.now = Math.max(parts.clock.now, item.at);
    await item.act();
  }
  return acts.length;
}
