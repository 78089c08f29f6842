import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const ports = path.join(root, 'tests/sim/ports');

/** Modules of the product that reach outside, and the ports whose exports stand in the place of theirs of the same name. */
const REPLACED = {
  'firmware-sim/enrol-line.ts': 'enrol-line.ts',
  'gateway/doors/broker.ts': 'broker.ts',
  'gateway/doors/fleet.ts': 'fleet.ts',
  'gateway/journal/random-pool.ts': 'random-pool.ts',
  'gateway/journal/reserve.ts': 'reserve.ts',
  'gateway/journal/seal.ts': 'journal-seal.ts',
  'gateway/journal/signing.ts': 'signing.ts',
  'gateway/journal/slots.ts': 'slots.ts',
  'gateway/store/checkpoint-key.ts': 'checkpoint-key.ts',
  'gateway/store/journal-store.ts': 'journal-store.ts',
  'gateway/wire/mqtt/list.ts': 'wire-list.ts',
  'gateway/wire/mqtt/seal.ts': 'wire-seal.ts',
};
/** Modules of Node, and whose imports of them are replaced. */
const NODE = [
  { id: 'node:crypto', port: 'crypto.ts', of: /^(gateway|firmware-sim)\// },
  { id: 'node:worker_threads', port: 'threads.ts', of: /^gateway\/(supervise|journal\/writer)\.ts$/ },
  { id: 'node:fs', port: 'flash.ts', of: /^firmware-sim\/(event-store|durable-file|fitted|fleet-file)\.ts$/ },
];
const CLOCK = ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate', 'performance', 'Date'];
/** A thread's file runs when it is loaded; here it is kept for whoever starts the thread. */
const WRITER = 'await run(workerData);';

/** Sizes that a world of minutes would never reach, made small: what happens beyond them then happens often. */
const SCALED = {
  // Made large: twenty turns a second, of lines that are polled once, would be most of a world.
  'gateway/doors/serial/link.ts': { from: 'TICK_MS = 50;\nconst TICKS_A_SECOND = 20;', to: 'TICK_MS = 250;\nconst TICKS_A_SECOND = 4;' },
  'firmware-sim/event-store.ts': { from: 'COMPACT_MIN_BYTES = 64 * 1024', to: 'COMPACT_MIN_BYTES = 4 * 1024' },
};

/** Of these nothing real is left, so that the packages they need are not loaded. */
const WHOLE = new Set(['broker.ts', 'enrol-line.ts']);

/** Names a port exports. */
const exportsOf = (port) => [...readFileSync(path.join(ports, port), 'utf8').matchAll(/^export (?:async )?(?:const|function|class|let) (\w+)/gm)].map(([, name]) => name);
/** A module that is the real one but for what the port replaces. */
const joined = (port, real) => `${WHOLE.has(port) ? '' : `export * from ${JSON.stringify(real)};\n`}export { ${exportsOf(port).join(', ')} } from ${JSON.stringify(path.join(ports, port))};\n`;
const JOINED = '\0joined:';

const isProduct = (file) => file.startsWith(path.join(root, 'gateway/')) || file.startsWith(path.join(root, 'firmware-sim/'));

function linked(bug) {
  return {
    name: 'simulation',
    enforce: 'pre',
    resolveId(id, importer) {
      if (importer === undefined || importer.startsWith(JOINED) || importer.startsWith(ports)) return undefined;
      const node = NODE.find((one) => one.id === id && one.of.test(path.relative(root, importer)));
      if (node !== undefined) return `${JOINED}${node.port}?${id}`;
      if (!id.startsWith('.')) return undefined;
      const file = path.resolve(path.dirname(importer), id);
      const port = REPLACED[path.relative(root, file)];
      return port === undefined ? undefined : `${JOINED}${port}?${file}`;
    },
    load(id) {
      if (!id.startsWith(JOINED)) return undefined;
      const [port, real] = id.slice(JOINED.length).split('?');
      return joined(port, real);
    },
    transform(code, id) {
      const name = path.relative(root, id);
      let text = code;
      for (const { from, to } of [SCALED[name], bug?.file === name ? bug : undefined].filter(Boolean)) {
        if (text.split(from).length !== 2) throw new Error(`${name}: expected once: ${from}`);
        text = text.replace(from, () => to);
      }
      if (!isProduct(id)) return text === code ? undefined : text;
      text = text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href));
      if (name === 'gateway/journal/writer.ts') {
        if (!text.includes(WRITER)) throw new Error(`${name}: its last line is not ${WRITER}`);
        text = `import { threadBody } from '${path.join(ports, 'threads.ts')}';\n${text.replace(WRITER, "threadBody('/journal/writer.js', () => run(workerData));")}`;
      }
      const used = CLOCK.filter((word) => new RegExp(`\\b${word}\\b`).test(text));
      return used.length === 0 ? text : `import { ${used.join(', ')} } from '${path.join(ports, 'clock.ts')}';\n${text}`;
    },
  };
}

/**
 * Links the simulation into one file: the product's own sources, with clocks, timers, chance, threads, sockets and
 * disks replaced by ports. `bug`: `{ file, from, to }`, a text of the product to replace by another, which must be
 * there exactly once.
 */
export async function bundle(name, bug) {
  const outDir = path.join(root, 'node_modules/.cache/doorbook/sim');
  await build({
    configFile: false,
    logLevel: 'error',
    root,
    plugins: [linked(bug)],
    ssr: { noExternal: [/^\./] },
    build: {
      ssr: path.join(root, 'tests/sim/main.ts'),
      outDir,
      emptyOutDir: false,
      minify: false,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: `${name}.mjs`, codeSplitting: false } },
    },
  });
  const file = path.join(outDir, `${name}.mjs`);
  if (!existsSync(file)) throw new Error(`simulation: ${file} was not made`);
  return file;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await bundle('sim'));
