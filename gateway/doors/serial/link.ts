import type { DoorId } from '../../core/ids.ts';
import type { CommandResult, DoorLink } from '../link.ts';
import { createLimiter } from '../limiter.ts';
import { SerialLine } from './line.ts';
import { LineSpeeds } from './line-speed.ts';
import type { LineParts } from './line-parts.ts';
import { type LineRegistry, samePort } from './registry.ts';
import type { CommissionAct, LineAct, LineStatus, LineTestAnswer } from './status.ts';
import { createTeller } from './teller.ts';

/** What the link to serial lines is made of. */
export interface LineLinkOptions extends Omit<LineParts, 'teller' | 'told' | 'changes'> {
  readonly registry: LineRegistry;
}

/** Devices on serial lines of this computer, whose controller is the gateway itself (design.md 6.2). */
export interface LineLink extends DoorLink {
  /** Does this door hang on one of the lines? */
  has(doorId: DoorId): boolean;
  lines(): LineStatus[];
  /** What an operator does at one device. What came of it is told by `commissioned`; a device of no line, as `not-ready`. */
  commission(deviceRow: number, act: CommissionAct): void;
  /** Begins, goes on with or ends the test of a line, or moves it to another speed. */
  test(lineId: number, act: LineAct): LineTestAnswer;
  /** Lines or their doors changed in the register: looks at all of them again. */
  refresh(): void;
}

const MINUTE_MS = 60_000;
const CHANGES_A_MINUTE = 10;
/** Time moves the doors of a line so often, ms: a lock that a device did not close by itself is late by no more. */
const TICK_MS = 50;
const TICKS_A_SECOND = 20;

/** Opens the lines of the register, each on its own: a port that is not there is looked for until it comes. */
export function openLineLink(options: LineLinkOptions): LineLink {
  const { registry, side, log, uptime } = options;
  const teller = createTeller(side, log);
  const parts: LineParts = { ...options, teller, told: createLimiter(1, MINUTE_MS, uptime), changes: createLimiter(CHANGES_A_MINUTE, MINUTE_MS, uptime) };
  const lines = new Map<number, SerialLine>();
  const speeds = new LineSpeeds(options);

  function act(lineId: number, given: LineAct): LineTestAnswer {
    refresh();
    const line = lines.get(lineId);
    if (line === undefined) return 'missing';
    if (given.act === 'speed-ready' || given.act === 'speed-tell' || given.act === 'speed-drop') return speeds.act(line, given);
    return given.act === 'begin' && speeds.isMoving(lineId) ? 'speed' : line.test(given);
  }

  function refresh(): void {
    const standing = [...registry.all()].filter(({ retired }) => !retired).map((record) => speeds.standing(record));
    for (const [id, line] of lines) {
      if (standing.some((record) => record.id === id && samePort(line.record, record))) continue;
      line.stop();
      lines.delete(id);
    }
    for (const record of standing) {
      const line = lines.get(record.id);
      if (line?.record === record) continue;
      if (line !== undefined) line.update(record);
      else {
        const opened = new SerialLine(record, { ...parts, changes: speeds.changes(record.name, record.id, parts.changes) });
        lines.set(record.id, opened);
        opened.start();
      }
    }
  }

  refresh();
  let ticks = 0;
  const ticking = setInterval(() => {
    ticks += 1;
    for (const line of lines.values()) {
      line.tick();
      if (ticks % TICKS_A_SECOND === 0) line.announce();
    }
    if (speeds.tick(lines.values())) refresh();
    // Also when nobody says so: the link to the network, which passes it on, may wait for its port.
    if (ticks % TICKS_A_SECOND === 0) refresh();
  }, TICK_MS);

  return {
    refresh,
    has: (doorId) => [...lines.values()].some((line) => line.has(doorId)),
    lines: () => [...lines.values()].map((line) => line.status()),
    states: () => [...lines.values()].flatMap((line) => line.states()),
    async command(doorId, command): Promise<CommandResult> {
      return [...lines.values()].find((line) => line.has(doorId))?.command(doorId, command) ?? 'offline';
    },
    commission(deviceRow, act) {
      const done = (): boolean => [...lines.values()].some((line) => line.commission(deviceRow, act));
      if (done()) return;
      // A device that was entered a moment ago.
      refresh();
      if (!done()) options.commissioned(deviceRow, act.act === 'move' ? { what: 'address', of: { result: 'unsent' } } : { what: 'not-ready' });
    },
    test: act,
    async close() {
      clearInterval(ticking);
      for (const line of lines.values()) line.stop();
      teller.stop();
    },
  };
}
