import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Backups, createBackups } from '../../gateway/backup/job.ts';
import type { NightlyBackup } from '../../gateway/config.ts';
import { dateAt, DAY_MS, startOfDay } from '../../gateway/core/local-date.ts';
import { lastBackup } from '../../gateway/machine/backups.ts';
import { createWriteQueue } from '../../gateway/store/write-queue.ts';
import { type BackupSite, backupSite } from './backup-site.ts';

const WORKER = new URL('../../dist/gateway/backup/worker.js', import.meta.url);
const HOUR = 3_600_000;
/** Days to come, so that a backup made now is none of that night. */
const DAY = startOfDay(dateAt(Date.now() + 10 * DAY_MS));

let here: BackupSite;
let backups: Backups;
let words: string[];
let errors: string[];
let writes: number;
beforeEach(async () => {
  here = await backupSite();
  [words, errors, writes] = [[], [], 0];
});
afterEach(async () => {
  await backups.close();
  here.remove();
});

function job(nightly?: NightlyBackup, clock = Date.now): Backups {
  const queue = createWriteQueue();
  const write = <T>(work: (db: never) => Promise<T>): Promise<T> => {
    writes += 1;
    return queue.run(() => work({} as never));
  };
  backups = createBackups({
    data: here.data,
    register: { write },
    nightly,
    made: async (line) => words.push(line),
    onError: (error) => void errors.push(String(error)),
    clock,
    worker: WORKER,
  });
  return backups;
}
const ended = () => vi.waitFor(() => expect(backups.state().running).toBe(false), { timeout: 20_000, interval: 20 });
const nightly = (): NightlyBackup => ({ dir: here.dir, keysDir: here.keysDir, keep: 2, at: 3 * HOUR });

describe('backups of the running gateway', () => {
  test('are made in a thread of their own, with the register still for a moment; the log and the data directory say so', async () => {
    const { dir, keysDir } = here;
    expect(job().start({ dir, keysDir, keep: 14 })).toMatchObject({ running: true });
    expect(backups.start({ dir: '/elsewhere', keysDir, keep: 1 }).running).toBe(true);
    await ended();
    const { last } = backups.state();
    expect([errors, last?.ok, writes]).toEqual([[], true, 1]);
    expect(lastBackup(here.data)).toEqual(last);
    expect(words).toEqual([expect.stringMatching(/^change \d+, entry 100, 1 MB$/)]);
    expect(existsSync(path.join(last?.dir ?? '', 'manifest.json'))).toBe(true);
  });

  test('that fail say why, and count as failed until the next', async () => {
    job().start({ dir: '/proc/doorbook', keysDir: here.keysDir, keep: 14 });
    await ended();
    expect(backups.state().last).toMatchObject({ ok: false, dir: '/proc/doorbook', error: expect.stringContaining('/proc/doorbook') });
    expect([words, errors.length]).toEqual([[], 1]);
    expect(JSON.parse(readFileSync(path.join(here.data, 'backups.json'), 'utf8')).last.ok).toBe(false);
  });

  test('begin by themselves once a night, also late, and not for a night that is long over', async () => {
    let now = DAY + 2 * HOUR;
    job(nightly(), () => now);
    const tick = async (at: number): Promise<boolean> => {
      now = at;
      backups.tick(now);
      const { running } = backups.state();
      await ended();
      return running;
    };
    expect(await tick(DAY + 3 * HOUR - 1)).toBe(false);
    expect(await tick(DAY + 5 * HOUR)).toBe(true);
    expect(await tick(DAY + 6 * HOUR)).toBe(false);
    expect(await tick(DAY + 24 * HOUR + 16 * HOUR)).toBe(false);
    expect(await tick(DAY + 48 * HOUR + 3 * HOUR)).toBe(true);
    expect(errors).toEqual([]);
  });

  test('are given up when the gateway stops, and nothing of them stays', async () => {
    job().start({ dir: here.dir, keysDir: here.keysDir, keep: 14 });
    await vi.waitFor(() => expect(backups.state().step).not.toBe('waiting'), { timeout: 10_000, interval: 1 });
    await backups.close();
    const left = [here.dir, here.keysDir].flatMap((dir) => (existsSync(dir) ? readdirSync(dir) : []));
    expect(left.filter((name) => name.endsWith('.partial'))).toEqual([]);
  });
});
