import type { Register } from './register.ts';

/** How a door works. Times in ms unless they say otherwise. */
export interface DoorRules {
  readonly openMs: number;
  /** Open longer than this is reported as held. */
  readonly heldMs: number;
  /** Number of the schedule during which it stands unlocked; null: never. */
  readonly openSchedule: number | null;
  /** It stands unlocked only after the first card of the span. */
  readonly firstCard: boolean;
  /** Doors of one controller with the same number are open one at a time; 0: alone. */
  readonly interlock: number;
  /** A card that went in does not go in again for so many minutes; 0: it may. Hard: refused, else noted. */
  readonly passbackMinutes: number;
  readonly passbackHard: boolean;
}

/** A schedule of a site, its hours as the register keeps them. */
export interface ScheduleRow {
  readonly id: number;
  readonly siteId: number;
  readonly number: number;
  readonly name: string;
  readonly week: string;
}

/** A door on the same controller. */
export interface NeighbourRow {
  readonly id: number;
  readonly name: string;
  readonly nameEn: string;
  readonly interlock: number;
}

/** What of a door are its rules. */
export const DOOR_RULES = { openMs: true, heldMs: true, openSchedule: true, firstCard: true, interlock: true, passbackMinutes: true, passbackHard: true } as const;

/** The rules alone, of a row that has more. */
export const rulesIn = ({ openMs, heldMs, openSchedule, firstCard, interlock, passbackMinutes, passbackHard }: DoorRules): DoorRules => ({
  openMs,
  heldMs,
  openSchedule,
  firstCard,
  interlock,
  passbackMinutes,
  passbackHard,
});

/** Are these the same rules, both as `rulesIn` gives them? */
export const sameRules = (one: DoorRules, other: DoorRules): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Rules of doors and schedules of sites, read. */
export function doorRulesOf({ read }: Register) {
  return {
    /** A door's rules and the other doors of its controller; undefined: there is no such door. */
    async of(doorId: number): Promise<{ readonly rules: DoorRules; readonly neighbours: readonly NeighbourRow[] } | undefined> {
      const row = await read.door.findUnique({ where: { id: doorId }, select: { ...DOOR_RULES, controllerId: true } });
      if (row === null) return undefined;
      const { controllerId } = row;
      const where = { controllerId, id: { not: doorId } };
      const neighbours =
        controllerId === null ? [] : await read.door.findMany({ where, select: { id: true, name: true, nameEn: true, interlock: true }, orderBy: { number: 'asc' } });
      return { rules: rulesIn(row), neighbours };
    },
    /** The site of a building: its schedules by number, and its buildings. */
    async site(buildingId: number): Promise<{ readonly id: number; readonly schedules: readonly ScheduleRow[]; readonly buildings: readonly number[] } | undefined> {
      const row = await read.site.findFirst({
        where: { buildings: { some: { id: buildingId } } },
        select: { id: true, buildings: { select: { id: true } }, schedules: { orderBy: { number: 'asc' } } },
      });
      return row === null ? undefined : { id: row.id, schedules: row.schedules, buildings: row.buildings.map(({ id }) => id) };
    },
    /** Numbers of the schedules that something in the site goes by. */
    async used(siteId: number): Promise<ReadonlySet<number>> {
      const doors = await read.door.findMany({ where: { building: { siteId } }, select: { openSchedule: true, pinSchedule: true } });
      const grants = await read.accessGrant.findMany({ where: { schedule: { siteId } }, select: { schedule: { select: { number: true } } }, distinct: ['scheduleId'] });
      return new Set([...doors.flatMap((door) => [door.openSchedule ?? [], door.pinSchedule ?? []].flat()), ...grants.map(({ schedule }) => schedule?.number ?? 0)]);
    },
  };
}
