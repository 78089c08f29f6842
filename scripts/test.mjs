/**
 * `npm test`: everything from a fresh clone: packages, build, checks, tests; then the minutes of each part and, as the
 * last line, the totals. `--quick` leaves out what starts processes or a browser and takes under a minute.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runChecks } from './check.mjs';
import { systemPackages } from './lib/debian.mjs';
import { root } from './lib/root.mjs';
import { StepError } from './lib/steps.mjs';
import { needsBrowser, partOf, vitest } from './lib/vitest.mjs';
import { mutation } from './mutation.mjs';
import { prepare } from './prepare.mjs';

const quick = process.argv.includes('--quick');
const onCi = process.env.CI === 'true';
const spent = new Map();
const total = { passed: 0, failed: 0, skipped: 0 };
/** For mutants of what changed since they were measured: docs/testing.md. */
const MUTATION_MINUTES = 4;
/** The same suite takes a tenth more or less from one hour to the next, as the machine lets it. */
const OUTGROWN = 1.2;
const spend = (part, seconds) => spent.set(part, (spent.get(part) ?? 0) + seconds);

async function timed(part, work) {
  const started = performance.now();
  try {
    return await work();
  } finally {
    spend(part, (performance.now() - started) / 1000);
  }
}

function add({ passed = 0, failed = 0, skipped = 0 }) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
}

/** Browser test files that cannot run here, said plainly; on CI that is a failure, not a footnote. */
async function unrunnable() {
  const reason = await systemPackages(console.log);
  if (reason === undefined) return [];
  const files = needsBrowser();
  console.log(`✗ skipped ${files.length} browser test files: ${reason}`);
  add(onCi ? { failed: files.length } : { skipped: files.length });
  return files;
}

function tell(error) {
  const plain = error instanceof StepError ? [error.output.trimEnd(), error.message] : [error.stack];
  console.error(plain.filter(Boolean).join('\n'));
  add({ failed: 1 });
}

/** Code with a type error is still compiled, so the rest can go on and say more. */
const build = () => prepare({ say: (line) => /packages|client/.test(line) || console.log(line), upTo: quick ? 'code' : 'console' }).catch(tell);

async function everything() {
  const started = performance.now();
  const [exclude] = await timed('install', () => Promise.all([quick ? [] : unrunnable(), prepare({ upTo: 'client' })]));
  await timed('build', build);
  add(await timed('check', () => runChecks()));
  for (const project of quick ? ['unit'] : ['unit', 'pairs']) {
    const sideBySide = await vitest(project, exclude);
    add(sideBySide);
    spend(project, sideBySide.seconds);
  }
  if (!quick) {
    for (const project of ['desk', 'waits', 'slow']) {
      const done = await vitest(project, exclude);
      add(done);
      // Files that run side by side share the minutes they took together.
      const sum = done.files.reduce((all, { seconds }) => all + seconds, 0);
      for (const { file, seconds } of done.files) spend(partOf(file), (seconds / sum) * done.seconds);
    }
    const mutants = await timed('mutation', () => mutation({ changed: true, minutes: MUTATION_MINUTES, write: false }));
    // A change whose mutants nobody measured is not known to be tested.
    add(onCi ? { ...mutants, failed: mutants.failed + mutants.skipped, skipped: 0 } : mutants);
  }
  return (performance.now() - started) / 60_000;
}

function table(minutes) {
  const budget = JSON.parse(readFileSync(path.join(root, 'tests/repo/budget.json'), 'utf8'));
  const limit = quick ? budget.quickMinutes : budget.totalMinutes;
  const row = (name, took, most) => `${name.padEnd(12)}${took.toFixed(1).padStart(7)}${String(most).padStart(8)}${took > most ? '  over' : ''}`;
  console.log(
    ['', 'part        minutes  budget', ...[...spent].map(([part, seconds]) => row(part, seconds / 60, budget.parts[part] ?? 0)), row('total', minutes, limit)].join('\n'),
  );
  // The table says what is over; a busy machine alone fails nothing, a suite that has outgrown its budget by a fifth does.
  if (!quick && minutes > limit * OUTGROWN) add({ failed: 1 });
}

try {
  table(await everything());
} catch (error) {
  tell(error);
}
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`);
process.exitCode = total.failed === 0 ? 0 : 1;
