import { existsSync, statfsSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** What starts processes, opens a browser or takes longer than a moment. All the rest is `unit`: whole in half a minute. */
const SLOW = ['tests/**/*.slow.test.ts', 'tests/{e2e,crash,console,sim,fuzz}/**/*.test.ts'];

/** Unit tests make hundreds of small databases that sync each write: in memory where there is room. The slow ones keep the real disk. */
const MEMORY = '/dev/shm';
const ROOM_BYTES = 2 ** 30;

function roomInMemory(): boolean {
  if (!existsSync(MEMORY)) return false;
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize > ROOM_BYTES;
}

// Two cores: unit tests share both and, since no test may keep state in a module, each process loads the gateway once.
// Slow ones run one file at a time, so that what they time is not another test.
export default defineConfig({
  plugins: [svelte()],
  resolve: { conditions: ['browser'] },
  test: {
    pool: 'forks',
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
          env: roomInMemory() ? { TMPDIR: MEMORY } : {},
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'slow', include: SLOW, fileParallelism: false, testTimeout: 60_000, hookTimeout: 120_000, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
