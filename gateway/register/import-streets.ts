import type { StreetRange } from '../core/address.ts';
import type { Register } from '../store/register.ts';

/** What an import of the street dictionary did. */
export interface StreetsImported {
  readonly streets: number;
  readonly rows: number;
}

const INSERT = `INSERT INTO "StreetCommunityMap" ("streetCode", "street", "fromNo", "toNo", "side", "communityCode", "stationCode")
  SELECT "value"->>0, "value"->>1, "value"->>2, "value"->>3, "value"->>4, "value"->>5, "value"->>6 FROM json_each(?)`;

/**
 * Puts the rows of a file into the street dictionary in one transaction, noted first. What the dictionary had of these
 * streets in the same communities goes: the file says how they are now. Rows of other communities are not touched.
 */
export async function importStreets({ write }: Register, ranges: readonly StreetRange[], note: () => Promise<unknown>): Promise<StreetsImported> {
  const pairs = [...new Map(ranges.map(({ streetCode, communityCode }) => [`${streetCode} ${communityCode}`, { streetCode, communityCode }])).values()];
  const cells = ranges.map(({ streetCode, street, fromNo, toNo, side, communityCode, stationCode }) => [streetCode, street, fromNo, toNo, side, communityCode, stationCode]);
  return write(async (db) => {
    await note();
    await db.$transaction([
      db.$executeRawUnsafe(
        `DELETE FROM "StreetCommunityMap" WHERE ("streetCode", "communityCode") IN (SELECT "value"->>0, "value"->>1 FROM json_each(?))`,
        JSON.stringify(pairs.map(({ streetCode, communityCode }) => [streetCode, communityCode])),
      ),
      db.$executeRawUnsafe(INSERT, JSON.stringify(cells)),
    ]);
    return { streets: new Set(ranges.map(({ streetCode }) => streetCode)).size, rows: ranges.length };
  });
}
