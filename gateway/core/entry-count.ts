import type { CredentialId, DoorId } from './ids.ts';

/** A door forgets all when it has seen so many cards. */
const KEPT_CARDS = 10_000;

/** Who went in where and when, at the doors that keep count. */
export function createEntryCount() {
  const doors = new Map<DoorId, Map<CredentialId, number>>();
  return {
    entered(doorId: DoorId, credentialId: CredentialId, at: number): void {
      const cards = doors.get(doorId) ?? new Map<CredentialId, number>();
      if (cards.size >= KEPT_CARDS) cards.clear();
      doors.set(doorId, cards.set(credentialId, at));
    },
    lastIn: (doorId: DoorId | 0, credentialId: CredentialId | undefined): number => (doorId === 0 || credentialId === undefined ? 0 : (doors.get(doorId)?.get(credentialId) ?? 0)),
  };
}
