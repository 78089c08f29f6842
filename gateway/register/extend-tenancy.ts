import { TAKE_BACK_MS } from '../core/move-out.ts';
import { addDays, dateAt, endOfDay, type LocalDate, startOfDay } from '../core/local-date.ts';
import { latestEnd, nextEnd } from '../core/term.ts';
import type { Register, WriteDb } from '../store/register.ts';
import { ms, msOrNull } from '../store/values.ts';
import { checkDay } from './begin-tenancy.ts';
import type { Note } from './lock-down.ts';
import { RuleRefused } from './rule-refused.ts';

/** A contract as it stood on the screen of whoever changes it. Times are epoch ms. */
export interface TermNow {
  readonly id: number;
  readonly termEnd: number | null;
  readonly accessUntil: number | null;
  readonly endedBy: string;
}

/** Who extends when. `lastDay` undefined: by a term as long as the last. */
export interface Extending {
  readonly lastDay?: LocalDate | undefined;
  readonly accountId: number;
  readonly now: number;
  readonly note: Note;
}

const WITH_TERMS = { unit: { select: { building: { select: { holdoverDays: true } } } }, terms: { where: { undoneAt: null }, orderBy: { id: 'desc' }, take: 1 } } as const;

/** The tenancy as it was on screen, or not at all. */
async function standing(db: Pick<WriteDb, 'tenancy'>, was: TermNow) {
  const row = await db.tenancy.findUnique({ where: { id: was.id }, include: WITH_TERMS });
  if (row === null) throw new RuleRefused('missing');
  if (msOrNull(row.termEnd) !== was.termEnd || msOrNull(row.accessUntil) !== was.accessUntil || row.endedBy !== was.endedBy) throw new RuleRefused('stale');
  return row;
}
type Standing = Awaited<ReturnType<typeof standing>>;

/** The new end, epoch ms: later than the one before and than now. Throws RuleRefused by `lastDay`. */
function endOf({ startAt, termEnd, terms: [last], unit }: Standing, { lastDay, now }: Extending): number {
  const before = msOrNull(termEnd);
  // What has no end cannot be made longer; and where a contract's end ends access, it would be made shorter.
  if (before === null && unit.building.holdoverDays !== null)
    throw new RuleRefused('wrong', { field: 'lastDay', expected: '没有到期日的租约不用续 / a tenancy without an end needs no extension' });
  const latest = latestEnd(now);
  if (lastDay === undefined) {
    const from = last === undefined ? ms(startAt) : last.before === null ? ms(startAt) : ms(last.before) + 1;
    return Math.min(latest, nextEnd({ from, end: before }, now));
  }
  const first = addDays(dateAt(before === null ? now : Math.max(before, now)), before !== null && before >= now ? 1 : 0);
  checkDay('lastDay', lastDay, first, dateAt(latest));
  return before === null ? endOfDay(lastDay) : startOfDay(lastDay) + (before - startOfDay(dateAt(before)));
}

/**
 * Gives a contract a later end, noted first: by a term as long as the last, or to a day; a holdover ends by it, and a
 * booked end of access moves with it. Never earlier. Returns the end, epoch ms. Throws RuleRefused: stale (somebody
 * changed it meanwhile), over (they moved out), wrong, missing.
 */
export async function extendTenancy({ write }: Register, was: TermNow, extending: Extending): Promise<number> {
  return write(async (db) => {
    const row = await standing(db, was);
    const { accountId, now, note } = extending;
    const booked = row.endedBy === 'booked';
    if ((row.accessUntil !== null && !booked) || (booked && ms(row.accessUntil ?? 0n) <= now)) throw new RuleRefused('over');
    const after = endOf(row, extending);
    if (row.termEnd !== null && after <= ms(row.termEnd)) throw new RuleRefused('wrong', { field: 'lastDay', expected: `≤ ${dateAt(latestEnd(now))}` });
    await note(`until=${dateAt(after)}`);
    await db.$transaction([
      db.tenancy.update({ where: { id: was.id }, data: { termEnd: BigInt(after), ...(booked ? { accessUntil: BigInt(after) } : {}) } }),
      db.termChange.create({
        data: {
          tenancyId: was.id,
          before: row.termEnd,
          after: BigInt(after),
          accessBefore: row.accessUntil,
          changedAt: BigInt(now),
          changedBy: accountId,
        },
      }),
    ]);
    return after;
  });
}

/** Takes an extension back, by whoever made it, within TAKE_BACK_MS. Throws RuleRefused: missing, not-yours, undo-over, stale. */
export async function undoExtension({ write }: Register, tenancyId: number, { accountId, now, note }: Omit<Extending, 'lastDay'>): Promise<void> {
  await write(async (db) => {
    const last = await db.termChange.findFirst({
      where: { tenancyId, undoneAt: null },
      orderBy: { id: 'desc' },
      include: { tenancy: { select: { termEnd: true, accessUntil: true, endedBy: true } } },
    });
    if (last === null) throw new RuleRefused('missing');
    if (last.changedBy !== accountId) throw new RuleRefused('not-yours');
    const since = now - ms(last.changedAt);
    if (since < 0 || since >= TAKE_BACK_MS) throw new RuleRefused('undo-over');
    const { tenancy } = last;
    if (tenancy.termEnd !== last.after) throw new RuleRefused('stale');
    await note(`until=${last.before === null ? '-' : dateAt(ms(last.before))} undone`);
    const booked = tenancy.endedBy === 'booked' ? { accessUntil: last.accessBefore } : {};
    await db.$transaction([
      db.tenancy.update({ where: { id: tenancyId }, data: { termEnd: last.before, ...booked } }),
      db.termChange.update({ where: { id: last.id }, data: { undoneAt: BigInt(now) } }),
    ]);
  });
}
