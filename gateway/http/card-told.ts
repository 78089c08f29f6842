import { CardRefused, type CardRefusal } from '../register/card-refused.ts';
import { refusal } from './problem.ts';
import type { ProblemCode } from './problem-codes.ts';

const CODES: Readonly<Record<CardRefusal, ProblemCode>> = {
  missing: 'NOT_FOUND',
  stopped: 'CARD_STOPPED',
  'only-key': 'TENANT_IN_RESIDENCE',
  'not-yours': 'UNDO_NOT_YOURS',
  over: 'UNDO_OVER',
  'weak-pin': 'WEAK_PIN',
  nobody: 'CARD_OF_NOBODY',
  'not-lost': 'CARD_NOT_LOST',
  replaced: 'CARD_REPLACED',
  'no-right': 'CARD_NO_RIGHT',
};

/** What the register refuses of a card, as the answer a person gets. Anything else is thrown on. */
export function cardTold(error: unknown): never {
  if (!(error instanceof CardRefused)) throw error;
  throw refusal(CODES[error.why], error.why === 'weak-pin' ? { field: 'pin', expected: '4–8 位，不是 1234、0000、生日 / 4 to 8 digits, not 1234, 0000 or a birthday' } : {});
}
