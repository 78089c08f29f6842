import type { AccessIndex } from './core/access-index.ts';
import type { Decision } from './core/decide.ts';
import type { Facts } from './core/facts.ts';
import type { DoorId } from './core/ids.ts';

/** Who is told of a grant. */
export interface LetIn {
  readonly index: Pick<AccessIndex, 'entered'>;
  /** A duty card ended the lockdown at a door. */
  readonly lockdownEnded: (doorId: DoorId) => void;
}

/** What a stored grant means for the next ones: who went in is counted, and a duty card has ended a lockdown. `now`: epoch ms. */
export function letIn({ index, lockdownEnded }: LetIn, { door, credential }: Facts, { granted, note }: Decision, now: number): void {
  if (!granted || door === undefined || credential === undefined) return;
  index.entered(door.id, credential.id, now);
  if (note === 'LOCKDOWN') lockdownEnded(door.id);
}
