import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { connectTo, type SocketClient, type SocketReply } from './socket-client.ts';

const HELP = `tap 门 卡 DOOR CARD · push 门 DOOR · open 门 DOOR · close 门 DOOR · cut 门 DOOR · join 门 DOOR
power 门 DOOR off|on · fire 门 DOOR on|off · list · help · quit`;
const WRONG = `看不懂。 Not understood.\n${HELP}`;

/** Root of the project: the nearest folder above that has a package.json. */
function projectRoot(from: string): string {
  const above = dirname(from);
  return existsSync(join(from, 'package.json')) || above === from ? from : projectRoot(above);
}

const dataDir = (): string => process.env['DOORBOOK_DATA'] || process.env['DOORBOOK_DEMO'] || join(projectRoot(dirname(fileURLToPath(import.meta.url))), 'data', 'demo');

/** The socket request a typed line asks for, or undefined when it asks for nothing known. */
export function requestOf([act, doorCode, third]: readonly string[]): Record<string, unknown> | undefined {
  if (act === 'list') return { act };
  if (doorCode === undefined) return undefined;
  if (act === 'tap') return third === undefined ? undefined : { act, doorCode, card: third };
  if (act === 'push' || act === 'open' || act === 'close') return { act, doorCode };
  if (act === 'cut' || act === 'join') return { act: 'network', doorCode, on: act === 'join' };
  if ((act === 'power' || act === 'fire') && (third === 'on' || third === 'off')) return { act, doorCode, on: third === 'on' };
  return undefined;
}

/** An answer as the one line a script reads. */
function lineOf(reply: SocketReply): string {
  const { id: _, ok, granted, reason, openMs, ms, entry, offline, ...rest } = reply;
  if (!ok) return JSON.stringify({ error: rest.error });
  if (granted === undefined) return JSON.stringify(rest['doors'] ?? { ok });
  return JSON.stringify({ granted, reason, openMs, ms, entry: entry ?? null, ...(offline === true ? { offline } : {}) });
}

async function prompt(client: SocketClient): Promise<void> {
  process.stdout.write(`${HELP}\n`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout, prompt: '> ' });
  terminal.prompt();
  for await (const line of terminal) {
    const words = line.trim().split(/\s+/);
    if (words[0] === 'quit' || words[0] === 'exit') break;
    const request = requestOf(words);
    if (words[0] === 'help') process.stdout.write(`${HELP}\n`);
    else if (request !== undefined) process.stdout.write(`${lineOf(await client.ask(request))}\n`);
    else if (words[0] !== '') process.stdout.write(`${WRONG}\n`);
    terminal.prompt();
  }
  terminal.close();
}

async function main(words: readonly string[]): Promise<number> {
  const request = requestOf(words);
  if (words.length > 0 && request === undefined) throw new Error(WRONG);
  const client = await connectTo(join(dataDir(), 'sim.sock'));
  try {
    if (request === undefined) {
      await prompt(client);
      return 0;
    }
    const reply = await client.ask(request);
    process.stdout.write(`${lineOf(reply)}\n`);
    return reply.ok ? 0 : 1;
  } finally {
    client.close();
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
