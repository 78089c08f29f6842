// Settings of the mutation tests. Which files, tests and floors: tests/mutation/areas.json; `npm run mutation` runs them.
export default {
  testRunner: 'vitest',
  plugins: ['@stryker-mutator/vitest-runner', './tests/mutation/ignore.mjs'],
  vitest: { configFile: 'vitest.mutation.config.ts', related: true },
  coverageAnalysis: 'perTest',
  ignorers: ['error-texts'],
  // Only what the unit tests of these areas read is copied.
  ignorePatterns: [
    '*',
    '!gateway/**',
    'gateway/http',
    '!firmware-sim/**',
    '!prisma/**',
    '!tests',
    '!tests/{core,unlock,journal,wire,helpers,mutation}/**',
    '!package.json',
    '!tsconfig.json',
    '!vitest.mutation.config.ts',
  ],
  tempDirName: 'reports/mutation/sandbox',
  concurrency: Number(process.env.MUTATION_WORKERS ?? 2),
  reporters: process.env.MUTATION_PROGRESS === undefined ? ['json'] : ['json', 'progress-append-only'],
  jsonReporter: { fileName: 'reports/mutation/report.json' },
  timeoutMS: 8000,
  warnings: { slow: false },
};
