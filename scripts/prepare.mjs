/**
 * Brings a clone to where it can run: packages, native module, Prisma client, compiled code, console. Each step is
 * skipped when what it would make is already there and made from the same files. `npm run build` runs just this.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashOf, shapeOf, walk } from './lib/files.mjs';
import { withLock } from './lib/lock.mjs';
import { node, npm } from './lib/proc.mjs';
import { cache, root } from './lib/root.mjs';
import { giveUp, StepError, step } from './lib/steps.mjs';

const COMPILED = ['gateway', 'firmware-sim', 'prisma'];
const GENERATED = 'gateway/store/generated';
/** In dist, which npm ci leaves alone: the lock must outlive node_modules. */
const LOCK = path.join(root, 'dist', '.preparing');

/** The first Node of each line that Vite and Prisma accept; their own refusals are hard to read. */
const FIRST_NODE = { 20: 19, 22: 12 };

/** One plain sentence when this Node cannot run Doorbook, else undefined. */
export function nodeRefusal(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  const first = FIRST_NODE[major];
  if (first !== undefined ? minor >= first : major >= 24) return undefined;
  return `Doorbook needs Node 20.19 or newer (22.12 or newer, 24 or newer); this is Node ${version}.`;
}

function stamp(name) {
  try {
    return JSON.parse(readFileSync(path.join(cache, `${name}.json`), 'utf8'));
  } catch {
    return {};
  }
}

function writeStamp(name, value) {
  mkdirSync(cache, { recursive: true });
  writeFileSync(path.join(cache, `${name}.json`), JSON.stringify(value));
}

/** What npm says it installed (its own record in node_modules) is what the lockfile asks for. */
function installedMatchesLock() {
  const record = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(record, 'utf8')).packages;
  return Object.entries(wanted).every(([where, entry]) => where === '' || entry.optional || entry.link || present[where]?.version === entry.version);
}

async function install() {
  const lock = hashOf(['package-lock.json']);
  const { lock: before } = stamp('packages');
  if (before === lock && existsSync(path.join(root, 'node_modules', '.package-lock.json'))) return false;
  if (before === undefined && installedMatchesLock()) {
    writeStamp('packages', { lock });
    return false;
  }
  const done = await npm(['ci', '--include=dev', '--no-fund', '--no-audit']);
  if (!done.ok) throw new StepError('The packages could not be installed. Is the network up? npm said the above.', done.output);
  writeStamp('packages', { lock });
  return true;
}

/** In a process of its own: a module built for another Node can end the process that loads it. */
const nativeLoads = () => node('scripts/lib/native-check.mjs', []);

async function rebuildNative() {
  await npm(['rebuild', 'better-sqlite3']);
  const again = await nativeLoads();
  if (!again.ok) throw new StepError('The database module better-sqlite3 does not load and could not be rebuilt: a C++ compiler, make and Python 3 are needed.', again.output);
}

/** Steps made from files: what goes in, what comes out, and how. */
const generateStep = {
  name: 'generated',
  words: { doing: 'generating the database client', done: 'generated the database client', same: 'database client unchanged' },
  inputs: () => [...walk('prisma', /\.prisma$/), 'prisma.config.ts', 'scripts/db.mjs', 'node_modules/prisma/package.json'],
  outputs: () => walk(GENERATED, /./, new Set()),
  make: () => node('scripts/db.mjs', ['generate']),
};

const compileStep = {
  name: 'compiled',
  words: { doing: 'compiling', done: 'compiled', same: 'compiled code unchanged' },
  inputs: () => ['tsconfig.json', 'package-lock.json', ...walk(GENERATED, /./, new Set()), ...COMPILED.flatMap((folder) => walk(folder, /\.ts$/))],
  outputs: () => COMPILED.flatMap((folder) => walk(`dist/${folder}`, /\.js$/, new Set())),
  async make() {
    // tsc trusts its own notes about what it wrote; after a deletion in dist they are wrong.
    if (compileStep.expected().some((file) => !existsSync(path.join(root, file)))) rmSync(path.join(root, 'dist/.tsbuildinfo'), { force: true });
    const done = await node('node_modules/typescript/bin/tsc', ['-p', 'tsconfig.json']);
    const wanted = new Set(compileStep.expected());
    for (const file of compileStep.outputs()) if (!wanted.has(file)) rmSync(path.join(root, file));
    return done;
  },
  expected: () =>
    [...COMPILED.flatMap((folder) => walk(folder, /\.ts$/)), ...walk(GENERATED, /\.ts$/, new Set())]
      .filter((file) => !file.endsWith('.d.ts'))
      .map((file) => `dist/${file.replace(/\.ts$/, '.js')}`),
};

const PASSWORDS = 'dist/common-passwords.txt';

/** Passwords people use most, one a line, the most common first: what a new password is checked against, without the network. */
const passwordStep = {
  name: 'passwords',
  words: { doing: 'writing the list of common passwords', done: 'wrote the list of common passwords', same: 'list of common passwords unchanged' },
  inputs: () => ['scripts/prepare.mjs', 'node_modules/@zxcvbn-ts/language-common/package.json'],
  outputs: () => walk(PASSWORDS),
  async make() {
    const { dictionary } = await import('@zxcvbn-ts/language-common');
    const list = dictionary['passwords-common'];
    mkdirSync(path.join(root, 'dist'), { recursive: true });
    writeFileSync(path.join(root, PASSWORDS), list.map((password) => password.toLowerCase()).join('\n'));
    return { ok: list.length >= 3000, output: `the package gave ${list.length} passwords` };
  },
};

const consoleStep = {
  name: 'console',
  words: { doing: 'building the console', done: 'built the console', same: 'console unchanged' },
  inputs: () => ['package-lock.json', ...walk('vite.config.ts'), ...walk('console'), ...walk('gateway/http/schemas'), ...walk('gateway/wire')],
  outputs: () => walk('dist/console', /./, new Set()),
  make: () => node('node_modules/vite/bin/vite.js', ['build', '--logLevel', 'warn', ...viteConfig()], { env: { NODE_ENV: 'production' } }),
};

function viteConfig() {
  const file = ['vite.config.ts', 'console/vite.config.ts'].find((place) => existsSync(path.join(root, place)));
  return file ? ['--config', file] : [];
}

async function make(part, say) {
  const inputs = hashOf(part.inputs());
  const before = stamp(part.name);
  const outputs = part.outputs();
  if (before.inputs === inputs && outputs.length > 0 && before.outputs === shapeOf(outputs)) {
    say(`· ${part.words.same}`);
    return;
  }
  await step(part.words, say, async () => {
    const done = await part.make();
    if (!done.ok) throw new StepError(`Stopped while ${part.words.doing}.`, done.output);
    writeStamp(part.name, { inputs, outputs: shapeOf(part.outputs()) });
  });
}

async function packages(say) {
  let changed = false;
  const words = { doing: 'installing packages (the first time a few minutes)', done: 'installed packages' };
  const held = [];
  await step(
    words,
    (line) => (line.startsWith('✓') ? held.push(line) : say(line)),
    async () => {
      changed = await install();
    },
  );
  say(changed ? held[0] : '· packages unchanged');
}

/**
 * @param {{ say?: (line: string) => void, upTo?: 'client' | 'code' | 'console' }} [options] how far: the database
 *   client is enough to check types, the code for the command line, the console for everything
 */
export async function prepare({ say = console.log, upTo = 'console' } = {}) {
  const refusal = nodeRefusal();
  if (refusal) throw new StepError(refusal);
  await withLock(
    LOCK,
    async () => {
      await packages(say);
      if (!(await nativeLoads()).ok) await step({ doing: 'rebuilding the database module', done: 'rebuilt the database module' }, say, rebuildNative);
      await make(generateStep, say);
      if (upTo === 'client') return;
      const parts = upTo === 'code' ? [passwordStep, compileStep] : [passwordStep, compileStep, consoleStep];
      const ended = await Promise.allSettled(parts.map((part) => make(part, say)));
      const failed = ended.filter((end) => end.status === 'rejected').map((end) => end.reason);
      if (failed.length > 0) throw new StepError(failed.map((error) => error.message).join('\n'), failed.map((error) => error.output ?? error.stack).join('\n'));
    },
    (pid) => say(`… another start is preparing (process ${pid}), waiting for it`),
  );
}

/** For commands whose output is read by programs: says nothing when nothing is to do, and never on stdout. */
export function prepareQuietly(upTo) {
  return prepare({ upTo, say: (line) => line.startsWith('·') || console.error(line) });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await prepare().catch(giveUp);
