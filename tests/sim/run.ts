import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Checker, everyone, type Failure, type Hooks, type Scene } from './checkers/checker.ts';
import { entriesChecker } from './checkers/entries.ts';
import { fireChecker } from './checkers/fire.ts';
import { grantsChecker } from './checkers/grants.ts';
import { healedChecker } from './checkers/healed.ts';
import { identityChecker } from './checkers/identity.ts';
import { locksChecker } from './checkers/locks.ts';
import { openingsChecker } from './checkers/openings.ts';
import { queuesChecker } from './checkers/queues.ts';
import { readersChecker } from './checkers/readers.ts';
import { revocationChecker } from './checkers/revocation.ts';
import { starvationChecker } from './checkers/starvation.ts';
import { treeChecker } from './checkers/tree.ts';
import { versionsChecker } from './checkers/versions.ts';
import { enter } from './engine/current.ts';
import { stream } from './engine/random.ts';
import { forgetFlash } from './ports/flash.ts';
import { forgetThreads } from './ports/threads.ts';
import type { Fault } from './world/fault.ts';
import { earlier, planFaults, schedule } from './world/faults.ts';
import { createFitters, type Fitters } from './world/fitters.ts';
import { createLife, type Life } from './world/life.ts';
import { calm } from './world/net.ts';
import { healLines, planSerialFaults } from './world/serial/faults.ts';
import { createSerialLife, type SerialLife } from './world/serial/life.ts';
import { createTrace } from './world/trace.ts';
import type { World } from './world/shape.ts';
import { createWorld } from './world/world.ts';

/** The faulty 24 minutes, the time in which all must mend (longer than the state's ten minutes), and the last minutes of it. */
const FAULTY_MS = 1_440_000;
const HEAL_MS = 660_000;
const LAST_MS = 100_000;
/** So long before the end of the faults somebody is put out for the last time. */
const PARTING_MS = 1500;
/** One seed in ten seals everything really, one in fifty keeps its log in a real file. */
const SEALED_EVERY = 10;
const FILE_EVERY = 50;

/** The thirteen promises, under the names planted bugs go by. */
const CHECKERS = {
  grants: grantsChecker,
  entries: entriesChecker,
  revocation: revocationChecker,
  versions: versionsChecker,
  tree: treeChecker,
  healed: healedChecker,
  queues: queuesChecker,
  openings: openingsChecker,
  fire: fireChecker,
  starvation: starvationChecker,
  identity: identityChecker,
  readers: readersChecker,
  locks: locksChecker,
} as const satisfies Record<string, (scene: Scene) => Checker>;

/** How a seed is run. */
export interface RunOptions {
  readonly seed: number;
  /** Faults to leave out, by their place in the plan. */
  readonly without?: ReadonlySet<number>;
  readonly print?: (line: string) => void;
  /** Stop as soon as this checker finds something. */
  readonly until?: string;
}

/** What came of a seed. */
export interface Outcome {
  readonly seed: number;
  readonly digest: string;
  readonly events: number;
  readonly entries: number;
  readonly failures: readonly Failure[];
  readonly faults: readonly Fault[];
}

/** Most failures of a checker kept: the first says most. */
const KEPT = 3;

function tracing(world: World, line: (text: string) => void, life: () => Life): Checker {
  return {
    input: (device, input) => line(`${world.now()} ${device.id} < ${input.t}`),
    output(device, output) {
      line(`${world.now()} ${device.id} > ${output.t}${output.t === 'publish' ? ` ${output.tail}` : ''}${output.t === 'pulse' ? ` ${output.door} ${output.cause.by}` : ''}`);
      life().saw(device, output);
    },
    answered: (tap, verdict) => line(`${world.now()} decided ${tap.doorId} ${verdict.reason} ${verdict.entry}`),
    appended: ({ event }, { index, duplicate }) => line(`${world.now()} entry ${index} ${event.kind}${duplicate ? ' again' : ''}`),
    checkpointed: ({ size }) => line(`${world.now()} checkpoint ${size}`),
    alarmed: (what) => line(`${world.now()} alarm ${what}`),
    power: (device, on) => line(`${world.now()} ${device.id} power ${on}`),
    became: (device) => line(`${world.now()} ${device.id} is ${device.secret}`),
    replaced: (device) => line(`${world.now()} ${device.id} replaced`),
    codeMade: ({ hash, controllerId }) => line(`${world.now()} code ${hash} for ${controllerId}`),
    traded: ({ c }, result) => line(`${world.now()} traded ${c} ${result.ok ? `ok ${result.again}` : result.why}`),
    changed: ({ id, retired }) => line(`${world.now()} controller ${id} ${retired ? 'retired' : 'enrolled'}`),
    handed: ({ name }, hex) => line(`${world.now()} ${name} gave ${hex}`),
    forgot: ({ name }, hex) => line(`${world.now()} ${name} forgot ${hex}`),
    drove: ({ name }, output, ms) => line(`${world.now()} ${name} output ${output} on ${ms}`),
    rekeyed: ({ name }) => line(`${world.now()} ${name} has another key`),
    loggedIn: (id, password) => line(`${world.now()} ${id} logged in as ${password}`),
  };
}

interface People {
  readonly life: Life;
  readonly fitters: Fitters;
  readonly serial: SerialLife;
}

/** Faults over, everything whole, power and process back. */
function heal(world: World, { life, fitters, serial }: People): void {
  Object.assign(world, { deskUp: true, hints: true });
  Object.assign(world.disk, { full: false, lockedUntil: 0, hangsUntil: 0, failing: 0, slow: 4 });
  world.setGatewayClock(0);
  for (const device of world.devices) {
    Object.assign(device.line.mood, calm());
    world.net.release(device.line);
    device.flash.cutIn = 0;
    device.host.busyUntil = world.now();
    device.powerOn('power-lost');
  }
  healLines(world);
  world.gateway.start();
  life.calm();
  fitters.calm();
  serial.calm();
}

async function live(world: World, hooks: Hooks, people: People, faults: readonly Fault[]): Promise<void> {
  const { life, fitters, serial } = people;
  const tick = (): void => {
    hooks.tick();
    world.later(1000, tick);
  };
  // Doors are there first. And what the gateway does every ten minutes must not fall on the moment of healing.
  world.later(world.random.people.whole(40_000, 90_000), () => world.gateway.start());
  for (const device of world.devices) world.later(world.random.people.whole(0, 5000), () => device.powerOn('start'));
  world.later(1000, tick);
  life.begin(FAULTY_MS);
  fitters.begin(FAULTY_MS);
  serial.begin(FAULTY_MS);
  world.later(FAULTY_MS - PARTING_MS, life.parting);
  schedule(world, faults);
  await world.scheduler.run(FAULTY_MS);
  heal(world, people);
  await world.scheduler.run(FAULTY_MS + HEAL_MS - LAST_MS);
  life.everybodyTaps();
  serial.everybodyTaps();
  await world.scheduler.run(FAULTY_MS + HEAL_MS);
  if (!world.scheduler.halted) hooks.ended();
}

/** Runs one seed from its first to its last event. */
export async function runSeed({ seed, without = new Set(), print, until }: RunOptions): Promise<Outcome> {
  const sealed = seed % SEALED_EVERY === 0;
  const dir = seed % FILE_EVERY === 0 ? mkdtempSync(path.join(tmpdir(), 'doorbook-sim-')) : undefined;
  const trace = createTrace(print);
  const failures: Failure[] = [];
  let life: Life | undefined;
  let world: World | undefined;
  const have = <T>(made: T | undefined): T => {
    if (made === undefined) throw new Error('simulation: not built yet');
    return made;
  };
  // Checkers look at the world, and the world tells the checkers: they are added when it is there, before it moves.
  const checkers: Checker[] = [];
  const hooks = everyone(checkers);
  const bytes = stream(seed, 'bytes');
  enter({
    get scheduler() {
      return have(world).scheduler;
    },
    bytes,
    sealed,
    dir,
  });
  const uncaught = (error: unknown): void => hooks.threw(error);
  process.on('unhandledRejection', uncaught);
  let faults: Fault[] = [];
  try {
    world = createWorld({ seed, sealed, dir, trace, hooks });
    const made = world;
    faults = [
      ...planFaults(seed, FAULTY_MS, world.devices.length, dir !== undefined),
      ...planSerialFaults(seed, FAULTY_MS, { lines: world.lines, onFile: dir !== undefined }),
    ].sort(earlier);
    checkers.push(tracing(made, trace.line, () => have(life)));
    for (const [checker, make] of Object.entries(CHECKERS)) {
      const fail = (message: string): void => {
        if (failures.filter((known) => known.checker === checker).length < KEPT) failures.push({ checker, at: made.now(), message });
        if (checker === until) made.scheduler.halt();
        trace.line(`FAILED ${checker}: ${message}`);
      };
      checkers.push(make({ world: made, fail }));
    }
    life = createLife(world, hooks);
    await live(
      world,
      hooks,
      { life, fitters: createFitters(world), serial: createSerialLife(world, seed) },
      faults.filter((_, place) => !without.has(place)),
    );
  } catch (error) {
    failures.push({ checker: 'threw', at: world?.now() ?? 0, message: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  } finally {
    process.off('unhandledRejection', uncaught);
    enter(undefined);
    forgetFlash();
    forgetThreads();
    if (dir !== undefined) rmSync(dir, { recursive: true, force: true });
  }
  return { seed, digest: trace.digest(), events: world?.scheduler.events ?? 0, entries: world?.disk.rows.length ?? 0, failures, faults };
}
