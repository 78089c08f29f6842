import type { Limiter } from '../limiter.ts';
import type { SerialLine } from './line.ts';
import type { LineParts } from './line-parts.ts';
import type { LineRecord } from './registry.ts';
import type { LineSpeedAct, LineTestAnswer } from './status.ts';

/** Looked for at one speed for so long, then at the other: a line of 31 that are silent is asked through in 8 s. */
const LOOK_MS = 10_000;
/** A desk side that said that it would store a speed has so long to say that it has, ms. Then it is gone. */
const READY_MS = 15_000;
/** Telling a line ends by itself before; one whose port or devices were changed meanwhile ends like this, ms. */
const TELLING_MS = 30_000;
/** The register is told until it knows, so often, ms. */
const TOLD_MS = 10_000;
/** So many times the port's comings and goings at either speed are entries of the log; then it is known. */
const TOLD_TURNS = 4;

interface Speed {
  /** `ready`, `telling`: it stands where it was. `looking`: it may be at either speed. */
  phase: 'ready' | 'telling' | 'looking';
  /** Where the port stands; and where it is to stand when telling is over without a word. */
  baud: number;
  to: number;
  since: number;
  turns: number;
  toldAt: number;
  /** The record that was given for the register's; no other is made for it. */
  of: LineRecord | undefined;
  shown: LineRecord | undefined;
}

/** What speeds are looked for with. */
export type LineSpeedsParts = Pick<LineParts, 'uptime' | 'commissioned'>;

/** Lines that are being moved to another speed: where their ports stand meanwhile. */
export class LineSpeeds {
  readonly #parts: LineSpeedsParts;
  readonly #speeds = new Map<number, Speed>();

  constructor(parts: LineSpeedsParts) {
    this.#parts = parts;
  }

  /**
   * A line as it is to be worked now: of two speeds, the one it is looked for at. A start of the gateway looks at the
   * next one first: whoever went there is met there, and one is enough.
   */
  standing(record: LineRecord): LineRecord {
    const { id, baud, nextBaud } = record;
    const speed = this.#speeds.get(id);
    if (nextBaud == null) {
      if (speed?.phase === 'looking') this.#speeds.delete(id);
      return record;
    }
    const isKnown = speed !== undefined && (speed.baud === baud || speed.baud === nextBaud);
    const now = isKnown ? speed : this.#begin(id, 'looking', nextBaud);
    if (now.of === record && now.shown?.baud === now.baud) return now.shown;
    now.of = record;
    now.shown = now.baud === baud ? record : { ...record, baud: now.baud };
    return now.shown;
  }

  /** Is this line being moved? */
  isMoving = (id: number): boolean => this.#speeds.has(id);

  /** One step of an operator's act; `line`: as it is worked now. */
  act(line: SerialLine, given: LineSpeedAct): LineTestAnswer {
    const { id, baud } = line.record;
    const speed = this.#speeds.get(id);
    if (given.act === 'speed-ready') {
      const why = speed === undefined ? line.hindrance() : 'speed';
      if (why === undefined) this.#begin(id, 'ready', baud);
      return why ?? 'done';
    }
    if (speed?.phase !== 'ready') return given.act === 'speed-drop' ? 'done' : 'over';
    const why = given.act === 'speed-drop' ? 'over' : line.hindrance();
    // Nobody was told anything: they are where they were.
    if (given.act === 'speed-drop' || why !== undefined) {
      this.#begin(id, 'looking', baud);
      return given.act === 'speed-drop' ? 'done' : (why ?? 'over');
    }
    const telling = this.#begin(id, 'telling', baud);
    telling.to = given.baud;
    line.tellSpeed(given.baud, (sent) => {
      if (this.#speeds.get(id) === telling) this.#begin(id, 'looking', sent ? given.baud : baud);
    });
    return 'done';
  }

  /** Looks after what time brings; whether a port is to stand elsewhere now. */
  tick(lines: Iterable<SerialLine>): boolean {
    const now = this.#parts.uptime();
    let moved = false;
    for (const line of lines) {
      const { record } = line;
      const speed = this.#speeds.get(record.id);
      if (speed !== undefined && speed.phase !== 'looking' && now - speed.since >= (speed.phase === 'ready' ? READY_MS : TELLING_MS)) this.#begin(record.id, 'looking', speed.to);
      if (speed?.phase !== 'looking') continue;
      if (speed.baud !== record.baud) moved = true;
      else if (this.#look(line, speed, now)) moved = true;
    }
    return moved;
  }

  /** Entries of a port that opens at one speed and the other in turn are made the first times only; those of devices always. */
  changes(name: string, id: number, all: Limiter): Limiter {
    return { allow: (key) => (key !== name || (this.#speeds.get(id)?.turns ?? 0) < TOLD_TURNS) && all.allow(key) };
  }

  #begin(id: number, phase: Speed['phase'], baud: number): Speed {
    const speed: Speed = { phase, baud, to: baud, since: this.#parts.uptime(), turns: 0, toldAt: Number.NEGATIVE_INFINITY, of: undefined, shown: undefined };
    this.#speeds.set(id, speed);
    return speed;
  }

  /** Who proved its key here is where the line is; when nobody has for a while, the line is looked for at its other speed. */
  #look(line: SerialLine, speed: Speed, now: number): boolean {
    const { portUp, devices } = line.status();
    const keyed = new Set(line.record.devices.flatMap(({ id, key }) => (key === undefined ? [] : [id])));
    const proof = devices.find(({ id, state }) => keyed.has(id) && (state === 'up' || state === 'degraded'));
    if (proof !== undefined || !portUp) speed.since = now;
    if (proof !== undefined && now - speed.toldAt >= TOLD_MS) {
      speed.toldAt = now;
      this.#parts.commissioned(proof.id, { what: 'speed', of: { result: 'found', at: speed.baud } });
    }
    if (now - speed.since < LOOK_MS || speed.of === undefined) return false;
    speed.baud = speed.baud === speed.of.baud ? (speed.of.nextBaud ?? speed.baud) : speed.of.baud;
    speed.since = now;
    speed.turns += 1;
    return true;
  }
}
