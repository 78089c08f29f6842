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
  /** Number of the schedule during which a card needs its PIN; null: never. */
  readonly pinSchedule: number | null;
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
export const DOOR_RULES = {
  openMs: true,
  heldMs: true,
  openSchedule: true,
  firstCard: true,
  pinSchedule: true,
  interlock: true,
  passbackMinutes: true,
  passbackHard: true,
} as const;

/** The rules alone, of a row that has more. */
export const rulesIn = ({ openMs, heldMs, openSchedule, firstCard, pinSchedule, interlock, passbackMinutes, passbackHard }: DoorRules): DoorRules => ({
  openMs,
  heldMs,
  openSchedule,
  firstCard,
  pinSchedule,
  interlock,
  passbackMinutes,
  passbackHard,
});

/** Are these the same rules, both as `rulesIn` gives them? */
export const sameRules = (one: DoorRules, other: DoorRules): boolean => JSON.stringify(one) === JSON.stringify(other);

/**
 * Working cards that open a door now and have no PIN, as store/door-lists.ts makes its list: who lives there, and at shared
 * doors who works there, at whichever hour. Asked with door and epoch ms, once each.
 */
const WITHOUT_PIN = `
  WITH asked AS (SELECT ? AS door, ? AS now, ${Number.MAX_SAFE_INTEGER} AS never), right AS (
    SELECT o."personId"
    FROM asked JOIN "Door" d ON d."id" = asked.door
    JOIN "Building" b ON b."id" = d."buildingId"
    JOIN "RentalUnit" u ON u."buildingId" = d."buildingId" AND (d."unitId" IS NULL OR d."unitId" = u."id")
    JOIN "Tenancy" t ON t."unitId" = u."id"
    JOIN "Occupant" o ON o."tenancyId" = t."id"
    WHERE max(t."startAt", o."fromAt") <= asked.now
      AND min(coalesce(o."untilAt", asked.never), coalesce(t."accessUntil", asked.never), coalesce(t."termEnd" + b."holdoverDays" * 86400000, asked.never)) > asked.now
    UNION
    SELECT g."personId" FROM asked JOIN "Door" d ON d."id" = asked.door AND d."unitId" IS NULL JOIN "AccessGrant" g ON g."buildingId" = d."buildingId"
    WHERE g."fromAt" <= asked.now AND coalesce(g."untilAt", asked.never) > asked.now
  )
  SELECT count(*) AS cards FROM asked JOIN "Credential" c ON c."personId" IN (SELECT "personId" FROM right) JOIN "Person" p ON p."id" = c."personId"
  WHERE c."status" = 'active' AND c."tech" <> 'PIN' AND c."pinVerifier" IS NULL AND p."documentCheckedBy" <> ''
    AND coalesce(c."validFrom", 0) <= asked.now AND coalesce(c."validUntil", asked.never) > asked.now`;

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
    /** How many cards would open this door no more in PIN hours. `now`: epoch ms. */
    async withoutPin(doorId: number, now: number): Promise<number> {
      const [row] = await read.$queryRawUnsafe<{ cards: number | bigint }[]>(WITHOUT_PIN, doorId, now);
      return Number(row?.cards ?? 0);
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
