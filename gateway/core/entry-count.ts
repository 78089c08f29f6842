import type { CredentialId, DoorId } from './ids.ts';

/** A door forgets all when it has seen so many cards. */
const KEPT_CARDS = 10_000;

/** Who went in where and when, at the doors that keep count. */
export function createEntryCount() {
  const doors = new Map<number, Map<number, number>>();
  return {
    entered(doorId: DoorId, credentialId: CredentialId, at: number): void {
      const cards = doors.get(doorId) ?? new Map<number, number>();
      if (cards.size >= KEPT_CARDS) cards.clear();
      doors.set(doorId, cards.set(credentialId, at));
    },
    /** Epoch ms; 0: not since. Nothing has row 0. */
    lastIn: (doorId: DoorId | 0, credentialId: CredentialId | 0): number => doors.get(doorId)?.get(credentialId) ?? 0,
  };
}
