import { existsSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { besideOf } from '../backup/folders.ts';
import { type BackupWish, makeBackup } from '../backup/make.ts';
import { BackupFailed } from '../backup/manifest.ts';
import { recordBackup } from '../backup/record.ts';
import { ConfigError } from '../config.ts';
import { lockData } from '../data-lock.ts';
import { BackupState, type LastBackup } from '../http/schemas/backups.ts';
import { StoreError } from '../store/sqlite.ts';
import type { CommandPlace } from './command.ts';
import type { Terminal } from './import-command.ts';
import { CommandFailed } from './local-gateway.ts';

/** What the person asked for. */
export interface BackupOptions {
  readonly dir: string;
  readonly keysDir: string | undefined;
  readonly keep: number;
}

const POLL_MS = 300;
const mega = (bytes: number): number => Math.ceil(bytes / 1e6);

const WORDS = {
  zh: {
    apart: (dir: string) => `密钥放在 ${dir}。请把它放到另一块盘上：谁同时拿到数据库和密钥，就能看到所有人的资料。`,
    copied: (copied: number, total: number) => `已复制 ${mega(copied)} / ${mega(total)} MB……`,
    checking: '正在核对副本……',
    keys: '正在复制密钥……',
    done: ({ dir, bytes }: LastBackup) => `备份好了：${dir}（${mega(bytes)} MB）。可以用 rehearse 试一下能不能恢复。`,
    none: (data: string) => `${data}：没有这个数据目录。`,
  },
  en: {
    apart: (dir: string) => `The keys go to ${dir}. Keep that folder on another disk: whoever has databases and keys can read everybody’s data.`,
    copied: (copied: number, total: number) => `${mega(copied)} of ${mega(total)} MB copied …`,
    checking: 'Checking the copies …',
    keys: 'Copying the keys …',
    done: ({ dir, bytes }: LastBackup) => `The backup is made: ${dir} (${mega(bytes)} MB). Try with "rehearse" whether it can be restored.`,
    none: (data: string) => `${data}: there is no such data directory.`,
  },
} as const;

/** A folder as the person meant it: npm changes the directory. */
export const folderFrom = (given: string): string => path.resolve(process.env['INIT_CWD'] ?? process.cwd(), given);

/** Errors that are a sentence for the person already. */
export function plainly(error: unknown): never {
  throw error instanceof BackupFailed || error instanceof StoreError || error instanceof ConfigError ? new CommandFailed(error.message) : error;
}

/** Gives the data directory up again; undefined: a gateway runs on it. */
function lockOf(data: string): (() => void) | undefined {
  try {
    return lockData(data);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** By ourselves: no gateway runs, so nobody writes meanwhile. */
async function alone(wish: BackupWish, tell: (state: Omit<BackupState, 'running' | 'last'>) => void): Promise<LastBackup> {
  const at = Date.now();
  const { data, dir, keysDir } = wish;
  try {
    const made = await makeBackup(wish, {
      still: async (pin) => pin(),
      told: (step, copied, total) => tell({ step, copied, total }),
      rest: () => undefined,
      pause: sleep,
      now: Date.now,
    });
    const last: LastBackup = { at: made.at, dir: made.folder, keysDir: made.keysFolder, bytes: made.bytes, ok: true };
    recordBackup(data, last);
    return last;
  } catch (error) {
    recordBackup(data, { at, dir, keysDir, bytes: 0, ok: false, error: error instanceof Error ? error.message : String(error) });
    return plainly(error);
  }
}

/** By the gateway that runs. */
async function asked({ gateway }: CommandPlace, { dir, keysDir, keep }: BackupWish, tell: (state: BackupState) => void): Promise<LastBackup> {
  const local = gateway();
  const body = { type: 'application/json', bytes: Buffer.from(JSON.stringify({ dir, keysDir, keep })) } as const;
  let state = await local.ask(BackupState, { method: 'POST', path: '/backups', body });
  const before = state.last?.at;
  for (; state.running; state = await local.ask(BackupState, { method: 'GET', path: '/backups' })) {
    tell(state);
    await sleep(POLL_MS);
  }
  const { last } = state;
  if (last === undefined || last.at === before) throw new CommandFailed('The gateway was started again meanwhile. Try once more.');
  if (!last.ok) throw new CommandFailed(last.error ?? 'The gateway’s log says why.');
  return last;
}

/** Makes a backup, through the gateway when one runs. True when it was made. */
export async function backUp(place: CommandPlace, options: BackupOptions, terminal: Terminal): Promise<boolean> {
  const words = WORDS[terminal.language];
  const { data } = place;
  if (!existsSync(data)) throw new CommandFailed(words.none(data));
  const dir = folderFrom(options.dir);
  const wish: BackupWish = { data, dir, keysDir: options.keysDir === undefined ? besideOf(dir) : folderFrom(options.keysDir), keep: options.keep };
  terminal.say(words.apart(wish.keysDir));
  let told = '';
  const tell = ({ step, copied, total }: Omit<BackupState, 'running' | 'last'>): void => {
    const tenth = total === 0 ? 0 : Math.floor((copied / total) * 10);
    const line = step === 'copying' ? words.copied(copied, total) : step === 'checking' ? words.checking : step === 'keys' ? words.keys : '';
    if (line !== '' && told !== `${step}${tenth}`) terminal.say(line);
    told = `${step}${tenth}`;
  };
  const release = lockOf(data);
  try {
    const last = release === undefined ? await asked(place, wish, tell) : await alone(wish, tell);
    terminal.say(words.done(last));
    return true;
  } finally {
    release?.();
  }
}
