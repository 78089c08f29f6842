import { type ChildProcess, fork } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type LogPlace, openLog } from '../../gateway/journal/log.ts';
import type { Alarm } from '../../gateway/journal/writer-messages.ts';
import { loadKeys } from '../../gateway/store/keys.ts';
import { type BenchSite, makeSite } from '../bench/site.ts';
import { keyName, wrongWithLog } from './log-check.ts';
import { inject, type Injection } from './strace.ts';

const CHILD = fileURLToPath(new URL('./io-load.mjs', import.meta.url));
const STRANGER = 'FFEEDDCC';
/** Each is a new person to the log, with a key of his own. */
const TENANTS = 12;
/** As reserve.ts wants it held; sparse here, for it is only looked at. */
const RESERVE_BYTES = 16 * 1024 * 1024;
const ALARM_MS = 5000;

interface Told {
  readonly seq: number;
  readonly card: string;
  readonly granted: boolean;
  readonly reason: string;
  readonly entry: number;
  readonly ms: number;
}
interface Round {
  readonly told: readonly Told[];
  readonly alarms: readonly Alarm[];
  readonly raised: readonly string[];
  readonly tries: number;
}

/** The child under test, and what its rounds begin with. */
interface Bench {
  readonly work: string;
  readonly site: BenchSite;
  readonly child: ChildProcess;
  readonly template: string;
  /** Sequence number of the next tap. */
  from: number;
}

const placeIn = (dir: string, { site }: Pick<Bench, 'site'>): LogPlace => ({
  file: path.join(dir, 'journal.sqlite'),
  keysDir: path.join(dir, 'keys'),
  root: loadKeys(path.join(site.data, 'keys')).journalRoot,
});

function answered<T>({ child }: Pick<Bench, 'child'>): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`the process ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (message: T) => {
      child.off('exit', ended);
      resolve(message);
    });
  });
}

async function openBench(): Promise<Bench> {
  const work = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'doorbook-io-'));
  mkdirSync(path.join(work, 'data'));
  const site = await makeSite(1, TENANTS, path.join(work, 'data'));
  const template = path.join(work, 'template');
  cpSync(path.join(site.data, 'keys'), path.join(template, 'keys'), { recursive: true });
  openLog(placeIn(template, { site })).close();
  writeFileSync(path.join(template, 'journal.reserve'), '');
  truncateSync(path.join(template, 'journal.reserve'), RESERVE_BYTES);
  const child = fork(CHILD, [site.data]);
  await answered({ child });
  return { work, site, child, template, from: 1 };
}

/** What a round came to, what is wrong with it, and on which files calls failed in it. */
interface Outcome {
  readonly done: Round;
  readonly wrong: readonly string[];
  readonly failed: readonly string[];
}

/** One journal, opened and used while a call fails; whole again at the end. `lastMs`: how long the fault lasts, else as `when` says. */
async function roundWith(bench: Bench, { taps, ...injection }: Injection & { taps: number }, lastMs?: number): Promise<Outcome> {
  const { work, site, child, template } = bench;
  const dir = mkdtempSync(path.join(work, 'round-'));
  cpSync(template, dir, { recursive: true });
  const fault = await inject(child.pid ?? 0, injection, `${dir}.calls`);
  const result = answered<{ done?: Round; error?: string }>(bench);
  child.send({ dir, cards: [...site.cards, STRANGER], from: bench.from, taps });
  if (lastMs !== undefined) await sleep(lastMs);
  const stopped = lastMs === undefined ? undefined : await fault.stop();
  const { done, error } = await result;
  // SQLite takes no notice of a folder that cannot be flushed: some file systems do not know how.
  const failed = (stopped ?? (await fault.stop())).filter((file) => file !== dir);
  if (done === undefined) throw new Error(`${JSON.stringify(injection)}: ${error}`);
  bench.from += done.told.length + 100;
  const acknowledged = new Map(done.told.filter(({ reason }) => reason !== 'UNAVAILABLE').map(({ seq, entry }) => [keyName({ controllerId: 1, boot: 1, seq }), entry]));
  const open = done.told.filter(({ granted, card, reason }) => granted && (card === STRANGER || reason !== 'OK')).map(({ seq, reason }) => `fails open: ${seq} ${reason}`);
  const wrong = [...open, ...wrongWithLog(placeIn(dir, bench), { acknowledged })];
  rmSync(dir, { recursive: true, force: true });
  return { done, wrong, failed };
}

/** What a round must show: nothing acknowledged is lost, nobody is let in who may not, and where a call failed that mattered, somebody was told in time. */
function judged({ done, wrong, failed }: Outcome): string[] {
  const silent = failed.length > 0 && !done.alarms.some(({ what }) => what !== 'recovered');
  const slow = done.told.filter(({ ms }) => ms > ALARM_MS).map(({ seq, ms }) => `tap ${seq} waited ${ms} ms`);
  return [...wrong, ...slow, ...(silent ? [`calls failed on ${failed.join(', ')} and nobody was told`] : []), ...done.raised];
}

/** Calls that fail once, each time another one. `taps`: enough that there are so many. */
const ONCE = [
  { calls: 'pwrite64', upTo: 120, taps: 26 },
  { calls: 'fsync', upTo: 30, taps: 66 },
  { calls: 'fdatasync', upTo: 20, taps: 26 },
] as const;
const LASTING = 30;
const LASTING_MS = 250;

/** Rounds in which one call fails, `repeat` times over all of them, and rounds in which they go on failing. What is wrong, and how many calls failed of those that were to. */
export async function failEach(repeat: number): Promise<{ wrong: string[]; failed: number; wanted: number }> {
  const bench = await openBench();
  const wrong: string[] = [];
  let [failed, wanted] = [0, 0];
  async function round(injection: Injection & { taps: number }, lastMs?: number): Promise<void> {
    const outcome = await roundWith(bench, injection, lastMs);
    failed += outcome.failed.length > 0 ? 1 : 0;
    wanted += 1;
    wrong.push(...judged(outcome).map((each) => `${injection.calls} ${injection.when}: ${each}`));
  }
  try {
    for (let time = 0; time < repeat; time++) {
      for (const { calls, upTo, taps } of ONCE) for (let n = 1; n <= upTo; n++) await round({ calls, taps, error: (n + time) % 4 === 0 ? 'ENOSPC' : 'EIO', when: String(n) });
      for (let n = 1; n <= LASTING; n++)
        await round({ calls: n % 3 === 0 ? 'fsync' : 'pwrite64', taps: 20, error: n % 2 === 0 ? 'ENOSPC' : 'EIO', when: `${n % 3 === 0 ? n / 3 : n}+` }, LASTING_MS);
    }
  } finally {
    bench.child.kill('SIGKILL');
    rmSync(bench.work, { recursive: true, force: true });
  }
  return { wrong, failed, wanted };
}
