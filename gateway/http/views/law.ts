import { type Found, inForce } from '../../core/rules/resolve.ts';
import { type JurisdictionRule, SUBJECTS, unitsOf, WORDS } from '../../core/rules/rule.ts';
import type { JurisdictionRow, RuleRow } from '../../store/rules.ts';
import type { LawHere, LawRule, Named } from '../schemas/law.ts';

const NOTHING = { zh: '', en: '' };
/** A code of a table with its words. */
const named = (table: keyof typeof WORDS, code: string): Named => ({ code, ...(WORDS[table][code] ?? NOTHING) });
/** Every code of a table with its words. */
export const allNamed = (table: keyof typeof WORDS): Named[] => Object.keys(WORDS[table]).map((code) => named(table, code));
/** A place with its names; one that has no English name keeps the other. */
export const placeNamed = (places: readonly JurisdictionRow[], code: string): Named => {
  const found = places.find((place) => place.code === code);
  return { code, zh: found?.name ?? code, en: found === undefined || found.nameEn === '' ? (found?.name ?? code) : found.nameEn };
};

/** A rule in words. */
export function lawRule(rule: JurisdictionRule, places: readonly JurisdictionRow[]): LawRule {
  const { id, subject, amount, most, law, source, article, effectiveFrom, effectiveTo } = rule;
  const spec = SUBJECTS.get(subject);
  return {
    ...{ id, subject, amount, most, law, source, article, effectiveFrom, effectiveTo },
    name: { zh: spec?.zh ?? subject, en: spec?.en ?? subject },
    jurisdiction: placeNamed(places, rule.jurisdiction),
    mode: named('modes', rule.mode),
    unit: named('units', rule.unit),
    trigger: named('triggers', spec?.trigger ?? 'none'),
    actor: named('actors', rule.actor),
    recipient: named('recipients', rule.recipient),
    exemptions: rule.exemptions.map((one) => named('exemptions', one)),
    verified: named('verified', rule.verified),
  };
}

/** What is asked of a subject's rows: the place and way of running it that a change would be of. */
export interface Here {
  readonly jurisdiction: string;
  readonly mode: string;
  readonly on: string;
}

/** What holds of a subject here, with the changes that are entered for later. */
export function lawHere(
  subject: string,
  { rule, explains }: Found,
  rows: readonly RuleRow[],
  { here, places }: { readonly here: Here; readonly places: readonly JurisdictionRow[] },
): LawHere {
  const spec = SUBJECTS.get(subject);
  const own = rows.filter((row) => row.subject === subject && row.jurisdiction === here.jurisdiction && row.mode === here.mode);
  const later = own.filter((row) => row.effectiveFrom !== null && row.effectiveFrom > here.on && inForce(row, row.effectiveFrom));
  return {
    subject,
    name: { zh: spec?.zh ?? subject, en: spec?.en ?? subject },
    rule: lawRule(rule, places),
    explains: explains.map(({ code, values }) => ({ code, values: { ...values } })),
    units: spec === undefined ? [] : unitsOf(spec).map((unit) => named('units', unit)),
    version: Math.max(0, ...own.map(({ version }) => version)),
    next: later.map((row) => lawRule(row, places)),
  };
}
