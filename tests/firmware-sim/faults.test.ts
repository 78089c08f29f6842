import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openEventStore } from '../../firmware-sim/event-store.ts';
import { faultSchedule, HEALED } from '../../firmware-sim/fault-schedule.ts';
import { DeviceFaults, FAULTS, type FaultName, isFault, PowerLost, readFault, type StartLink, withFaults } from '../../firmware-sim/faults.ts';
import type { LinkOptions } from '../../firmware-sim/mqtt-link.ts';
import { seeded } from '../../firmware-sim/random.ts';
import { requestOf } from '../../firmware-sim/typed.ts';
import { listVerifier } from '../../gateway/wire/mqtt/list-header.ts';
import { deviceKeys } from '../../gateway/wire/mqtt/seal.ts';

const faulty = (seed: number, ...set: [FaultName, number?][]): DeviceFaults => {
  const faults = new DeviceFaults(seeded(seed));
  for (const [name, value] of set) faults.set(readFault(name, value), 0);
  return faults;
};

/** Which of a hundred messages arrived, in order of arrival. */
function arrivals(faults: DeviceFaults): number[] {
  const come: number[] = [];
  for (let at = 0; at < 100; at += 1) faults.carry(() => void come.push(at));
  vi.runAllTimers();
  return come;
}

afterEach(() => void vi.useRealTimers());

describe('a line with faults', () => {
  const count = (all: readonly number[]): number => new Set(all).size;
  test('without any, every message arrives at once and in order', () => {
    const come: number[] = [];
    const faults = faulty(1);
    for (let at = 0; at < 100; at += 1) faults.carry(() => void come.push(at));
    expect(come).toEqual(Array.from({ length: 100 }, (_, at) => at));
  });

  test.each([
    ['drop', 30, (come: number[]) => count(come) > 55 && count(come) < 85 && come.length === count(come)],
    ['drop', 100, (come: number[]) => come.length === 0],
    ['duplicate', 30, (come: number[]) => count(come) === 100 && come.length > 115 && come.length < 145],
    ['reorder', 30, (come: number[]) => come.length === 100 && count(come) === 100 && come.some((one, at) => one < (come[at - 1] ?? 0))],
    ['delay', 200, (come: number[]) => come.every((one, at) => one === at)],
  ] as const)('%s %i does what it says, and the same again for the same seed', (name, value, holds) => {
    vi.useFakeTimers();
    const come = arrivals(faulty(7, [name, value]));
    expect(holds(come)).toBe(true);
    expect(arrivals(faulty(7, [name, value]))).toEqual(come);
  });

  test('a delay is kept, and ends with "none"', () => {
    vi.useFakeTimers();
    const faults = faulty(1, ['delay', 200]);
    const come = vi.fn();
    faults.carry(come);
    vi.advanceTimersByTime(199);
    expect(come).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(come).toHaveBeenCalledTimes(1);
    faults.set(readFault('none', undefined), 0);
    faults.carry(come);
    expect(come).toHaveBeenCalledTimes(2);
  });

  test('what was on its way when the connection broke never arrives', () => {
    vi.useFakeTimers();
    const sent: string[] = [];
    let line: LinkOptions | undefined;
    const start: StartLink = (options) => {
      line = options;
      return { publish: (tail) => void sent.push(tail), stop: () => undefined };
    };
    const received = vi.fn();
    const keys = deviceKeys(Buffer.alloc(32, 1));
    const listKey = listVerifier('00'.repeat(32));
    const nothing = (): undefined => undefined;
    const link = withFaults(
      start,
      faulty(1, ['delay', 200]),
    )({ host: '', port: 1, site: 's', device: 'd', keys, listKey, will: nothing, connected: nothing, disconnected: nothing, received });
    line?.connected();
    link.publish('time/ask', { v: 1, no: '0123456789abcdef' });
    line?.received({ tail: 'time', body: { v: 1, no: '0123456789abcdef', t: 1 } });
    line?.disconnected();
    vi.advanceTimersByTime(1000);
    expect([sent, received.mock.calls.length]).toEqual([[], 0]);
    line?.connected();
    link.publish('time/ask', { v: 1, no: '0123456789abcdef' });
    vi.advanceTimersByTime(200);
    expect(sent).toEqual(['time/ask']);
  });
});

describe('clocks', () => {
  test('a jump moves the clock on the board and not the running time', () => {
    const faults = faulty(1, ['jump', -3600]);
    expect([faults.wall(10_000_000, 5000), faults.uptime(5000)]).toEqual([6_400_000, 5000]);
  });

  test('a drift moves both, from then on, and running time never goes back', () => {
    const faults = faulty(1);
    faults.set(readFault('drift', 100_000), 10_000);
    expect([faults.uptime(10_000), faults.uptime(20_000)]).toEqual([10_000, 21_000]);
    expect(faults.wall(20_000, 20_000)).toBe(21_000);
    faults.set(readFault('drift', -100_000), 20_000);
    expect([faults.uptime(20_000), faults.uptime(30_000)]).toEqual([21_000, 30_000]);
  });
});

test('power lost in the middle of a write leaves a file that opens, with everything that was written before', () => {
  const dir = mkdtempSync(join(tmpdir(), 'doorbook-tear-'));
  try {
    const path = join(dir, 'd.events');
    const sizes = new Set<number>();
    for (let seed = 1; seed < 20; seed += 1) {
      rmSync(path, { force: true });
      const store = openEventStore(path, '00112233445566aa');
      const faults = faulty(seed);
      faults.write(store, path, { floor: 1000 });
      const { size } = statSync(path);
      faults.set(readFault('tear', undefined), 0);
      expect(() => faults.write(store, path, { floor: 2000 })).toThrow(PowerLost);
      sizes.add(readFileSync(path).length - size);
      const again = openEventStore(path, 'ffffffffffffffff');
      expect(again.image).toMatchObject({ instance: '00112233445566aa', floor: 1000, boot: 2 });
      again.close();
    }
    expect(sizes.size).toBeGreaterThan(5);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

describe('what is typed', () => {
  test.each([
    ['drop', 101, 'drop: expected a whole number from 0 to 100'],
    ['delay', undefined, 'delay: expected a whole number from 0 to 60000'],
    ['tear', 1, 'tear: expected no number after it'],
    ['drift', 0.5, 'drift: expected a whole number'],
  ] as const)('%s %s is refused by name', (name, value, said) => {
    expect(() => readFault(name, value)).toThrow(said);
  });

  test('words become requests, and words that are none become nothing', () => {
    expect(requestOf(['fault', 'D01', 'drop', '20'])).toEqual({ act: 'fault', doorCode: 'D01', fault: 'drop', value: 20 });
    expect(requestOf(['fault', 'D01', 'flash'])).toEqual({ act: 'fault', doorCode: 'D01', fault: 'flash' });
    expect(requestOf(['tap', 'D01', '1A2B3C4D', '--pin', '2468'])).toEqual({ act: 'tap', doorCode: 'D01', card: '1A2B3C4D', pin: '2468' });
    expect(requestOf(['type', 'D01', '481516'])).toEqual({ act: 'type', doorCode: 'D01', pin: '481516' });
    for (const wrong of [
      ['tap', 'D01', '1A2B3C4D', '--pin'],
      ['tap', 'D01', '1A2B3C4D', '2468'],
      ['type', 'D01'],
      ['type', 'D01', '1', '2'],
    ])
      expect(requestOf(wrong)).toBeUndefined();
    expect(requestOf(['record', 'D01', '/tmp/x'])).toEqual({ act: 'record', doorCode: 'D01', file: '/tmp/x' });
    expect(requestOf(['record', 'D01', 'stop'])).toEqual({ act: 'record', doorCode: 'D01' });
    expect([requestOf(['fault', 'D01', 'melt']), requestOf(['fault', 'D01']), requestOf(['power', 'D01', 'maybe']), requestOf([])]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(() => requestOf(['fault', 'D01', 'drop', 'all'])).toThrow('drop: expected a whole number');
  });
});

describe('a schedule', () => {
  test('is the same for the same seed, another for another, in order, and ends with all well', () => {
    const steps = faultSchedule(7, 2);
    expect(faultSchedule(7, 2)).toEqual(steps);
    expect(faultSchedule(8, 2)).not.toEqual(steps);
    expect(steps.map(({ at }) => at)).toEqual(steps.map(({ at }) => at).toSorted((a, b) => a - b));
    expect(steps.slice(-HEALED.length).map(({ words }) => words)).toEqual(HEALED);
    expect(steps.at(-1)?.at).toBe(120_000);
  });

  test('knows every fault there is, and every step is something the simulator takes', () => {
    const steps = Array.from({ length: 30 }, (_, seed) => faultSchedule(seed, 5)).flat();
    for (const { words } of steps) expect(requestOf([words[0], 'D01', ...words.slice(1)]), words.join(' ')).toBeDefined();
    const names = new Set(steps.flatMap(({ words: [act, name = ''] }) => (act === 'fault' && isFault(name) ? [name] : [])));
    expect([...names].sort()).toEqual(Object.keys(FAULTS).sort());
    expect(new Set(steps.map(({ words: [act] }) => act))).toEqual(new Set(['fault', 'cut', 'join', 'power']));
  });
});
