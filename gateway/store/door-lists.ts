import { ControllerId, CredentialId, DoorId } from '../core/ids.ts';
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
  readonly doors: readonly { readonly number: number; readonly doorId: DoorId; readonly openMs: number }[];
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
}

type ControllerCells = { id: number; deviceId: string; site: string; secretSealed: Uint8Array; retired: number };
type DoorCells = { controllerId: number; number: number; doorId: number; openMs: number };
type ListCells = { credentialId: number; valueSealed: Uint8Array; doors: number; until: number };

const CONTROLLERS = `
  SELECT c."id", c."deviceId", s."code" AS site, c."secretSealed", c."retiredAt" IS NOT NULL AS retired
  FROM "DoorController" c JOIN "Site" s ON s."id" = c."siteId" ORDER BY c."id"`;
const DOORS = 'SELECT "controllerId", "number", "id" AS doorId, "openMs" FROM "Door" WHERE "controllerId" IS NOT NULL ORDER BY "controllerId", "number"';

/** Stands for "no end" while ends are compared: the last moment a JS number holds exactly. */
const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * The rules of core/decide.ts as far as a list can carry them: active credentials of registered people whose tenancy has
 * begun and not ended. The end is the earliest of the stated end, the contract's plus the days the building lets it hold
 * over, and the card's own. Of several tenancies that open the same door the longest counts. A door in lockdown opens for nobody.
 */
const LIST = `
  WITH stay AS (
    SELECT d."number", o."personId", min(
        coalesce(o."untilAt", :never), coalesce(t."accessUntil", :never),
        coalesce(t."termEnd" + b."holdoverDays" * 86400000, :never)) AS ends
    FROM "Door" d
    JOIN "Building" b ON b."id" = d."buildingId"
    JOIN "RentalUnit" u ON u."buildingId" = d."buildingId" AND (d."unitId" IS NULL OR d."unitId" = u."id")
    JOIN "Tenancy" t ON t."unitId" = u."id"
    JOIN "Occupant" o ON o."tenancyId" = t."id"
    WHERE d."controllerId" = :controller AND NOT d."lockdown" AND max(t."startAt", o."fromAt") <= :now
  ), opens AS (
    SELECT c."id", c."valueSealed", stay."number", min(max(stay.ends), coalesce(c."validUntil", :never)) AS ends
    FROM stay JOIN "Person" p ON p."id" = stay."personId" JOIN "Credential" c ON c."personId" = p."id"
    WHERE stay.ends > :now AND p."documentCheckedBy" <> '' AND c."status" = 'active' AND coalesce(c."validFrom", 0) <= :now
    GROUP BY c."id", stay."number"
  )
  SELECT "id" AS credentialId, "valueSealed", sum(1 << ("number" - 1)) AS doors, CASE ends WHEN :never THEN 0 ELSE ends END AS until
  FROM opens WHERE ends > :now GROUP BY "id", ends ORDER BY "id", ends`;

/** Every controller, retired ones too. */
export function controllersOf(connection: Connection): ControllerRow[] {
  const doors = connection.prepare<[], DoorCells>(DOORS).all();
  return connection
    .prepare<[], ControllerCells>(CONTROLLERS)
    .all()
    .map(({ id, deviceId, site, secretSealed, retired }) => ({
      id: ControllerId(id),
      deviceId,
      site,
      secretSealed,
      retired: retired !== 0,
      doors: doors.filter((door) => door.controllerId === id).map(({ number, doorId, openMs }) => ({ number, doorId: DoorId(doorId), openMs })),
    }));
}

/** The list of one controller at `now` (epoch ms). */
export function listRowsOf(connection: Connection, controller: ControllerId, now: number): ListRow[] {
  const rows = connection.prepare<{ controller: number; now: number; never: number }, ListCells>(LIST).all({ controller, now, never: NEVER });
  return rows.map(({ credentialId, ...row }) => ({ credentialId: CredentialId(credentialId), ...row }));
}
