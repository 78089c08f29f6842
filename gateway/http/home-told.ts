import { HomeRefused } from '../register/home-refused.ts';
import { refusal } from './problem.ts';

/** What the register refuses of homes, as the answer a person gets. Anything else is thrown on. */
export function homeTold(error: unknown): never {
  if (!(error instanceof HomeRefused)) throw error;
  throw refusal(error.code, error.detail);
}
