import { stream } from '../../engine/random.ts';
import { cardAt } from '../people.ts';
import type { World } from '../shape.ts';
import type { SimLineDoor, SimPeripheral } from './wire.ts';

/** Mean time between two of a kind, ms of the world. */
const EVERY = { tap: 12_000, exit: 60_000, push: 150_000, fire: 500_000, command: 120_000, key: 250_000 } as const;
const WALK_OPEN_MS = 900;
const WALK_CLOSED_MS = 3000;
const BUTTON_MS = 400;
/** An operator looks at his screen so often, ms, and so long. */
const LOOK_MS = 1000;
const LOOKS = 60;

/** People at doors on serial lines, and operators who give keys. */
export interface SerialLife {
  begin(until: number): void;
  /** Somebody with a card at every door. */
  everybodyTaps(): void;
  /** Doors shut, no fire, nobody gives keys. */
  calm(): void;
}

/** Nobody, where there are no lines. `seed`: of the world. */
export function createSerialLife(world: World, seed: number): SerialLife {
  const random = stream(seed, 'serial people');
  const doors = world.lines.flatMap((line) => line.doors);
  const devices = world.lines.flatMap((line) => line.devices);

  /** Who is let in goes in, mostly: the lamp shows green. */
  function tap(door: SimLineDoor): void {
    door.reader.card(cardAt({ doors: [door] }, world.register, random).hex);
    if (!random.chance(0.7)) return;
    world.later(WALK_OPEN_MS + random.whole(0, 5000), () => {
      if ((door.unit.peripheral.outputs[door.output] ?? 0) <= world.now()) return;
      door.unit.input(door.contact, true);
      world.later(WALK_CLOSED_MS, () => door.unit.input(door.contact, false));
    });
  }

  function pressed(door: SimLineDoor): void {
    door.unit.input(door.exit, true);
    world.later(BUTTON_MS, () => door.unit.input(door.exit, false));
  }

  function pushed(door: SimLineDoor): void {
    door.unit.input(door.contact, true);
    world.later(random.chance(0.3) ? random.whole(61_000, 150_000) : 2000, () => door.unit.input(door.contact, false));
  }

  function fire(): void {
    const { fireAt } = random.pick(world.lines);
    if (fireAt === undefined) return;
    fireAt.unit.input(fireAt.input, true);
    world.later(random.spread(3000, 200_000), () => fireAt.unit.input(fireAt.input, false));
  }

  function command(): void {
    const door = random.pick(doors);
    const what = random.pick(['unlock', 'unlock', 'lock', 'identify'] as const);
    const { run } = world.gateway;
    if (run === undefined || !world.deskUp) return;
    void world.scheduler.at(world.now(), run.host, () => void world.gateway.command(door.id, { what, openMs: what === 'unlock' ? 3000 : 0 }));
  }

  /** What is refused is shown to him, and he leaves it. */
  const leave = (): void => undefined;

  /** Says yes to who the device says it is; now and then no, or nothing. */
  function confirms({ line, row }: SimPeripheral, identity: string): void {
    const does = random.next();
    if (does < 0.1) return;
    if (does < 0.25) return world.keys.ask((keys, note) => keys.cancel(row, note).catch(leave));
    world.later(random.spread(200, 20_000), () => {
      line.moment('key');
      world.keys.ask((keys, note) => keys.confirm(row, identity, note).catch(leave));
    });
  }

  function looks(device: SimPeripheral, left: number): void {
    world.later(LOOK_MS, () =>
      world.keys.ask((keys) => {
        const giving = keys.of(device.row);
        if (giving?.state === 'begun' && left > 0) looks(device, left - 1);
        else if (giving?.state === 'identity') confirms(device, giving.identity);
      }),
    );
  }

  function giveKey(): void {
    const device = random.pick(devices);
    world.keys.ask((keys, note) => keys.begin(device.row, note).then(() => looks(device, LOOKS), leave));
  }

  function again(mean: number, until: number, what: () => void): void {
    const wait = random.wait(mean);
    if (world.now() + wait >= until) return;
    world.later(wait, () => {
      again(mean, until, what);
      what();
    });
  }

  return {
    begin(until) {
      if (doors.length === 0) return;
      again(EVERY.tap, until, () => tap(random.pick(doors)));
      again(EVERY.exit, until, () => pressed(random.pick(doors)));
      again(EVERY.push, until, () => pushed(random.pick(doors)));
      again(EVERY.fire, until, fire);
      again(EVERY.command, until, command);
      again(EVERY.key, until, giveKey);
    },
    everybodyTaps() {
      for (const door of doors) tap(door);
    },
    calm() {
      for (const { unit, contact, exit } of doors) {
        unit.input(contact, false);
        unit.input(exit, false);
      }
      for (const { fireAt } of world.lines) fireAt?.unit.input(fireAt.input, false);
    },
  };
}
