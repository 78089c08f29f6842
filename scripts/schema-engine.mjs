#!/usr/bin/env node
/**
 * Stands in for Prisma's schema-engine binary where it cannot be downloaded (docs: storage.md 1.2). It speaks the
 * same command line and the same line-delimited JSON-RPC on stdin and stdout, and hands every method to the very
 * same Rust code, which npm carries as WebAssembly (@prisma/schema-engine-wasm). SQLite only.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';

/** Codes of Prisma's own engine, which the command line knows how to put into words. */
const DATABASE_MISSING = 'P1003';
const TABLE_MISSING = 'P1014';

/** The engine reports a panic through this global before it traps. */
globalThis.PRISMA_WASM_PANIC_REGISTRY = { set_message: (message) => log(message) };

/** One log line of the engine. The command line drops whatever comes before the first line end. */
function log(message, code) {
  process.stderr.write(`\n${JSON.stringify({ level: 'ERROR', target: 'schema_engine::logger', fields: { message, error_code: code } })}\n`);
}

function parseArguments(args) {
  const parsed = { datamodels: [], url: process.env.DATABASE_URL, version: false, words: [] };
  const rest = [...args];
  while (rest.length > 0) {
    const arg = rest.shift();
    if (arg === '--version') parsed.version = true;
    else if (arg === '--datamodels') parsed.datamodels.push(rest.shift());
    else if (arg === '--datasource') parsed.url = JSON.parse(rest.shift()).url ?? parsed.url;
    else if (arg.startsWith('--')) rest.shift();
    else parsed.words.push(arg);
  }
  return parsed;
}

/** Path of the database file, or undefined when no database was named. */
function databaseFile(url) {
  if (url === undefined) return undefined;
  if (!url.startsWith('file:')) throw new Error('This stand-in for the schema engine knows SQLite only (file:...).');
  return path.resolve(url.slice('file:'.length).replace(/\?.*$/, ''));
}

async function loadEngine() {
  const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg');
  const wasm = path.join(path.dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')), 'schema_engine_bg.wasm');
  const { instance } = await WebAssembly.instantiate(readFileSync(wasm), { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return bindings;
}

/** `cli can-connect-to-database` and `cli create-database`: the exit code is the answer. */
function databaseCommand(word, file) {
  if (existsSync(file)) return 0;
  if (word === 'create-database') {
    writeFileSync(file, '');
    return 0;
  }
  log('The database file does not exist.', DATABASE_MISSING);
  return 1;
}

/** The schemas a request carries itself: `migrate diff` gives none on the command line. */
function schemasOf(params) {
  const holder = [params?.from, params?.to, params?.schema].find((part) => part?.files?.length > 0);
  return holder?.files.map((file) => [file.path, file.content]);
}

/** For the shadow database the engine sends a whole migration where one statement is meant; the driver takes that only as a script. */
function adapterFactory(file) {
  const factory = new PrismaBetterSqlite3({ url: file === undefined ? ':memory:' : `file:${file}` });
  const connectToShadowDb = factory.connectToShadowDb.bind(factory);
  factory.connectToShadowDb = async () => {
    const shadow = await connectToShadowDb();
    const executeRaw = shadow.executeRaw.bind(shadow);
    shadow.executeRaw = (query) => (query.args.length === 0 ? shadow.executeScript(query.sql).then(() => 0) : executeRaw(query));
    return shadow;
  };
  return factory;
}

function createSession(bindings, { datamodels, url }) {
  const file = databaseFile(url);
  const fromFiles = datamodels.map((name) => [name, readFileSync(name, 'utf8')]);
  let engine;

  async function engineFor(params) {
    const schemas = fromFiles.length > 0 ? fromFiles : (schemasOf(params) ?? [['none.prisma', 'datasource db {\n  provider = "sqlite"\n}\n']]);
    engine ??= await bindings.SchemaEngine.new({ datamodels: schemas }, () => {}, bindMigrationAwareSqlAdapterFactory(adapterFactory(file)));
    return engine;
  }

  async function isEmpty() {
    const connection = await adapterFactory(file).connect();
    const sql = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    const { rows } = await connection.queryRaw({ sql, args: [], argTypes: [] });
    await connection.dispose();
    return Number(rows[0][0]) === 0;
  }

  /** On a new file the engine misses its own table; applying an empty list of migrations makes it. */
  async function callWithTable(target, method, params) {
    try {
      return await target[method](params);
    } catch (error) {
      const missing = error?.code === TABLE_MISSING || String(error?.message).includes('_prisma_migrations` does not exist');
      if (!missing || !(await isEmpty())) throw error;
      const list = { baseDir: '.', lockfile: { path: 'migration_lock.toml', content: null }, shadowDbInitScript: '', ...params.migrationsList, migrationDirectories: [] };
      await target.applyMigrations({ migrationsList: list, filters: params.filters });
      return await target[method](params);
    }
  }

  /** Wiping the schema has no effect through this driver, so the files go. */
  function reset() {
    engine?.free?.();
    engine = undefined;
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(file + suffix, { force: true });
    writeFileSync(file, '');
    return null;
  }

  return async function call(method, params) {
    if (method === 'createDatabase') return { databaseName: 'db' };
    if (method === 'reset') return reset();
    const target = await engineFor(params);
    return method === 'getDatabaseVersion' ? target.version(params) : callWithTable(target, method, params);
  };
}

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

async function answer(call, line) {
  const { id, method, params } = JSON.parse(line);
  if (method === undefined) return;
  try {
    const result = (await call(method, params)) ?? {};
    if (method === 'diff' && result.stdout) send({ id: 1_000_000 + id, method: 'print', params: { content: result.stdout } });
    send({ id, result });
  } catch (error) {
    const data = { is_panic: false, message: error?.message ?? String(error), error_code: error?.code ?? error?.error_code, meta: error?.meta };
    send({ id, error: { code: 4466, message: 'An error happened. Check the data field for details.', data } });
  }
}

const options = parseArguments(process.argv.slice(2));
if (options.words[0] === 'cli') process.exit(databaseCommand(options.words[1], databaseFile(options.url)));
const bindings = await loadEngine();
if (options.version) {
  console.log(`schema-engine-cli ${bindings.version()}`);
  process.exit(0);
}
const call = createSession(bindings, options);
let queue = Promise.resolve();
createInterface({ input: process.stdin })
  .on('line', (line) => {
    if (line.trim() !== '') queue = queue.then(() => answer(call, line));
  })
  .on('close', () => queue.then(() => process.exit(0)));
