import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { type DiskSpace, usedShare } from '../machine/disk.ts';
import { bytes, type Finding, trouble, well } from './finding.ts';

/** Who may read and write the data, as the file system says. Paths are relative to the data directory. */
export interface PlaceFacts {
  readonly data: string;
  readonly writable: boolean;
  /** Key files and folders that others than their owner may open. */
  readonly openKeys: readonly string[];
  /** The same of other files. */
  readonly openFiles: readonly string[];
}

const OTHERS = 0o077;
const isOpen = (file: string): boolean => ((statSync(file, { throwIfNoEntry: false })?.mode ?? 0) & OTHERS) !== 0;
const filesIn = (dir: string): string[] => {
  try {
    return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []));
  } catch {
    return [];
  }
};

/** What holds personal data: the databases and what stands beside them. The demo's sockets and notes are nobody's secret. */
const isData = (name: string): boolean => /\.sqlite(-wal|-shm)?$|^run\.json$/.test(name);

/** Looks at the rights of a data directory. */
export function placeFacts(data: string): PlaceFacts {
  const keys = ['keys', ...filesIn(path.join(data, 'keys')).map((name) => path.join('keys', name))];
  const others = ['.', ...filesIn(data).filter(isData)];
  const open = (names: readonly string[]): string[] => names.filter((name) => isOpen(path.join(data, name)));
  // Behind a folder that is closed nobody reaches a file.
  const openFiles = isOpen(data) ? open(others) : [];
  let writable = true;
  try {
    accessSync(data, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    writable = false;
  }
  return { data, writable, openKeys: open(keys), openFiles };
}

/** Rights: keys are for one user alone; so should be the databases. */
export function judgePlace({ data, writable, openKeys, openFiles }: PlaceFacts): Finding[] {
  const findings: Finding[] = [];
  if (!writable)
    findings.push(
      trouble(
        'fail',
        { zh: `数据目录 ${data} 不能读写`, en: `The data directory ${data} cannot be read and written` },
        { zh: '用运行网关的用户来运行这条命令，或把目录的权限给他', en: 'Run this command as the user who runs the gateway, or give him the directory' },
      ),
    );
  if (openKeys.length > 0)
    findings.push(
      trouble(
        'fail',
        { zh: `别的用户能打开密钥：${openKeys.join('、')}`, en: `Other users can open keys: ${openKeys.join(', ')}` },
        { zh: `chmod 700 ${data}/keys && chmod 600 ${data}/keys/*`, en: `chmod 700 ${data}/keys && chmod 600 ${data}/keys/*` },
      ),
    );
  if (openFiles.length > 0)
    findings.push(
      trouble(
        'warn',
        { zh: `别的用户能打开数据：${openFiles.join('、')}`, en: `Other users can open data: ${openFiles.join(', ')}` },
        { zh: `chmod go-rwx ${data} ${data}/*.sqlite*`, en: `chmod go-rwx ${data} ${data}/*.sqlite*` },
      ),
    );
  return findings.length > 0 ? findings : [well(`数据目录 ${data}，只有本用户能打开`, `Data directory ${data}, for this user alone`)];
}

/** Room, and how fast it goes. */
export interface RoomFacts {
  readonly space: DiskSpace;
  /** Bytes the log grows by in a day; undefined while it is too young to say. */
  readonly perDay: number | undefined;
  readonly reserveHeld: boolean;
}

const SHORT_SHARE = 0.2;
const SHORT_BYTES = 2e9;
const LEAST_BYTES = 500e6;
const SOON_DAYS = 30;

function judgeSpace({ space, perDay }: RoomFacts): Finding {
  const days = perDay === undefined || perDay <= 0 ? undefined : Math.floor(space.free / perDay);
  const lasts = days === undefined || days > 3650 ? { zh: '', en: '' } : { zh: `，照现在的速度还够 ${days} 天`, en: `, enough for ${days} days at the present pace` };
  const found = { zh: `硬盘还剩 ${bytes(space.free)}${lasts.zh}`, en: `${bytes(space.free)} left on the disk${lasts.en}` };
  const act = { zh: '腾出空间，或换更大的盘', en: 'Make room, or move to a larger disk' };
  if (space.free < LEAST_BYTES) return trouble('fail', found, act);
  const short = 1 - usedShare(space) < SHORT_SHARE || space.free < SHORT_BYTES || (days !== undefined && days < SOON_DAYS);
  return short ? trouble('warn', found, act) : { level: 'well', found };
}

/** Free room (warned below 20 % or 2 GB, failing below 500 MB), and the reserve the log holds for a full disk. */
export function judgeRoom(facts: RoomFacts): Finding[] {
  if (facts.reserveHeld) return [judgeSpace(facts)];
  const reserve = trouble(
    'warn',
    { zh: '为硬盘写满留的 16 MB 预留空间不在', en: 'The reserve of 16 MB for a full disk is not held' },
    { zh: '网关运行且有空间时会自己补上', en: 'The gateway takes it back by itself while it runs and there is room' },
  );
  return [judgeSpace(facts), reserve];
}

const RESERVE_BYTES = 16 * 1024 * 1024;

/** Does the log hold its reserve? */
export const reserveHeld = (data: string): boolean => (statSync(path.join(data, 'journal.reserve'), { throwIfNoEntry: false })?.size ?? 0) >= RESERVE_BYTES;
