import { type PlaceKind, PLACES_OF, ROLES, type Role } from '../core/roles.ts';
import { overlap } from '../core/span.ts';
import type { Register, WriteDb } from '../store/register.ts';
import { ms, msOrNull, wordOf } from '../store/values.ts';
import type { Revoke } from './revocations.ts';
import { type Note, needed, OfficeRefused } from './office-refused.ts';

/** A place an account is to work in. Times are epoch ms. */
export interface PlaceWish {
  readonly place: PlaceKind;
  /** 0 for the whole site. */
  readonly placeId: number;
  readonly fromAt: number;
  readonly untilAt: number | null;
}

/** Posts that one account at a time holds: a grid's officer and grid worker (S9.11), a building's leader (S11.06). */
const SINGLE: ReadonlySet<string> = new Set(['OF grid', 'GW grid', 'BL building']);
/** Rights do not begin before they were given; a slow request may come this late. */
const LATE_MS = 5 * 60_000;

async function isThere(db: WriteDb, { place, placeId }: PlaceWish): Promise<boolean> {
  const open = { where: { id: placeId, closedAt: null } };
  if (place === 'site') return placeId === 0;
  if (place === 'org') return (await db.orgUnit.count(open)) > 0;
  if (place === 'area') return (await db.area.count(open)) > 0;
  if (place === 'grid') return (await db.grid.count(open)) > 0;
  if (place === 'building') return (await db.building.count({ where: { id: placeId } })) > 0;
  return (await db.rentalUnit.count({ where: { id: placeId } })) > 0;
}

/** Refuses a place the role cannot have, that is not there, or whose post somebody holds at that time. `accountId` 0: an account that is yet to be made. */
export async function checkAssignment(db: WriteDb, { accountId, role }: { accountId: number; role: Role }, wish: PlaceWish, now: number): Promise<void> {
  const { place, placeId, fromAt, untilAt } = wish;
  if (!PLACES_OF[role].includes(place)) throw new OfficeRefused('BAD_INPUT', { field: 'place', expected: PLACES_OF[role].join(', ') || '—' });
  if (untilAt !== null && untilAt <= fromAt) throw new OfficeRefused('BAD_INPUT', { field: 'untilAt', expected: '晚于开始 / later than the start' });
  if (fromAt < now - LATE_MS) throw new OfficeRefused('BAD_INPUT', { field: 'fromAt', expected: '现在或以后 / now or later' });
  if (!(await isThere(db, wish))) throw new OfficeRefused('NOT_FOUND', { field: 'placeId' });
  const there = await db.assignment.findMany({ where: { place, placeId }, include: { account: { select: { role: true } } } });
  for (const other of there) {
    if (!overlap(wish, { fromAt: ms(other.fromAt), untilAt: msOrNull(other.untilAt) })) continue;
    if (other.accountId === accountId) throw new OfficeRefused('TAKEN', { field: 'placeId' });
    if (other.account.role === role && SINGLE.has(`${role} ${place}`)) throw new OfficeRefused('POST_TAKEN', { field: 'placeId' });
  }
}

/** Gives an account a place to work in. Returns the assignment's row number. */
export async function assign({ write }: Register, accountId: number, wish: PlaceWish, { by, now, note }: { by: number; now: number; note: Note }): Promise<number> {
  return write(async (db) => {
    const account = needed(await db.account.findUnique({ where: { id: accountId }, select: { role: true } }), 'id');
    await checkAssignment(db, { accountId, role: wordOf('Account.role', ROLES, account.role) }, wish, now);
    await note();
    const [made] = await db.$transaction([
      db.assignment.create({ data: { ...wish, accountId, createdAt: now, createdBy: by } }),
      db.account.update({ where: { id: accountId }, data: { version: { increment: 1 } } }),
    ]);
    return made.id;
  });
}

/** Ends an assignment at `untilAt`, not before `now`; one that has not begun never does. */
export async function endAssignment(
  { write }: Register,
  id: number,
  untilAt: number,
  { by, now, note, revoke }: { by: number; now: number; note: Note; revoke: Revoke },
): Promise<void> {
  await write(async (db) => {
    const found = needed(await db.assignment.findUnique({ where: { id } }), 'assignment');
    const until = msOrNull(found.untilAt) ?? Number.POSITIVE_INFINITY;
    if (until <= now) throw new OfficeRefused('IS_CLOSED');
    if (untilAt < now || untilAt > until) throw new OfficeRefused('BAD_INPUT', { field: 'untilAt', expected: '现在或以后，不晚于原来的结束 / now or later, not after its end' });
    await note();
    await revoke(db, [{ what: 'assignment-ended', assignmentId: id, until: untilAt }], by);
    await db.$transaction([
      db.assignment.update({ where: { id }, data: { untilAt, endedBy: by } }),
      db.account.update({ where: { id: found.accountId }, data: { version: { increment: 1 } } }),
    ]);
  });
}
