import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { JUMP_MS } from '../machine/watch.ts';
import { type Finding, trouble, well } from './finding.ts';

/** What the time here can be compared with; epoch ms. */
export interface ClockFacts {
  readonly now: number;
  /** Time of the newest entry of the log. */
  readonly newestEntry: number | undefined;
  /** Newest change of a file of ours. */
  readonly newestFile: number | undefined;
  /** Does a time service say that this clock is set by it? Undefined: none tells. */
  readonly synchronized: boolean | undefined;
}

const TIMESYNC = '/run/systemd/timesync';

/** What the time service of the system tells in files; nothing is started to ask. */
export function timeService(folder: string = TIMESYNC): boolean | undefined {
  if (existsSync(path.join(folder, 'synchronized'))) return true;
  return existsSync(folder) ? false : undefined;
}

/** When a file of the data directory was last changed. */
export function newestChange(data: string): number | undefined {
  const times = readdirSync(data).flatMap((name) => statSync(path.join(data, name), { throwIfNoEntry: false })?.mtimeMs ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

const at = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

/** A clock that stands before what was already written has been set back. Time zones play no part. */
export function judgeClock({ now, newestEntry = 0, newestFile = 0, synchronized }: ClockFacts): Finding {
  const ahead = Math.max(newestEntry, newestFile);
  const act = { zh: '核对这台电脑的时间，打开自动校时（NTP）', en: 'Check the time of this computer and switch its time service (NTP) on' };
  if (ahead - now > JUMP_MS) {
    const found = { zh: `时间 ${at(now)} 比已有的记录 ${at(ahead)} 还早`, en: `The time ${at(now)} is before what was already written at ${at(ahead)}` };
    return trouble('fail', found, act);
  }
  if (synchronized === true) return well(`时间 ${at(now)}，自动校时正常`, `Time ${at(now)}, kept by a time service`);
  if (synchronized === false) return trouble('warn', { zh: `时间 ${at(now)}，自动校时还没有对上`, en: `Time ${at(now)}; the time service has not set it yet` }, act);
  return well(`时间 ${at(now)}，和记录对得上；有没有自动校时看不出来`, `Time ${at(now)}, in order with the log; whether a time service keeps it cannot be seen from here`);
}
