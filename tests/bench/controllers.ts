import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FleetFile } from '../../firmware-sim/fleet-file.ts';
import { descriptorLimit, processorMs, restingBytes } from './process-facts.ts';
import { gatherTappers, revokeBench } from './revoke-everywhere.ts';
import { bounded, median, type Row, share } from './row.ts';
import { type Served, startBare, startOurs } from './servers.ts';
import { type BenchDistrict, makeDistrict } from './site.ts';
import { type Crowd, type CrowdPlan, gather, type Return } from './storm.ts';
import { storedEventsBench } from './stored-events.ts';
import { tapLoad } from './tap-load.ts';

const ROAMED = 200;

/** What is measured, and how thoroughly: all of it with thousands, a quick try with fewer. */
interface Scale {
  readonly controllers: number;
  readonly runs: number;
  /** The first doors: people tap there while the others come back. */
  readonly firstDoors: number;
  readonly storedEvents: number;
  /** How long people tap while they are handed over. */
  readonly tapSeconds: number;
  /** What a server still does after the last controller came: lists, entries. */
  readonly quietMs: number;
  readonly pauses: number;
}
const THOROUGH = 1000;

const scaleOf = (controllers: number): Scale =>
  controllers >= THOROUGH
    ? { controllers, runs: 3, firstDoors: 50, storedEvents: 10_000, tapSeconds: 10, quietMs: 15_000, pauses: 1 }
    : { controllers, runs: 1, firstDoors: Math.ceil(controllers / 4), storedEvents: 2 * controllers, tapSeconds: 3, quietMs: 1000, pauses: 0.1 };

/** A district, and how it is measured. */
interface Bench {
  readonly district: BenchDistrict;
  readonly scale: Scale;
}

/** Descriptors besides those of the controllers. */
const OTHER_FILES = 200;
const WORDS = { plain: 'plain', secure: 'TLS' } as const;
type Way = keyof typeof WORDS;
const WAYS: readonly Way[] = ['plain', 'secure'];

interface Speed {
  readonly perSecond: number;
  /** Processor time of the server for one controller, all its threads, ms. */
  readonly processor: number;
}

/** All get power and connect as fast as the server takes them. */
async function connectAll({ pid }: Served, crowd: Crowd): Promise<Speed> {
  const before = processorMs(pid);
  try {
    const { seconds } = await crowd.connect();
    return { perSecond: crowd.devices.length / seconds, processor: (processorMs(pid) - before) / crowd.devices.length };
  } finally {
    crowd.stop();
  }
}

/** All lose their connection at one moment and come back as the protocol asks. */
async function storm(mqtt: FleetFile['mqtt'], plan: CrowdPlan, meanwhile: () => Promise<number>): Promise<Return & { readonly worst: number }> {
  const crowd = gather(mqtt, plan);
  try {
    await crowd.connect();
    const tapping = meanwhile();
    return { ...(await crowd.comeBack()), worst: await tapping };
  } finally {
    crowd.stop();
  }
}

async function speeds(ours: Served, bare: Served, bench: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  for (const way of WAYS) {
    const [mine, theirs]: [Speed[], Speed[]] = [[], []];
    const plan = { devices: bench.district.devices, pauses: bench.scale.pauses };
    // The same controllers each time: after the first they have their lists, and begin another boot.
    const [mineThere, theirsThere] = [gather(ours[way], plan), gather(bare[way], plan)];
    for (let run = 0; run < bench.scale.runs; run += 1) {
      theirs.push(await connectAll(bare, theirsThere));
      mine.push(await connectAll(ours, mineThere));
    }
    const middle = (of: readonly Speed[], figure: keyof Speed): number => median(of.map((speed) => speed[figure]));
    const [time, bareTime] = [middle(mine, 'processor'), middle(theirs, 'processor')];
    console.error(`  ${WORDS[way]}: processor time for one controller ${time.toFixed(2)} ms, bare ${bareTime.toFixed(2)} ms`);
    rows.push(share(`${bench.scale.controllers} controllers connect, ${WORDS[way]}`, { ours: middle(mine, 'perSecond'), bare: middle(theirs, 'perSecond') }, 0.8, 'a second'));
  }
  return rows;
}

async function storms(ours: Served, bare: Served, { district, scale: { firstDoors, pauses } }: Bench): Promise<Row[]> {
  const rows: Row[] = [];
  const [firsts, others] = [district.devices.slice(0, firstDoors), district.devices.slice(firstDoors)];
  const plan = { devices: others, pauses };
  for (const way of WAYS) {
    const theirs = await storm(bare[way], plan, async () => 0);
    const seconds = Math.ceil(theirs.seconds * 1.5) + 3;
    const shape = { rate: firstDoors, outstanding: 0, seconds };
    const mine = await storm(ours[way], plan, async () => (await tapLoad(ours.plain.port, { devices: firsts, cards: district.cards }, shape)).worst);
    console.error(`  ${WORDS[way]}: attempts that failed ${mine.lost}, bare ${theirs.lost}`);
    rows.push(
      share(`${others.length} controllers come back at once, ${WORDS[way]}`, { ours: others.length / mine.seconds, bare: others.length / theirs.seconds }, 0.8, 'a second'),
      bounded(`tap at the first doors meanwhile, ${WORDS[way]}, longest`, { ours: mine.worst }, 2000, 'ms'),
    );
  }
  return rows;
}

/** What one idle controller takes of a server's memory, bytes. */
async function memoryOf(served: Served, { district: { devices }, scale: { pauses, quietMs } }: Bench): Promise<number> {
  const before = await restingBytes(served.pid);
  const crowd = gather(served.plain, { devices, pauses });
  try {
    await crowd.connect();
    await sleep(quietMs);
    return ((await restingBytes(served.pid)) - before) / devices.length;
  } finally {
    crowd.stop();
  }
}

async function memory(bench: Bench): Promise<Row[]> {
  const [ours, bare] = [await startOurs(bench.district.data), await startBare()];
  try {
    const figures = { bare: (await memoryOf(bare, bench)) / 1024, ours: (await memoryOf(ours, bench)) / 1024 };
    const ratio = figures.bare / figures.ours;
    return [{ name: 'memory of an idle controller', ...figures, ratio, unit: 'KiB', target: '≤ 1.2 × bare', met: figures.ours <= 1.2 * figures.bare }];
  } finally {
    await Promise.all([ours.stop(), bare.stop()]);
  }
}

async function connected({ district, scale }: Bench): Promise<Row[]> {
  const ours = await startOurs(district.data);
  const tappers = gatherTappers(ours, district, scale.pauses);
  try {
    await tappers.crowd.connect();
    const rows = await revokeBench(tappers, district);
    tappers.crowd.stop();
    return [...rows, ...(await storedEventsBench(ours, district, { events: scale.storedEvents, seconds: scale.tapSeconds }))];
  } finally {
    tappers.crowd.stop();
    await ours.stop();
  }
}

const PARTS: Readonly<Record<string, (bench: Bench) => Promise<Row[]>>> = {
  async speed(bench) {
    const [ours, bare] = [await startOurs(bench.district.data), await startBare()];
    try {
      return [...(await speeds(ours, bare, bench)), ...(await storms(ours, bare, bench))];
    } finally {
      await Promise.all([ours.stop(), bare.stop()]);
    }
  },
  memory,
  connected,
};

/** Thousands of controllers: how fast they come back, what each costs, a revocation, a device with a long memory. */
export async function controllersBench(controllers: number, only?: string): Promise<Row[]> {
  if (only !== undefined && PARTS[only] === undefined) throw new RangeError(`--only: expected one of ${Object.keys(PARTS).join(', ')}, got ${only}`);
  const limit = descriptorLimit();
  if (limit < controllers + OTHER_FILES)
    throw new RangeError(`controllers: expected at most ${limit - OTHER_FILES} where ${limit} files may be open (ulimit -n), got ${controllers}`);
  const district = await makeDistrict(controllers, ROAMED);
  const rows: Row[] = [];
  try {
    for (const [name, part] of Object.entries(PARTS)) {
      if (only !== undefined && only !== name) continue;
      console.error(`… … ${name}`);
      rows.push(...(await part({ district, scale: scaleOf(controllers) })));
    }
  } finally {
    rmSync(district.data, { recursive: true, force: true });
  }
  return rows;
}
