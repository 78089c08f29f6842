import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** What starts processes, opens a browser or takes longer than a moment. All the rest is `unit`: whole in seconds. */
const SLOW = ['tests/**/*.slow.test.ts', 'tests/{e2e,crash,console,sim,fuzz}/**/*.test.ts'];

// Two cores: unit tests share both; slow ones run one file at a time, so that what they time is not another test.
export default defineConfig({
  plugins: [svelte()],
  resolve: { conditions: ['browser'] },
  test: {
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['tests/**/*.test.ts'], exclude: SLOW, maxWorkers: 2, testTimeout: 10_000, hookTimeout: 20_000, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: { name: 'slow', include: SLOW, fileParallelism: false, testTimeout: 60_000, hookTimeout: 120_000, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
