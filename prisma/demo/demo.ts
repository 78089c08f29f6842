import { fork } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Logger } from 'pino';
import { dateAt, DAY_MS, startOfDay } from '../../gateway/core/local-date.ts';
import { createDoorSide } from '../../gateway/door-side.ts';
import type { ListSource } from '../../gateway/doors/lists.ts';
import type { DeviceRegistry } from '../../gateway/doors/registry.ts';
import type { LineRegistry } from '../../gateway/doors/serial/registry.ts';
import type { IndexFeed } from '../../gateway/index-feed.ts';
import type { JournalClient } from '../../gateway/journal/client.ts';
import { loadKeys } from '../../gateway/store/keys.ts';
import { migrateRegister } from '../../gateway/store/migrate.ts';
import { openRegister } from '../../gateway/store/register.ts';
import type { UnlockPath } from '../../gateway/unlock.ts';
import { DEMO_DOORS, DEMO_TRAY } from './building.ts';
import { type DemoWire, layDemoWire } from './line.ts';
import { loadDemo } from './load.ts';
import { writePast } from './past.ts';
import { pastOf } from './people.ts';
import { quickJournal } from './quick-journal.ts';

const PAST_DAYS = 60;
/** Written last: a demo that was interrupted while it was made, or is of an earlier form (the number), is made anew. */
const READY = 'demo-ready-4';
/** The lock of the gateway that is just starting. */
const KEPT = new Set(['gateway.pid']);

/** Loads the demo building into an empty data directory. What an interrupted start left there is the demo's own, and is removed. */
export async function fillIfEmpty(data: string, say: (line: string) => void): Promise<void> {
  if (existsSync(path.join(data, READY))) return;
  for (const name of readdirSync(data)) if (!KEPT.has(name)) rmSync(path.join(data, name), { recursive: true, force: true });
  const file = path.join(data, 'register.sqlite');
  const keys = loadKeys(path.join(data, 'keys'));
  migrateRegister(file);
  const register = await openRegister({ file, keys });
  const now = Date.now();
  await loadDemo(register, now, startOfDay(dateAt(now)));
  await register.close();
  say('✓ demo building loaded: 12 homes, 17 people and 2 who work there, 5 doors');
}

export interface PastParts {
  readonly data: string;
  readonly journal: JournalClient;
  readonly feed: IndexFeed;
  readonly lists: ListSource;
  readonly unlock: UnlockPath;
  readonly say: (line: string) => void;
}

/** Writes 60 days of entries by running the simulated doors through the real unlock path. */
export async function writePastIfMissing({ data, journal, feed, lists, unlock, say }: PastParts): Promise<void> {
  if (existsSync(path.join(data, READY))) return;
  const now = Date.now();
  const today = startOfDay(dateAt(now));
  const from = today - (PAST_DAYS + 1) * DAY_MS;
  const clock = { now: from };
  const quick = quickJournal(journal, journal.last());
  const side = createDoorSide({ ...unlock, journal: quick, now: () => clock.now, doorOf: feed.doorOf, onState: () => undefined });
  await writePast({ side, devices: feed.registry.all(), lists, clock }, pastOf(now, today, PAST_DAYS), from);
  await quick.settled();
  writeFileSync(path.join(data, READY), '');
  say(`✓ ${PAST_DAYS} days of past: ${journal.last()} entries`);
}

/** What the simulated doors are started with. */
export interface DoorsParts {
  readonly registry: DeviceRegistry;
  readonly lines: LineRegistry;
  /** Public key that signs access lists, hex. */
  readonly listKey: string;
  readonly mqttPort: number;
  readonly log: Logger;
}

/** The demo's own serial line, and its simulated doors once the gateway can be reached. */
export interface DemoDoors {
  readonly openPort: DemoWire['openPort'];
  start(parts: DoorsParts): { stop(): void };
}

/** Lays the serial line of the demo building, for the gateway to open. */
export function layDoors(data: string): DemoDoors {
  const wire = layDemoWire(data);
  return { openPort: wire.openPort, start: (parts) => startDoors(data, wire, parts) };
}

/** Starts the simulated doors as a child process; it is started again if it ends. */
function startDoors(data: string, wire: DemoWire, { registry, lines, listKey, mqttPort, log }: DoorsParts): { stop(): void } {
  const dir = path.join(data, 'sim');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const codes = new Map(DEMO_DOORS.map(({ device, code }) => [device, code]));
  const devices = [...registry.all()].map(({ deviceId, site, secret, doors }) => ({
    device: deviceId,
    site,
    secretHex: Buffer.from(secret).toString('hex'),
    listKeyHex: listKey,
    doors: [...doors.keys()].map((number) => ({ number, code: codes.get(deviceId) ?? deviceId })),
  }));
  const file = path.join(dir, 'fleet.json');
  const settings = { mqtt: { host: '127.0.0.1', port: mqttPort }, socket: path.join(data, 'sim.sock'), storeDir: dir, devices, walk: true };
  let stopped = false;
  let child = start();

  function start() {
    // Devices on the line may have been given keys since.
    writeFileSync(file, JSON.stringify({ ...settings, lines: wire.fleetLines(lines) }), { mode: 0o600 });
    const made = fork(new URL('../../firmware-sim/main.js', import.meta.url), [file], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    wire.join(made);
    made.on('exit', (code) => {
      if (stopped) return;
      log.warn({ code }, 'the simulated doors ended and are started again');
      setTimeout(() => {
        if (!stopped) child = start();
      }, 1000);
    });
    return made;
  }

  return {
    stop() {
      stopped = true;
      child.kill('SIGTERM');
      wire.stop();
    },
  };
}

/** Columns a text takes in a terminal: two for each Chinese character. */
const width = (text: string): number => [...text].reduce((sum, letter) => sum + (/[\u2e80-\uffef]/.test(letter) ? 2 : 1), 0);

const EXPECTED: Readonly<Record<string, string>> = { OK: 'opens', HOURS: 'opens in its hours' };

/** The short box a newcomer reads first. */
export function box(url: string): string {
  const cards = DEMO_TRAY.map(({ card, label, expect }) => `  ${card}  ${label.en} → ${EXPECTED[expect] ?? expect}`);
  const lines = [
    'Doorbook 门簿: the demo building is running',
    '',
    `Open ${url} and enter with one click`,
    '(operator, landlord or officer; demo on this machine only)',
    '',
    'Cards to tap at the street door D01, on screen or here:',
    '  npm run sim -- tap D01 1A2B3C4D',
    ...cards,
    '',
    'Your own site: DOORBOOK_DATA=/path npm start',
  ];
  const inner = Math.max(...lines.map(width));
  return ['', `╭─${'─'.repeat(inner)}─╮`, ...lines.map((line) => `│ ${line}${' '.repeat(inner - width(line))} │`), `╰─${'─'.repeat(inner)}─╯`].join('\n');
}
