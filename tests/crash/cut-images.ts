import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type LogPlace, openLog } from '../../gateway/journal/log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { tapEntry } from '../journal/samples.ts';
import { advance, type BaseFile, diskOf, writeImage } from './disk-image.ts';
import { type DiskEvent, diskTrace } from './disk-trace.ts';
import { keyName, type Known, type Told, type Verified, wrongWithLog } from './log-check.ts';
import { randomOf } from './random.ts';
import { recorded } from './strace.ts';

const CHILD = fileURLToPath(new URL('./cut-load.mjs', import.meta.url));
const ROOT_HEX = '00'.repeat(32);

/** What a program did to its disk, and what it began with. */
export interface Recording {
  readonly root: string;
  readonly base: readonly BaseFile[];
  readonly events: readonly DiskEvent[];
}

/** Programs that can be recorded: see cut-load.mjs. */
export type Kind = 'log' | 'writer' | 'destroy' | 'register';

/** Runs the child once and reads what it did. */
export async function record(kind: Kind, work: string, { count, seed }: { count: number; seed: number }): Promise<Recording> {
  const root = path.join(work, `${kind}-${seed}`);
  mkdirSync(root);
  const trace = `${root}.trace`;
  const code = await recorded(trace, [CHILD, kind, root, ROOT_HEX, String(count), String(seed)]);
  if (code !== 0) throw new Error(`the recorded program ended with ${code}`);
  const events = diskTrace(trace, root);
  rmSync(trace);
  return { root, base: [], events };
}

/** What the program had printed before the cut. */
export interface Heard extends Known {
  readonly acknowledged: Map<string, number>;
  readonly rows: Map<number, string>;
  /** Day of an entry, by its index. */
  readonly days: Map<number, number>;
  told: Told | undefined;
  /** All before this day was being destroyed; and was. */
  going: number;
  gone: number;
}

const nothingHeard = (): Heard => ({ acknowledged: new Map(), rows: new Map(), days: new Map(), told: undefined, going: 0, gone: 0 });

/** Takes in one printed line. */
function hear(heard: Heard, line: string): void {
  const [kind, one = '', two = '', three = ''] = line.split(' ');
  if (kind === 'ack') heard.acknowledged.set(keyName({ controllerId: 1 + (Number(one) % 4), boot: 1, seq: Number(one) }), Number(two));
  else if (kind === 'told') heard.told = { origin: one, size: Number(two), root: three };
  else if (kind === 'day') heard.days.set(Number(one), Number(two));
  else if (kind === 'going' || kind === 'gone') heard[kind] = Number(one);
  else if (kind === 'row') heard.rows.set(Number(one), line.split(' ').slice(2).join(' '));
}

/** Which images to make of a recording. */
export interface Plan {
  readonly count: number;
  readonly seed: number;
  /** A folder in memory, or anywhere. */
  readonly work: string;
  /** No cut before this event. */
  readonly from?: number;
}

/** Moments to cut the power at: half of them anywhere, half right after something was told, when there is most to lose. */
function cutsOf(events: readonly DiskEvent[], { count, seed, from = 0 }: Plan): number[] {
  const random = randomOf(seed);
  const said = events.flatMap(({ t }, at) => (t === 'said' && at >= from ? [at + 1] : []));
  const anywhere = (): number => from + random.below(events.length + 1 - from);
  const cuts = Array.from({ length: count }, (_, at) => (at % 2 === 0 ? anywhere() : (said[random.below(said.length)] ?? anywhere())));
  return cuts.sort((a, b) => a - b);
}

/** One image, as it stands in a folder of its own while it is looked at. */
export interface Image {
  readonly dir: string;
  readonly heard: Heard;
  /** Says which image it is, to make it again. */
  readonly name: string;
}

/** Makes the images of these cuts one after the other, and collects what is wrong with any. The folder is gone after `look`. */
export async function eachImage(recording: Recording, plan: Plan, look: (image: Image) => string[] | Promise<string[]>): Promise<string[]> {
  const { events, root, base } = recording;
  const cuts = cutsOf(events, plan);
  const [disk, heard] = [diskOf(root, base), nothingHeard()];
  const wrong: string[] = [];
  let done = 0;
  for (const [at, cut] of cuts.entries()) {
    for (; done < cut; done++) {
      const event = events[done];
      if (event?.t === 'said') hear(heard, event.line);
      else if (event !== undefined) advance(disk, event);
    }
    const dir = mkdtempSync(path.join(plan.work, 'image-'));
    const name = `${path.basename(root)} seed ${plan.seed} image ${at} cut ${cut}`;
    writeImage(disk, randomOf(plan.seed * 1_000_003 + at), dir);
    const found = await look({ dir, heard, name });
    wrong.push(...found.slice(0, 3).map((each) => `${name}: ${each}`));
    rmSync(dir, { recursive: true, force: true });
  }
  return wrong;
}

export const placeIn = (dir: string): LogPlace => ({ file: path.join(dir, 'journal.sqlite'), keysDir: path.join(dir, 'keys'), root: Buffer.from(ROOT_HEX, 'hex') });

/** Opens a log as the gateway does after the cut, checks it whole, and adds an entry to it. */
export function wrongWithImage({ dir, heard }: Image, verified: Verified): string[] {
  const place = placeIn(dir);
  try {
    const log = openLog(place);
    const next = log.last() + 1;
    const fault = log.fault ?? log.lostKeys;
    const [answer] = log.append([stage(tapEntry(4_000_000))]);
    log.close();
    const wrong = fault === undefined ? [] : [`alarm: ${fault}`];
    if (answer?.index !== next) wrong.push(`the next entry got index ${answer?.index}, expected ${next}`);
    return [...wrong, ...wrongWithLog(place, heard, verified)];
  } catch (error) {
    return [`does not open: ${String(error)}; files ${readdirSync(dir).join()}`];
  }
}

/** The events without the flushes that `which` says, as if the program had not made them, or the disk had lied. */
export const withoutSyncs = ({ events, ...rest }: Recording, which: (name: string, at: number) => boolean): Recording => ({
  ...rest,
  events: events.filter((event, at) => !((event.t === 'sync' || event.t === 'sync-folder') && which(event.name, at))),
});

/** The events as if the program had told each thing before it flushed it. */
export function ackedEarly({ events, ...rest }: Recording): Recording {
  const early: DiskEvent[] = [];
  for (const event of events) {
    const flushed = event.t === 'said' ? early.findLastIndex(({ t }) => t === 'sync') : -1;
    if (flushed < 0) early.push(event);
    else early.splice(flushed, 0, event);
  }
  return { ...rest, events: early };
}
