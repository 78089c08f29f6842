import { type AddressParts, addressText, readAddress } from '../core/address.ts';
import type { Register, WriteDb } from '../store/register.ts';
import { communitiesAt, divisionNames } from '../store/streets.ts';
import { HomeRefused } from './home-refused.ts';
import type { Note } from './lock-down.ts';

/** The address a building is to have. `unlisted`: whoever fills it in knows that the street dictionary does not have it. */
export interface AddressWish {
  readonly buildingId: number;
  /** Of the building as it was on screen. */
  readonly version: number;
  readonly parts: AddressParts;
  readonly unlisted: boolean;
}

const COMMUNITY_DIGITS = 12;

/** Is the number in the dictionary, in this community? Throws HomeRefused: it is not, and nobody said that he knows. */
async function isListed(
  db: WriteDb,
  { street, number, community, unlisted }: { street: string; number: number | undefined; community: string; unlisted: boolean },
): Promise<boolean> {
  if (number === undefined) return false;
  const found = await communitiesAt(db, street, number);
  if (found?.some(({ communityCode }) => communityCode === community) === true) return true;
  // A site without a dictionary has nothing to hold an address against.
  const empty = found === undefined && (await db.streetCommunityMap.count({ where: { communityCode: community } })) === 0;
  if (empty || unlisted) return false;
  if (found === undefined) throw new HomeRefused('ADDRESS_UNKNOWN', { field: 'street', expected: '街路字典里有的街路 / a street the dictionary has' });
  const elsewhere = await Promise.all(found.map(async ({ communityCode }) => (await divisionNames(db, communityCode)).at(-1) ?? communityCode));
  const told = elsewhere.join('、');
  throw new HomeRefused('ADDRESS_UNKNOWN', {
    field: 'doorNumber',
    expected:
      told === ''
        ? '这条路上字典里有的门牌 / a number the dictionary has on this street'
        : `本社区的门牌；这个门牌属于 ${told} / a number of this community; this one is in ${told}`,
  });
}

/** Fills in the parts of a building's address, noted first; its text is built from them. Throws HomeRefused. */
export async function setAddress({ write }: Register, { buildingId, version, parts, unlisted }: AddressWish, note: Note): Promise<void> {
  const address = readAddress(parts);
  if ('field' in address) throw new HomeRefused('BAD_INPUT', address);
  const { number, ...kept } = address;
  await write(async (db) => {
    const building = await db.building.findUnique({ where: { id: buildingId }, select: { code: true, version: true } });
    if (building === null) throw new HomeRefused('NOT_FOUND', { field: 'id' });
    if (building.version !== version) throw new HomeRefused('STALE_VERSION');
    const community = building.code.slice(0, COMMUNITY_DIGITS);
    const listed = await isListed(db, { street: kept.street, number, community, unlisted });
    const text = addressText(await divisionNames(db, community), kept);
    await note(text.slice(-120));
    await db.$transaction([
      db.buildingAddress.upsert({ where: { buildingId }, create: { buildingId, ...kept, listed }, update: { ...kept, listed } }),
      db.building.update({ where: { id: buildingId }, data: { address: text, version: { increment: 1 } } }),
    ]);
  });
}
