import { createRuleBook, type RuleBook } from '../core/rules/resolve.ts';
import { type JurisdictionRule, readRule } from '../core/rules/rule.ts';
import type { WorkCalendar } from '../core/working-days.ts';
import type { JurisdictionRule as Row } from './generated/client.ts';
import type { ReadDb, WriteDb } from './register.ts';
import { msOrNull } from './values.ts';

/** A rule of the register, with where it comes from. */
export interface RuleRow extends JurisdictionRule {
  readonly version: number;
  /** Epoch ms; null: it came with the program. */
  readonly setAt: number | null;
}

/** A place with its names. */
export interface JurisdictionRow {
  readonly code: string;
  readonly parentCode: string | null;
  readonly name: string;
  readonly nameEn: string;
}

type Db = Pick<ReadDb | WriteDb, 'jurisdictionRule' | 'jurisdiction'>;

function ruleRow({ source, sourceEn, exemptions, setAt, setBy: _, ...row }: Row): RuleRow {
  const rule = readRule({ ...row, source: { zh: source, en: sourceEn }, exemptions: exemptions.split(' ').filter((one) => one !== '') });
  return { ...rule, version: row.version, setAt: msOrNull(setAt) };
}

/** Every rule there is or was, oldest first. Throws RuleError for a row somebody wrote by hand. */
export const allRules = async (db: Db): Promise<RuleRow[]> => (await db.jurisdictionRule.findMany({ orderBy: { id: 'asc' } })).map(ruleRow);

/** Every rule of one subject of one place, oldest first. */
export const rulesOf = async (db: Db, where: { readonly jurisdiction: string; readonly subject: string; readonly mode: string }): Promise<RuleRow[]> =>
  (await db.jurisdictionRule.findMany({ where, orderBy: { version: 'asc' } })).map(ruleRow);

/** Places with rules, by code. */
export const jurisdictions = (db: Db): Promise<JurisdictionRow[]> => db.jurisdiction.findMany({ orderBy: { code: 'asc' } });

/** The register's rules, to be asked. A day's worth of imports reads them once. */
export const ruleBookOf = async (db: Db, calendar: WorkCalendar): Promise<RuleBook> => createRuleBook(await allRules(db), calendar);
