import type { EventData } from '../../../gateway/journal/entry.ts';
import { START } from '../world/site.ts';
import type { SimLine, SimLineDoor, SimPeripheral } from '../world/serial/wire.ts';
import { type Checker, keyName, type Scene } from './checker.ts';
import { opensUntil } from './reference.ts';

/** A verdict later than this after the card opens nothing, and an order is said within as long; ms. */
const LATE_MS = 2000;
/** The frame itself, and its repeats, ms. */
const WIRE_MS = 700;
/** A device that tells something while the line is bad may be heard so much later: then its session is over. */
const HEARD_MS = 12_000;
/** A door that stands open is told so for this long, again and again, ms. */
const HOLD_MS = 60_000;
const OPEN_MAX_MS = 8000;
/** The index follows the register within this, ms (index-feed.ts). */
const INDEX_MS = 270;
/** So long after a fire an order may still be about it, ms. */
const FIRE_MS = 75_000;
const FIRE_OPENS_MS = 6000;

/** A reason to open a lock, once. */
interface Licence {
  readonly why: 'card' | 'order' | 'button' | 'fire-end';
  readonly from: number;
  readonly to: number;
  readonly openMs: number;
  /** Of the line at that boot, for what came of a card. */
  readonly instance: string;
  used: boolean;
}

interface Count {
  driven: number;
  /** Or for something else at the same time. */
  perhaps: number;
  executed: number;
  unknown: number;
}

/** 13. A lock on a line opens for a card that is in the log as granted, an order in the log, a button or a fire: once, at once, in that session. */
export function locksChecker({ world, fail }: Scene): Checker {
  const doors = world.lines.flatMap((line) => line.doors);
  if (doors.length === 0) return {};
  const licences = new Map<SimLineDoor, Licence[]>();
  const asked = new Map<string, { readonly at: number; readonly rights: boolean }>();
  const counts = new Map<string, Count>();
  /** When a fire of a line was last known of, or is. */
  const fireAt = new Map<SimLine, number>();
  const burning = new Map<SimLine, number>();
  /** Of the lines of the gateway that runs: it is still to say what came of its cards. */
  const running = new Set<string>();
  const of = (door: SimLineDoor): Licence[] => {
    const known = licences.get(door) ?? [];
    licences.set(door, known);
    return known;
  };
  const countOf = (door: number, boot: string): Count => {
    const name = `${door} ${boot}`;
    const known = counts.get(name) ?? { driven: 0, perhaps: 0, executed: 0, unknown: 0 };
    counts.set(name, known);
    return known;
  };
  const doorOf = (id: number): SimLineDoor | undefined => doors.find((door) => door.id === id);
  const burns = (line: SimLine): boolean => line.fireAt !== undefined && line.fireAt.unit.peripheral.inputs[line.fireAt.input] === 1;
  const hadFire = (line: SimLine): boolean => burns(line) || world.now() - (fireAt.get(line) ?? Number.NEGATIVE_INFINITY) < FIRE_MS;

  function may(door: SimLineDoor, licence: Omit<Licence, 'used' | 'from'>): void {
    of(door).push({ ...licence, from: world.now(), used: false });
  }

  /** Somebody had the right at some moment that could be known when the card was asked about. */
  function hasRight(doorId: number, hex: string, n: number): boolean {
    const { register } = world;
    const wall = START + world.now() + world.gatewayOff();
    for (let at = n; at <= register.n; at += 1) if (opensUntil(register.at(at), doorId, hex, wall) > 0) return true;
    return false;
  }

  function drove(device: SimPeripheral, output: number, ms: number): void {
    const door = doors.find(({ unit, output: own }) => unit === device && own === output);
    if (door === undefined) return fail(`output ${output} of ${device.name} was switched on, where no door is`);
    const now = world.now();
    if (ms > HOLD_MS - 100 && hadFire(door.unit.line)) return;
    const all = of(door);
    const good = all.filter(({ used, to }) => !used && now <= to);
    if (good.length === 0) return fail(`door ${door.id} was opened for ${ms} ms, and nobody and nothing was to open it, or had once`);
    // Of several, the one that ends first: then each has its own when there are enough.
    const [licence] = good.filter(({ from }) => from >= device.sessionAt).sort((one, other) => one.to - other.to);
    if (licence === undefined) return fail(`door ${door.id} was opened for a ${good[0]?.why} of ${now - (good[0]?.from ?? 0)} ms ago, which was before its session`);
    licence.used = true;
    for (const { instance } of good.filter(({ why }) => why === 'card').slice(0, 1))
      countOf(door.id, instance)[good.every(({ why }) => why === 'card') ? 'driven' : 'perhaps'] += 1;
    const until = Math.max(...all.map(({ from, openMs }) => from + openMs)) + LATE_MS + WIRE_MS;
    if (now + ms > until) fail(`door ${door.id} was opened for ${ms} ms, ${now + ms - until} ms too long`);
  }

  function told(device: SimPeripheral, inputs: readonly number[]): void {
    for (const door of doors)
      if (door.unit === device && inputs[door.exit] === 1) may(door, { why: 'button', to: world.now() + HEARD_MS, openMs: HEARD_MS + OPEN_MAX_MS, instance: '' });
    const { line } = device;
    if (line.fireAt?.unit !== device) return;
    fireAt.set(line, world.now());
    // Who was let in meanwhile has what is left of his time.
    if (inputs[line.fireAt.input] !== 1)
      for (const door of line.doors) may(door, { why: 'fire-end', to: world.now() + HEARD_MS, openMs: HEARD_MS + 2 * OPEN_MAX_MS, instance: '' });
  }

  function outcome({ doorId, granted, final, key }: EventData): void {
    const door = doorOf(doorId);
    if (door === undefined || !granted || key === undefined) return;
    // While it stands open for a fire nothing is said to the lock for a card.
    const what = final === 'executed' && hadFire(door.unit.line) ? 'unknown' : final;
    if (what === 'executed' || what === 'unknown') countOf(doorId, key.instance)[what] += 1;
  }

  function fireOpens(): void {
    for (const [place, line] of world.lines.entries()) {
      const up = new Set((world.gateway.run?.lines?.lines()[place]?.devices ?? []).filter(({ state }) => state === 'up').map(({ address }) => address));
      if (!burns(line)) {
        burning.delete(line);
        // Who is away cannot say that it is over.
        if (hadFire(line) && !up.has(line.fireAt?.unit.peripheral.address ?? 0)) fireAt.set(line, world.now());
        continue;
      }
      fireAt.set(line, world.now());
      const since = burning.get(line) ?? world.now();
      burning.set(line, since);
      const floor = world.register.now().one('line', place + 1)?.floorMs ?? 0;
      const sound = Math.min(world.now() - since, world.steadySerial(place));
      for (const { id, unit, output } of line.doors) {
        const isIn = [unit, line.fireAt?.unit].every(
          (device) => device !== undefined && up.has(device.peripheral.address) && device.talk.session !== undefined && world.now() - device.sessionAt > FIRE_OPENS_MS + floor,
        );
        if (isIn && sound > FIRE_OPENS_MS + 2 * floor && (unit.peripheral.outputs[output] ?? 0) <= world.now()) fail(`door ${id} is locked while there is fire`);
      }
    }
  }

  return {
    asked(tap, { n }) {
      if (doorOf(tap.doorId) === undefined) return;
      const late = world.steady.gateway < INDEX_MS ? 0 : INDEX_MS;
      const { register } = world;
      let from = Math.min(n, register.n);
      while (late > 0 && from < register.n && world.now() - register.madeAt(from + 1) > late) from += 1;
      asked.set(keyName(tap.key), { at: world.now(), rights: hasRight(tap.doorId, tap.credential?.hex ?? '', from) });
    },
    answered(tap, { granted, entry, openMs }) {
      const door = doorOf(tap.doorId);
      const before = asked.get(keyName(tap.key));
      if (door === undefined || before === undefined || !granted) return;
      const { instance } = tap.key;
      running.add(instance);
      if (!before.rights) fail(`${tap.credential?.hex} was let in at door ${tap.doorId} without a right to it`);
      if (entry === 0 || entry >= world.disk.durable()) return fail(`${tap.credential?.hex} was let in at door ${tap.doorId} before that was on disk`);
      if (world.now() - before.at <= LATE_MS) may(door, { why: 'card', to: world.now() + LATE_MS + WIRE_MS, openMs, instance });
    },
    appended({ event }, { duplicate }) {
      if (duplicate) return;
      const door = doorOf(event.doorId);
      if (event.kind === 'command' && event.ref === undefined && event.what === 'unlock' && door !== undefined)
        may(door, { why: 'order', to: world.now() + LATE_MS + WIRE_MS, openMs: event.openMs, instance: '' });
      if (event.kind === 'outcome') outcome(event);
    },
    started: () => running.clear(),
    told,
    drove,
    tick: fireOpens,
    ended() {
      for (const [name, { driven, perhaps, executed, unknown }] of counts) {
        const isLast = running.has(name.split(' ')[1] ?? '');
        if (executed > driven + perhaps) fail(`door ${name} was opened ${driven} times for a card, and the log says ${executed} times`);
        if (isLast && driven > executed + unknown) fail(`door ${name} was opened ${driven} times for a card: ${executed} by the log, and perhaps ${unknown}`);
      }
    },
  };
}
