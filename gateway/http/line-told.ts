import { type LineRefusal, LineRefused } from '../register/line-refused.ts';
import { placeTold } from './place-told.ts';
import { refusal } from './problem.ts';
import type { ProblemCode } from './problem-codes.ts';

const CODES: Readonly<Record<LineRefusal, ProblemCode>> = {
  wrong: 'BAD_INPUT',
  taken: 'TAKEN',
  missing: 'BAD_INPUT',
  used: 'STILL_IN_USE',
  full: 'LIMIT_REACHED',
  'in-service': 'CONTROLLER_IN_SERVICE',
  weak: 'WEAK_KEY',
  waiting: 'KEY_WAITING',
  moving: 'ADDRESS_WAITING',
  speed: 'SPEED_WAITING',
};

/** What the register refuses of a serial line, as the answer a person gets. Anything else is thrown on. */
export function lineTold(error: unknown): never {
  if (!(error instanceof LineRefused)) return placeTold(error);
  const { why, field, expected } = error;
  throw refusal(CODES[why], { field, expected });
}
