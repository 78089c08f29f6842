import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** The unit tests that mutants of one area are shown to (tests/mutation/areas.json), with properties on a fixed seed. */
export default defineConfig({
  test: {
    include: [process.env.MUTATION_TESTS ?? 'tests/{core,unlock,journal,wire}/**/*.test.ts'],
    exclude: ['tests/**/*.slow.test.ts'],
    setupFiles: ['tests/mutation/seed.mjs'],
    env: existsSync('/dev/shm') ? { TMPDIR: '/dev/shm' } : {},
    testTimeout: 20_000,
  },
});
