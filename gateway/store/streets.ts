import { communitiesOf, SIDES, type StreetRange } from '../core/address.ts';
import { DIVISION_LEVELS, readDivisionCode } from '../core/division-code.ts';
import type { ReadDb } from './register.ts';
import { wordOf } from './values.ts';

type Streets = Pick<ReadDb, 'streetCommunityMap'>;

/** The communities a number of a street may lie in, by the dictionary; undefined: it does not have the street. */
export async function communitiesAt(db: Streets, street: string, number: number): Promise<StreetRange[] | undefined> {
  const rows = await db.streetCommunityMap.findMany({ where: { street }, orderBy: { id: 'asc' } });
  if (rows.length === 0) return undefined;
  return communitiesOf(
    rows.map(({ id: _, side, ...row }) => ({ ...row, side: wordOf('StreetCommunityMap.side', SIDES, side) })),
    number,
  );
}

/** Names of the divisions over a community, from the province down and itself last, as far as the register has them. */
export async function divisionNames(db: Pick<ReadDb, 'division'>, communityCode: string): Promise<string[]> {
  const codes = [communityCode];
  while (codes.length < DIVISION_LEVELS.length) {
    const above = readDivisionCode(codes[0] ?? '')?.parent;
    if (above == null) break;
    codes.unshift(above);
  }
  const rows = await db.division.findMany({ where: { code: { in: codes } }, select: { code: true, name: true } });
  const names = new Map(rows.map(({ code, name }) => [code, name]));
  return codes.flatMap((code) => names.get(code) ?? []);
}
