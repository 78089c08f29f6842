// The import rules (ARCHITECTURE.md, docs/decisions). Type imports count: a file that only borrows a type still
// breaks when the other one moves. scripts/check.mjs also fails when a file of ours was not looked at.
const PRODUCT = '^(gateway|firmware-sim|console)/';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', comment: 'A cycle cannot be read from one end.', from: {}, to: { circular: true } },
    {
      name: 'core-is-pure',
      severity: 'error',
      comment: 'core/ imports only core/ and wire/pass: no clock, no store, no socket, no package.',
      from: { path: '^gateway/core/' },
      to: { pathNot: '^gateway/(core/|wire/pass)' },
    },
    {
      name: 'wire-is-a-leaf',
      severity: 'error',
      comment: 'wire/ imports only wire/ and what comes with Node; wire/pass also runs in a browser.',
      from: { path: '^gateway/wire/' },
      to: { pathNot: '^gateway/wire/', dependencyTypesNot: ['core'] },
    },
    {
      name: 'pass-runs-in-a-browser',
      severity: 'error',
      from: { path: '^gateway/wire/pass' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'simulator-knows-wire-and-core',
      severity: 'error',
      comment: 'The simulator must not pass a test because it shares the gateway\'s own code.',
      from: { path: '^firmware-sim/' },
      to: { path: '^(gateway|console|prisma)/', pathNot: '^gateway/(wire|core|serial)/' },
    },
    {
      name: 'serial-knows-wire-and-core',
      severity: 'error',
      comment: 'serial/ is the clock and the port of an OSDP line: the gateway, `npm run door` and the simulator drive the same one.',
      from: { path: '^gateway/serial/' },
      to: { path: '^(gateway|console|prisma|firmware-sim)/', pathNot: '^gateway/(serial|wire|core)/' },
    },
    {
      name: 'only-store-sees-the-database',
      severity: 'error',
      from: { path: PRODUCT, pathNot: '^gateway/store/' },
      to: { path: ['(^|/)node_modules/(@prisma|prisma|\\.prisma|better-sqlite3)(/|$)', '^gateway/store/generated/', '^(@prisma/|prisma$|better-sqlite3)'] },
    },
    {
      name: 'console-sees-schemas-and-pass',
      severity: 'error',
      comment: 'The console talks to the gateway over HTTP; it shares the shapes of messages and the pass.',
      from: { path: '^console/' },
      to: { path: '^(gateway|firmware-sim|prisma)/', pathNot: '^gateway/(http/schemas/|wire/pass)' },
    },
    { name: 'nothing-imports-main', severity: 'error', comment: 'The composition root is the end of the line.', from: {}, to: { path: '^gateway/main\\.ts$' } },
    { name: 'product-does-not-import-tests', severity: 'error', from: { path: '^(gateway|firmware-sim|console|prisma)/' }, to: { path: '^(tests|scripts)/' } },
    { name: 'imports-exist', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^gateway/store/generated', '^dist/'] },
    exclude: { path: ['(^|/)planted-\\d+-[^/]*$'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types', 'svelte'], extensions: ['.ts', '.svelte', '.js', '.mjs', '.json'] },
    skipAnalysisNotInRules: true,
  },
};
