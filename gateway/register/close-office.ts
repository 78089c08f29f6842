import type { Register, WriteDb } from '../store/register.ts';
import { type Note, needed, OfficeRefused } from './office-refused.ts';

/** Assignments in force at `now` or later. */
const running = (now: number) => ({ OR: [{ untilAt: null }, { untilAt: { gt: now } }] });

/** What still hangs on an office, in words; '' when nothing does. */
async function hanging(db: WriteDb, orgId: number, now: number): Promise<string> {
  const [children, people, areas] = [
    await db.orgUnit.count({ where: { parentId: orgId, closedAt: null } }),
    await db.assignment.count({ where: { place: 'org', placeId: orgId, ...running(now) } }),
    await db.area.count({ where: { orgId, closedAt: null } }),
  ];
  if (children + people + areas === 0) return '';
  return `下级机构 ${children}、在岗 ${people}、片区 ${areas} / offices below ${children}, assignments ${people}, areas ${areas}`;
}

/** Closes an office that has no open office, assignment or area any more; its covers end with it. */
export async function closeOffice({ write }: Register, { id, version }: { id: number; version: number }, now: number, note: Note): Promise<void> {
  await write(async (db) => {
    const office = needed(await db.orgUnit.findUnique({ where: { id } }), 'id');
    if (office.closedAt !== null) throw new OfficeRefused('IS_CLOSED');
    if (office.version !== version) throw new OfficeRefused('STALE_VERSION');
    const open = await hanging(db, id, now);
    if (open !== '') throw new OfficeRefused('STILL_IN_USE', { expected: open });
    await note();
    await db.$transaction([
      db.orgCover.updateMany({ where: { orgId: id, ...running(now) }, data: { untilAt: now } }),
      db.orgUnit.update({ where: { id }, data: { closedAt: now, version: { increment: 1 } } }),
    ]);
  });
}

/** Closes an area without open grids. */
export async function closeArea({ write }: Register, { id, version }: { id: number; version: number }, now: number, note: Note): Promise<void> {
  await write(async (db) => {
    const area = needed(await db.area.findUnique({ where: { id } }), 'id');
    if (area.closedAt !== null) throw new OfficeRefused('IS_CLOSED');
    if (area.version !== version) throw new OfficeRefused('STALE_VERSION');
    const grids = await db.grid.count({ where: { areaId: id, closedAt: null } });
    if (grids > 0) throw new OfficeRefused('STILL_IN_USE', { expected: `网格 ${grids} / grids ${grids}` });
    await note();
    await db.area.update({ where: { id }, data: { closedAt: now, version: { increment: 1 } } });
  });
}
