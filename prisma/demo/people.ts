import { CHINA_MINUTES } from '../../gateway/core/schedule.ts';
import { DEMO_DOORS, DEMO_SPARE, DEMO_STRANGER, DEMO_TENANCIES, type DemoPerson, type DemoTenancy } from './building.ts';
import { DEMO_CLEANER, DEMO_WATCH, type DemoWorker } from './work.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Something a person does at a door. `device`: of that door. */
export interface Act {
  /** Epoch ms. */
  readonly at: number;
  readonly device: string;
  readonly act:
    | { readonly t: 'tap'; readonly card: string }
    | { readonly t: 'exit' }
    | { readonly t: 'cut' | 'join' | 'power-off' | 'power-on' }
    | { readonly t: 'prop'; readonly forMs: number };
}

/** Uniform numbers in [0, 1) from a 32-bit seed (mulberry32), so that the demo's past is the same everywhere. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const STREET = 'yc42-d01';
const ROOF = 'yc42-d02';
const homeDoor = (room: string): string | undefined => DEMO_DOORS.find((door) => door.room === room)?.device;

interface Day {
  /** Local midnight, epoch ms. */
  readonly start: number;
  readonly random: () => number;
  readonly acts: Act[];
}

const between = (day: Day, from: number, to: number): number => Math.round(day.start + from + day.random() * (to - from));

function goOut(day: Day, room: string, at: number): void {
  const own = homeDoor(room);
  if (own) day.acts.push({ at: at - 50_000, device: own, act: { t: 'exit' } });
  day.acts.push({ at, device: STREET, act: { t: 'exit' } });
}

function comeHome(day: Day, { card }: DemoPerson, room: string, at: number): void {
  const own = homeDoor(room);
  day.acts.push({ at, device: STREET, act: { t: 'tap', card } });
  if (own) day.acts.push({ at: at + 45_000, device: own, act: { t: 'tap', card } });
}

function live(day: Day, person: DemoPerson, { room }: DemoTenancy): void {
  if (day.random() < 0.06) return; // away
  goOut(day, room, between(day, 6.6 * HOUR, 9.4 * HOUR));
  if (day.random() < 0.3) {
    comeHome(day, person, room, between(day, 11.5 * HOUR, 12.6 * HOUR));
    goOut(day, room, between(day, 13 * HOUR, 14 * HOUR));
  }
  comeHome(day, person, room, between(day, 17.3 * HOUR, 22.6 * HOUR));
  if (day.random() < 0.08) day.acts.push({ at: between(day, 16 * HOUR, 18 * HOUR), device: ROOF, act: { t: 'tap', card: person.card } });
}

/** Cards that are refused: a courier's, the old card of 0202, the spare one. */
function strangers(day: Day, ago: number): void {
  const tap = (card: string, at: number): void => void day.acts.push({ at, device: STREET, act: { t: 'tap', card } });
  const visits = ago === 0 ? 3 : Math.floor(day.random() * 2.2);
  for (let visit = 0; visit < visits; visit++) tap(DEMO_STRANGER, between(day, 9 * HOUR, 12 * HOUR) + visit * 7 * MINUTE);
  if ([39, 21, 3, 0].includes(ago)) tap('0A0B0C0D', between(day, 9.5 * HOUR, 12.7 * HOUR));
  if (ago % 6 === 0) tap(DEMO_SPARE, between(day, 9 * HOUR, 11 * HOUR));
}

/** Those who work here: the cleaner by day except on Sundays, the watch in the evening. */
function work(day: Day): void {
  const tap = ({ person: { card } }: DemoWorker, at: number): void => void day.acts.push({ at, device: STREET, act: { t: 'tap', card } });
  const sunday = Math.floor((day.start + CHINA_MINUTES * MINUTE) / DAY + 4) % 7 === 0;
  if (!sunday) tap(DEMO_CLEANER, between(day, 8 * HOUR, 8.5 * HOUR));
  tap(DEMO_WATCH, between(day, 21.5 * HOUR, 22 * HOUR));
}

/** Faults: a line cut, a power cut, a roof door left open. */
function faults(day: Day, ago: number): void {
  const spell = (device: string, from: number, lasts: number, what: readonly ['cut', 'join'] | readonly ['power-off', 'power-on']): void => {
    day.acts.push({ at: day.start + from, device, act: { t: what[0] } }, { at: day.start + from + lasts, device, act: { t: what[1] } });
  };
  if (ago === 44 || ago === 5) spell('yc42-d04', 18 * HOUR, 2 * HOUR, ['cut', 'join']);
  if (ago === 17) spell(STREET, 18.5 * HOUR, 25 * MINUTE, ['cut', 'join']);
  if (ago === 30) for (const { device } of DEMO_DOORS) spell(device, 3 * HOUR, 12 * MINUTE, ['power-off', 'power-on']);
  if (ago % 9 === 4) day.acts.push({ at: between(day, 15 * HOUR, 17 * HOUR), device: ROOF, act: { t: 'prop', forMs: 150_000 } });
}

/** Everything that happened at the demo's doors in the `days` before `now`, oldest first. `today`: local midnight, epoch ms. */
export function pastOf(now: number, today: number, days: number): Act[] {
  const random = randomFrom(42);
  // A chance of their own, so that the past of the others stays as it was.
  const atWork = randomFrom(43);
  const acts: Act[] = [];
  for (let ago = days; ago >= 0; ago--) {
    const day: Day = { start: today - ago * DAY, random, acts };
    for (const tenancy of DEMO_TENANCIES) {
      const lives = ago < tenancy.startedDaysAgo && ago > (tenancy.movedOutDaysAgo ?? -1);
      if (lives) for (const person of tenancy.people) live(day, person, tenancy);
    }
    strangers(day, ago);
    faults(day, ago);
    work({ ...day, random: atWork });
  }
  return acts.filter((act) => act.at < now - 2 * MINUTE).sort((a, b) => a.at - b.at);
}
