import { parseArgs } from 'node:util';
import { importRoster, type Terminal } from './import-command.ts';
import { rotateKeys } from './keys-command.ts';
import type { LocalGateway } from './local-gateway.ts';
import { addBuilding, addDoor } from './place-commands.ts';

/** What `--help` prints. */
export const USAGE = `Usage: npm run doorbook -- COMMAND … [--lang zh|en]

  import FILE --building CODE      reads a roster (CSV, UTF-8 or GB18030, Chinese or English headers), shows
                                   what is wrong and what would change, and brings it into the register
    --good-rows-only    leave bad rows out; without it one bad row keeps all of them out
    --unchecked         nobody has checked the identity documents yet; without it the import states that the
                        landlord has
    --yes               do not ask before importing

  add-building CODE --name NAME    makes a building; CODE as in 890101001001B00042
    --name-en NAME, --address ADDRESS
    --mode hotel|compound|scattered      without it: scattered
    --reader-bits 24|32|40|56|64         data bits its card readers give; without it: 32
    --reader-order msb|lsb               byte order of the numbers printed on its cards; without it: msb
    --site ID                            its name in MQTT topics; without it: the end of CODE

  add-door CODE --kind street|roof|gate|unit --name NAME
                                   adds a door to the building CODE and shows, once, its controller's secret
    --name-en NAME
    --room ROOM         the home behind a door of kind unit, for example 0302

  keys rotate                      changes the keys that seal personal data, seals everything anew and destroys the
                                   old keys, while the gateway runs
    --yes               do not ask before changing them

  Each asks the gateway that runs on this computer. DOORBOOK_DATA names its data directory when it is not the
  demo's.`;

/** Called in a wrong way; the message says how. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}

/** One command, with all it was given: true when it was done. */
export type Command = (gateway: LocalGateway, terminal: Terminal) => Promise<boolean>;

const OPTIONS = {
  building: { type: 'string' },
  'good-rows-only': { type: 'boolean', default: false },
  unchecked: { type: 'boolean', default: false },
  yes: { type: 'boolean', short: 'y', default: false },
  name: { type: 'string' },
  'name-en': { type: 'string' },
  address: { type: 'string' },
  mode: { type: 'string' },
  'reader-bits': { type: 'string' },
  'reader-order': { type: 'string' },
  site: { type: 'string' },
  kind: { type: 'string' },
  room: { type: 'string' },
  lang: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const parse = (args: string[]) => parseArgs({ args, options: OPTIONS, allowPositionals: true, tokens: true });
type Values = ReturnType<typeof parse>['values'];

interface Spec {
  /** What stands behind the command. */
  readonly subject: string;
  readonly needs: readonly (keyof Values)[];
  readonly takes: readonly (keyof Values)[];
  readonly make: (subject: string, values: Values) => Command;
}

const COMMANDS: Readonly<Record<string, Spec>> = {
  import: {
    subject: 'the roster FILE',
    needs: ['building'],
    takes: ['good-rows-only', 'unchecked', 'yes'],
    make: (file, values) => (gateway, terminal) =>
      importRoster(gateway, { file, building: values.building ?? '', goodRowsOnly: values['good-rows-only'], attest: !values.unchecked, yes: values.yes }, terminal),
  },
  'add-building': {
    subject: 'the CODE of the building',
    needs: ['name'],
    takes: ['name-en', 'address', 'mode', 'reader-bits', 'reader-order', 'site'],
    make: (code, { name, address, mode, site, 'name-en': nameEn, 'reader-bits': bits, 'reader-order': readerOrder }) => {
      const readerBits = bits !== undefined && /^\d+$/.test(bits) ? Number(bits) : bits;
      return (gateway, terminal) => addBuilding(gateway, { code, name, nameEn, address, mode, readerBits, readerOrder, site }, terminal);
    },
  },
  'add-door': {
    subject: 'the CODE of its building',
    needs: ['kind', 'name'],
    takes: ['name-en', 'room'],
    make:
      (code, { kind, name, room, 'name-en': nameEn }) =>
      (gateway, terminal) =>
        addDoor(gateway, { code, door: { kind, name, nameEn, room } }, terminal),
  },
  keys: {
    subject: 'what to do with them: rotate',
    needs: [],
    takes: ['yes'],
    make(what, { yes }) {
      if (what !== 'rotate') throw new WrongUsage(`keys: "${what}" is not known. There is: rotate.`);
      return (gateway, terminal) => rotateKeys(gateway, { yes }, terminal);
    },
  },
};
const NAMES = Object.keys(COMMANDS).join(', ');

function languageOf(given: string | undefined): 'zh' | 'en' {
  if (given === 'zh' || given === 'en') return given;
  if (given !== undefined) throw new WrongUsage(`--lang: expected zh or en, got "${given}".`);
  return (process.env['LC_ALL'] || process.env['LC_MESSAGES'] || process.env['LANG'] || '').startsWith('zh') ? 'zh' : 'en';
}

/** An option that this command does not know is a mistake, not something to pass over. */
function checkOptions(name: string, { needs, takes }: Spec, given: readonly string[], values: Values): void {
  const known: readonly string[] = [...needs, ...takes, 'lang', 'help'];
  const strange = given.find((option) => !known.includes(option));
  if (strange !== undefined) throw new WrongUsage(`${name}: does not take --${strange}.`);
  const missing = needs.find((option) => values[option] === undefined);
  if (missing !== undefined) throw new WrongUsage(`${name}: --${missing} is missing.`);
}

/** What the person asked for. Throws WrongUsage. */
export function readArguments(args: string[]): { readonly command: Command; readonly language: 'zh' | 'en' } | 'help' {
  const { values, positionals, tokens } = (() => {
    try {
      return parse(args);
    } catch (error) {
      throw new WrongUsage(error instanceof Error ? error.message : String(error));
    }
  })();
  if (values.help) return 'help';
  const [name, subject, more] = positionals;
  if (name === undefined) throw new WrongUsage(`Say what to do: ${NAMES}.`);
  const spec = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (spec === undefined) throw new WrongUsage(`"${name}" is not a command. There are: ${NAMES}.`);
  if (subject === undefined) throw new WrongUsage(`${name}: name ${spec.subject}.`);
  if (more !== undefined) throw new WrongUsage(`${name}: one at a time, got also "${more}". Text with spaces needs quotes.`);
  const given = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
  checkOptions(name, spec, given, values);
  return { command: spec.make(subject, values), language: languageOf(values.lang) };
}
