import { existsSync, statfsSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** What starts processes, opens a browser or takes longer than a moment. All the rest is `unit`: whole in half a minute. */
const SLOW = ['tests/**/*.slow.test.ts', 'tests/{e2e,crash,console,sim,fuzz}/**/*.test.ts'];
/** Of these, what opens a browser or a gateway, waits for it half of the time, and does not need a disk. How fast a start is, is timed: that one runs alone. */
const DESK = ['tests/console/**/*.test.ts', 'tests/e2e/!(start).test.ts', 'tests/fuzz/http*.test.ts'];
/** Rights, commands and the verifier: each keeps one core busy. */
const PAIRS = ['tests/{verify,http,security,cli,register}/**/*.slow.test.ts'];

/** Power cuts and copies on a real disk, and doors that wait: nothing of it is timed. */
const WAITS = [
  'tests/backup/{destroyed,job,killed,make,restore,settle}.slow.test.ts',
  'tests/crash/{storage-trouble,power-cut}.test.ts',
  'tests/crash/{keys-rotate,destroy,journal}.slow.test.ts',
  'tests/journal/journal.slow.test.ts',
  'tests/firmware-sim/{live-faults,board/board}.slow.test.ts',
];

/** Hundreds of small databases that sync each write: in memory where there is room. What is about crashes and disks keeps the real one. */
const MEMORY = '/dev/shm';
const ROOM_BYTES = 2 ** 30;

function roomInMemory(): boolean {
  if (!existsSync(MEMORY)) return false;
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize > ROOM_BYTES;
}

const inMemory: Record<string, string> = roomInMemory() ? { TMPDIR: MEMORY } : {};

// Two cores: unit tests share both and, since no test may keep state in a module, each process loads the gateway once.
// Of the slow ones, those that time nothing run two at a time; the others one, so that what they time is not another test.
export default defineConfig({
  plugins: [svelte()],
  resolve: { conditions: ['browser'] },
  test: {
    pool: 'forks',
    // A page is asked again until it says so; a loaded machine draws it late.
    expect: { poll: { timeout: 10_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/**/*.test.ts'],
          exclude: SLOW,
          isolate: false,
          maxWorkers: 2,
          testTimeout: 10_000,
          hookTimeout: 20_000,
          env: inMemory,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'pairs', include: PAIRS, env: inMemory, maxWorkers: 2, testTimeout: 60_000, hookTimeout: 120_000, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: {
          name: 'desk',
          include: DESK,
          env: inMemory,
          isolate: false,
          maxWorkers: 2,
          maxConcurrency: 2,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: { name: 'waits', include: WAITS, maxWorkers: 2, testTimeout: 60_000, hookTimeout: 120_000, sequence: { groupOrder: 3 } },
      },
      {
        extends: true,
        test: {
          name: 'slow',
          include: SLOW,
          exclude: [...DESK, ...PAIRS, ...WAITS],
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
