import { createHash } from 'node:crypto';
import { RuleRefused } from '../register/rule-refused.ts';
import { refusal } from './problem.ts';
import type { ProblemCode } from './problem-codes.ts';

const CODES: Readonly<Record<RuleRefused['why'], ProblemCode>> = {
  wrong: 'BAD_INPUT',
  'way-in': 'ONLY_WAY_IN',
  stale: 'STALE_VERSION',
  used: 'STILL_IN_USE',
  full: 'LIMIT_REACHED',
  missing: 'NOT_FOUND',
  taken: 'TAKEN',
  over: 'IS_CLOSED',
  duplicate: 'ID_DUPLICATE_ACTIVE',
  'home-taken': 'HOME_TAKEN',
  ahead: 'MOVE_IN_FUTURE',
  objection: 'OBJECTION_OPEN',
  'objection-over': 'OBJECTION_OVER',
  hours: 'NOT_BY_NIGHT',
  'undo-over': 'TAKE_BACK_OVER',
  'not-yours': 'TAKE_BACK_NOT_YOURS',
  step: 'REGISTRATION_STEP',
  unseen: 'ID_NOT_SEEN',
  ineligible: 'PERMIT_TOO_EARLY',
};

/** What the register refuses of a rule or a schedule, as the answer a person gets. Anything else is thrown on. */
export function ruleTold(error: unknown): never {
  if (!(error instanceof RuleRefused)) throw error;
  throw refusal(CODES[error.why], error.detail);
}

/** Hex digits that a number of JSON holds exactly. */
const EXACT = 12;

/** A version for what has no counter: another content, another number. */
export const contentVersion = (content: object): number => Number.parseInt(createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, EXACT), 16);
