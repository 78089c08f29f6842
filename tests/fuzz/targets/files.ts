import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CommandFailed, findGateway } from '../../../gateway/cli/local-gateway.ts';
import { removeRunFile } from '../../../gateway/http/run-file.ts';
import { FieldError } from '../../../gateway/wire/fields.ts';
import { openEventStore } from '../../../firmware-sim/event-store.ts';
import { type FleetFile, readFleetFile } from '../../../firmware-sim/fleet-file.ts';
import type { StoreImage } from '../../../firmware-sim/store-image.ts';
import { sometimesBent } from '../json.ts';
import { allowing, hold, type Opened, type Target } from '../target.ts';
import { type Folder, temporaryFolder } from './folder.ts';

/** A target whose input is one file in a folder. */
const ofFile = (name: string, run: (file: string, folder: Folder) => void | Promise<void>) => (): Opened => {
  const folder = temporaryFolder();
  return {
    run(input) {
      folder.fill({ [name]: input });
      return run(path.join(folder.path, name), folder);
    },
    close: folder.remove,
  };
};

const CONFIG = { host: '127.0.0.1', port: 8080, mqttPort: 1883, tls: undefined, publicUrl: undefined, demo: false } as const;

/** run.json: a command finds an address it can ask, or says one sentence. It does not ask here: nobody knows who is there. */
export const runFile: Target = {
  name: 'run-file',
  covers: ['gateway/cli/local-gateway.ts', 'gateway/http/run-file.ts'],
  words: ['"url"', '"token"', '"pid"', 'http://', 'null', '1e999', '[]', '{}'],
  mostMs: 100,
  make: (random) => sometimesBent(Buffer.from(`${JSON.stringify({ url: 'http://127.0.0.1:8080', token: 'a'.repeat(43), pid: 4711, mqttPort: 1883, mqttsPort: 8883 })}\n`), random),
  open: ofFile('run.json', (file, folder) => {
    const gateway = allowing([CommandFailed], () => findGateway(folder.path, 'en'));
    const { url }: { url?: string } = gateway === undefined ? {} : Object(JSON.parse(readFileSync(file, 'utf8')));
    hold(gateway === undefined || ['http:', 'https:'].includes(new URL('/api/v1/session', url).protocol), `an address nobody can ask: ${url}`);
    removeRunFile({ ...CONFIG, data: folder.path }, 'another');
  }),
};

const FLEET: FleetFile = {
  mqtt: { host: '127.0.0.1', port: 1883, pin: undefined },
  socket: '/tmp/sim.sock',
  storeDir: '/tmp/sim',
  walk: undefined,
  devices: [{ device: 'yc42-d01', site: 'yc42', secretHex: '05'.repeat(32), listKeyHex: '06'.repeat(32), doors: [{ number: 1, code: '890101001001B00042D01' }] }],
};

/** The list of simulated devices. */
export const fleetFile: Target = {
  name: 'fleet-file',
  covers: ['firmware-sim/fleet-file.ts', 'gateway/wire/fields.ts'],
  words: ['"mqtt"', '"devices"', '"doors":[]', '"secretHex"', '"__proto__"', 'null', '[]', '1e999'],
  mostMs: 100,
  make: (random) => sometimesBent(Buffer.from(JSON.stringify(FLEET)), random),
  open: ofFile('fleet.json', (file) => void allowing([FieldError, SyntaxError], () => readFleetFile(file))),
};

/** A store's file after some events, and what it held after each write. */
function history(): { readonly bytes: Buffer; readonly states: ReadonlySet<string> } {
  const folder = temporaryFolder();
  const file = path.join(folder.path, 'd.events');
  const store = openEventStore(file, 'aaaaaaaaaaaaaaaa');
  const states = [contentOf(store.image)];
  const reading = { w: 32, x: '1A2B3C4D' };
  for (let n = 1; n <= 6; n += 1) {
    store.write({ put: [{ kind: 'request', n, boot: 1, door: 1, reading, method: 'card', u: n, t: 0, l: '', claim: null }], ...(n % 2 === 0 ? { erase: [n - 1] } : {}) });
    states.push(contentOf(store.image));
  }
  store.close();
  const bytes = readFileSync(file);
  folder.remove();
  return { bytes, states: new Set(states) };
}

const contentOf = ({ seq, records, list, floor }: StoreImage): string => JSON.stringify([seq, [...records], list ?? null, floor]);
const FRESH = 'ffffffffffffffff';
const { bytes: STORE, states: STATES } = history();
const EMPTY = '[0,[],null,0]';

/** A controller's own store: any damage leaves a state that once was, or is known as damage, and the store goes on. */
export const eventStore: Target = {
  name: 'event-store',
  covers: ['firmware-sim/event-store.ts'],
  words: ['{"boot":2}', '{"instance":"', '{"change":{"put":[', '\u0000\u0000\u0000'],
  longest: 4096,
  mostMs: 250,
  make: () => STORE,
  open: ofFile('d.events', (file) => {
    const store = openEventStore(file, FRESH);
    const content = contentOf(store.image);
    hold(store.image.instance === FRESH || STATES.has(content), `not a state the store ever had: ${content}`);
    hold(STATES.has(content) || content === EMPTY || store.image.instance === FRESH, 'records nobody wrote');
    store.write({ put: [{ kind: 'event', n: store.image.seq + 1, body: Object({ n: 1 }) }] });
    store.close();
    const again = openEventStore(file, 'bbbbbbbbbbbbbbbb');
    hold(contentOf(again.image) === contentOf(store.image), 'what was written after the damage is not there');
    again.close();
  }),
};
