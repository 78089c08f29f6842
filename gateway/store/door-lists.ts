import { ControllerId, CredentialId, DoorId } from '../core/ids.ts';
import type { DoorRecord, SiteSchedule } from '../doors/registry.ts';
import { ROW_FLAGS } from '../wire/mqtt/list.ts';
import { planOf } from './plan-text.ts';
import type { Connection } from './sqlite.ts';

/** A controller of the register with its doors. */
export interface ControllerRow {
  readonly id: ControllerId;
  readonly deviceId: string;
  /** Code of its site: a part of its topics. */
  readonly site: string;
  /** 32-byte device secret, sealed as `controller.secret`. */
  readonly secretSealed: Uint8Array;
  readonly retired: boolean;
  /** How its board writes card numbers (wire/esp-rfid/cards.ts); '': a native controller. */
  readonly boardCards: string;
  readonly doors: readonly ({ readonly number: number } & DoorRecord)[];
  /** Schedules of its site. */
  readonly schedules: readonly SiteSchedule[];
}

/** A credential a controller may decide on by itself. One that ends at different times at different doors has a row for each. */
export interface ListRow {
  readonly credentialId: CredentialId;
  /** Width byte and value, sealed as `credential.value`. */
  readonly valueSealed: Uint8Array;
  /** Bits of the doors it opens; bit 0: door 1. */
  readonly doors: number;
  /** Epoch ms; 0: no end. */
  readonly until: number;
  /** Number of the schedule it keeps to; 0: always. */
  readonly schedule: number;
  /** ROW_FLAGS of wire/mqtt/list.ts. */
  readonly flags: number;
  /** Slow verifier of its PIN, 32 hex digits; left out: it has none. */
  readonly pin?: string;
}

type ControllerCells = { id: number; deviceId: string; site: string; secretSealed: Uint8Array; retired: number; boardCards: string };
interface DoorCells {
  readonly controllerId: number;
  readonly number: number;
  readonly doorId: number;
  readonly openMs: number;
  readonly heldMs: number;
  readonly lockdownUntil: number;
  readonly openSchedule: number;
  readonly firstCard: number;
  readonly pinSchedule: number;
  readonly interlock: number;
  readonly passbackMinutes: number;
  readonly passbackHard: number;
}
interface ScheduleCells {
  readonly site: string;
  readonly number: number;
  readonly week: string;
}
type ListCells = Omit<ListRow, 'credentialId' | 'flags' | 'pin'> & { credentialId: number; slow: number; duty: number; pin: string | null };

const CONTROLLERS = `
  SELECT c."id", c."deviceId", s."code" AS site, c."secretSealed", c."retiredAt" IS NOT NULL AS retired, c."boardCards"
  FROM "DoorController" c JOIN "Site" s ON s."id" = c."siteId" ORDER BY c."id"`;
const DOORS = `
  SELECT "controllerId", "number", "id" AS doorId, "openMs", "heldMs", coalesce("lockdownUntil", 0) AS lockdownUntil, coalesce("openSchedule", 0) AS openSchedule, "firstCard",
    coalesce("pinSchedule", 0) AS pinSchedule, "interlock", "passbackMinutes", "passbackHard"
  FROM "Door" WHERE "controllerId" IS NOT NULL ORDER BY "controllerId", "number"`;
const SCHEDULES = 'SELECT s."code" AS site, a."number", a."week" FROM "AccessSchedule" a JOIN "Site" s ON s."id" = a."siteId" ORDER BY a."siteId", a."number"';

/** Stands for "no end" while ends are compared: the last moment a JS number holds exactly. */
const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * The rules of core/decide.ts as far as a list can carry them: active credentials of registered people whose tenancy has
 * begun and not ended. The end is the earliest of the stated end, the contract's plus the days the building lets it hold
 * over, and the card's own. Of several tenancies that open the same door the longest counts.
 * People who work in the building come in by its shared doors, each right with its schedule. A card's PIN goes with it; digits without a card work online alone.
 */
const LIST = `
  WITH right AS (
    SELECT d."number", o."personId", 0 AS schedule, 0 AS duty, min(
        coalesce(o."untilAt", :never), coalesce(t."accessUntil", :never),
        coalesce(t."termEnd" + b."holdoverDays" * 86400000, :never)) AS ends
    FROM "Door" d
    JOIN "Building" b ON b."id" = d."buildingId"
    JOIN "RentalUnit" u ON u."buildingId" = d."buildingId" AND (d."unitId" IS NULL OR d."unitId" = u."id")
    JOIN "Tenancy" t ON t."unitId" = u."id"
    JOIN "Occupant" o ON o."tenancyId" = t."id"
    WHERE d."controllerId" = :controller AND max(t."startAt", o."fromAt") <= :now
    UNION ALL
    SELECT d."number", g."personId", coalesce(s."number", 0), g."duty", coalesce(g."untilAt", :never)
    FROM "Door" d
    JOIN "AccessGrant" g ON g."buildingId" = d."buildingId"
    LEFT JOIN "AccessSchedule" s ON s."id" = g."scheduleId"
    WHERE d."controllerId" = :controller AND d."unitId" IS NULL AND g."fromAt" <= :now
  ), opens AS (
    SELECT c."id", c."valueSealed", c."pinVerifier", right."number", right.schedule, right.duty, p."slow", min(max(right.ends), coalesce(c."validUntil", :never)) AS ends
    FROM right JOIN "Person" p ON p."id" = right."personId" JOIN "Credential" c ON c."personId" = p."id"
    WHERE right.ends > :now AND p."documentCheckedBy" <> '' AND c."status" = 'active' AND coalesce(c."validFrom", 0) <= :now AND c."tech" <> 'PIN'
    GROUP BY c."id", right."number", right.schedule, right.duty
  )
  SELECT "id" AS credentialId, "valueSealed", sum(1 << ("number" - 1)) AS doors, CASE ends WHEN :never THEN 0 ELSE ends END AS until, schedule, duty, "slow" AS slow, lower(hex("pinVerifier")) AS pin
  FROM opens WHERE ends > :now GROUP BY "id", ends, schedule, duty ORDER BY "id", ends, schedule, duty`;

const doorOf = ({ number, doorId, firstCard, passbackHard, controllerId: _, ...door }: DoorCells): { readonly number: number } & DoorRecord => ({
  ...door,
  number,
  doorId: DoorId(doorId),
  firstCard: firstCard !== 0,
  passbackHard: passbackHard !== 0,
});

/** Rows gathered under a key of theirs. */
function gathered<K, T>(rows: readonly T[], keyOf: (row: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}

/** How many doors have an esp-rfid board that is in service. */
export const boardDoorsOf = (connection: Connection): number =>
  connection
    .prepare<[], number>(`SELECT count(*) FROM "Door" d JOIN "DoorController" c ON c."id" = d."controllerId" WHERE c."boardCards" <> '' AND c."retiredAt" IS NULL`)
    .pluck()
    .get() ?? 0;

/** Every controller, retired ones too. */
export function controllersOf(connection: Connection): ControllerRow[] {
  const doors = gathered(connection.prepare<[], DoorCells>(DOORS).all(), ({ controllerId }) => controllerId);
  const schedules = gathered(connection.prepare<[], ScheduleCells>(SCHEDULES).all(), ({ site }) => site);
  return connection
    .prepare<[], ControllerCells>(CONTROLLERS)
    .all()
    .map(({ id, deviceId, site, secretSealed, retired, boardCards }) => ({
      id: ControllerId(id),
      deviceId,
      site,
      secretSealed,
      retired: retired !== 0,
      boardCards,
      doors: (doors.get(id) ?? []).map(doorOf),
      schedules: (schedules.get(site) ?? []).map(({ number, week }) => ({ number, plan: planOf(week) })),
    }));
}

/** Reads the list of one controller at `now` (epoch ms). Prepared once: thousands are read when a street comes back. */
export function listReader(connection: Connection): (controller: ControllerId, now: number) => ListRow[] {
  const list = connection.prepare<{ controller: number; now: number; never: number }, ListCells>(LIST);
  return (controller, now) =>
    list.all({ controller, now, never: NEVER }).map(({ credentialId, slow, duty, pin, ...row }) => ({
      ...row,
      ...(pin ? { pin } : {}),
      credentialId: CredentialId(credentialId),
      flags: (slow !== 0 ? ROW_FLAGS.slow : 0) | (duty !== 0 ? ROW_FLAGS.duty : 0) | (pin ? ROW_FLAGS.pin : 0),
    }));
}
