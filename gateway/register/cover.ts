import { readDivisionCode } from '../core/division-code.ts';
import { overlap } from '../core/span.ts';
import type { Register } from '../store/register.ts';
import { ms, msOrNull } from '../store/values.ts';
import { type Note, needed, OfficeRefused } from './office-refused.ts';

/** What an office is to look after: exactly one of a division and a single building. Times are epoch ms. */
export interface CoverWish {
  readonly divisionCode: string | null;
  readonly buildingId: number | null;
  readonly fromAt: number;
  readonly untilAt: number | null;
}

const ONE = '区划代码和楼栋二选一 / either a division or a building';

/** Gives an office a division or a building to look after. Returns the cover's row number. */
export async function cover({ write }: Register, orgId: number, wish: CoverWish, note: Note): Promise<number> {
  const { divisionCode, buildingId, fromAt, untilAt } = wish;
  if ((divisionCode === null) === (buildingId === null)) throw new OfficeRefused('BAD_INPUT', { field: 'divisionCode', expected: ONE });
  if (divisionCode !== null && readDivisionCode(divisionCode) === undefined) throw new OfficeRefused('BAD_INPUT', { field: 'divisionCode', expected: '12 位数字 / 12 digits' });
  if (untilAt !== null && untilAt <= fromAt) throw new OfficeRefused('BAD_INPUT', { field: 'untilAt', expected: '晚于开始 / later than the start' });
  return write(async (db) => {
    const org = needed(await db.orgUnit.findUnique({ where: { id: orgId }, include: { covers: true } }), 'id');
    if (org.closedAt !== null) throw new OfficeRefused('IS_CLOSED');
    if (divisionCode !== null) needed(await db.division.findUnique({ where: { code: divisionCode } }), 'divisionCode');
    if (buildingId !== null) needed(await db.building.findUnique({ where: { id: buildingId } }), 'buildingId');
    const same = org.covers.filter((each) => each.divisionCode === divisionCode && each.buildingId === buildingId);
    if (same.some((each) => overlap(wish, { fromAt: ms(each.fromAt), untilAt: msOrNull(each.untilAt) })))
      throw new OfficeRefused('TAKEN', { field: divisionCode === null ? 'buildingId' : 'divisionCode' });
    await note();
    const [made] = await db.$transaction([
      db.orgCover.create({ data: { orgId, divisionCode, buildingId, fromAt, untilAt } }),
      db.orgUnit.update({ where: { id: orgId }, data: { version: { increment: 1 } } }),
    ]);
    return made.id;
  });
}

/** Ends a cover now. */
export async function endCover({ write }: Register, orgId: number, coverId: number, { now, note }: { now: number; note: Note }): Promise<void> {
  await write(async (db) => {
    const found = needed(await db.orgCover.findFirst({ where: { id: coverId, orgId } }), 'cover');
    const until = msOrNull(found.untilAt);
    if (until !== null && until <= now) throw new OfficeRefused('IS_CLOSED');
    await note();
    await db.$transaction([
      db.orgCover.update({ where: { id: coverId }, data: { untilAt: now } }),
      db.orgUnit.update({ where: { id: orgId }, data: { version: { increment: 1 } } }),
    ]);
  });
}
