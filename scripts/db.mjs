#!/usr/bin/env node
/**
 * `npm run db -- generate | validate | format | migrate ...`: the Prisma command line, also where its engine cannot
 * be downloaded. Whoever has the engine, or names one in PRISMA_SCHEMA_ENGINE_BINARY, gets plain Prisma.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const STAND_IN = path.join(root, 'scripts', 'schema-engine.mjs');
const ENGINE_HOST = 'https://binaries.prisma.sh';
/** They read the schema only, in WebAssembly: fetching 20 MB of engine for them would be waste. */
const NEEDS_NO_ENGINE = new Set(['generate', 'validate', 'format']);

function engineIsInstalled() {
  const ofPrisma = createRequire(require.resolve('prisma/package.json'));
  const folder = path.dirname(ofPrisma.resolve('@prisma/engines/package.json'));
  return readdirSync(folder).some((name) => name.startsWith('schema-engine-') && !name.endsWith('.tmp'));
}

async function engineCanBeFetched() {
  if (process.env.DOORBOOK_OFFLINE === '1') return false;
  const mirror = process.env.PRISMA_ENGINES_MIRROR ?? ENGINE_HOST;
  return fetch(mirror, { method: 'HEAD', signal: AbortSignal.timeout(3000) }).then(
    () => true,
    () => false,
  );
}

async function environment(command) {
  if (process.env.PRISMA_SCHEMA_ENGINE_BINARY) return process.env;
  if (!NEEDS_NO_ENGINE.has(command) && (engineIsInstalled() || (await engineCanBeFetched()))) return process.env;
  return { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: STAND_IN };
}

const args = process.argv.slice(2);
if (args.length === 0) {
  console.error('Usage: npm run db -- generate | validate | format | migrate dev --name NAME | migrate deploy | migrate status');
  process.exit(2);
}
if (args[0] === 'migrate' && process.env.DATABASE_URL === undefined) mkdirSync(path.resolve(root, process.env.DOORBOOK_DATA ?? 'data'), { recursive: true, mode: 0o700 });
const prisma = path.join(path.dirname(require.resolve('prisma/package.json')), 'build', 'index.js');
const quiet = { CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' };
const done = spawnSync(process.execPath, [prisma, ...args], { cwd: root, stdio: 'inherit', env: { ...(await environment(args[0])), ...quiet } });
if (done.error) console.error(done.error.message);
process.exit(done.status ?? 1);
