import { chainOf, createRuleBook } from '../../gateway/core/rules/resolve.ts';
import { SHIPPED_RULES } from '../../gateway/core/rules/shipped.ts';
import { subjectOf, SUBJECTS, WORDS } from '../../gateway/core/rules/rule.ts';
import type { DueAnswer, LawPage, LawPlaces } from '../../gateway/http/schemas/law.ts';
import { allNamed, lawHere, lawRule } from '../../gateway/http/views/law.ts';
import { PUBLIC_HOLIDAYS } from '../../gateway/register/public-holidays.ts';

const places = Object.entries(WORDS.jurisdictions).map(([code, { zh, en }]) => ({ code, parentCode: chainOf(code)[1] ?? null, name: zh, nameEn: en }));
const book = createRuleBook(SHIPPED_RULES, PUBLIC_HOLIDAYS);
const rows = SHIPPED_RULES.map((rule) => ({ ...rule, version: 1, setAt: null }));

/** GET /jurisdictions, as the gateway answers it. */
export const lawPlaces = (): LawPlaces => ({
  places: allNamed('jurisdictions'),
  ...{ modes: allNamed('modes'), actors: allNamed('actors'), recipients: allNamed('recipients'), marks: allNamed('verified') },
});

/** GET /rules with the shipped rules; in Hangzhou with a change that is entered for later. */
export function lawPage(jurisdiction: string, mayChange: boolean): LawPage {
  const here = { jurisdiction, mode: '', on: '2026-11-22' };
  const rules = [...SUBJECTS.keys()].flatMap((name) => {
    const subject = subjectOf(name);
    const found = subject === undefined ? undefined : book.at({ ...here, mode: '', subject });
    return found === undefined ? [] : [lawHere(name, found, rows, { here, places })];
  });
  const later = SHIPPED_RULES.filter(({ law }) => law === 'L-37').slice(0, 1);
  const next = later.map((rule) => lawRule({ ...rule, effectiveFrom: '2027-01-01' }, places));
  const changed = rules.map((row) => (jurisdiction === 'CN-3301' && row.subject === 'registration.landlord' ? { ...row, next } : row));
  return {
    on: here.on,
    chain: chainOf(jurisdiction).map((code) => ({ code, zh: '', en: '', ...WORDS.jurisdictions[code] })),
    rules: changed,
    holidaysTo: PUBLIC_HOLIDAYS.lastYear,
    mayChange,
  };
}

/** GET /rules/due */
export function lawDue(jurisdiction: string, on: number): DueAnswer {
  const due = book.due({ subject: 'registration.landlord', jurisdiction, mode: '' }, on);
  return {
    due: due === undefined ? null : { dueAt: due.dueAt, rule: lawRule(due.rule, places), explains: due.explains.map(({ code, values }) => ({ code, values: { ...values } })) },
  };
}
