import { beforeEach, describe, expect, test } from 'vitest';
import { DoorRun, type Moment } from '../../../gateway/doors/serial/door-run.ts';
import type { SerialDoor } from '../../../gateway/doors/serial/registry.ts';
import { NO_HOURS, serialDoor } from './line-rig.ts';

/** A Monday, 08:00 in China. */
const MONDAY = Date.UTC(2026, 10, 23, 0, 0, 0);
const OFFICE = { number: 3, plan: Array.from({ length: 8 }, () => [[9 * 60, 17 * 60]] as const) };

let did: string[];
let at: { u: number; wall: number };
const now = (): Moment => ({ ...at });

function door(over: Partial<SerialDoor> = {}): DoorRun {
  const run = new DoorRun(
    serialDoor({ heldMs: 30_000, ...over }),
    {
      release: (ms) => void did.push(`release ${ms}`),
      stand: () => void did.push('stand'),
      relock: () => void did.push('relock'),
      alarm: () => void did.push('alarm'),
      note: (what) => void did.push(what),
      wentIn: (tag, opened) => void did.push(`#${tag} ${opened}`),
    },
    () => ({ schedules: [OFFICE], calendar: NO_HOURS }),
  );
  run.tick(now());
  run.sense(now(), 'closed');
  did.splice(0);
  return run;
}
function later(run: DoorRun, ms: number): string[] {
  at = { u: at.u + ms, wall: at.wall + ms };
  run.tick(now());
  return did.splice(0);
}
const done = (): string[] => did.splice(0);

beforeEach(() => {
  did = [];
  at = { u: 10_000, wall: MONDAY };
});

describe('somebody who is let in', () => {
  test('has the door unlocked for its time; it opens, and that he went in is told once', () => {
    const run = door();
    run.grant(now(), { tag: 7, openMs: 5000, duty: false });
    run.moved(7);
    expect(done()).toEqual(['release 5000']);
    run.sense(now(), 'open');
    expect(done()).toEqual(['#7 opened']);
    run.sense(now(), 'closed');
    expect(later(run, 5000)).toEqual(['relock']);
  });

  test('who does not open is told after the time, and a door whose contact shows nothing says so', () => {
    const run = door();
    run.grant(now(), { tag: 7, openMs: 5000, duty: false });
    run.moved(7);
    done();
    expect(later(run, 4999)).toEqual([]);
    expect(later(run, 1)).toEqual(['relock', '#7 unopened']);
    run.sense(now(), 'away');
    run.grant(now(), { tag: 8, openMs: 5000, duty: false });
    run.moved(8);
    done();
    expect(later(run, 5000)).toEqual(['relock', '#8 unknown']);
  });

  test('a second one extends the time, and never shortens it', () => {
    const run = door();
    run.grant(now(), { tag: 1, openMs: 10_000, duty: false });
    run.moved(1);
    later(run, 2000);
    run.grant(now(), { tag: 2, openMs: 5000, duty: false });
    run.moved(2);
    expect(done()).toEqual(['release 8000']);
    run.sense(now(), 'open');
    expect(done()).toEqual(['#1 opened', '#2 opened']);
  });

  test('whose lock could not be told is not told again as having gone in', () => {
    const run = door();
    run.grant(now(), { tag: 1, openMs: 5000, duty: false });
    run.ungrant(1);
    done();
    expect(later(run, 5000)).toEqual(['relock']);
  });
});

test('of who was let in for less time than it takes to tell the lock nothing is said before that is known', () => {
  const run = door();
  run.grant(now(), { tag: 1, openMs: 1000, duty: false });
  done();
  expect(later(run, 1500)).toEqual(['relock']);
  run.moved(1);
  expect(later(run, 50)).toEqual(['#1 unopened']);
});

describe('what its contact and its button say', () => {
  test('opened without being unlocked is forced, and its closing is told', () => {
    const run = door();
    run.sense(now(), 'open');
    expect(done()).toEqual(['alarm', 'forced']);
    run.sense(now(), 'closed');
    expect(done()).toEqual(['closed']);
  });

  test('an exit button opens and is told; its opening is no forced one', () => {
    const run = door();
    run.exit(now());
    run.sense(now(), 'open');
    expect(done()).toEqual(['release 5000', 'exit', 'opened']);
  });

  test('open too long is held, once', () => {
    const run = door();
    run.exit(now());
    run.sense(now(), 'open');
    done();
    expect(later(run, 29_999)).toEqual(['relock']);
    expect(later(run, 1)).toEqual(['held']);
    expect(later(run, 60_000)).toEqual([]);
    run.sense(now(), 'closed');
    expect(done()).toEqual(['closed']);
  });

  test('a cut wire is a fault, and its device being away is none', () => {
    const run = door();
    run.sense(now(), 'fault');
    run.sense(now(), 'fault');
    run.sense(now(), 'closed');
    expect(done()).toEqual(['contact-fault', 'contact-back']);
    run.sense(now(), 'away');
    run.sense(now(), 'open');
    expect(done(), 'how a door is when its device comes back is no break-in').toEqual([]);
    expect(later(run, 30_000), 'but it is held').toEqual(['held']);
  });
});

describe('hours and states', () => {
  test('stands unlocked in the hours of its schedule', () => {
    const run = door({ openSchedule: 3 });
    expect(later(run, 3_600_000)).toEqual(['stand', 'hold']);
    run.grant(now(), { tag: 1, openMs: 5000, duty: false });
    run.moved(1);
    expect(done(), 'there is nothing to unlock').toEqual([]);
    later(run, 5000);
    expect(later(run, 8 * 3_600_000)).toEqual(['relock', 'hold-end']);
  });

  test('with first card in, only after somebody was let in', () => {
    const run = door({ openSchedule: 3, firstCard: true });
    expect(later(run, 3_600_000)).toEqual([]);
    run.grant(now(), { tag: 1, openMs: 5000, duty: false });
    run.moved(1);
    expect(done()).toEqual(['release 5000', 'first-in', 'stand', 'hold']);
  });

  test('locked by an order, it stays so until its hours are over', () => {
    const run = door({ openSchedule: 3 });
    later(run, 3_600_000);
    run.lock();
    expect(done()).toEqual(['hold-end', 'relock']);
    expect(later(run, 60_000)).toEqual([]);
    expect(later(run, 8 * 3_600_000)).toEqual([]);
    expect(later(run, 16 * 3_600_000)).toEqual(['stand', 'hold']);
  });

  test('fire opens it, whatever else; when it is over it is as it was', () => {
    const run = door();
    run.fire(now(), true);
    run.fire(now(), true);
    expect(done()).toEqual(['stand', 'fire']);
    run.sense(now(), 'open');
    done();
    expect(later(run, 120_000), 'nobody is told that it stands open').toEqual([]);
    run.fire(now(), false);
    expect(done()).toEqual(['relock', 'fire-end']);
  });

  test('a lockdown ends its hours, ends by itself, and after two hours whatever the register says', () => {
    const run = door({ openSchedule: 3 });
    later(run, 3_600_000);
    run.record = serialDoor({ openSchedule: 3, lockdownUntil: at.wall + 600_000 });
    expect(later(run, 50)).toEqual(['lockdown', 'relock', 'hold-end']);
    expect(later(run, 600_000)).toEqual(['lockdown-end', 'stand', 'hold']);
    run.record = serialDoor({ lockdownUntil: at.wall + 9 * 3_600_000 });
    later(run, 50);
    expect(later(run, 2 * 3_600_000)).toEqual(['lockdown-end']);
  });

  test('a duty card ends a lockdown here, and the next one counts', () => {
    const until = at.wall + 600_000;
    const run = door({ lockdownUntil: until });
    did.splice(0);
    run.grant(now(), { tag: 1, openMs: 5000, duty: true });
    run.moved(1);
    expect(done()).toEqual(['release 5000', 'duty-release']);
    expect(later(run, 10_000)).toEqual(['relock', '#1 unopened']);
    run.record = serialDoor({ lockdownUntil: until + 1 });
    expect(later(run, 50)).toEqual(['lockdown']);
  });

  test('asks for digits in the hours of its PIN schedule', () => {
    const run = door({ pinSchedule: 3 });
    expect(run.asksDigits(now())).toBe(false);
    expect(run.asksDigits({ wall: MONDAY + 3_600_000 })).toBe(true);
    expect(door().asksDigits({ wall: MONDAY + 3_600_000 })).toBe(false);
  });
});
