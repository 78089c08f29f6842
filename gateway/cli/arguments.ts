import { parseArgs } from 'node:util';
import { CARD_FORMS, isCardForm } from '../wire/esp-rfid/cards.ts';
import { backUp } from './backup-command.ts';
import type { Command } from './command.ts';
import { importDistrict } from './district-command.ts';
import { doctor } from './doctor.ts';
import { exportLogTo } from './export-log.ts';
import { importRoster } from './import-command.ts';
import { rotateKeys } from './keys-command.ts';
import { addLine, showLines } from './line-commands.ts';
import { testLine } from './line-test-command.ts';
import { addBuilding, addCode, addDoor } from './place-commands.ts';
import { rehearseRestore, restore } from './restore-command.ts';

/** What `--help` prints. */
export const USAGE = `Usage: npm run doorbook -- COMMAND … [--lang zh|en]

  import FILE --building CODE      reads a roster (CSV, UTF-8 or GB18030, Chinese or English headers), shows
                                   what is wrong and what would change, and brings it into the register
    --good-rows-only    leave bad rows out; without it one bad row keeps all of them out
    --unchecked         nobody has checked the identity documents yet; without it the import states that the
                        landlord has
    --yes               do not ask before importing

  import-district FILE             brings in a roster of any size in which the room is the code of the home, such as
                                   890101001001B00042-0503; says how far it is, and writes what it left out to a file
    --make-buildings    make buildings that are not in the register; name them later
    --unchecked         as above

  add-building CODE --name NAME    makes a building; CODE as in 890101001001B00042
    --name-en NAME, --address ADDRESS
    --mode hotel|compound|scattered      without it: scattered
    --reader-bits 24|32|40|56|64         data bits its card readers give; without it: 32
    --reader-order msb|lsb               byte order of the numbers printed on its cards; without it: msb
    --site ID                            its name in MQTT topics; without it: the end of CODE

  add-door CODE --kind street|roof|gate|unit --name NAME
                                   adds a door to the building CODE and shows a code, good once and for 15 minutes, by
                                   which a controller becomes this door's
    --name-en NAME
    --room ROOM         the home behind a door of kind unit, for example 0302
    --board esp-rfid    the door has such a board instead of a controller: shows a user, a password and a topic to enter
                        into its page (docs/esp-rfid.md)
    --cards FORM        how the board writes card numbers: uid, uid-short, decimal, hex, decimal-reversed, hex-reversed;
                        without it: uid

  add-code DOOR                    shows another such code, or password, for a door that is there: its controller is lost,
                                   broken, or is to get new keys

  lines                            shows serial lines with their devices and doors, and serial ports that are free
    --test NAME --reason WHY   tests that line instead, and shows how good it is; its doors open to no card meanwhile
    --seconds N         10 to 600; without it: 60
    --yes               do not ask before testing

  add-line PORT --name NAME        makes a serial line for OSDP at a port such as /dev/serial/by-id/usb-…
    --baud N            9600, 19200, 38400, 57600, 115200 or 230400; without it: 9600
    --devices 0,1       addresses of its devices, which have no keys yet

  keys rotate                      changes the keys that seal personal data, seals everything anew and destroys the
                                   old keys, while the gateway runs
    --yes               do not ask before changing them

  doctor                           looks whether all is well here, whether the gateway runs or not: disk, ports, clock,
                                   certificate, backup, databases, keys, log; and says what to do

  export-log PATH                  writes the whole log to a file that anybody can check: node docs/verify.mjs PATH.
                                   Whether the gateway runs or not; contents stay sealed
    --yes               replace a file that is there

  backup DIR                       makes a backup in DIR, beside a gateway that runs or without one; docs/backup.md
    --keys KEYDIR       where the keys go, which belong on another disk; without it: DIR-keys
    --keep N            backups that stay in DIR; without it: 14

  restore DIR                      puts the newest backup in DIR, or the one DIR is, back; the gateway must not run
    --keys KEYDIR       where its keys are; without it: DIR-keys
    --replace           there is a site already: move it aside

  rehearse DIR                     restores into a folder for the moment, checks everything, and removes it
    --keys KEYDIR

  Most ask the gateway that runs on this computer. DOORBOOK_DATA names its data directory when it is not the
  demo's.`;

/** Called in a wrong way; the message says how. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}

const OPTIONS = {
  building: { type: 'string' },
  'good-rows-only': { type: 'boolean', default: false },
  'make-buildings': { type: 'boolean', default: false },
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
  board: { type: 'string' },
  cards: { type: 'string' },
  baud: { type: 'string' },
  devices: { type: 'string' },
  test: { type: 'string' },
  reason: { type: 'string' },
  seconds: { type: 'string' },
  keys: { type: 'string' },
  keep: { type: 'string' },
  replace: { type: 'boolean', default: false },
  lang: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const parse = (args: string[]) => parseArgs({ args, options: OPTIONS, allowPositionals: true, tokens: true });
type Values = ReturnType<typeof parse>['values'];

interface Spec {
  /** What stands behind the command; absent: nothing does, and `make` is given an empty one. */
  readonly subject?: string;
  readonly needs: readonly (keyof Values)[];
  readonly takes: readonly (keyof Values)[];
  readonly make: (subject: string, values: Values) => Command;
}

const COMMANDS: Readonly<Record<string, Spec>> = {
  import: {
    subject: 'the roster FILE',
    needs: ['building'],
    takes: ['good-rows-only', 'unchecked', 'yes'],
    make: (file, values) => (place, terminal) =>
      importRoster(place.gateway(), { file, building: values.building ?? '', goodRowsOnly: values['good-rows-only'], attest: !values.unchecked, yes: values.yes }, terminal),
  },
  'import-district': {
    subject: 'the roster FILE',
    needs: [],
    takes: ['make-buildings', 'unchecked'],
    make: (file, values) => (place, terminal) => importDistrict(place.gateway(), { file, attest: !values.unchecked, makeBuildings: values['make-buildings'] }, terminal),
  },
  'add-building': {
    subject: 'the CODE of the building',
    needs: ['name'],
    takes: ['name-en', 'address', 'mode', 'reader-bits', 'reader-order', 'site'],
    make: (code, { name, address, mode, site, 'name-en': nameEn, 'reader-bits': bits, 'reader-order': readerOrder }) => {
      const readerBits = bits !== undefined && /^\d+$/.test(bits) ? Number(bits) : bits;
      return (place, terminal) => addBuilding(place.gateway(), { code, name, nameEn, address, mode, readerBits, readerOrder, site }, terminal);
    },
  },
  'add-door': {
    subject: 'the CODE of its building',
    needs: ['kind', 'name'],
    takes: ['name-en', 'room', 'board', 'cards'],
    make(code, { kind, name, room, board, cards, 'name-en': nameEn }) {
      const boardCards = boardOf(board, cards);
      return (place, terminal) => addDoor(place.gateway(), { code, door: { kind, name, nameEn, room, boardCards } }, terminal);
    },
  },
  'add-code': {
    subject: 'the CODE of the door',
    needs: [],
    takes: [],
    make: (code) => (place, terminal) => addCode(place.gateway(), code, terminal),
  },
  lines: {
    needs: [],
    takes: ['test', 'reason', 'seconds', 'yes'],
    make(_, { test: line, reason = '', seconds = '60', yes }) {
      if (line === undefined) return (place, terminal) => showLines(place.gateway(), terminal);
      if (reason === '') throw new WrongUsage('lines: --reason is missing, which the audit keeps.');
      const wanted = { line, reason, seconds: wholeOf('seconds', seconds), yes };
      return (place, terminal) => testLine(place.gateway(), wanted, terminal);
    },
  },
  'add-line': {
    subject: 'its PORT',
    needs: ['name'],
    takes: ['baud', 'devices'],
    make(port, { name = '', baud = '9600', devices = '' }) {
      const line = { port, name, baud: wholeOf('baud', baud), addresses: devices === '' ? [] : devices.split(',').map((each) => wholeOf('devices', each)) };
      return (place, terminal) => addLine(place.gateway(), line, terminal);
    },
  },
  keys: {
    subject: 'what to do with them: rotate',
    needs: [],
    takes: ['yes'],
    make(what, { yes }) {
      if (what !== 'rotate') throw new WrongUsage(`keys: "${what}" is not known. There is: rotate.`);
      return (place, terminal) => rotateKeys(place.gateway(), { yes }, terminal);
    },
  },
  backup: {
    subject: 'the folder DIR',
    needs: [],
    takes: ['keys', 'keep'],
    make(dir, { keys: keysDir, keep = KEEP }) {
      const options = { dir, keysDir, keep: keptOf(keep) };
      return (place, terminal) => backUp(place, options, terminal);
    },
  },
  restore: {
    subject: 'the folder DIR',
    needs: [],
    takes: ['keys', 'replace'],
    make:
      (dir, { keys: keysDir, replace }) =>
      (place, terminal) =>
        restore(place, { dir, keysDir, replace }, terminal),
  },
  rehearse: {
    subject: 'the folder DIR',
    needs: [],
    takes: ['keys'],
    make:
      (dir, { keys: keysDir }) =>
      (place, terminal) =>
        rehearseRestore(place, { dir, keysDir }, terminal),
  },
  doctor: { needs: [], takes: [], make: () => doctor },
  'export-log': {
    subject: 'the PATH of the file to write',
    needs: [],
    takes: ['yes'],
    make:
      (file, { yes }) =>
      (place, terminal) =>
        exportLogTo(place, { file, yes }, terminal),
  },
};

const KEEP = '14';

function wholeOf(option: string, given: string): number {
  if (!/^\d{1,6}$/.test(given)) throw new WrongUsage(`--${option}: expected a whole number, got "${given}".`);
  return Number(given);
}

function keptOf(given: string): number {
  if (!/^[1-9]\d{0,2}$/.test(given)) throw new WrongUsage(`--keep: expected a number from 1 to 999, got "${given}".`);
  return Number(given);
}

/** How the board of a new door writes cards; undefined: it has none. */
function boardOf(board: string | undefined, cards: string | undefined): string | undefined {
  if (board === undefined && cards === undefined) return undefined;
  if (board === undefined) throw new WrongUsage('add-door: --cards is for a door with --board esp-rfid.');
  if (board !== 'esp-rfid') throw new WrongUsage(`--board: expected esp-rfid, got "${board}".`);
  const given = cards ?? 'uid';
  if (!isCardForm(given)) throw new WrongUsage(`--cards: expected one of ${CARD_FORMS.join(', ')}, got "${given}".`);
  return given;
}
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
  if (subject === undefined && spec.subject !== undefined) throw new WrongUsage(`${name}: name ${spec.subject}.`);
  if (subject !== undefined && spec.subject === undefined) throw new WrongUsage(`${name}: takes nothing more, got "${subject}".`);
  if (more !== undefined) throw new WrongUsage(`${name}: one at a time, got also "${more}". Text with spaces needs quotes.`);
  const given = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []));
  checkOptions(name, spec, given, values);
  return { command: spec.make(subject ?? '', values), language: languageOf(values.lang) };
}
