import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { FieldError, list, oneOf, optional, type ReadBy, type Reader, record, text, whole } from '../../gateway/wire/fields.ts';
import { weakness } from '../../gateway/wire/osdp/keys.ts';
import { BAUDS } from '../../gateway/serial/port.ts';

const path = text(/^.{1,1024}$/, 'a path');
const name = text(/^[a-z0-9][a-z0-9-]{0,23}$/, '1 to 24 of a-z, 0-9 and hyphen');
const onOff = oneOf(true, false);

const gpioPoint = record({ chip: text(/^[A-Za-z0-9/._-]{1,64}$/, 'a GPIO chip, as gpiodetect names it'), line: whole(0, 1023), activeLow: optional(onOff) });
const osdpInput = record({ device: name, input: whole(0, 63), activeLow: optional(onOff) });
const osdpOutput = record({ device: name, output: whole(0, 63) });

/** A pin of the board. */
export type GpioPoint = ReadBy<typeof gpioPoint>;
/** An input of an OSDP device. */
export type OsdpInput = ReadBy<typeof osdpInput>;
/** An output of an OSDP device. */
export type OsdpOutput = ReadBy<typeof osdpOutput>;

const pinOr =
  <T>(other: Reader<T>): Reader<T | GpioPoint> =>
  (value, field) =>
    typeof value === 'object' && value !== null && 'chip' in value ? gpioPoint(value, field) : other(value, field);

const device = record({
  name,
  address: whole(0, 126),
  /** File with its key, 32 hex digits; absent: it has none yet, and nothing is said to it. */
  key: optional(path),
  /** Maker, model and serial number as it was enrolled: another with the same key stays out. */
  identity: optional(text(/^[0-9a-f]{16}$/, '16 hex digits')),
  /** True: it may speak in clear. Whoever listens on the wire reads the cards. */
  clear: optional(onOff),
});
const line = record({ port: path, baud: optional(oneOf(...BAUDS)), devices: list(device, 31) });
const door = record({
  reader: name,
  relay: pinOr(osdpOutput),
  /** Active: the door is open. */
  contact: optional(pinOr(osdpInput)),
  exit: optional(pinOr(osdpInput)),
});
const boardFile = record({
  /** Made by `npm run door -- enrol`: who this controller is, and what it keeps. */
  folder: path,
  lines: list(line, 8),
  doors: list(door, 8),
  /** Active: fire. */
  fire: optional(pinOr(osdpInput)),
  tamper: optional(pinOr(osdpInput)),
});

/** One device of a board's lines, its key read. */
export type BoardDevice = Omit<ReadBy<typeof device>, 'key'> & { readonly keyFile: string | undefined; readonly key: Buffer | undefined };
/** One door of a board: the first is number 1. */
export type BoardDoor = ReadBy<typeof door>;
/** A whole board. */
export interface BoardFile extends Pick<ReadBy<typeof boardFile>, 'fire' | 'tamper'> {
  readonly folder: string;
  readonly lines: readonly { readonly port: string; readonly baud: number; readonly devices: readonly BoardDevice[] }[];
  readonly doors: readonly BoardDoor[];
}

const missing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

function keyIn(file: string, field: string): Buffer | undefined {
  let said: string;
  try {
    said = readFileSync(file, 'utf8').trim();
  } catch (error) {
    // Named, and not given yet: the device gets one by `npm run door -- key`.
    if (missing(error)) return undefined;
    throw error;
  }
  if (!/^[0-9a-f]{32}$/i.test(said)) throw new FieldError(field, `32 hex digits in ${file}`);
  const key = Buffer.from(said, 'hex');
  const weak = weakness(key);
  if (weak !== undefined) throw new FieldError(field, `a random key in ${file}: this one anybody tries first (${weak})`);
  return key;
}

function judge({ lines, doors, fire, tamper }: BoardFile): void {
  const devices = lines.flatMap((each) => each.devices);
  const twice = devices.find((each, at) => devices.findIndex((other) => other.name === each.name) !== at);
  if (twice !== undefined) throw new FieldError('lines.devices.name', `each name once, got ${twice.name} twice`);
  if (doors.length === 0) throw new FieldError('doors', '1 to 8 doors');
  const known = (field: string, wanted: string): void => {
    if (!devices.some((each) => each.name === wanted)) throw new FieldError(field, `the name of a device on a line, got ${wanted}`);
  };
  const at = (field: string, point: GpioPoint | OsdpInput | OsdpOutput | undefined): void => {
    if (point !== undefined && 'device' in point) known(`${field}.device`, point.device);
  };
  for (const [n, each] of doors.entries()) {
    known(`doors[${n}].reader`, each.reader);
    at(`doors[${n}].relay`, each.relay);
    at(`doors[${n}].contact`, each.contact);
    at(`doors[${n}].exit`, each.exit);
  }
  at('fire', fire);
  at('tamper', tamper);
}

/** Reads a board's file; paths in it begin at its own folder. Throws FieldError naming the field, a sentence for no JSON, or what the file system throws. */
export function readBoardFile(file: string): BoardFile {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw new Error(`${file}: 不是 JSON。 Not JSON: ${error.message}`);
    throw error;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new FieldError(file, 'a JSON object');
  const base = dirname(resolve(file));
  const read = boardFile(value, '');
  const board: BoardFile = {
    ...read,
    folder: resolve(base, read.folder),
    lines: read.lines.map(({ port, baud = 9600, devices }, n) => ({
      port: resolve(base, port),
      baud,
      devices: devices.map(({ key, ...each }, at) => {
        const keyFile = key === undefined ? undefined : resolve(base, key);
        return { ...each, keyFile, key: keyFile === undefined ? undefined : keyIn(keyFile, `lines[${n}].devices[${at}].key`) };
      }),
    })),
  };
  judge(board);
  return board;
}
