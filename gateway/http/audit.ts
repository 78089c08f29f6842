import { BuildingId, PersonId, UnitId } from '../core/ids.ts';
import { eventOf, NO_PERSON } from '../journal/entry.ts';
import type { Deps } from './deps.ts';
import type { Viewer } from './viewer.ts';

/** Failed sign-ins are noted at most this often, so that guessing cannot fill the log. */
const FAILED_MS = 1_000;

/** Who signed in and who looked at personal data, as entries of the journal (ASVS 16.2, invariant I5). */
export interface Audit {
  /** Never stops the person: signing in must work when the log does not, so that somebody can mend it. */
  session(what: 'sign-in' | 'sign-out' | 'set-up' | 'factor-given', accountId: number): Promise<void>;
  failedSignIn(): void;
  /** Any other act of a desk; resolves with its index when it is on disk, and rejects when it cannot be: then the act is not done. */
  acted(viewer: Pick<Viewer, 'accountId'>, what: string, about?: About): Promise<number>;
}

/** Whom and what an act concerns. `words`: at most 120 characters, sealed. `ref`: index of the entry it cites. */
export interface About {
  readonly buildingId?: number;
  readonly unitId?: number;
  readonly personId?: number;
  readonly words?: string;
  readonly ref?: number;
}

export function createAudit({ doorSide, clock, onError }: Pick<Deps, 'doorSide' | 'clock' | 'onError'>): Audit {
  let lastFailed = Number.NEGATIVE_INFINITY;
  const note = async (what: string, accountId: number): Promise<void> => {
    const entry = { event: eventOf({ kind: 'audit', what, gatewayTime: clock() }), person: { ...NO_PERSON, accountId } };
    await doorSide.append(entry).catch((error: unknown) => onError(error, `audit ${what}`));
  };
  return {
    session: note,
    async acted({ accountId }, what, { buildingId, unitId, personId, words = '', ref } = {}) {
      const place = buildingId === undefined ? {} : { buildingId: BuildingId(buildingId) };
      const event = eventOf({ kind: 'audit', what, gatewayTime: clock(), ...place, ...(ref === undefined ? {} : { ref }) });
      const whom = { ...(unitId === undefined ? {} : { unitId: UnitId(unitId) }), ...(personId === undefined ? {} : { personId: PersonId(personId) }) };
      return (await doorSide.append({ event, person: { ...NO_PERSON, ...whom, accountId, words } })).index;
    },
    failedSignIn() {
      if (clock() - lastFailed < FAILED_MS) return;
      lastFailed = clock();
      void note('sign-in-failed', 0);
    },
  };
}
