// The command line. Exit codes: 0 done, 1 not done (the reason is printed), 2 called in a wrong way.
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { readArguments, USAGE, WrongUsage } from './cli/arguments.ts';
import type { Terminal } from './cli/import-command.ts';
import { CommandFailed, findGateway } from './cli/local-gateway.ts';

async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const answer = lines.question(`${question} [y/N] `);
  // Ctrl-D ends the input without an answer.
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  const said = await Promise.race([answer, ended]);
  lines.close();
  return /^(?:y|yes|是|好)$/i.test(said.trim());
}

/** As the gateway itself finds it: the named directory, else the demo's under the project (this file is in dist/gateway/). */
function dataDirectory(): string {
  const root = fileURLToPath(new URL('../../', import.meta.url));
  return path.resolve(process.env['DOORBOOK_DATA'] || process.env['DOORBOOK_DEMO'] || path.join(root, 'data', 'demo'));
}

async function main(args: string[]): Promise<number> {
  const asked = readArguments(args);
  if (asked === 'help') {
    console.log(USAGE);
    return 0;
  }
  const terminal: Terminal = { language: asked.language, say: (text) => console.log(text), confirm: process.stdin.isTTY ? confirm : undefined };
  const data = dataDirectory();
  return (await asked.command({ data, env: process.env, gateway: () => findGateway(data, asked.language) }, terminal)) ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof WrongUsage) console.error(`${error.message}\n\n${USAGE}`);
  else if (error instanceof CommandFailed) console.error(error.message);
  else console.error(`Something went wrong: ${error instanceof Error ? error.message : error}`);
  process.exitCode = error instanceof WrongUsage ? 2 : 1;
}
