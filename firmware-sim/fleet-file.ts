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
const fleetFile = record({
  mqtt: record({ host: text(/^[^\s]{1,255}$/, 'a host name'), port: whole(1, 65_535), pin: optional(text(/^[A-Za-z0-9_-]{43}$/, 'a pin of 43 letters')) }),
  socket: path,
  storeDir: path,
  devices: list(fleetDevice, 100_000),
  /** True: a granted tap is followed by somebody opening the door and letting it fall shut. */
  walk: optional(oneOf(true, false)),
});

/** One simulated controller and its doors. */
export type FleetDevice = ReadBy<typeof fleetDevice>;
/** What the simulator is started with: the gateway's address, the local socket, the devices and their secrets. */
export type FleetFile = ReadBy<typeof fleetFile>;

/** Reads a fleet file. Throws FieldError naming the field, SyntaxError, or what the file system throws. */
export const readFleetFile = (file: string): FleetFile => fleetFile(JSON.parse(readFileSync(file, 'utf8')), '');
