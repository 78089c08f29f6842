import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';

/** Settings of one gateway, read once at start. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly mqttPort: number;
  /** Where controllers on the network connect, with TLS; undefined: only on loopback. */
  readonly doors?: DoorsPort | undefined;
  /** Where esp-rfid boards connect, plain and with a password each; undefined: nowhere. */
  readonly boards?: { readonly host: string; readonly port: number } | undefined;
  /** Serial lines that are entered into the register when it does not know their ports. */
  readonly lines?: readonly ConfiguredLine[] | undefined;
  /** Paths of the certificate chain and its key, PEM. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly publicUrl: string | undefined;
  /** Absolute path of the data directory. */
  readonly data: string;
  /** Where checkpoints of the log are copied to besides the data directory: a file, best on another medium, and the address of a witness. */
  readonly checkpoints?: { readonly file: string | undefined; readonly url: string | undefined } | undefined;
  /** Undefined: the gateway makes no backup by itself. */
  readonly backup?: NightlyBackup | undefined;
  /** True when nobody named a data directory: the demo building with its simulated doors. */
  readonly demo: boolean;
}

/** The port for controllers on the network. */
export interface DoorsPort {
  readonly host: string;
  readonly port: number;
  /** The address controllers are told; undefined: the one it listens on, or this computer's first. */
  readonly address: string | undefined;
  /** The operator's certificate and its key, PEM; undefined: one of the gateway's own. */
  readonly certificate: { readonly cert: string; readonly key: string } | undefined;
}

/** A serial line of OSDP_LINES. */
interface ConfiguredLine {
  readonly port: string;
  readonly baud: number;
  /** Of its devices, 0 to 126. */
  readonly addresses: readonly number[];
}

/** Where the gateway puts a backup by itself each night. */
export interface NightlyBackup {
  readonly dir: string;
  readonly keysDir: string;
  /** Backups that stay. */
  readonly keep: number;
  /** Ms after local midnight. */
  readonly at: number;
}

/** A setting that cannot be used. The message is the one line a person is shown. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const expected = (variable: string, what: string, got: string): ConfigError => new ConfigError(`${variable}: expected ${what}, got "${got}".`);

type Environment = Readonly<Record<string, string | undefined>>;

function port(env: Environment, variable: string, otherwise: number): number {
  const given = env[variable];
  if (given === undefined || given === '') return otherwise;
  const value = Number(given);
  if (!/^\d{1,5}$/.test(given) || value > 65_535) throw expected(variable, 'a port number from 0 to 65535 (0: any free one)', given);
  return value;
}

function host(env: Environment, variable: string, otherwise: string): string {
  const given = env[variable] || otherwise;
  if (isIP(given) === 0 && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(given)) throw expected(variable, 'an IP address or host name such as 127.0.0.1 or 0.0.0.0', given);
  return given;
}

function readable(env: Environment, variable: string): string | undefined {
  const given = env[variable];
  if (given === undefined || given === '') return undefined;
  try {
    accessSync(given, constants.R_OK);
  } catch {
    throw expected(variable, 'the path of a PEM file this user can read', given);
  }
  return path.resolve(given);
}

function certificate(env: Environment, use: 'TLS' | 'MQTTS'): Config['tls'] {
  const [cert, key] = [readable(env, `${use}_CERT`), readable(env, `${use}_KEY`)];
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert !== undefined) throw new ConfigError(`${use}_KEY: expected the path of the private key that belongs to ${use}_CERT, got nothing.`);
  if (key !== undefined) throw new ConfigError(`${use}_CERT: expected the path of the certificate that belongs to ${use}_KEY, got nothing.`);
  return undefined;
}

/** A demo has its doors inside and opens no port for others unless it is told to. */
function doorsPort(env: Environment): DoorsPort | undefined {
  const given = certificate(env, 'MQTTS');
  if (!env['DOORBOOK_DATA'] && !env['MQTTS_PORT']) return undefined;
  const address = env['MQTTS_ADDRESS'] ? host(env, 'MQTTS_ADDRESS', '') : undefined;
  return { host: host(env, 'MQTTS_HOST', env['HOST'] || '127.0.0.1'), port: port(env, 'MQTTS_PORT', 8883), address, certificate: given };
}

/** Plain MQTT on a network is never opened by itself: only by naming the port. */
function boardsPort(env: Environment): Config['boards'] {
  if (!env['ESP_RFID_PORT']) {
    if (env['ESP_RFID_HOST']) throw new ConfigError('ESP_RFID_PORT: expected the port for esp-rfid boards, as ESP_RFID_HOST names the address they reach, got nothing.');
    return undefined;
  }
  return { host: host(env, 'ESP_RFID_HOST', env['HOST'] || '127.0.0.1'), port: port(env, 'ESP_RFID_PORT', 0) };
}

const BAUDS: readonly number[] = [9600, 19_200, 38_400, 57_600, 115_200, 230_400];
const LINE = /^(\/dev\/[A-Za-z0-9/._:+-]{1,195})@(\d{1,7}):(\d{1,3}(?:,\d{1,3})*)$/;
const LINES_FORM = 'lines such as /dev/serial/by-id/usb-x@9600:0,1;/dev/ttyS1@115200:5 (port, @, speed, :, addresses of devices)';
const ADDRESS_MAX = 126;
const ON_A_LINE = 31;

function serialLine(given: string): ConfiguredLine {
  const wrong = (what: string, got: string): ConfigError => expected('OSDP_LINES', what, got);
  const [, port = '', speed = '', list = ''] = LINE.exec(given) ?? [];
  if (port === '' || port.split('/').includes('..')) throw wrong(LINES_FORM, given);
  const [baud, addresses] = [Number(speed), list.split(',').map(Number)];
  if (!BAUDS.includes(baud)) throw wrong(`a speed of ${port} of ${BAUDS.join(', ')}`, speed);
  const bad = addresses.find((each, at) => each > ADDRESS_MAX || addresses.indexOf(each) !== at);
  if (bad !== undefined) throw wrong(`addresses of ${port} from 0 to ${ADDRESS_MAX}, each once`, String(bad));
  if (addresses.length > ON_A_LINE) throw wrong(`at most ${ON_A_LINE} devices at ${port}`, String(addresses.length));
  return { port, baud, addresses };
}

/** Serial lines named in the environment; undefined: none are. */
function serialLines(env: Environment): Config['lines'] {
  const given = env['OSDP_LINES'];
  if (given === undefined || given.trim() === '') return undefined;
  const parts = given.split(';').map((part) => part.trim());
  const lines = parts.filter((part) => part !== '').map(serialLine);
  const twice = lines.find(({ port }, at) => lines.findIndex((each) => each.port === port) !== at);
  if (twice !== undefined) throw expected('OSDP_LINES', 'each port once', twice.port);
  return lines;
}

function address(env: Environment, variable: string, example: string): string | undefined {
  const given = env[variable];
  if (given === undefined || given === '') return undefined;
  if (!URL.canParse(given) || !/^https?:$/.test(new URL(given).protocol)) throw expected(variable, `an address such as ${example}`, given);
  return given.replace(/\/$/, '');
}

/** A file that this user can put into the folder it names. */
function newFile(env: Environment, variable: string): string | undefined {
  const given = env[variable];
  if (given === undefined || given === '') return undefined;
  try {
    accessSync(path.dirname(path.resolve(given)), constants.W_OK | constants.X_OK);
  } catch {
    throw expected(variable, 'the path of a file in a folder this user can write to', given);
  }
  return path.resolve(given);
}

/** Folders are made when they are first needed: the disk for them may be plugged in later. */
function nightlyBackup(env: Environment): NightlyBackup | undefined {
  const [dir, keysDir, at, keep] = [env['BACKUP_DIR'] ?? '', env['BACKUP_KEYS_DIR'] ?? '', env['BACKUP_AT'] || '03:30', env['BACKUP_KEEP'] || '14'];
  if (dir === '') {
    if (keysDir !== '') throw new ConfigError('BACKUP_DIR: expected the folder for backups, as BACKUP_KEYS_DIR names the one for their keys, got nothing.');
    return undefined;
  }
  for (const [variable, given] of [
    ['BACKUP_DIR', dir],
    ['BACKUP_KEYS_DIR', keysDir || dir],
  ] as const) {
    if (!path.isAbsolute(given)) throw expected(variable, 'the whole path of a folder, beginning with /', given);
  }
  const [, hours = '', minutes = ''] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(at) ?? [];
  if (hours === '') throw expected('BACKUP_AT', 'a time of day such as 03:30', at);
  if (!/^[1-9]\d{0,2}$/.test(keep)) throw expected('BACKUP_KEEP', 'how many backups stay, 1 to 999', keep);
  const folder = path.resolve(dir);
  return { dir: folder, keysDir: path.resolve(keysDir || `${folder}-keys`), keep: Number(keep), at: (Number(hours) * 60 + Number(minutes)) * 60_000 };
}

function dataDirectory(env: Environment, root: string): string {
  const name = env['DOORBOOK_DATA'] ? 'DOORBOOK_DATA' : 'DOORBOOK_DEMO';
  const directory = path.resolve(env[name] || path.join(root, 'data', 'demo'));
  const variable = env[name] ? `${name} (${directory})` : directory;
  try {
    if (!existsSync(directory)) mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new ConfigError(`${variable}: expected a directory this user can write to (${why}).`);
  }
  return directory;
}

/**
 * Environment → settings. Throws ConfigError naming the variable and what was expected. `root` is the
 * project's directory, under which the demo keeps its data unless DOORBOOK_DEMO names another place.
 */
export function readConfig(env: Environment, root: string): Config {
  for (const [variable, what] of [
    ['DATABASE_URL', 'PostgreSQL'],
    ['MQTT_URL', 'An external MQTT broker'],
  ] as const) {
    if (env[variable]) throw new ConfigError(`${variable}: ${what} is not built yet. Leave it unset; the gateway uses its embedded one.`);
  }
  return {
    host: host(env, 'HOST', '127.0.0.1'),
    port: port(env, 'PORT', 8080),
    mqttPort: port(env, 'MQTT_PORT', 1883),
    doors: doorsPort(env),
    boards: boardsPort(env),
    lines: serialLines(env),
    tls: certificate(env, 'TLS'),
    publicUrl: address(env, 'PUBLIC_URL', 'https://doors.example.cn'),
    checkpoints: { file: newFile(env, 'CHECKPOINT_FILE'), url: address(env, 'CHECKPOINT_URL', 'https://witness.example.cn') },
    data: dataDirectory(env, root),
    backup: nightlyBackup(env),
    demo: !env['DOORBOOK_DATA'],
  };
}
