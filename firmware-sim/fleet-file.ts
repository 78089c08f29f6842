import { readFileSync } from 'node:fs';
import { list, oneOf, optional, type ReadBy, record, text, whole } from '../gateway/wire/fields.ts';

const wireId = text(/^[a-z0-9][a-z0-9-]{0,23}$/, '1 to 24 of a-z, 0-9 and hyphen');
const path = text(/^.{1,1024}$/, 'a path');

const fleetDevice = record({
  device: wireId,
  site: wireId,
  secretHex: text(/^[0-9a-f]{64}$/, '64 lower-case hex digits'),
  /** Public key that signs its access lists. */
  listKeyHex: text(/^[0-9a-f]{64}$/, '64 lower-case hex digits'),
  doors: list(record({ number: whole(1, 8), code: text(/^[\x21-\x7e]{1,64}$/, 'a door code') }), 8),
});
const address = whole(0, 126);
const count = whole(0, 16);
const point = record({ address, input: count });
const fleetLine = record({
  /** Port or pty its devices are on; absent: whoever started this process passes the bytes on. */
  port: optional(path),
  baud: whole(9600, 230_400),
  devices: list(record({ address, keyHex: optional(text(/^[0-9a-f]{32}$/, '32 lower-case hex digits')), serial: whole(0, 2 ** 32 - 1), inputs: count, outputs: count }), 31),
  doors: list(record({ code: text(/^[\x21-\x7e]{1,64}$/, 'a door code'), reader: address, relay: address, output: count, contact: optional(point), exit: optional(point) }), 31),
  fire: optional(point),
});
const fleetFile = record({
  mqtt: record({ host: text(/^[^\s]{1,255}$/, 'a host name'), port: whole(1, 65_535), pin: optional(text(/^[A-Za-z0-9_-]{43}$/, 'a pin of 43 letters')) }),
  socket: path,
  storeDir: path,
  devices: list(fleetDevice, 100_000),
  /** True: a granted tap is followed by somebody opening the door and letting it fall shut. */
  walk: optional(oneOf(true, false)),
  lines: optional(list(fleetLine, 8)),
});

/** One simulated controller and its doors. */
export type FleetDevice = ReadBy<typeof fleetDevice>;
/** One serial line with the devices and doors on it. */
export type FleetLine = ReadBy<typeof fleetLine>;
/** What the simulator is started with: the gateway's address, the local socket, the devices and their secrets. */
export type FleetFile = Omit<ReadBy<typeof fleetFile>, 'lines'> & { readonly lines?: readonly FleetLine[] | undefined };

/** Reads a fleet file. Throws FieldError naming the field, SyntaxError, or what the file system throws. */
export const readFleetFile = (file: string): FleetFile => fleetFile(JSON.parse(readFileSync(file, 'utf8')), '');
