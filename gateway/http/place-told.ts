import { PlaceRefused } from '../register/place-refused.ts';
import { refusal } from './problem.ts';

/** What the register refuses of a building or a door, as the answer a person gets. Anything else is thrown on. */
export function placeTold(error: unknown): never {
  if (!(error instanceof PlaceRefused)) throw error;
  const { field, expected } = error;
  throw refusal(error.why === 'taken' ? 'TAKEN' : 'BAD_INPUT', { field, expected });
}
