import { type PortOpener, serialPort } from '../gateway/serial/port.ts';
import { FieldError, oneOf, optional, record, type ReadBy, text, whole } from '../gateway/wire/fields.ts';
import { CARD_EXPECTED, parseCard } from './cards.ts';
import { SimDevice, type TapResult } from './device.ts';
import { FAULTS, isFault, readFault } from './faults.ts';
import type { FleetFile, FleetLine } from './fleet-file.ts';
import { PlayedLine } from './osdp/played-line.ts';

const SAFE = Number.MAX_SAFE_INTEGER;

/** One line of the local socket, checked. */
export const socketRequest = record({
  id: whole(0, SAFE),
  act: oneOf('tap', 'type', 'push', 'open', 'close', 'fire', 'network', 'power', 'list', 'fault', 'record'),
  doorCode: optional(text(/^[\x21-\x7e]{1,64}$/, 'a door code')),
  card: optional(text(/^[\x21-\x7e]{0,64}$/, 'a card number')),
  /** Digits typed after the card, or without one. */
  pin: optional(text(/^\d{1,12}$/, '1 to 12 digits')),
  /** A tap is answered when the keypad asks for digits, and `type` goes on. */
  looks: optional(oneOf(true, false)),
  on: optional(oneOf(true, false)),
  fault: optional(text(/^[a-z]{1,16}$/, 'the name of a fault')),
  value: optional(whole(-SAFE, SAFE)),
  /** Of the chance from here on. */
  seed: optional(whole(0, SAFE)),
  /** Where a recording goes; absent: it ends. */
  file: optional(text(/^\/.{1,1023}$/, 'a whole path, beginning with /')),
});
type Asked = ReadBy<typeof socketRequest>;
/** What is always there, and what an act needs. */
export type SocketRequest = Pick<Asked, 'id' | 'act'> & Partial<Asked>;

interface FleetDoor {
  readonly code: string;
  readonly number: number;
  readonly device: SimDevice;
}

/** All devices of one process. */
export interface Fleet {
  readonly devices: number;
  /** Carries out one request; the fields of its answer. Rejects with a sentence for a person. */
  act(request: SocketRequest): Promise<Record<string, unknown>>;
  stop(): void;
}

/** The door of a code, whole or only its last letters (`D01`). Throws a sentence for a person when there is none, or several. */
function findDoor<T extends { readonly code: string }>(doors: readonly T[], wanted: string | undefined): T {
  const exact = doors.filter(({ code }) => code === wanted);
  const found = exact.length > 0 ? exact : doors.filter(({ code }) => wanted !== undefined && wanted.length >= 2 && code.toUpperCase().endsWith(wanted.toUpperCase()));
  const [door] = found;
  if (door === undefined || found.length > 1) throw new Error(`没有这扇门：${wanted ?? ''}。 No such door: ${wanted ?? ''}.`);
  return door;
}

function asked({ device, number }: FleetDoor, { act, card, pin, looks }: SocketRequest): Promise<TapResult> {
  if (act === 'type') {
    if (pin === undefined) throw new FieldError('pin', '1 to 12 digits');
    return device.type(number, pin);
  }
  const reading = parseCard(card ?? '');
  if (reading === undefined) throw new Error(CARD_EXPECTED);
  return device.tap(number, reading, { pin, looks: looks === true });
}

async function tap(door: FleetDoor, request: SocketRequest): Promise<Record<string, unknown>> {
  const { granted, reason, openMs, ms, entry, local, asks } = await asked(door, request);
  if (asks === true) return { asks, ms };
  return { granted, reason, openMs, ms, ...(entry === 0 ? {} : { entry }), offline: local };
}

function inject(device: SimDevice, { fault = '', value, seed }: SocketRequest): void {
  if (!isFault(fault)) throw new FieldError('fault', `one of ${Object.keys(FAULTS).join(', ')}`);
  device.fault(readFault(fault, value), seed);
}

function set({ device, number: door }: FleetDoor, request: SocketRequest): void {
  const { act, on } = request;
  if (act === 'fault') return inject(device, request);
  if (act === 'record') return request.file === undefined ? device.stopRecording() : device.record(request.file);
  if (act === 'push') return device.act({ t: 'exit', door });
  if (act === 'open' || act === 'close') return device.act({ t: 'contact', door, contact: act === 'open' ? 'open' : 'closed' });
  if (on === undefined) throw new FieldError('on', 'true or false');
  if (act === 'fire') device.act({ t: 'fire', on });
  else if (act === 'network') device.network(on);
  else device.power(on);
}

/** Without a port of its own a line's bytes go by way of whoever started this process. */
const portOf = ({ port, baud }: FleetLine, otherwise: PortOpener | undefined): PortOpener => {
  if (port !== undefined) return serialPort(port, baud);
  if (otherwise === undefined) throw new FieldError('port', 'a port, as nobody passes the bytes of this line on');
  return otherwise;
};

/** Starts every device of a fleet. `bytes`: the way of a line that has no port of its own. Throws what a store throws. */
export function startFleet({ mqtt, storeDir, devices, walk = false, lines = [] }: FleetFile, bytes?: PortOpener): Fleet {
  const all = devices.map((device) => ({ device, sim: new SimDevice({ mqtt, storeDir, device, walk }) }));
  const doors: FleetDoor[] = all.flatMap(({ device, sim }) => device.doors.map(({ code, number }) => ({ code, number, device: sim })));
  const played = lines.map((line) => new PlayedLine(line, portOf(line, bytes), walk));
  const wired = played.flatMap((line) => line.doors.map((door) => ({ code: door.code, line, door })));
  for (const each of [...all.map(({ sim }) => sim), ...played]) each.start();
  return {
    devices: all.length,
    async act(request) {
      if (request.act === 'list')
        return {
          doors: [
            ...doors.map(({ code, number, device }) => ({ doorCode: code, ...device.status(number) })),
            ...wired.map(({ code, line, door }) => ({ doorCode: code, ...line.status(door) })),
          ],
        };
      const found = findDoor<FleetDoor | (typeof wired)[number]>([...doors, ...wired], request.doorCode);
      if ('line' in found) return found.line.act(found.door, request);
      if (request.act === 'tap' || request.act === 'type') return tap(found, request);
      set(found, request);
      return {};
    },
    stop() {
      for (const each of [...all.map(({ sim }) => sim), ...played]) each.stop();
    },
  };
}
