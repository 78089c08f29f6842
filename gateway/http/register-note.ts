import { BuildingId, DoorId, PersonId } from '../core/ids.ts';
import { eventOf, NO_PERSON } from '../journal/entry.ts';
import type { Note } from '../register/lock-down.ts';
import type { Deps } from './deps.ts';
import type { Viewer } from './viewer.ts';

/** What of a register entry the words do not say. */
export interface NotedChange {
  readonly what: string;
  readonly buildingId: number;
  /** None: it is about the building as a whole. */
  readonly doorId?: number | undefined;
  /** Whom it is about. */
  readonly personId?: number | undefined;
}

/** For verbs that write down what they are about to do: an entry of the register by this viewer. Rejects when the log cannot be written. */
export const noteOf =
  ({ deps: { doorSide, clock } }: { readonly deps: Pick<Deps, 'doorSide' | 'clock'> }, viewer: Viewer, { what, buildingId, doorId, personId }: NotedChange): Note =>
  (words) => {
    const event = eventOf({ kind: 'register', what, buildingId: BuildingId(buildingId), doorId: doorId === undefined ? 0 : DoorId(doorId), gatewayTime: clock() });
    return doorSide.append({ event, person: { ...NO_PERSON, ...(personId === undefined ? {} : { personId: PersonId(personId) }), accountId: viewer.accountId, words } });
  };
