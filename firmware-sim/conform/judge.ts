import type { Bench } from './bench.ts';
import type { Clause } from './clause.ts';
import { COMMAND_CLAUSES } from './clauses-command.ts';
import { CONNECTION_CLAUSES, PAUSE_CLAUSES, PIN_CLAUSES } from './clauses-connection.ts';
import { EVENT_CLAUSES } from './clauses-event.ts';
import { KEYPAD_CLAUSES } from './clauses-keypad.ts';
import { LIST_CLAUSES } from './clauses-list.ts';
import { LOG_CLAUSES, OVERALL_CLAUSES } from './clauses-overall.ts';
import { MODE_CLAUSES } from './clauses-modes.ts';
import { POWER_CLAUSES } from './clauses-power.ts';
import { AFTER_CLAUSES, MISSED_CLAUSES, REQUEST_CLAUSES } from './clauses-request.ts';
import { TIME_CLAUSES } from './clauses-time.ts';
import { Skipped } from './hands.ts';
import { type Trial, Unlike } from './trial.ts';

/** What came of one clause. */
export interface Finding {
  readonly id: string;
  readonly section: string;
  readonly must: string;
  readonly result: 'passed' | 'failed' | 'skipped';
  /** What was seen, or why nothing was. */
  readonly saw: string;
  readonly ms: number;
}

/**
 * All clauses, in the order they are judged: what needs the device to ask comes before the missed budget, after which it
 * decides by itself for 30 s; what is judged over everything comes last.
 */
export const CLAUSES: readonly Clause[] = [
  ...REQUEST_CLAUSES,
  ...KEYPAD_CLAUSES,
  ...MODE_CLAUSES,
  ...POWER_CLAUSES,
  ...MISSED_CLAUSES,
  ...LIST_CLAUSES,
  ...COMMAND_CLAUSES,
  ...EVENT_CLAUSES,
  ...PIN_CLAUSES,
  ...PAUSE_CLAUSES,
  ...TIME_CLAUSES,
  ...LOG_CLAUSES,
  ...AFTER_CLAUSES,
  ...CONNECTION_CLAUSES,
  ...OVERALL_CLAUSES,
];

/** Clauses whose names begin so; all for undefined. */
export const clausesOf = (only: string | undefined): Clause[] => CLAUSES.filter(({ id }) => only === undefined || id.startsWith(only));

/** Waits until the device under test was enrolled and has said its state. False when it did not within `ms`. */
export async function arrived({ transcript }: Bench, ms: number): Promise<boolean> {
  return (await transcript.wait(ms, () => (transcript.of('state').length > 0 ? true : undefined))) === true;
}

async function judgeOne(trial: Trial, { id, section, must, judge }: Clause): Promise<Finding> {
  const began = performance.now();
  const finding = (result: Finding['result'], saw: string): Finding => ({ id, section, must, result, saw, ms: Math.round(performance.now() - began) });
  trial.begin();
  try {
    return finding('passed', await judge(trial));
  } catch (error) {
    if (error instanceof Skipped) return finding('skipped', error.message);
    if (error instanceof Unlike) return finding('failed', error.message);
    throw error;
  }
}

/** Judges clause by clause; each finding is given away as soon as it is there. Rejects when a socket or the judge itself fails. */
export async function judgeAll(trial: Trial, clauses: readonly Clause[], found: (finding: Finding) => void): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const clause of clauses) {
    const finding = await judgeOne(trial, clause);
    findings.push(finding);
    found(finding);
  }
  return findings;
}
