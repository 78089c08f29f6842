/**
 * `npm run crash:soak -- --kills 10000 --images 50000`: the crash tests of tests/crash with other numbers than in CI, and
 * another seed each time unless one is given. Exit code 0 only when nothing was lost, doubled or let in.
 */
import { randomInt } from 'node:crypto';
import { node } from './lib/proc.mjs';
import { prepare } from './prepare.mjs';

/** What can be set: the variable the tests read, and its files. */
const PARTS = {
  kills: { variable: 'CRASH_KILLS', files: ['kill.test.ts'], what: 'kills of the whole gateway under load' },
  writers: { variable: 'JOURNAL_KILLS', files: ['journal.slow.test.ts'], what: 'kills of the journal writer' },
  images: { variable: 'CRASH_IMAGES', files: ['power-cut.test.ts'], what: 'images of a disk after a power cut' },
  lies: { variable: 'CRASH_LIES', files: ['lying-disk.test.ts'], what: 'lies of a disk, for each of five kinds' },
  io: { variable: 'CRASH_IO_REPEAT', files: ['storage-trouble.test.ts'], what: 'times that each of the first 200 writes and flushes fails' },
  full: { variable: 'CRASH_FULL', files: ['storage-trouble.test.ts'], what: 'times the disk is full' },
  locked: { variable: 'CRASH_LOCK_MS', files: ['storage-trouble.test.ts'], what: 'milliseconds a database is locked' },
  entries: { variable: 'CRASH_ENTRIES', files: ['big-log.test.ts'], what: 'entries in the log that is opened after a kill' },
};

const usage = (message) => {
  const lines = Object.entries(PARTS).map(([name, { what }]) => `  --${name.padEnd(8)} N   ${what}`);
  console.error(`${message}\n\nnpm run crash:soak -- [--seed N] and at least one of\n${lines.join('\n')}`);
  process.exit(2);
};

function readArguments(args) {
  const asked = new Map();
  for (let at = 0; at < args.length; at += 2) {
    const [name, value] = [args[at].replace(/^--/, ''), Number(args[at + 1])];
    if (!(name in PARTS) && name !== 'seed') usage(`${args[at]} is not known.`);
    if (!Number.isSafeInteger(value) || value < 1) usage(`${args[at]}: expected a whole number, got ${args[at + 1]}.`);
    asked.set(name, value);
  }
  if ([...asked.keys()].every((name) => name === 'seed')) usage('Nothing to do.');
  return asked;
}

const asked = readArguments(process.argv.slice(2));
const seed = asked.get('seed') ?? randomInt(1, 2 ** 31);
await prepare({ upTo: 'code' });
const parts = Object.entries(PARTS).filter(([name]) => asked.has(name));
const files = [...new Set(parts.flatMap(([, part]) => part.files))].map((file) => `tests/crash/${file}`);
const env = { CI: 'true', CRASH_SEED: String(seed), ...Object.fromEntries(parts.map(([name, { variable }]) => [variable, String(asked.get(name))])) };
console.log(`seed ${seed}: ${parts.map(([name, { what }]) => `${asked.get(name)} ${what}`).join(', ')}`);
const started = performance.now();
const { ok } = await node('node_modules/vitest/vitest.mjs', ['run', '--project', 'waits', '--project', 'slow', ...files], { show: true, env });
console.log(`${ok ? '✓' : '✗'} ${((performance.now() - started) / 60_000).toFixed(1)} minutes, seed ${seed}`);
process.exitCode = ok ? 0 : 1;
