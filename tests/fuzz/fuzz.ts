import { setTimeout } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { corpusOf, keep } from './corpus.ts';
import { type Coverage, openCoverage } from './coverage.ts';
import { mutate } from './mutate.ts';
import { createRandom, type Random } from './random.ts';
import type { Opened, Target } from './target.ts';
import { createWatchdog, type Watchdog } from './watchdog.ts';

/** How long, from which seed, and whether new blocks lead the way. */
export interface Wish {
  readonly runs: number;
  readonly seed: number;
  /** Stop earlier, after so many ms. */
  readonly ms?: number;
  readonly guided?: boolean;
  /** Also write inputs that reached new blocks into the kept corpus. */
  readonly grow?: boolean;
}

/** What a run came to. */
export interface Report {
  readonly target: string;
  readonly seed: number;
  readonly runs: number;
  readonly seconds: number;
  /** Longest time of one input, each offender measured again, ms. */
  readonly worstMs: number;
  /** Most that resident memory grew beyond where it was after the first thousand inputs, MiB. */
  readonly grewMb: number;
  /** What the heap kept afterwards, MiB. */
  readonly keptMb: number;
  /** Inputs that reached new blocks, and the share of the followed functions that ran; only when guided. */
  readonly fresh: number;
  readonly share: number | undefined;
}

const LONGEST = 8192;
const MOST_MS = 10;
/** From here on a time is measured again before it is believed, ms. */
const SUSPECT_MS = 2;
/** Valid inputs that mutations start from; they are made anew one by one. */
const MADE = 256;
/** An input that seems slow is measured this often more: a machine has other work, and V8 collects and compiles. */
const AGAIN = 5;
/** Rests before an input over the limit is measured once more, doubled from the first to the last. */
const FIRST_REST_MS = 20;
const LAST_REST_MS = 2560;
/** Inputs between two looks at memory, and at coverage. */
const MEMORY_EVERY = 1024;
const COVERAGE_EVERY = 128;
const MOST_POOL = 2000;
const MB = 2 ** 20;

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

/** Bytes of heap in use after a full collection. */
function heapAfterCollection(): number {
  if (typeof collect === 'function') collect();
  return process.memoryUsage().heapUsed;
}

/** What is wrong, with all that is needed to see it again. */
function finding(target: Target, about: { seed: number; at: number }, input: Buffer, error: unknown): Error {
  const file = keep(target.name, input);
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const shown = input.length > 2048 ? `${input.subarray(0, 2048).toString('hex')}… (${input.length} bytes)` : input.toString('hex');
  return new Error(`${target.name}: seed ${about.seed}, input ${about.at}: ${what}\ninput (hex): ${shown}\nagain: npm run fuzz -- ${target.name} --input ${file}`);
}

async function timed(opened: Opened, input: Buffer): Promise<number> {
  const from = performance.now();
  const waits = opened.run(input);
  if (waits !== undefined) await waits;
  return performance.now() - from;
}

/**
 * The time an input really takes: the least of several measurements. What still is over the limit is measured on after
 * rests, the last of them seconds later: an input that hangs does so each time, a busy machine does not.
 */
async function truly(opened: Opened, input: Buffer, about: { first: number; most: number; watchdog?: Watchdog }): Promise<number> {
  let least = about.first;
  for (let again = 0; again < AGAIN && least > 1; again += 1) least = Math.min(least, await timed(opened, input));
  for (let rest = FIRST_REST_MS; least > about.most && rest <= LAST_REST_MS; rest *= 2) {
    about.watchdog?.end();
    await setTimeout(rest);
    about.watchdog?.begin(input);
    least = Math.min(least, await timed(opened, input));
  }
  return least;
}

/** One input through an open target: throws when it takes too long, or what the target throws. */
async function once(target: Target, opened: Opened, input: Buffer, watchdog: Watchdog): Promise<number> {
  const most = target.mostMs ?? MOST_MS;
  watchdog.begin(input);
  const from = performance.now();
  const waits = opened.run(input);
  if (waits !== undefined) await waits;
  let took = performance.now() - from;
  if (took > SUSPECT_MS) took = await truly(opened, input, { first: took, most, watchdog });
  watchdog.end();
  if (took > most) throw new Error(`took ${took.toFixed(1)} ms, at most ${most} are allowed`);
  return took;
}

/** Where inputs come from: kept ones, new valid ones, and both mutated. */
function supply(target: Target): { readonly pool: Buffer[]; next(random: Random, asMade?: boolean): Buffer } {
  const pool = corpusOf(target.name).map(({ bytes }) => bytes);
  const words = target.words.map((word) => Buffer.from(word));
  const longest = target.longest ?? LONGEST;
  const made: Buffer[] = [];
  function valid(random: Random): Buffer {
    const at = random.below(MADE);
    const known = made[at];
    if (known !== undefined && !random.oneIn(8)) return known;
    const fresh = target.make(random);
    made[made.length < MADE ? made.length : at] = fresh;
    return fresh;
  }
  return {
    pool,
    next(random, asMade = false) {
      const base = (): Buffer => (random.oneIn(2) ? random.any(pool) : undefined) ?? valid(random);
      const input = base();
      return asMade || random.oneIn(12) ? input.subarray(0, longest) : mutate(input, random, { words, other: base, longest });
    },
  };
}

/** The inputs of a group that reached new blocks, found by halving. */
async function learn(coverage: Coverage, opened: Opened, group: readonly Buffer[]): Promise<Buffer[]> {
  for (const input of group) await opened.run(input);
  const news = coverage.take();
  if (news === undefined) return [];
  if (group.length > 1) {
    const half = group.length >> 1;
    return [...(await learn(coverage, opened, group.slice(0, half))), ...(await learn(coverage, opened, group.slice(half)))];
  }
  coverage.settle(news);
  return [...group];
}

/** Inputs of a batch that led on. New blocks that making the inputs ran, not reading them, are settled and forgotten. */
async function lead(coverage: Coverage, opened: Opened, batch: readonly Buffer[]): Promise<Buffer[]> {
  const news = coverage.take();
  if (news === undefined) return [];
  const fresh = await learn(coverage, opened, batch);
  coverage.settle(news);
  return fresh;
}

/** What kept and valid inputs run is known from the start: only what leads beyond them is worth the search. */
async function begin(coverage: Coverage, opened: Opened, { pool, next }: ReturnType<typeof supply>, seed: number): Promise<void> {
  coverage.take();
  for (const input of pool) await opened.run(input);
  for (let at = 0; at < MADE; at += 1) await opened.run(next(createRandom(~seed, at), true));
  const news = coverage.take();
  if (news !== undefined) coverage.settle(news);
}

/** Runs a target until the runs or the time are used up. Throws at the first finding. */
export async function fuzz(target: Target, wish: Wish): Promise<Report> {
  const opened = target.open();
  const watchdog = createWatchdog(target.name, target.longest ?? LONGEST);
  const coverage = wish.guided === true ? openCoverage(target.covers) : undefined;
  const inputs = supply(target);
  const { pool, next } = inputs;
  const until = performance.now() + (wish.ms ?? Number.POSITIVE_INFINITY);
  const from = performance.now();
  const heap = heapAfterCollection();
  let [at, worst, rss, grew, fresh] = [0, 0, 0, 0, 0];
  let batch: Buffer[] = [];
  const look = (): void => {
    const now = process.memoryUsage.rss();
    if (rss === 0) rss = now;
    grew = Math.max(grew, now - rss);
  };
  try {
    if (coverage !== undefined) await begin(coverage, opened, inputs, wish.seed);
    for (; at < wish.runs && performance.now() < until; at += 1) {
      const input = next(createRandom(wish.seed, at));
      try {
        worst = Math.max(worst, await once(target, opened, input, watchdog));
      } catch (error) {
        throw finding(target, { seed: wish.seed, at }, input, error);
      }
      if (at % MEMORY_EVERY === MEMORY_EVERY - 1) look();
      if (coverage === undefined || batch.push(Buffer.from(input)) < COVERAGE_EVERY) continue;
      const found = await lead(coverage, opened, batch);
      if (wish.grow === true) for (const each of found) keep(target.name, each, true);
      fresh += found.length;
      pool.push(...found);
      if (pool.length > MOST_POOL) pool.splice(0, pool.length - MOST_POOL);
      batch = [];
    }
    const seconds = (performance.now() - from) / 1000;
    const share = coverage?.share();
    pool.length = 0;
    return { target: target.name, seed: wish.seed, runs: at, seconds, worstMs: worst, grewMb: grew / MB, keptMb: (heapAfterCollection() - heap) / MB, fresh, share };
  } finally {
    opened.close();
    await watchdog.close();
  }
}

/** Runs given inputs, each under its own name. Throws for the first that fails. */
export async function replay(target: Target, inputs: readonly { readonly name: string; readonly bytes: Buffer }[]): Promise<void> {
  const opened = target.open();
  try {
    for (const { name, bytes } of inputs) {
      const first = await timed(opened, bytes).catch((error: unknown) => Promise.reject(finding(target, { seed: 0, at: 0 }, bytes, error)));
      const most = target.mostMs ?? MOST_MS;
      const took = await truly(opened, bytes, { first, most });
      if (took > most) throw new Error(`${target.name}: ${name} took ${took.toFixed(1)} ms`);
    }
  } finally {
    opened.close();
  }
}
