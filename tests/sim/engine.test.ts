import { describe, expect, test } from 'vitest';
import { stream } from './engine/random.ts';
import { createScheduler, type Host } from './engine/scheduler.ts';
import { smallest } from './shrink.ts';
import { closeSync, createFlash, fsyncSync, losePower, openSync, operate, PowerCut, readFileSync, useFlash, writeSync } from './ports/flash.ts';
import type { Fault } from './world/fault.ts';

const host = (name: string): Host => ({ name, alive: true, busyUntil: 0, wall: () => 0 });

describe('the scheduler', () => {
  test('carries out events by time, those of one moment in the order they were asked for', async () => {
    const scheduler = createScheduler(host('nobody'));
    const done: string[] = [];
    for (const [at, name] of [
      [5, 'c'],
      [1, 'a'],
      [5, 'd'],
      [3, 'b'],
    ] as const)
      scheduler.at(at, scheduler.host, () => done.push(`${name}@${scheduler.now}`));
    await scheduler.run(10);
    expect(done).toEqual(['a@1', 'b@3', 'c@5', 'd@5']);
    expect(scheduler.now).toBe(10);
  });

  test('keeps the first event past the end of a run for the next run', async () => {
    const scheduler = createScheduler(host('nobody'));
    let turns = 0;
    const again = (): void => {
      turns += 1;
      scheduler.after(10, scheduler.host, again);
    };
    scheduler.after(10, scheduler.host, again);
    for (let end = 5; end <= 100; end += 5) await scheduler.run(end);
    expect(turns).toBe(10);
  });

  test('a frozen host does everything later, in its order; a dead one nothing', async () => {
    const scheduler = createScheduler(host('nobody'));
    const [frozen, dead] = [host('frozen'), host('dead')];
    const done: string[] = [];
    scheduler.at(2, frozen, () => done.push(`first@${scheduler.now}`));
    scheduler.at(4, frozen, () => done.push(`second@${scheduler.now}`));
    scheduler.at(3, dead, () => done.push('dead'));
    frozen.busyUntil = 50;
    dead.alive = false;
    await scheduler.run(100);
    expect(done).toEqual(['first@50', 'second@50']);
  });

  test('a promise that an event settles is followed before the next event', async () => {
    const scheduler = createScheduler(host('nobody'));
    const done: string[] = [];
    let settle = (): void => undefined;
    const waiting = new Promise<void>((resolve) => {
      settle = resolve;
    });
    void (async () => {
      await waiting;
      await Promise.resolve();
      done.push('followed');
    })();
    scheduler.at(1, scheduler.host, () => settle());
    scheduler.at(1, scheduler.host, () => done.push('next'));
    await scheduler.run(2);
    expect(done).toEqual(['followed', 'next']);
  });
});

describe('chance', () => {
  test('a stream is the same each time, and another under another name or seed', () => {
    const draw = (seed: number, name: string): number[] => Array.from({ length: 5 }, stream(seed, name).next);
    expect(draw(1, 'net')).toEqual(draw(1, 'net'));
    expect(draw(1, 'net')).not.toEqual(draw(1, 'people'));
    expect(draw(1, 'net')).not.toEqual(draw(2, 'net'));
  });

  test('numbers fill their range evenly', () => {
    const random = stream(7, 'even');
    const counts = Array.from({ length: 10 }, () => 0);
    for (let turn = 0; turn < 10_000; turn += 1) counts[random.whole(0, 9)] = (counts[random.whole(0, 9)] ?? 0) + 1;
    for (let turn = 0; turn < 10_000; turn += 1) expect(random.whole(3, 5)).toSatisfy((value: number) => value >= 3 && value <= 5);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });
});

describe('the flash', () => {
  test('keeps what was synced over a power cut, and of the rest nothing or a part', () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 200; seed += 1) {
      const flash = createFlash();
      useFlash(flash);
      const file = openSync('/f', 'w');
      writeSync(file, Buffer.from('kept'));
      fsyncSync(file);
      writeSync(file, Buffer.from('lost'));
      closeSync(file);
      losePower(flash, stream(seed, 'flash'));
      seen.add(readFileSync('/f').toString());
    }
    for (const left of seen) expect('keptlost'.startsWith(left) && left.length >= 4, left).toBe(true);
    expect(seen.size).toBeGreaterThan(3);
  });

  test('the power goes at the operation it was told to', () => {
    const flash = createFlash();
    flash.cutIn = 3;
    operate(flash);
    operate(flash);
    expect(() => operate(flash)).toThrow(PowerCut);
    operate(flash);
  });
});

describe('the shrinker', () => {
  const fault = (at: number): Fault => ({ kind: 'cut', at, ms: 1, on: [], a: 0, b: 0 });

  test('drops every fault that is not needed, also those that can go only after others', async () => {
    const faults = Array.from({ length: 8 }, (_, at) => fault(at));
    const fails = (without: ReadonlySet<number>): boolean => !without.has(2) && !without.has(5) && (without.has(7) || !without.has(0));
    const found = await smallest(async (without) => ({ faults, failures: fails(without) ? [{ checker: 'grants', at: 1, message: '' }] : [] }));
    expect(found).toMatchObject({ checker: 'grants', left: [2, 5] });
  });

  test('another checker that fails does not count', async () => {
    const faults = [fault(0), fault(1)];
    const found = await smallest(async (without) => ({ faults, failures: [{ checker: without.size === 0 ? 'grants' : 'fire', at: 1, message: '' }] }));
    expect(found?.left).toEqual([0, 1]);
  });

  test('says nothing of a seed that does not fail', async () => {
    expect(await smallest(async () => ({ faults: [fault(0)], failures: [] }))).toBeUndefined();
  });
});
