import type { Output } from '../../../firmware-sim/model.ts';
import { createAudit } from '../../../gateway/http/audit.ts';
import { createLooks, type Looks } from '../../../gateway/http/disclosure/looks.ts';
import { LOCAL_OPERATOR, type Viewer } from '../../../gateway/http/viewer.ts';
import type { Hooks } from '../checkers/checker.ts';
import type { SimController } from './device.ts';
import { cardAt, createDesk, type Desk } from './people.ts';
import { START } from './site.ts';
import type { World } from './shape.ts';

/** Mean time between two of a kind, ms of the world. */
const EVERY = { tap: 20_000, exit: 80_000, push: 200_000, fire: 600_000, command: 100_000, look: 80_000 } as const;
const ACTS: readonly (readonly [keyof Desk, number])[] = [
  ['moveIn', 204_000],
  ['moveOut', 255_000],
  ['object', 510_000],
  ['loseCard', 128_000],
  ['newCard', 255_000],
  ['pause', 340_000],
  ['book', 255_000],
  ['check', 425_000],
  ['lockdown', 340_000],
  ['openTime', 255_000],
];
/** The desk side looks this often for what time alone began (store/begun.ts). */
const TIME_JOB_MS = 1000;
const WALK_OPEN_MS = 700;
const WALK_CLOSED_MS = 3200;
const OFFICER: Viewer = { ...LOCAL_OPERATOR, accountId: 7, login: 'officer', role: 'OF' };

/** What people do until a moment: at doors, at desks, at the fire panel. */
export interface Life {
  /** A lamp at a reader: whoever sees green goes in. */
  saw(device: SimController, output: Output): void;
  begin(until: number): void;
  /** Some are put out while all that is wrong still is: what they hold must be known when it is mended. */
  parting(): void;
  /** Somebody taps now at every door, with a card of his. */
  everybodyTaps(): void;
  /** Fire inputs off, doors shut. */
  calm(): void;
}

/** Looks of an officer, noted by the gateway's own code. Anew with each start of it, as the desk side is. */
function officer(world: World, hooks: Hooks): () => Looks | undefined {
  let made: { readonly since: number; readonly looks: Looks } | undefined;
  return () => {
    const { run, readySince } = world.gateway;
    if (run === undefined || readySince === undefined) return undefined;
    if (made?.since === readySince) return made.looks;
    const clock = (): number => START + world.now();
    const doorSide = { append: run.unlock.journal.append };
    const audit = createAudit({ doorSide, clock, onError: () => undefined } as unknown as Parameters<typeof createAudit>[0]);
    const counts = { of: async () => ({ day: 0, looks: 0, released: 0 }), between: async () => [], take: async () => true, release: async () => undefined };
    made = { since: readySince, looks: createLooks({ audit, counts, clock }) };
    hooks.polled();
    return made.looks;
  };
}

export function createLife(world: World, hooks: Hooks): Life {
  const { random, site, register } = world;
  const { people } = random;
  const desk = createDesk(site, register, people, () => START + world.now());
  const looks = officer(world, hooks);
  let tag = 0;

  const deviceOf = (controllerId: number): SimController | undefined => world.devices.find(({ parts }) => parts.controllerId === controllerId);
  const doorOf = (doorId: number) => site.doors.find(({ id }) => id === doorId);

  function tapAt({ doorId, hex }: { readonly doorId: number; readonly hex: string }): void {
    const door = doorOf(doorId);
    const device = door && deviceOf(door.controllerId);
    if (door === undefined || device === undefined) return;
    tag += 1;
    const mine = tag;
    const tapped = (): void => device.feed({ t: 'tap', door: door.number, reading: { w: 32, x: hex }, method: 'card', tag: mine });
    world.atDevice(device, tapped);
  }

  function anyDoor(act: (device: SimController, number: number) => void): void {
    const door = people.pick(site.doors);
    const device = deviceOf(door.controllerId);
    if (device !== undefined) world.atDevice(device, () => act(device, door.number));
  }

  function contact(device: SimController, door: number, open: boolean): void {
    device.feed({ t: 'contact', door, contact: open ? 'open' : 'closed' });
  }

  function push(): void {
    const held = people.chance(0.3) ? people.whole(61_000, 200_000) : 2000;
    anyDoor((device, door) => {
      contact(device, door, true);
      world.later(held, () => world.atDevice(device, () => contact(device, door, false)));
    });
  }

  function fire(): void {
    const lasts = people.spread(3000, 300_000);
    const device = people.pick(world.devices);
    const set = (on: boolean): void => world.atDevice(device, () => device.feed({ t: 'fire', on }));
    set(true);
    world.later(lasts, () => set(false));
  }

  function look(): void {
    const person = people.pick(register.now().all('person'));
    const { run } = world.gateway;
    if (run === undefined || !world.deskUp) return;
    void world.scheduler.at(world.now(), run.host, () => {
      looks()
        ?.noted(OFFICER, { what: 'viewed' }, [{ personId: person.id }])
        .then(
          () => hooks.shown(person.id),
          () => undefined,
        );
    });
  }

  function command(): void {
    const door = people.pick(site.doors);
    const what = people.pick(['unlock', 'unlock', 'lock', 'restart', 'identify'] as const);
    const { run } = world.gateway;
    if (run === undefined || !world.deskUp) return;
    void world.scheduler.at(world.now(), run.host, () => void world.gateway.command(door.id, { what, openMs: what === 'unlock' ? 3000 : 0 }));
  }

  function act(name: keyof Desk): void {
    if (!world.deskUp) return;
    desk[name]();
    if (name === 'loseCard' && people.chance(0.5)) world.later(people.whole(2000, 10_000), () => act('undo'));
    if (world.hints && people.chance(0.8)) world.gateway.hint();
  }

  let upTo = START;
  /** As the desk side's job, over all lists at once. Also when the clock went back: what was left out meanwhile comes in again. */
  function timeJob(): void {
    world.later(TIME_JOB_MS, timeJob);
    const wall = START + world.now() + world.gatewayOff();
    if (!world.deskUp || world.gateway.run === undefined) return;
    if (wall < upTo || register.begunBetween(upTo, wall)) register.markTime();
    upTo = wall;
  }

  function again(mean: number, until: number, what: () => void): void {
    const wait = people.wait(mean);
    if (world.now() + wait >= until) return;
    world.later(wait, () => {
      again(mean, until, what);
      what();
    });
  }

  return {
    saw(device, output) {
      if (output.t !== 'lamp' || output.answer?.granted !== true || !people.chance(0.7)) return;
      world.later(WALK_OPEN_MS, () => world.atDevice(device, () => contact(device, output.door, true)));
      world.later(WALK_CLOSED_MS, () => world.atDevice(device, () => contact(device, output.door, false)));
    },
    begin(until) {
      timeJob();
      again(EVERY.tap, until, () => {
        const tap = cardAt(site, register, people);
        tapAt(tap);
        if (people.chance(0.1)) tapAt(tap);
      });
      again(EVERY.exit, until, () => anyDoor((device, door) => device.feed({ t: 'exit', door })));
      again(EVERY.push, until, push);
      again(EVERY.fire, until, fire);
      again(EVERY.command, until, command);
      again(EVERY.look, until, look);
      for (const [name, mean] of ACTS) again(mean, until, () => act(name));
    },
    parting() {
      for (const name of ['loseCard', 'moveOut', 'loseCard', 'openTime', 'pause'] as const) desk[name]();
    },
    everybodyTaps() {
      for (const door of site.doors) tapAt({ ...cardAt(site, register, people), doorId: door.id });
    },
    calm() {
      for (const device of world.devices) {
        device.feed({ t: 'fire', on: false });
        for (let door = 1; door <= device.parts.doors; door += 1) contact(device, door, false);
      }
    },
  };
}
