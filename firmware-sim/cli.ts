import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { whole } from '../gateway/wire/fields.ts';
import { CONFORM_HELP, runConform } from './conform/command.ts';
import { fitController, fittedController } from './fitted.ts';
import type { FleetFile } from './fleet-file.ts';
import { runFaults } from './fault-command.ts';
import { FAULTS } from './faults.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { FLEET_HELP, runFleet } from './fleet-command.ts';
import { OSDP_HELP, runOsdp } from './osdp/command.ts';
import { LINE_FAULTS } from './osdp/line-faults.ts';
import { REPLAY_HELP, runReplay } from './replay-command.ts';
import { listenOn } from './socket.ts';
import { connectTo, type SocketClient, type SocketReply } from './socket-client.ts';
import { requestOf } from './typed.ts';

const HELP = `tap 门 卡 DOOR CARD [--pin 1234] · type 门 密码 DOOR DIGITS · push 门 DOOR · open 门 DOOR · close 门 DOOR · cut 门 DOOR · join 门 DOOR
power 门 DOOR off|on · fire 门 DOOR on|off · list · help · quit
故障 faults: fault 门 DOOR ${Object.keys(FAULTS).join('|')} [N] · 串口上的门 of a door on a serial line: ${Object.keys(LINE_FAULTS).join('|')} [N] · faults 门 DOOR [--seed N] [--minutes N]
录和放 record and replay: record 门 DOOR FILE · record 门 DOOR stop · ${REPLAY_HELP}
一个自己的控制器 a controller of its own: npm run sim -- enrol 'doorbook:enrol?…' [FOLDER] [DOORS] · npm run sim -- run [FOLDER]
很多控制器 many controllers: ${FLEET_HELP}
串口上的读卡器和门模块 a reader and door unit on a serial line: npm run sim -- ${OSDP_HELP}
检验别人的控制器 judge somebody's controller: npm run sim -- ${CONFORM_HELP}`;
const WRONG = `看不懂。 Not understood.\n${HELP}`;

/** Root of the project: the nearest folder above that has a package.json. */
function projectRoot(from: string): string {
  const above = dirname(from);
  return existsSync(join(from, 'package.json')) || above === from ? from : projectRoot(above);
}

const dataDir = (): string => process.env['DOORBOOK_DATA'] || process.env['DOORBOOK_DEMO'] || join(projectRoot(dirname(fileURLToPath(import.meta.url))), 'data', 'demo');

/** An answer as the one line a script reads. */
function lineOf(reply: SocketReply): string {
  const { id: _, ok, granted, reason, openMs, ms, entry, offline, ...rest } = reply;
  if (!ok) return JSON.stringify({ error: rest.error });
  if (granted === undefined) return JSON.stringify(rest['doors'] ?? { ok });
  return JSON.stringify({ granted, reason, openMs, ms, entry: entry ?? null, ...(offline === true ? { offline } : {}) });
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** One typed line. Rejects with a sentence when its words are wrong, or the doors are gone. */
async function typed(words: readonly string[], client: SocketClient): Promise<number> {
  if (words[0] === 'faults') return runFaults(words.slice(1), client, print);
  const request = requestOf(words);
  if (request === undefined) throw new Error(WRONG);
  const reply = await client.ask(request);
  print(lineOf(reply));
  return reply.ok ? 0 : 1;
}

async function prompt(client: SocketClient): Promise<void> {
  print(HELP);
  const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: '> ' });
  terminal.prompt();
  for await (const line of terminal) {
    const words = line.trim().split(/\s+/);
    if (words[0] === 'quit' || words[0] === 'exit') break;
    if (words[0] === 'help') print(HELP);
    else if (words[0] !== '') await typed(words, client).catch((error: unknown) => print(said(error)));
    terminal.prompt();
  }
  terminal.close();
}

const LIST_MS = 5000;
const LOOK_MS = 50;

/** Waits a little for the first access list, so that the first card is not refused for want of one. */
async function untilListed(fleet: Fleet): Promise<void> {
  for (let waited = 0; waited < LIST_MS; waited += LOOK_MS) {
    const { doors } = await fleet.act({ id: 0, act: 'list', doorCode: undefined, card: undefined, on: undefined });
    if (Array.isArray(doors) && doors.every((door) => Object(door).list !== '')) return;
    await sleep(LOOK_MS);
  }
}

/** A controller of its own in this process: a prompt to press its reader, until it is left. */
async function playController(settings: FleetFile): Promise<number> {
  const fleet = startFleet(settings);
  const server = await listenOn(settings.socket, fleet);
  const [first] = settings.devices;
  process.stdout.write(`${first?.device} → ${settings.mqtt.host}:${settings.mqtt.port}\n`);
  const client = await connectTo(settings.socket);
  try {
    await untilListed(fleet);
    await prompt(client);
  } finally {
    client.close();
    fleet.stop();
    server.close();
  }
  return 0;
}

const FOLDER = './controller';

/** `enrol OFFER [FOLDER] [DOORS]` makes a controller of a one-time code, `run [FOLDER]` starts it again. Undefined: another command. */
async function ownController([act, first, second, third]: readonly string[]): Promise<number | undefined> {
  if (act === 'run') return playController(fittedController(first ?? FOLDER));
  if (act !== 'enrol') return undefined;
  if (first === undefined) throw new Error("npm run sim -- enrol 'doorbook:enrol?…' [FOLDER] [DOORS]");
  const doors = whole(1, 8)(Number(third ?? 1), 'DOORS');
  return playController(await fitController(first, second ?? FOLDER, doors));
}

async function main(words: readonly string[]): Promise<number> {
  const [act, ...rest] = words;
  if (act === 'help') {
    print(HELP);
    return 0;
  }
  if (act === 'fleet') return runFleet(rest, print);
  if (act === 'replay') return runReplay(rest, print);
  if (act === 'osdp') return runOsdp(rest, print);
  if (act === 'conform') return runConform(rest, print);
  const own = await ownController(words);
  if (own !== undefined) return own;
  // Words that are none are told before anything is asked for.
  if (act !== undefined && act !== 'faults' && requestOf(words) === undefined) throw new Error(WRONG);
  const client = await connectTo(join(dataDir(), 'sim.sock'));
  try {
    if (act !== undefined) return await typed(words, client);
    await prompt(client);
    return 0;
  } finally {
    client.close();
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${said(error)}\n`);
    process.exitCode = 1;
  },
);
