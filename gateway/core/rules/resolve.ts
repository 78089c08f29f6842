import { dateAt, type LocalDate } from '../local-date.ts';
import type { WorkCalendar } from '../working-days.ts';
import { type Due, dueFor, type Step } from './count.ts';
import { type JurisdictionRule, type Mode, specOf, type Subject, subjectOf } from './rule.ts';

/** Which rule is asked for: of what, at a building of this jurisdiction run in this way, on which day. */
export interface Question {
  readonly subject: Subject;
  readonly jurisdiction: string;
  readonly mode: Mode;
  readonly on: LocalDate;
}

/** The rule that holds, and how it was found. */
export interface Found {
  readonly rule: JurisdictionRule;
  readonly explains: readonly Step[];
}

/** A deadline with the rule it came from. */
export interface Deadline extends Due {
  readonly rule: JurisdictionRule;
}

/** Rules to ask. */
export interface RuleBook {
  /** The rule that holds there on that day; undefined: there is none. */
  at(question: Question): Found | undefined;
  /** When it is due, counted from `trigger` (epoch ms), by the rule of that day; undefined: no rule, or one that names no period. */
  due(question: Omit<Question, 'on'>, trigger: number): Deadline | undefined;
}

/** From the jurisdiction up to all of China: a county has the rules of its city, that of its province, that of China; so has `CLASSIC`. */
export function chainOf(jurisdiction: string): string[] {
  if (jurisdiction === 'CN') return ['CN'];
  const parent = /-\d{4}/.test(jurisdiction) ? jurisdiction.slice(0, -2) : 'CN';
  return [jurisdiction, ...chainOf(parent)];
}

/** Does the rule hold on this day? */
export const inForce = ({ effectiveFrom, effectiveTo }: Pick<JurisdictionRule, 'effectiveFrom' | 'effectiveTo'>, on: LocalDate): boolean =>
  (effectiveFrom === null || effectiveFrom <= on) && (effectiveTo === null || on < effectiveTo);

const keyOf = (jurisdiction: string, subject: string, mode: string): string => `${jurisdiction} ${subject} ${mode}`;

/**
 * A book of these rules. What is said of buildings run in one way goes before what is said of all, and then the
 * nearest jurisdiction. Where a rule leaves its value open, the subject named for that case counts (L-11 leaves the
 * landlord's period to the ministry; until it is set the declaration of L-08 is what is due).
 */
export function createRuleBook(rules: readonly JurisdictionRule[], calendar: WorkCalendar): RuleBook {
  const held = new Map<string, JurisdictionRule[]>();
  for (const rule of rules) {
    const key = keyOf(rule.jurisdiction, rule.subject, rule.mode);
    const others = held.get(key);
    if (others === undefined) held.set(key, [rule]);
    else others.push(rule);
  }

  function nearest({ subject, jurisdiction, mode, on }: Question): JurisdictionRule | undefined {
    const chain = chainOf(jurisdiction);
    const keys = [mode, ''].flatMap((way) => chain.map((code) => keyOf(code, subject, way)));
    return keys.map((key) => held.get(key)?.find((rule) => inForce(rule, on))).find((rule) => rule !== undefined);
  }
  function at(question: Question): Found | undefined {
    const rule = nearest(question);
    if (rule === undefined) return undefined;
    const explains: Step[] = rule.jurisdiction === question.jurisdiction ? [] : [{ code: 'inherited', values: { from: rule.jurisdiction } }];
    const other = subjectOf(specOf(rule.subject).open ?? '');
    const found = rule.amount === null && other !== undefined ? at({ ...question, subject: other }) : undefined;
    if (found === undefined) return { rule, explains };
    return { rule: found.rule, explains: [{ code: 'open', values: { law: rule.law, subject: found.rule.subject } }, ...found.explains] };
  }
  return {
    at,
    due(question, trigger) {
      const on = dateAt(trigger);
      const found = at({ ...question, on });
      if (found === undefined || found.rule.amount === null || specOf(found.rule.subject).trigger === 'none') return undefined;
      const roll = at({ ...question, subject: 'counting.rollWeekend', on });
      const due = dueFor(found.rule, trigger, { calendar, rollWeekend: roll?.rule.amount === 1 });
      return { ...due, rule: found.rule, explains: [...found.explains, ...due.explains] };
    },
  };
}
