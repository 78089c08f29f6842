import type { Sentence } from '../core/reasons.ts';
import type { DoorRow, Places } from '../store/places.ts';

/** The doors of the register in memory, so that a ledger line costs no query. The desk side writes the register, so it knows when to refresh. */
export interface DoorList {
  refresh(): Promise<void>;
  of(doorId: number): DoorRow | undefined;
  /** What people call the door; '' for an entry at no door, or at one that is gone. */
  name(doorId: number): Sentence;
}

export function createDoorList(places: Places): DoorList {
  let rows: ReadonlyMap<number, DoorRow> = new Map();
  return {
    async refresh() {
      rows = new Map((await places.doors()).map((door) => [door.id, door]));
    },
    of: (doorId) => rows.get(doorId),
    name(doorId) {
      const door = rows.get(doorId);
      return door === undefined ? { zh: '', en: '' } : { zh: door.name, en: door.nameEn || door.name };
    },
  };
}
