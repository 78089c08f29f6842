import { readWeek } from './week-hours.ts';
import type { ScheduleRow } from '../store/door-rules.ts';
import type { Register, WriteDb } from '../store/register.ts';
import type { Note } from './lock-down.ts';
import { RuleRefused } from './rule-refused.ts';

/** A door's list has room for so many schedules. */
const MOST_SCHEDULES = 32;
const NUMBERS = 255;
const NAME_LENGTH = 40;

/** Its name, and eight days of spans as people write them (`register/week-hours.ts`). */
export interface Hours {
  readonly name: string;
  readonly days: readonly (readonly string[])[];
}

/** The hours as they are kept. Throws RuleRefused by the field's name. */
function kept({ name, days }: Hours): { name: string; week: string } {
  const text = name.normalize('NFC').trim();
  if (text === '' || text.length > NAME_LENGTH || /[\p{Cc}\p{Cf}\u2028\u2029]/u.test(text))
    throw new RuleRefused('wrong', { field: 'name', expected: `名称，1 到 ${NAME_LENGTH} 个字 / a name of 1 to ${NAME_LENGTH} characters` });
  try {
    return { name: text, week: JSON.stringify(readWeek(days)) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RuleRefused('wrong', { field: error.message, expected: '时段，如 08:00–22:00，一天最多 8 段 / hours such as 08:00–22:00, 8 a day at most' });
  }
}

/** Adds a schedule to a site under the lowest number that is free, noted first; its number. Throws RuleRefused. */
export async function addSchedule({ write }: Register, siteId: number, hours: Hours, note: Note): Promise<number> {
  return write(async (db) => {
    const data = kept(hours);
    const taken = new Set((await db.accessSchedule.findMany({ where: { siteId }, select: { number: true } })).map((row) => row.number));
    if (taken.size >= MOST_SCHEDULES) throw new RuleRefused('full');
    const number = Array.from({ length: NUMBERS }, (_, at) => at + 1).find((each) => !taken.has(each)) ?? NUMBERS;
    await note(`no=${number} ${data.name}`);
    await db.accessSchedule.create({ data: { siteId, number, ...data } });
    return number;
  });
}

/** The schedule as it was on screen; throws RuleRefused when it is another by now. */
async function unchanged(db: WriteDb, { id, name, week }: ScheduleRow): Promise<void> {
  const now = await db.accessSchedule.findUnique({ where: { id } });
  if (now === null) throw new RuleRefused('missing');
  if (now.name !== name || now.week !== week) throw new RuleRefused('stale');
}

/** Gives a schedule another name or other hours, noted first. `was`: as it was on screen. Throws RuleRefused. */
export async function changeSchedule({ write }: Register, was: ScheduleRow, hours: Hours, note: Note): Promise<void> {
  await write(async (db) => {
    const data = kept(hours);
    await unchanged(db, was);
    await note(`no=${was.number} ${data.name}`);
    await db.accessSchedule.update({ where: { id: was.id }, data });
  });
}

/** Drops a schedule that nothing goes by, noted first. Throws RuleRefused. */
export async function dropSchedule({ write }: Register, was: ScheduleRow, note: Note): Promise<void> {
  await write(async (db) => {
    await unchanged(db, was);
    const { id, number, siteId } = was;
    const doors = await db.door.count({ where: { building: { siteId }, OR: [{ openSchedule: number }, { pinSchedule: number }] } });
    if (doors + (await db.accessGrant.count({ where: { scheduleId: id } })) > 0) throw new RuleRefused('used');
    await note(`no=${number} ${was.name}`);
    await db.accessSchedule.delete({ where: { id } });
  });
}
