import type { LineTestAnswer } from '../doors/serial/status.ts';
import type { ListedLine } from '../store/line-list.ts';
import { refusal } from './problem.ts';
import type { ProblemCode } from './problem-codes.ts';

const REFUSALS: Readonly<Record<Exclude<LineTestAnswer, 'done'>, ProblemCode>> = {
  running: 'LINE_TEST_RUNS',
  open: 'LINE_TEST_OPEN',
  key: 'LINE_TEST_KEY',
  port: 'LINE_TEST_PORT',
  missing: 'LINE_TEST_PORT',
  over: 'LINE_TEST_OVER',
  speed: 'SPEED_WAITING',
};

/** Throws what a line says no to, as whoever asked is told it. */
export function checkAnswer(answer: LineTestAnswer): void {
  if (answer !== 'done') throw refusal(REFUSALS[answer]);
}

/** Do both name the same rows? */
export const sameRows = (one: readonly number[], other: readonly number[]): boolean => one.length === other.length && one.every((id) => other.includes(id));

/** Whoever begins has read which doors take no cards meanwhile: those, and no door that was wired since. Throws LINE_TEST_DOORS. */
export function checkDoors({ doors }: ListedLine, confirmed: readonly number[]): void {
  const wanted = doors.map(({ id }) => id);
  if (!sameRows(wanted, [...new Set(confirmed)])) throw refusal('LINE_TEST_DOORS', { field: 'doors', expected: wanted.join(', ') || '[]' });
}
