import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { Type } from 'typebox';
import { MAX_FILE_BYTES } from '../exchange/file-text.ts';
import { BuildingSummary } from '../http/schemas/places.ts';
import { RosterApplied, RosterPreview } from '../http/schemas/roster.ts';
import { CommandFailed, type LocalGateway } from './local-gateway.ts';
import { appliedText, previewText } from './roster-report.ts';

/** What the person asked for. */
export interface ImportOptions {
  readonly file: string;
  readonly building: string;
  readonly goodRowsOnly: boolean;
  readonly attest: boolean;
  readonly yes: boolean;
}

/** Where the command speaks. `confirm` is undefined when nobody sits at the terminal. */
export interface Terminal {
  readonly language: 'zh' | 'en';
  say(text: string): void;
  readonly confirm: ((question: string) => Promise<boolean>) | undefined;
}

const WORDS = {
  zh: {
    bad: '有不行的行，什么都没有导入。请改好文件，或加上 --good-rows-only 只导入正确的行。',
    nothing: '没有可以导入的行。',
    declined: '没有导入。',
    question: '现在导入吗？',
    attested: '导入即表示：房东已当面核对这些人的证件。没核对过，请加 --unchecked。',
    unchecked: '提示：证件还没核对（--unchecked），新登记的人在核对前打不开门。',
  },
  en: {
    bad: 'Some rows cannot come in, so nothing was imported. Correct the file, or add --good-rows-only.',
    nothing: 'There is no row to import.',
    declined: 'Nothing was imported.',
    question: 'Import now?',
    attested: 'Importing states that the landlord has checked these people’s identity documents. If nobody has, add --unchecked.',
    unchecked: 'Note: the documents are not checked (--unchecked); new people open no door until somebody has checked.',
  },
} as const;

/** The file's bytes. npm changes the directory, so the place the person stood in counts too. */
function readRoster(file: string): Buffer {
  const places = [process.cwd(), process.env['INIT_CWD'] ?? process.cwd()].map((place) => path.resolve(place, file));
  const found = places.find((place) => existsSync(place));
  if (found === undefined) throw new CommandFailed(`${file}: there is no such file.`);
  const { size } = statSync(found);
  if (!statSync(found).isFile()) throw new CommandFailed(`${file}: this is not a file.`);
  if (size > MAX_FILE_BYTES) throw new CommandFailed(`${file}: larger than 8 MB. Split it.`);
  if (size === 0) throw new CommandFailed(`${file}: the file is empty.`);
  try {
    return readFileSync(found);
  } catch {
    throw new CommandFailed(`${file}: this user cannot read it.`);
  }
}

/** Row number of the building with this code. `option` names what the person wrote it behind. Throws CommandFailed: there is none. */
export async function buildingId(gateway: LocalGateway, code: string, option: string): Promise<number> {
  const buildings = await gateway.ask(Type.Array(BuildingSummary), { method: 'GET', path: '/buildings' });
  const found = buildings.find((building) => building.code === code);
  if (found !== undefined) return found.id;
  const known = buildings.map((building) => `${building.code} ${building.name}`).join(', ');
  throw new CommandFailed(`${option} ${code}: no such building. ${known === '' ? 'There is none yet.' : `There are: ${known}`}`);
}

/** Why the import stops here, or undefined: it goes on. */
async function stops(preview: RosterPreview, options: ImportOptions, terminal: Terminal): Promise<string | undefined> {
  const words = WORDS[terminal.language];
  if (preview.bad > 0 && !options.goodRowsOnly) return words.bad;
  if (preview.good === 0) return words.nothing;
  terminal.say(options.attest ? words.attested : words.unchecked);
  // In a script the command itself is the decision: what has bad rows was stopped above.
  if (options.yes || terminal.confirm === undefined) return undefined;
  return (await terminal.confirm(words.question)) ? undefined : words.declined;
}

/** Looks at a roster, shows what it would do, and applies it when the person says so. True when it was applied. */
export async function importRoster(gateway: LocalGateway, options: ImportOptions, terminal: Terminal): Promise<boolean> {
  const bytes = readRoster(options.file);
  const id = await buildingId(gateway, options.building, '--building');
  const query = new URLSearchParams({ building: String(id), name: path.basename(options.file) });
  const preview = await gateway.ask(RosterPreview, { method: 'POST', path: `/imports?${query}`, body: { type: 'text/csv', bytes } });
  terminal.say(previewText(preview, terminal.language));
  const stop = await stops(preview, options, terminal);
  if (stop !== undefined) {
    terminal.say(stop);
    return false;
  }
  const choice = Buffer.from(JSON.stringify({ goodRowsOnly: options.goodRowsOnly, attested: options.attest }));
  const applied = await gateway.ask(RosterApplied, { method: 'POST', path: `/imports/${preview.id}/apply`, body: { type: 'application/json', bytes: choice } });
  terminal.say(appliedText(applied, terminal.language));
  return true;
}
