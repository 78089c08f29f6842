import type { DeviceNews, LineStatus } from '../doors/serial/status.ts';
import { samePort } from '../machine/serial-ports.ts';
import { addLine } from '../register/serial-lines.ts';
import { type ListedLine, type SerialLines, serialLinesOf } from '../store/line-list.ts';
import type { Audit } from './audit.ts';
import type { Deps } from './deps.ts';
import { createDeviceMoves, type DeviceMoves } from './device-moves.ts';
import { createKeyGivings, type KeyGivings } from './key-giving.ts';
import { createLineSpeeds, type LineSpeeds } from './line-speeds.ts';
import { createLineTests, type LineTests } from './line-tests.ts';
import type { Live } from './live.ts';
import { noteOf } from './register-note.ts';
import type { LineView } from './schemas/serial-lines.ts';
import { LOCAL_OPERATOR } from './viewer.ts';
import { lineView } from './views/serial-line.ts';

/** Serial lines on the desk side. */
export interface SerialDesk {
  readonly lines: SerialLines;
  readonly givings: KeyGivings;
  readonly moves: DeviceMoves;
  /** What the door side tells of an operator's act on a device. */
  acted(deviceId: number, news: DeviceNews): Promise<void>;
  readonly tests: LineTests;
  readonly speeds: LineSpeeds;
  /** A line as it is now. */
  view(line: ListedLine): LineView;
  /** Lines changed in the register: door side and consoles are told. */
  changed(): Promise<void>;
  /** The door side told how lines are: consoles are told when it is more than counts. */
  heard(lines: readonly LineStatus[]): void;
  /** Enters the lines of OSDP_LINES whose ports the register does not know. Never rejects. */
  enterConfigured(): Promise<void>;
}

export interface SerialDeskParts {
  readonly deps: Deps;
  readonly audit: Audit;
  readonly live: Pick<Live, 'onSerial'>;
  readonly registerChanged: () => Promise<void>;
}

const NAME_LENGTH = 60;

/** What of the lines' state is worth a look: all but what grows with each poll. */
const shapeOf = (lines: readonly LineStatus[]): string =>
  JSON.stringify(lines.map(({ counts: _, devices, test, ...line }) => [line, test?.since, test?.endedAt, devices.map(({ pollsPerSecond: __, ...device }) => device)]));

/** Enters configured lines; how many are still to be entered. */
async function enterLines(deps: Deps, lines: SerialLines): Promise<number> {
  const { config, register, clock } = deps;
  const known = await lines.ports();
  const left = (config.lines ?? []).filter(({ port }) => !known.some((other) => samePort(port, other)));
  if (left.length > 0 && (await register.read.site.count()) === 0) return left.length;
  for (const { port, baud, addresses } of left) {
    const devices = addresses.map((address) => ({ address, name: `OSDP ${address}` }));
    const name = `OSDP ${port.slice(port.lastIndexOf('/') + 1)}`.slice(0, NAME_LENGTH);
    const note = noteOf({ deps }, LOCAL_OPERATOR, { what: 'line-added', buildingId: 0 });
    await addLine(register, { name, port, baud, devices }, { note, samePort, now: clock() });
  }
  return 0;
}

export function createSerialDesk({ deps, audit, live, registerChanged }: SerialDeskParts): SerialDesk {
  const { register, doorSide, clock, onError, onNotice } = deps;
  const lines = serialLinesOf(register);
  let shape = '';
  async function changed(): Promise<void> {
    await registerChanged();
    live.onSerial();
  }
  const parts = { register, doorSide, audit, clock, onError, changed: async (what: 'state' | 'register') => (what === 'register' ? changed() : live.onSerial()) };
  const moves = createDeviceMoves(parts);
  const givings = createKeyGivings({ ...parts, checkIdle: moves.checkIdle });
  const tests = createLineTests({ doorSide, audit, onError });
  const speeds = createLineSpeeds({ ...parts, doorSide, lines });
  return {
    lines,
    givings,
    moves,
    tests,
    speeds,
    async acted(deviceId, news) {
      if (news.what === 'speed') return speeds.heard(deviceId, news.of);
      return news.what === 'address' ? moves.heard(deviceId, news.of) : givings.heard(deviceId, news);
    },
    view: (line) => lineView(line, { statuses: doorSide.lines(), givings, moves, speeds, now: clock() }),
    changed,
    heard(statuses) {
      tests.heard(statuses);
      const next = shapeOf(statuses);
      if (next === shape) return;
      shape = next;
      live.onSerial();
    },
    async enterConfigured() {
      if (deps.config.lines === undefined) return;
      try {
        const waiting = await enterLines(deps, lines);
        if (waiting > 0) onNotice?.('OSDP_LINES: no building is registered yet; the lines are entered with the first one.');
        else await changed();
      } catch (error) {
        onError(error, 'OSDP_LINES');
      }
    },
  };
}
