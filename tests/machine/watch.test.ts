import { beforeEach, describe, expect, test } from 'vitest';
import { createAlarms } from '../../gateway/alarms.ts';
import type { AlarmKind } from '../../gateway/alarm-words.ts';
import { keepWatching, type MachineWatch, watchMachine } from '../../gateway/machine/watch.ts';

const DAY = 86_400_000;
const [HOUR, MINUTE] = [3_600_000, 60_000];
const START = Date.UTC(2026, 10, 1);

let time: { wall: number; up: number };
let disk: { used: number; free: number };
let backup: 'fresh' | 'old' | 'none' | 'failed';
let noted: AlarmKind[];
let raised: () => string[];
let watch: MachineWatch;

/** Time goes by, on both clocks alike. */
async function later(ms: number): Promise<string[]> {
  time = { wall: time.wall + ms, up: time.up + ms };
  await watch.tick();
  return raised();
}

beforeEach(() => {
  time = { wall: START, up: 1000 };
  disk = { used: 50, free: 50 };
  backup = 'fresh';
  noted = [];
  const alarms = createAlarms(() => time.wall, { error: () => undefined, warn: () => undefined });
  raised = () => alarms.current().map(({ what }) => what);
  watch = watchMachine({ alarms, now: () => time.wall, uptime: () => time.up, disk: async () => disk, backup: () => backup, note: (what) => void noted.push(what) });
});

describe('the disk', () => {
  test('at 80 % and at 95 % there is an alarm and an entry, once, and again each day while it lasts', async () => {
    expect(await later(MINUTE)).toEqual([]);
    disk = { used: 79, free: 21 };
    expect(await later(MINUTE)).toEqual([]);
    disk = { used: 80, free: 20 };
    expect(await later(MINUTE)).toEqual(['disk-80']);
    for (let hours = 0; hours < 49; hours += 1) await later(HOUR);
    expect(noted).toEqual(['disk-80', 'disk-80', 'disk-80']);
    disk = { used: 96, free: 4 };
    expect(await later(MINUTE)).toEqual(['disk-80', 'disk-95']);
    expect(noted.at(-1)).toBe('disk-95');
  });

  test('just below the mark it is not over yet; clearly below it is, and is told anew when it comes back', async () => {
    disk = { used: 81, free: 19 };
    await later(MINUTE);
    disk = { used: 79, free: 21 };
    expect(await later(MINUTE)).toEqual(['disk-80']);
    disk = { used: 77, free: 23 };
    expect(await later(MINUTE)).toEqual([]);
    disk = { used: 81, free: 19 };
    expect(await later(MINUTE)).toEqual(['disk-80']);
    expect(noted).toEqual(['disk-80', 'disk-80']);
  });

  test('one that cannot be asked stops nothing else', async () => {
    const failed: unknown[] = [];
    const alarms = createAlarms(() => 0, { error: () => undefined, warn: () => undefined });
    const parts = { alarms, now: () => 0, uptime: () => 0, note: () => undefined };
    const stop = keepWatching(watchMachine({ ...parts, disk: () => Promise.reject(new Error('gone')), backup: () => 'failed' }), 5, (error) => void failed.push(error));
    await expect.poll(() => failed.length).toBeGreaterThan(1);
    stop();
    expect(alarms.isRaised('backup-failed')).toBe(true);
  });
});

describe('the clock', () => {
  test.each([6 * MINUTE, -6 * MINUTE, 10 * 365 * DAY, -10 * 365 * DAY])('a jump by %d ms is an alarm and an entry', async (jump) => {
    await later(HOUR);
    time.wall += jump;
    expect(await later(MINUTE)).toEqual(['clock-jump']);
    expect(noted).toEqual(['clock-jump']);
  });

  test('being set by less than five minutes, and slow drift, is none', async () => {
    time.wall += 4 * MINUTE;
    expect(await later(MINUTE)).toEqual([]);
    for (let days = 0; days < 10; days += 1) {
      time.wall += 5000;
      expect(await later(DAY)).toEqual([]);
    }
  });

  test('set right again it is over; left alone, it is over after a day', async () => {
    time.wall += HOUR;
    expect(await later(MINUTE)).toEqual(['clock-jump']);
    time.wall -= HOUR;
    expect(await later(MINUTE)).toEqual([]);
    time.wall += HOUR;
    expect(await later(MINUTE)).toEqual(['clock-jump']);
    expect(await later(23 * HOUR)).toEqual(['clock-jump']);
    expect(await later(2 * HOUR)).toEqual([]);
    expect(await later(HOUR)).toEqual([]);
    time.wall -= HOUR;
    expect(await later(MINUTE)).toEqual(['clock-jump']);
  });
});

describe('backups', () => {
  test('one that is overdue, was never made or failed is an alarm until there is a good one', async () => {
    for (const [state, alarm] of [
      ['none', 'backup-overdue'],
      ['failed', 'backup-failed'],
      ['old', 'backup-overdue'],
    ] as const) {
      backup = state;
      expect(await later(MINUTE)).toEqual([alarm]);
    }
    backup = 'fresh';
    expect(await later(MINUTE)).toEqual([]);
    expect(noted).toEqual(['backup-overdue', 'backup-failed', 'backup-overdue']);
  });
});
