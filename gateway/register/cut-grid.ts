import { isGridCode } from '../core/codes.ts';
import { isCommunityCode } from '../core/division-code.ts';
import { overlap } from '../core/span.ts';
import type { Register, WriteDb } from '../store/register.ts';
import { ms, msOrNull } from '../store/values.ts';
import { type Note, needed, OfficeRefused } from './office-refused.ts';
import { placeText } from './place-refused.ts';

/** A grid as it is to be opened. */
export interface GridWish {
  /** 12-digit community and 3 digits. */
  readonly code: string;
  readonly name: string;
  readonly nameEn: string;
  readonly areaId: number | null;
  readonly buildingIds: readonly number[];
}

const CODE_FORM = '12 位社区代码 + 3 位数字，如 890101001001001 / 12 digits of a community and 3 more, such as 890101001001001';
const COMMUNITY_DIGITS = 12;

interface Cut {
  /** 0: a grid that is not there yet. */
  readonly gridId: number;
  readonly communityCode: string;
  readonly buildingIds: readonly number[];
  readonly fromAt: number;
}

/** Every building lies in the grid's community, and from then on in no other grid. */
async function checkBuildings(db: WriteDb, { gridId, communityCode, buildingIds, fromAt }: Cut): Promise<void> {
  const ids = [...buildingIds];
  const buildings = await db.building.findMany({ where: { id: { in: ids } }, select: { id: true, code: true, name: true } });
  if (buildings.length !== new Set(ids).size) throw new OfficeRefused('NOT_FOUND', { field: 'buildingIds' });
  const stray = buildings.find(({ code }) => code.slice(0, COMMUNITY_DIGITS) !== communityCode);
  if (stray !== undefined) throw new OfficeRefused('GRID_SPANS', { field: 'buildingIds', expected: `${stray.name}（${stray.code}）` });
  const elsewhere = await db.gridBuilding.findMany({ where: { buildingId: { in: ids }, version: { gridId: { not: gridId } } }, include: { version: { include: { grid: true } } } });
  const clash = elsewhere.find(({ version }) => overlap({ fromAt, untilAt: null }, { fromAt: ms(version.fromAt), untilAt: msOrNull(version.untilAt) }));
  if (clash === undefined) return;
  const name = buildings.find(({ id }) => id === clash.buildingId)?.name ?? '';
  throw new OfficeRefused('GRID_OVERLAP', { field: 'buildingIds', expected: `${name}：${clash.version.grid.name}` });
}

const listed = (buildingIds: readonly number[]) => ({ create: [...new Set(buildingIds)].map((buildingId) => ({ buildingId })) });

/** Opens a grid inside one community, with its first version from `now` on. Returns its row number. */
export async function openGrid({ write }: Register, wish: GridWish, now: number, note: Note): Promise<number> {
  const { code, areaId, buildingIds } = wish;
  const [name, nameEn] = [placeText('name', wish.name), placeText('nameEn', wish.nameEn)];
  const communityCode = code.slice(0, COMMUNITY_DIGITS);
  if (!isGridCode(code) || !isCommunityCode(communityCode)) throw new OfficeRefused('BAD_INPUT', { field: 'code', expected: CODE_FORM });
  return write(async (db) => {
    if ((await db.grid.count({ where: { code } })) > 0) throw new OfficeRefused('TAKEN', { field: 'code' });
    needed(await db.division.findUnique({ where: { code: communityCode } }), 'code');
    if (areaId !== null) needed(await db.area.findFirst({ where: { id: areaId, closedAt: null } }), 'areaId');
    await checkBuildings(db, { gridId: 0, communityCode, buildingIds, fromAt: now });
    await note();
    const first = { n: 1, fromAt: now, buildings: listed(buildingIds) };
    return (await db.grid.create({ data: { code, communityCode, areaId, name, nameEn, versions: { create: first } } })).id;
  });
}

/** A grid cut anew. `fromAt`: from when, not before `now`; epoch ms. */
export interface Recut {
  readonly id: number;
  readonly version: number;
  readonly buildingIds: readonly number[];
  readonly fromAt: number;
  readonly now: number;
}

/** Cuts a grid anew: the version until now ends at that moment, and the past keeps it. */
export async function recutGrid({ write }: Register, { id, version, buildingIds, fromAt, now }: Recut, note: Note): Promise<void> {
  await write(async (db) => {
    const grid = needed(await db.grid.findUnique({ where: { id }, include: { versions: { orderBy: { n: 'desc' }, take: 1 } } }), 'id');
    if (grid.closedAt !== null) throw new OfficeRefused('IS_CLOSED');
    if (grid.version !== version) throw new OfficeRefused('STALE_VERSION');
    const [latest] = grid.versions;
    if (fromAt < now || (latest !== undefined && fromAt <= ms(latest.fromAt))) throw new OfficeRefused('GRID_PAST', { field: 'fromAt' });
    await checkBuildings(db, { gridId: id, communityCode: grid.communityCode, buildingIds, fromAt });
    await note();
    await db.$transaction([
      db.gridVersion.updateMany({ where: { gridId: id, untilAt: null }, data: { untilAt: fromAt } }),
      db.gridVersion.create({ data: { gridId: id, n: (latest?.n ?? 0) + 1, fromAt, buildings: listed(buildingIds) } }),
      db.grid.update({ where: { id }, data: { version: { increment: 1 } } }),
    ]);
  });
}

/** Closes a grid on whose posts nobody is any more; its buildings are in no grid from then on. */
export async function closeGrid({ write }: Register, { id, version }: { id: number; version: number }, now: number, note: Note): Promise<void> {
  await write(async (db) => {
    const grid = needed(await db.grid.findUnique({ where: { id }, include: { versions: { where: { untilAt: null } } } }), 'id');
    if (grid.closedAt !== null) throw new OfficeRefused('IS_CLOSED');
    if (grid.version !== version) throw new OfficeRefused('STALE_VERSION');
    const people = await db.assignment.count({ where: { place: 'grid', placeId: id, OR: [{ untilAt: null }, { untilAt: { gt: now } }] } });
    if (people > 0) throw new OfficeRefused('STILL_IN_USE', { expected: `在岗 ${people} / assignments ${people}` });
    await note();
    await db.$transaction([
      ...grid.versions.map(({ id: versionId, fromAt }) => db.gridVersion.update({ where: { id: versionId }, data: { untilAt: Math.max(now, ms(fromAt)) } })),
      db.grid.update({ where: { id }, data: { closedAt: now, version: { increment: 1 } } }),
    ]);
  });
}
