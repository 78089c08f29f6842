import type { LawRule, Named } from '../../../gateway/http/schemas/law.ts';
import { pick, t } from '../../parts/i18n.svelte.ts';

/** A rule's value: `3 working days`, `200–500 yuan`, yes or no. */
function valueWords({ amount, most, unit }: LawRule): string {
  if (amount === null) return t('law.open');
  if (unit.code === 'yesNo') return t(amount === 1 ? 'law.yes' : 'law.no');
  // A figure and its unit stand the same way in both languages.
  return `${most === null ? amount : `${amount}–${most}`} ${pick(unit)}`.trim();
}

/** What a rule says, as a sentence. */
export function ruleWords(rule: LawRule): string {
  const { trigger, actor, recipient, amount } = rule;
  if (trigger.code === 'none' || actor.code === 'none' || amount === null) return valueWords(rule);
  const values = { trigger: pick(trigger), actor: pick(actor), recipient: pick(recipient), value: valueWords(rule) };
  if (amount === 0 && rule.unit.code === 'hour') return t('law.now', values);
  return t(recipient.code === 'none' ? 'law.period' : 'law.period.to', values);
}

/** Where a rule is from: law and article. */
export const sourceWords = ({ source, article }: LawRule): string =>
  article === '' ? t('law.source', { source: pick(source) }) : t('law.source.article', { source: pick(source), article });

interface Step {
  readonly code: string;
  readonly values: Readonly<Record<string, string>>;
}
const STEPS = ['inherited', 'open', 'moment', 'dayNotCounted', 'monthEnd', 'rolled', 'calendarMissing'] as const;

/** How a date was found, sentence by sentence; a step this console does not know yet is left out. */
export function stepWords(steps: readonly Step[], places: readonly Named[], rule: LawRule): string[] {
  return steps.flatMap(({ code, values }) => {
    const known = STEPS.find((each) => each === code);
    if (known === undefined) return [];
    const place = places.find((each) => each.code === values.from);
    return [t(`law.step.${known}`, { ...values, place: place === undefined ? (values.from ?? '') : pick(place), name: pick(rule.name) })];
  });
}
