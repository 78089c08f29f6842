import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type ImportOptions, importRoster, type Terminal } from './cli/import-command.ts';
import { CommandFailed, findGateway } from './cli/local-gateway.ts';

/** The command line. Exit codes: 0 done, 1 not done (the reason is printed), 2 called in a wrong way. */
const USAGE = `Usage: npm run doorbook -- import FILE --building CODE [options]

  Reads a roster (CSV, UTF-8 or GB18030, Chinese or English headers), shows what is wrong and what would
  change, and brings it into the register of the gateway that runs on this computer.

  --building CODE     code of the building, for example 890101001001B00042
  --good-rows-only    leave bad rows out; without it one bad row keeps all of them out
  --unchecked         nobody has checked the identity documents yet; without it the import states that the
                      landlord has
  --yes               do not ask before importing
  --lang zh|en        language of what is printed

  DOORBOOK_DATA names the data directory when it is not the demo's.`;

/** Called in a wrong way; the message says how. */
class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}

const OPTIONS = {
  building: { type: 'string' },
  'good-rows-only': { type: 'boolean', default: false },
  unchecked: { type: 'boolean', default: false },
  yes: { type: 'boolean', short: 'y', default: false },
  lang: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

function languageOf(given: string | undefined): 'zh' | 'en' {
  if (given === 'zh' || given === 'en') return given;
  if (given !== undefined) throw new WrongUsage(`--lang: expected zh or en, got "${given}".`);
  return (process.env['LC_ALL'] || process.env['LC_MESSAGES'] || process.env['LANG'] || '').startsWith('zh') ? 'zh' : 'en';
}

function readArguments(args: string[]): { readonly options: ImportOptions; readonly language: 'zh' | 'en' } | 'help' {
  const { values, positionals } = (() => {
    try {
      return parseArgs({ args, options: OPTIONS, allowPositionals: true });
    } catch (error) {
      throw new WrongUsage(error instanceof Error ? error.message : String(error));
    }
  })();
  if (values.help) return 'help';
  const [command, file, more] = positionals;
  if (command !== 'import') throw new WrongUsage(command === undefined ? 'Say what to do: import.' : `"${command}" is not a command. There is: import.`);
  if (file === undefined) throw new WrongUsage('import: name the roster file.');
  if (more !== undefined) throw new WrongUsage(`import: one file at a time, got also "${more}".`);
  if (values.building === undefined) throw new WrongUsage('import: name the building with --building CODE.');
  const options = { file, building: values.building, goodRowsOnly: values['good-rows-only'], attest: !values.unchecked, yes: values.yes };
  return { options, language: languageOf(values.lang) };
}

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
  return (await importRoster(findGateway(dataDirectory(), asked.language), asked.options, terminal)) ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof WrongUsage) console.error(`${error.message}\n\n${USAGE}`);
  else if (error instanceof CommandFailed) console.error(error.message);
  else console.error(`Something went wrong: ${error instanceof Error ? error.message : error}`);
  process.exitCode = error instanceof WrongUsage ? 2 : 1;
}
