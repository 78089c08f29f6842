import type { Line, LineInput } from '../../wire/osdp/acu-model.ts';
import type { DeviceTest } from '../../wire/osdp/test-counts.ts';
import type { Live } from './live-device.ts';
import type { DeviceTestResult, LineTestAct, LineTestAnswer, LineTestEnd, LineTestStatus } from './status.ts';
import { verdictOn } from './test-verdict.ts';

/** The desk side says each second that somebody still wants the test. When it has not for so long it is gone, ms: longer than a busy machine keeps it waiting. */
const KEPT_MS = 10_000;
/** No test is longer, whoever asks, ms. */
const LONGEST_MS = 10 * 60_000;
const [MEDIAN, P95, P99] = [0.5, 0.95, 0.99];

/** What a test needs of its line. */
export interface LineTestingParts {
  readonly line: () => Line;
  readonly do: (input: LineInput) => void;
  /** The line's clock, ms; and epoch ms. */
  readonly uptime: () => number;
  readonly now: () => number;
  /** Why a test cannot begin now; undefined: it can. */
  readonly hindrance: () => Exclude<LineTestAnswer, 'done' | 'running' | 'over' | 'missing'> | undefined;
  /** A device that came during a test is told how its locks stand when it is over. */
  readonly settle: (address: number) => void;
  readonly note: (word: 'line-test' | 'line-test-end') => void;
}

/** What is known of the present test, or the last. */
interface Run {
  readonly since: number;
  readonly until: number;
  endedAt: number | undefined;
  why: LineTestEnd | undefined;
  keptAt: number;
}

const round = (ms: number): number => Math.round(ms * 10) / 10;

function resultOf(id: number, test: DeviceTest, isAsked: boolean): DeviceTestResult {
  const { sent, answered, repeated, busy, bent, unanswered, badMacs, badChecks, slow, badBytes, longest, times } = test;
  return {
    ...{ id, sent, answered, repeated, busy, bent, unanswered, badMacs, badChecks, slow, badBytes, longest },
    ...{ medianMs: round(times.at(MEDIAN)), p95Ms: round(times.at(P95)), p99Ms: round(times.at(P99)), worstMs: round(times.worst) },
    verdict: verdictOn(test, isAsked),
  };
}

/** The test of one serial line: its doors open to nobody's card meanwhile, and whatever else needs a lock ends it. */
export class LineTesting {
  readonly #parts: LineTestingParts;
  readonly #unsettled = new Set<number>();
  #run: Run | undefined;

  constructor(parts: LineTestingParts) {
    this.#parts = parts;
  }

  get running(): boolean {
    return this.#run !== undefined && this.#run.endedAt === undefined;
  }

  /** Begins, goes on with or stops a test. */
  act(given: LineTestAct): LineTestAnswer {
    if (given.act === 'begin') return this.#begin(given.forMs);
    if (this.#run === undefined || !this.running) return 'over';
    if (given.act === 'keep') this.#run.keptAt = this.#parts.uptime();
    else this.end('stopped');
    return 'done';
  }

  #begin(forMs: number): LineTestAnswer {
    const { now, uptime, hindrance, note } = this.#parts;
    if (this.running) return 'running';
    const why = hindrance();
    if (why !== undefined) return why;
    const lasts = Math.min(LONGEST_MS, forMs);
    this.#run = { since: now(), until: now() + lasts, endedAt: undefined, why: undefined, keptAt: uptime() };
    this.#parts.do({ t: 'test', until: uptime() + lasts });
    note('line-test');
    return 'done';
  }

  /** The line is in service again, at once. Nothing when no test runs. */
  end(why: LineTestEnd): void {
    if (this.#run === undefined || !this.running) return;
    this.#run.endedAt = this.#parts.now();
    this.#run.why = why;
    this.#parts.do({ t: 'test-end' });
    this.#parts.note('line-test-end');
    for (const address of this.#unsettled) this.#parts.settle(address);
    this.#unsettled.clear();
  }

  /** A device came: its locks are told how to stand, but not in a test, which moves none. */
  came(address: number): void {
    if (this.running) this.#unsettled.add(address);
    else this.#parts.settle(address);
  }

  tick(): void {
    if (this.#run !== undefined && this.running && this.#parts.uptime() - this.#run.keptAt > KEPT_MS) this.end('desk');
  }

  /** For the console; undefined: there was none since the gateway started. */
  status(devices: Iterable<Live>): LineTestStatus | undefined {
    const { test, peers } = this.#parts.line();
    if (this.#run === undefined || test === undefined) return undefined;
    const { since, until, endedAt, why } = this.#run;
    const results = [...devices].flatMap(({ device: { id, address } }) => {
      const counts = test.devices.get(address);
      const phase = peers.find(({ record }) => record.address === address)?.phase;
      return counts === undefined ? [] : [resultOf(id, counts, counts.sent > 0 || phase !== 'barred')];
    });
    return { since, until, endedAt, why, devices: results };
  }
}
