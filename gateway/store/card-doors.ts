import type { ReadDb, WriteDb } from './register.ts';

/** A door a card opens. */
export interface CardDoor {
  readonly doorId: number;
  /** A controller is there, as far as the register knows: one was given to the door, and something has been enrolled as it. */
  readonly fitted: boolean;
  /** It is on a serial line: the gateway itself decides there, and the door holds no list. */
  readonly byGateway: boolean;
}

/** A home of the card's holder, or (unitId 0) the building whose stock the card is in. */
export interface CardHome {
  readonly unitId: number;
  readonly buildingId: number;
}

const NEVER = Number.MAX_SAFE_INTEGER;

/** Stays of a card's holder that are running. Asked with card, epoch ms and NEVER, once each: the adapter numbers no parameters. */
const STAYS = `
  WITH asked AS (SELECT ? AS card, ? AS now, ? AS never), stay AS (
    SELECT DISTINCT o."personId", t."unitId", u."buildingId"
    FROM asked
    JOIN "Credential" c ON c."id" = asked.card
    JOIN "Occupant" o ON o."personId" = c."personId"
    JOIN "Tenancy" t ON t."id" = o."tenancyId"
    JOIN "RentalUnit" u ON u."id" = t."unitId"
    JOIN "Building" b ON b."id" = u."buildingId"
    WHERE max(t."startAt", o."fromAt") <= asked.now
      AND min(coalesce(o."untilAt", asked.never), coalesce(t."accessUntil", asked.never), coalesce(t."termEnd" + b."holdoverDays" * 86400000, asked.never)) > asked.now
  )`;

const HOMES = `${STAYS} SELECT DISTINCT "unitId", "buildingId" FROM stay ORDER BY "unitId"`;

/** As the lists of store/door-lists.ts, seen from the card; a door in lockdown is among them, since it opens again. */
const DOORS = `${STAYS}, opens AS (
    SELECT d."id" FROM stay JOIN "Door" d ON d."buildingId" = stay."buildingId" AND (d."unitId" IS NULL OR d."unitId" = stay."unitId")
    UNION
    SELECT d."id"
    FROM asked
    JOIN "Credential" c ON c."id" = asked.card
    JOIN "AccessGrant" g ON g."personId" = c."personId"
    JOIN "Door" d ON d."buildingId" = g."buildingId" AND d."unitId" IS NULL
    WHERE g."fromAt" <= asked.now AND coalesce(g."untilAt", asked.never) > asked.now
  )
  SELECT DISTINCT d."id" AS doorId, m."id" IS NOT NULL AS given, coalesce(m."enrolledAt" IS NOT NULL OR m."model" <> '', 0) AS enrolled, l."id" IS NOT NULL AS serial
  FROM asked
  JOIN opens
  JOIN "Door" d ON d."id" = opens."id"
  LEFT JOIN "DoorController" m ON m."id" = d."controllerId"
  LEFT JOIN "SerialLine" l ON l."controllerId" = m."id"
  JOIN "Credential" c ON c."id" = asked.card
  JOIN "Person" p ON p."id" = c."personId"
  WHERE p."documentCheckedBy" <> '' AND c."status" = 'active' AND coalesce(c."validFrom", 0) <= asked.now AND coalesce(c."validUntil", asked.never) > asked.now
  ORDER BY d."code"`;

/** What the doors of a card are read with. */
export type CardReads = Pick<WriteDb, '$queryRawUnsafe'>;

/** Doors a card opens at `now` (epoch ms). `seen`: has something spoken as the controller of this door since the gateway started? */
export async function doorsOfCard(db: CardReads, credentialId: number, now: number, seen: (doorId: number) => boolean): Promise<CardDoor[]> {
  const rows = await db.$queryRawUnsafe<{ doorId: number | bigint; given: number | bigint; enrolled: number | bigint; serial: number | bigint }[]>(DOORS, credentialId, now, NEVER);
  return rows.map(({ doorId, given, enrolled, serial }) => ({
    doorId: Number(doorId),
    fitted: Number(given) !== 0 && (Number(enrolled) !== 0 || seen(Number(doorId))),
    byGateway: Number(serial) !== 0,
  }));
}

/** Where a card belongs. */
export interface CardPlaces {
  /** Homes its holder lives in now. */
  readonly homes: readonly CardHome[];
  /** Those, and the building that gave it out for work or has it in stock; else homes he lived in: whoever has one of them has the card. */
  readonly places: readonly CardHome[];
}

/** What of a card says where it belongs. */
export interface PlacedCard {
  readonly id: number;
  readonly kind: string;
  readonly personId: number | null;
  readonly buildingId: number | null;
}

/** Where a card belongs at `now` (epoch ms). */
export async function placesOfCard(db: CardReads & Pick<ReadDb, 'rentalUnit'>, { id, kind, personId, buildingId }: PlacedCard, now: number): Promise<CardPlaces> {
  const rows = await db.$queryRawUnsafe<{ unitId: number | bigint; buildingId: number | bigint }[]>(HOMES, id, now, NEVER);
  const homes = rows.map((row) => ({ unitId: Number(row.unitId), buildingId: Number(row.buildingId) }));
  // A card that was given out for work is also the building's that gave it.
  const given = buildingId !== null && (kind === 'staff' || personId === null) ? [{ unitId: 0, buildingId }] : [];
  if (homes.length > 0 || given.length > 0 || personId === null) return { homes, places: [...homes, ...given] };
  const lived = await db.rentalUnit.findMany({ where: { tenancies: { some: { occupants: { some: { personId } } } } }, select: { id: true, buildingId: true } });
  return { homes, places: lived.map((unit) => ({ unitId: unit.id, buildingId: unit.buildingId })) };
}
