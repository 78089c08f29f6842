import { addDays, dateAt, endOfDay, localDate, type LocalDate, startOfDay } from '../core/local-date.ts';
import { MOST_ON_DUTY, MOST_WORK_DAYS, mayBeOnDuty, WORK_PURPOSES, type WorkPurpose } from '../core/work.ts';
import type { Register, WriteDb } from '../store/register.ts';
import { ms, msOrNull, wordOf } from '../store/values.ts';
import type { Note } from './lock-down.ts';
import { type EnteredAt, workerOf, type WorkerWish } from './new-worker.ts';
import type { Revoke } from './revocations.ts';
import { RuleRefused } from './rule-refused.ts';

/** What may be changed of a right. `lastDay`: local date, the last on which it is good; `schedule`: its number in the site, null: all hours. */
export interface WorkTerms {
  readonly purpose: WorkPurpose;
  readonly lastDay: LocalDate;
  readonly schedule: number | null;
}

/** A right as it stands. */
export interface WorkNow {
  readonly id: number;
  readonly personId: number;
  readonly buildingId: number;
  readonly purpose: string;
  readonly scheduleId: number | null;
  /** Epoch ms. */
  readonly untilAt: number | null;
  readonly duty: boolean;
}

/** Who does it when, and where it is noted first. `accountId` 0: the gateway itself; `now`: epoch ms. */
export interface By {
  readonly accountId: number;
  readonly now: number;
  readonly note: Note;
  readonly revoke: Revoke;
}

const wrong = (field: string, expected: string): RuleRefused => new RuleRefused('wrong', { field, expected });
/** The first moment after its last day. */
const untilOf = (lastDay: LocalDate): number => endOfDay(lastDay) + 1;

/** A day of the calendar from `first` on, at most MOST_WORK_DAYS later. */
function checkDay(field: string, day: LocalDate, first: LocalDate): void {
  const latest = addDays(first, MOST_WORK_DAYS);
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  if (localDate(year, month, date) !== day || day < first || day > latest) throw wrong(field, `${first} 到 ${latest} 之间的日期 / a date from ${first} to ${latest}`);
}

async function scheduleIdOf(db: Pick<WriteDb, 'accessSchedule'>, buildingId: number, number: number | null): Promise<number | null> {
  if (number === null) return null;
  const row = await db.accessSchedule.findFirst({ where: { number, site: { buildings: { some: { id: buildingId } } } }, select: { id: true } });
  if (row === null) throw wrong('schedule', '已有的时段，或 null / a schedule that is there, or null');
  return row.id;
}

const wordsOf = ({ purpose, lastDay, schedule }: WorkTerms, from: LocalDate | ''): string =>
  `for=${purpose}${from === '' ? '' : ` from=${from}`} until=${lastDay} hours=${schedule ?? 0}`;

/**
 * Gives somebody who works in a building a right to its shared doors, noted first; the right's row number. He is added
 * to the register as he is entered, or found there by his document. Throws RuleRefused: a field, or he has one here.
 */
export async function giveWork(
  { write, vault }: Register,
  wish: WorkTerms & { readonly buildingId: number; readonly firstDay: LocalDate; readonly worker: WorkerWish; readonly within: EnteredAt['within'] },
  { accountId, now, note }: Omit<By, 'revoke'>,
): Promise<number> {
  return write(async (db) => {
    const { buildingId, purpose, firstDay, lastDay, within } = wish;
    const today = dateAt(now);
    const building = await db.building.findUnique({ where: { id: buildingId }, select: { code: true } });
    if (building === null) throw new RuleRefused('missing');
    checkDay('firstDay', firstDay, today);
    checkDay('lastDay', lastDay, firstDay);
    const scheduleId = await scheduleIdOf(db, buildingId, wish.schedule);
    const person = await workerOf(db, vault, wish.worker, { buildingCode: building.code, within, now });
    const here = { buildingId, OR: [{ untilAt: null }, { untilAt: { gt: BigInt(now) } }] };
    if (person.id !== undefined && (await db.accessGrant.count({ where: { personId: person.id, ...here } })) > 0)
      throw new RuleRefused('taken', {
        field: 'documentNumber',
        expected: '还没有在这里登记的人；已有的请直接改 / somebody who is not listed here; change the entry that is there',
      });
    await note(wordsOf(wish, firstDay));
    const grant = {
      purpose,
      fromAt: BigInt(firstDay === today ? now : startOfDay(firstDay)),
      untilAt: BigInt(untilOf(lastDay)),
      createdAt: BigInt(now),
      createdBy: accountId === 0 ? null : accountId,
    };
    const where = { building: { connect: { id: buildingId } }, ...(scheduleId === null ? {} : { schedule: { connect: { id: scheduleId } } }) };
    if (person.id === undefined) return (await db.accessGrant.create({ data: { ...grant, ...where, person: { create: person.data } } })).id;
    const [, made] = await db.$transaction([
      db.person.updateMany({ where: { id: person.id, documentCheckedBy: '' }, data: person.checked }),
      db.accessGrant.create({ data: { ...grant, ...where, person: { connect: { id: person.id } } } }),
    ]);
    return made.id;
  });
}

/** The right, unless it changed since it was on screen, or has ended. Throws RuleRefused. */
async function standing(db: Pick<WriteDb, 'accessGrant'>, was: WorkNow, now: number) {
  const row = await db.accessGrant.findUnique({ where: { id: was.id } });
  if (row === null) throw new RuleRefused('missing');
  if (row.purpose !== was.purpose || row.scheduleId !== was.scheduleId || msOrNull(row.untilAt) !== was.untilAt || row.duty !== was.duty) throw new RuleRefused('stale');
  if (row.untilAt !== null && ms(row.untilAt) <= now) throw new RuleRefused('over');
  return row;
}

/** Changes what a right is for, its hours or its last day, noted first; an earlier last day is a revocation. Throws RuleRefused. */
export async function changeWork({ write }: Register, was: WorkNow, terms: WorkTerms, { accountId, now, note, revoke }: By): Promise<void> {
  await write(async (db) => {
    const { personId, buildingId, untilAt, duty } = await standing(db, was, now);
    checkDay('lastDay', terms.lastDay, dateAt(now));
    if (duty && !mayBeOnDuty(terms.purpose)) throw wrong('purpose', '先收回值班卡 / take the duty card away first');
    const scheduleId = await scheduleIdOf(db, buildingId, terms.schedule);
    const until = untilOf(terms.lastDay);
    if (untilAt === null || until < ms(untilAt)) await revoke(db, [{ what: 'grant-ended', grantId: was.id, personId, until }], accountId);
    await note(wordsOf(terms, ''));
    await db.accessGrant.update({ where: { id: was.id }, data: { purpose: terms.purpose, scheduleId, untilAt: BigInt(until) } });
  });
}

/**
 * Puts somebody on duty, or off it: his card opens in a lockdown and ends it at that door. Only whoever watches the
 * house, and so few that each is known. Noted first; off duty is a revocation. Throws RuleRefused.
 */
export async function setDuty({ write }: Register, was: WorkNow, duty: boolean, { accountId, now, note, revoke }: By): Promise<void> {
  await write(async (db) => {
    const { personId, buildingId, purpose, duty: before } = await standing(db, was, now);
    if (before === duty) return;
    if (duty) {
      if (!mayBeOnDuty(wordOf('AccessGrant.purpose', WORK_PURPOSES, purpose))) throw wrong('duty', '只有管理员、值班的人可以 / false: only a caretaker or a watch may be on duty');
      if ((await db.accessGrant.count({ where: { buildingId, duty: true, untilAt: { gt: BigInt(now) } } })) >= MOST_ON_DUTY) throw new RuleRefused('full', { field: 'duty' });
    } else await revoke(db, [{ what: 'grant-duty-ended', grantId: was.id, personId }], accountId);
    await note(duty ? 'duty=on' : 'duty=off');
    await db.accessGrant.update({ where: { id: was.id }, data: { duty } });
  });
}
