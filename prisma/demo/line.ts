import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import type { FleetLine } from '../../firmware-sim/fleet-file.ts';
import { isLineBytes, lineBytes } from '../../firmware-sim/osdp/bytes-by-parent.ts';
import type { LineRecord, LineRegistry } from '../../gateway/doors/serial/registry.ts';
import { type PortEars, type PortOpener, serialPort } from '../../gateway/serial/port.ts';
import { DEMO_LINE, DEMO_LINE_PORT } from './building.ts';

/** A pair of ptys that went is made anew after this, ms. */
const AGAIN_MS = 1000;
/** A pair that nothing went through for so many seconds ends: its gateway was killed, and nobody is left to end it. */
const IDLE_S = '20';

/** What of a child process is needed to pass bytes on to it. */
export interface OtherEnd {
  readonly connected: boolean;
  send(message: object): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

/** The serial line of the demo building, between the gateway and the process that plays its devices. */
export interface DemoWire {
  /** Opens the demo's own line; any other port is one of this machine. */
  readonly openPort: (port: string, baud: number) => PortOpener;
  /** Lines for the fleet file, with the keys the register has for their devices. */
  fleetLines(lines: LineRegistry): FleetLine[];
  /** The process that plays the devices was started: it is the other end where there are no ptys. */
  join(child: OtherEnd): void;
  stop(): void;
}

/** Is there a program of this name on the PATH? */
const onPath = (name: string): boolean => (process.env['PATH'] ?? '').split(path.delimiter).some((dir) => dir !== '' && existsSync(path.join(dir, name)));

/** Serial number (osdp.md 2.7) of an identity of 16 hex digits; undefined: it has none. */
const serialOf = (identity: string): number | undefined => (/^[0-9a-f]{16}$/.test(identity) ? Buffer.from(identity.slice(8), 'hex').readUInt32LE(0) : undefined);

/** A line of the register as its devices are: those it does not know yet lie ready in their box. */
function played({ devices, baud }: LineRecord, port: string | undefined): FleetLine {
  const known = new Map(devices.map((device) => [device.address, device]));
  const addresses = new Set([...DEMO_LINE.devices.map(({ address }) => address), ...known.keys()]);
  const { door } = DEMO_LINE;
  return {
    port,
    baud,
    devices: [...addresses].map((address) => {
      const made = DEMO_LINE.devices.find((each) => each.address === address);
      const device = known.get(address);
      const keyHex = device?.key === undefined ? undefined : Buffer.from(device.key).toString('hex');
      return {
        address,
        keyHex,
        serial: serialOf(device?.identity ?? '') ?? made?.serial ?? DEMO_LINE.firstSerial + address,
        inputs: made?.inputs ?? 2,
        outputs: made?.outputs ?? 2,
      };
    }),
    doors: [{ code: door.code, ...door.wired }],
    fire: DEMO_LINE.fire,
  };
}

/** The end of a line that is a message channel to a child process, whichever there is. */
function byMessages(): { readonly open: PortOpener; join(child: OtherEnd): void } {
  let ears: PortEars | undefined;
  let child: OtherEnd | undefined;
  return {
    open: async (mine) => {
      ears = mine;
      return {
        write: (bytes) => {
          if (child?.connected === true) child.send(lineBytes(bytes));
        },
        close: () => {
          if (ears === mine) ears = undefined;
        },
      };
    },
    join(next) {
      child = next;
      next.on('message', (message) => {
        if (isLineBytes(message)) ears?.heard(Buffer.from(message.bytes, 'base64'));
      });
    },
  };
}

/** Two ptys that are one line, by socat, made anew when they go. */
function ptyPair(ends: readonly [string, string]): { stop(): void } {
  let stopped = false;
  let again: NodeJS.Timeout | undefined;
  let socat = start();
  const end = (): void => void socat.kill();
  process.once('exit', end);

  function start(): ChildProcess {
    const made = spawn('socat', ['-T', IDLE_S, ...ends.map((end) => `pty,raw,echo=0,link=${end}`)], { stdio: 'ignore' });
    made.on('error', () => undefined);
    made.on('exit', () => {
      if (stopped) return;
      again = setTimeout(() => {
        socat = start();
      }, AGAIN_MS);
    });
    return made;
  }
  return {
    stop() {
      stopped = true;
      clearTimeout(again);
      process.off('exit', end);
      end();
    },
  };
}

/** Lays the demo's serial line: a pair of ptys where socat is, else messages between the two processes. `ptys`: whether to use the former. */
export function layDemoWire(data: string, ptys: boolean = onPath('socat')): DemoWire {
  const dir = path.join(data, 'sim');
  const ends = [path.join(dir, 'osdp-line'), path.join(dir, 'osdp-devices')] as const;
  const messages = byMessages();
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const pair = ptys ? ptyPair(ends) : undefined;
  return {
    openPort: (port, baud) => (port !== DEMO_LINE_PORT ? serialPort(port, baud) : ptys ? serialPort(ends[0], baud) : messages.open),
    fleetLines: (lines) => [...lines.all()].flatMap((line) => (line.port === DEMO_LINE_PORT && !line.retired ? [played(line, ptys ? ends[1] : undefined)] : [])),
    join: (child) => messages.join(child),
    stop: () => pair?.stop(),
  };
}
