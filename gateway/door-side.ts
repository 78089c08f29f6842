import type { ControllerId, DoorId } from './core/ids.ts';
import { refusal } from './core/decide.ts';
import type { CommandResult, DoorCommand, DoorLink, DoorSide, DoorState, Happening, Outcome } from './doors/link.ts';
import { commandEntry, happeningEntry, linkEntry, localAccessEntry, outcomeEntry } from './journal/access-entries.ts';
import type { StoredEntry } from './journal/entry.ts';
import { unlock, type UnlockPath } from './unlock.ts';

export interface DoorSideParts extends UnlockPath {
  /** First door of a controller, to show its coming and going at a door. */
  readonly doorOf: (controllerId: ControllerId | 0) => DoorId | 0;
  readonly onState: (state: DoorState) => void;
}

/** What links call into: the unlock path, and an entry for everything else. Each promise resolves when the entry is durable. */
export function createDoorSide(parts: DoorSideParts): DoorSide {
  const buildingOf = (doorId: DoorId | 0) => parts.index.facts(doorId, undefined).door?.buildingId ?? 0;

  /** The entry of the request an outcome closes; made now when the request never reached us. */
  async function requestOf(outcome: Outcome): Promise<Pick<StoredEntry, 'index' | 'event' | 'person'>> {
    const known = await parts.journal.find({ ...outcome.key, ...outcome.request });
    if (known !== undefined) return known;
    const fingerprint = outcome.tap.credential && parts.fingerprint(outcome.tap.credential);
    const facts = parts.index.facts(outcome.tap.doorId, fingerprint);
    const decision = { ...refusal('UNAVAILABLE'), occupancy: facts.occupancies[0] };
    const entry = localAccessEntry({ tap: outcome.tap, facts, decision, fingerprint }, outcome, parts.now());
    return { index: (await parts.journal.append(entry)).index, ...entry };
  }

  return {
    tap: (tap) => unlock(parts, tap),
    async outcome(outcome) {
      const access = await requestOf(outcome);
      await parts.journal.append(outcomeEntry(outcome, access, parts.now()));
    },
    async happened(happening: Happening) {
      await parts.journal.append(happeningEntry(happening, buildingOf(happening.doorId), parts.now()));
      if (happening.what === 'duty-release' && happening.doorId !== 0) parts.lockdownEnded(happening.doorId);
    },
    async link({ controllerId, what, why }) {
      const doorId = parts.doorOf(controllerId);
      await parts.journal.append(linkEntry({ controllerId, doorId, buildingId: buildingOf(doorId), what, why }, parts.now()));
    },
    state: parts.onState,
  };
}

/** Carries out a person's order: written down, sent, and its answer written down. */
export async function order(parts: UnlockPath, link: DoorLink, doorId: DoorId, given: { command: DoorCommand; accountId: number }): Promise<CommandResult> {
  const wanted = { doorId, buildingId: parts.index.facts(doorId, undefined).door?.buildingId ?? 0, ...given } as const;
  const { index } = await parts.journal.append(commandEntry(wanted, parts.now()));
  const result = await link.command(doorId, given.command);
  await parts.journal.append(commandEntry(wanted, parts.now(), { ref: index, result }));
  return result;
}
