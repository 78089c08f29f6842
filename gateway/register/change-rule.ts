import { dateAt, type LocalDate } from '../core/local-date.ts';
import { chainOf } from '../core/rules/resolve.ts';
import { isDay, readRule, RuleError, type RuleText } from '../core/rules/rule.ts';
import type { Register, WriteDb } from '../store/register.ts';
import { type RuleRow, rulesOf } from '../store/rules.ts';

/** A rule as an office wants it, from a day on. `effectiveTo`: then the parent's rule counts again. */
export type RuleWish = Pick<RuleText, 'jurisdiction' | 'subject' | 'mode' | 'amount' | 'unit' | 'actor' | 'recipient' | 'exemptions' | 'article' | 'verified' | 'effectiveTo'> & {
  /** Its source, as the office writes it. */
  readonly source: string;
  readonly effectiveFrom: LocalDate;
  /** Version of the newest rule on screen; 0: there was none. */
  readonly version: number;
};

/** Who wants it, and when (epoch ms). */
export interface ByWhom {
  readonly by: number;
  readonly now: number;
}

/** Somebody changed this rule meanwhile. */
export class RuleStale extends Error {
  override readonly name = 'RuleStale';
}

const TODAY = '今天或以后的日期：定了的期限不改 / today or later: deadlines that stand are not changed';

function needFuture({ effectiveFrom, effectiveTo, jurisdiction }: RuleWish, now: number): void {
  if (!isDay(effectiveFrom) || effectiveFrom < dateAt(now)) throw new RuleError('effectiveFrom', TODAY);
  // Above all of China there is nothing that would count again.
  if (jurisdiction === 'CN' && effectiveTo !== null) throw new RuleError('effectiveTo', '空：全国的规则要由新的来代替 / nothing: a rule of all China is replaced by a new one');
}

/** The rule that is added, and what it ends. Throws RuleError naming the field, RuleStale. */
function planned(wish: RuleWish, before: readonly RuleRow[], now: number): { readonly rule: ReturnType<typeof readRule>; readonly ends: readonly RuleRow[] } {
  needFuture(wish, now);
  const { version, source, ...rest } = wish;
  const words = source.normalize('NFC').trim();
  const rule = readRule({ ...rest, id: 0, law: 'office', most: null, source: { zh: words, en: words } });
  const newest = before.at(-1);
  if ((newest?.version ?? 0) !== version) throw new RuleStale();
  if (newest?.effectiveFrom != null && newest.effectiveFrom > wish.effectiveFrom)
    throw new RuleError('effectiveFrom', `${newest.effectiveFrom} 或以后：那天已有一次改动 / ${newest.effectiveFrom} or later: there is a change from that day on`);
  return { rule, ends: before.filter(({ effectiveTo }) => effectiveTo === null || effectiveTo > wish.effectiveFrom) };
}

/** Would the register take this change? Throws RuleError naming the field, RuleStale; writes nothing. */
export async function checkRuleChange({ read }: Pick<Register, 'read'>, wish: RuleWish, now: number): Promise<void> {
  planned(wish, await rulesOf(read, { jurisdiction: wish.jurisdiction, subject: wish.subject, mode: wish.mode }), now);
}

async function addPlace(db: WriteDb, code: string): Promise<void> {
  if ((await db.jurisdiction.count({ where: { code } })) > 0) return;
  await db.jurisdiction.create({ data: { code, parentCode: chainOf(code)[1] ?? null, name: code } });
}

/**
 * Changes a rule from a day on: a new row, and the one before ends that day, so that it can always be said what held
 * when. Deadlines already counted keep their date and their rule. Returns its row number. Throws RuleError naming the
 * field, RuleStale.
 */
export async function changeRule({ write }: Pick<Register, 'write'>, wish: RuleWish, { by, now }: ByWhom): Promise<number> {
  return write(async (db) => {
    const { rule, ends } = planned(wish, await rulesOf(db, { jurisdiction: wish.jurisdiction, subject: wish.subject, mode: wish.mode }), now);
    await addPlace(db, rule.jurisdiction);
    const { id: _, source, exemptions, ...cells } = rule;
    const data = { ...cells, version: wish.version + 1, exemptions: exemptions.join(' '), source: source.zh, sourceEn: source.en, setAt: BigInt(now), setBy: by };
    const ending = db.jurisdictionRule.updateMany({ where: { id: { in: ends.map((row) => row.id) } }, data: { effectiveTo: rule.effectiveFrom } });
    const [, made] = await db.$transaction([ending, db.jurisdictionRule.create({ data, select: { id: true } })]);
    return made.id;
  });
}
