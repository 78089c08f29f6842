import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, type statfsSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openReserve } from '../../gateway/journal/reserve.ts';

/** What is free on the disk, where a test says so: in blocks of 4 KiB. */
let free: number | undefined;
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const statfs = (path: string): ReturnType<typeof statfsSync> => ({ ...real.statfsSync(path), ...(free === undefined ? {} : { bavail: free, bsize: 4096 }) });
  return { ...real, statfsSync: statfs };
});

const BYTES = 16 * 1024 * 1024;
let dir = '';
let file = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'doorbook-reserve-'));
  file = join(dir, 'journal.reserve');
});
afterEach(() => {
  free = undefined;
  rmSync(dir, { recursive: true, force: true });
});

describe('the reserve', () => {
  test('holds 16 MiB that no file system can store in less, for this user alone', () => {
    openReserve(file);
    const { size, mode } = statSync(file);
    expect([size, mode & 0o777]).toEqual([BYTES, 0o600]);
    const bytes = readFileSync(file);
    for (const from of [0, BYTES / 2, BYTES - 4096]) expect(new Set(bytes.subarray(from, from + 4096)).size).toBe(256);
  });

  test('keeps no handle open', () => {
    openReserve(file);
    const open = readdirSync('/proc/self/fd').flatMap((fd) => {
      const path = join('/proc/self/fd', fd);
      return existsSync(path) ? [readlinkSync(path)] : [];
    });
    expect(open).not.toContain(file);
  });

  test('is given up once, and taken back once', () => {
    const reserve = openReserve(file);
    expect(reserve.restore()).toBe(false);
    expect([reserve.release(), existsSync(file)]).toEqual([true, false]);
    expect(reserve.release()).toBe(false);
    expect([reserve.restore(), statSync(file).size]).toEqual([true, BYTES]);
    expect(reserve.restore()).toBe(false);
  });

  test('that was only half written is not one, and is written anew', () => {
    const reserve = openReserve(file);
    truncateSync(file, BYTES - 1);
    expect([reserve.release(), existsSync(file)]).toEqual([false, false]);
    writeFileSync(file, 'x');
    expect([reserve.restore(), statSync(file).size]).toEqual([true, BYTES]);
  });

  test('that is there is left as it is', () => {
    openReserve(file);
    const before = statSync(file).ino;
    const bytes = readFileSync(file).subarray(0, 64);
    expect(openReserve(file).restore()).toBe(false);
    expect([statSync(file).ino, readFileSync(file).subarray(0, 64)]).toEqual([before, bytes]);
  });

  test('where it cannot be written is not held, and nothing is thrown', () => {
    const reserve = openReserve(join(dir, 'gone', 'journal.reserve'));
    expect([reserve.restore(), reserve.release()]).toEqual([false, false]);
  });
  test.each([
    ['is not taken while as much would not be left besides', (2 * BYTES) / 4096 - 1, false],
    ['is taken from the block on that leaves as much besides', (2 * BYTES) / 4096, true],
  ])('%s', (_, blocks, taken) => {
    const reserve = openReserve(file);
    reserve.release();
    free = blocks;
    expect([reserve.restore(), existsSync(file)]).toEqual([taken, taken]);
  });

  test('is not made on a disk that has no room for it, and what is left of an old one stays', () => {
    free = 0;
    writeFileSync(file, 'x');
    openReserve(file);
    expect(readFileSync(file, 'utf8')).toBe('x');
  });
});
