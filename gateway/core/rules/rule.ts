import { type LocalDate, localDate } from '../local-date.ts';
import type { Sentence } from '../reasons.ts';
import law from './law.json' with { type: 'json' };

/** What a rule is about: a closed list, with its words, in `law.json`. */
export type Subject = keyof typeof law.subjects;
/** Units of a value. Periods are counted in the first five (`count.ts`). */
export type Unit = keyof typeof law.units;
/** Who must do it. */
export type Actor = keyof typeof law.actors;
/** Who is told. */
export type Recipient = keyof typeof law.recipients;
/** Whom a rule leaves out. */
export type Exemption = keyof typeof law.exemptions;
/** How well the source is known to us (domain.md 0). */
export type Verified = keyof typeof law.verified;
/** How a building is run (domain.md 5.7); '': however. */
export type Mode = keyof typeof law.modes;

/** One rule of one jurisdiction, for a time (domain.md 2.1). */
export interface JurisdictionRule {
  readonly id: number;
  /** `CN`, a province, city or county of it such as `CN-3301`, or `CLASSIC`: the rules of the source documents. */
  readonly jurisdiction: string;
  readonly subject: Subject;
  /** '' for every building; else for those run like this alone. */
  readonly mode: Mode;
  /** Row of domain.md 2.2, or what an office calls its source. */
  readonly law: string;
  /** Null: the law leaves it open. With `most` it is the least. Yes is 1, no is 0. */
  readonly amount: number | null;
  /** Upper end where the law gives a range. */
  readonly most: number | null;
  readonly unit: Unit;
  readonly actor: Actor;
  readonly recipient: Recipient;
  readonly exemptions: readonly Exemption[];
  readonly source: Sentence;
  readonly article: string;
  readonly verified: Verified;
  /** First day it holds; null: longer than this register counts. */
  readonly effectiveFrom: LocalDate | null;
  /** First day it holds no more. */
  readonly effectiveTo: LocalDate | null;
}

/** A rule as it comes out of a table, or from a person: nothing of it is known to be right. */
export type RuleText = {
  readonly [K in keyof JurisdictionRule]: JurisdictionRule[K] extends string ? string : JurisdictionRule[K] extends readonly string[] ? readonly string[] : JurisdictionRule[K];
};

/** A rule that cannot be so: the field, and what was expected there in both languages. */
export class RuleError extends RangeError {
  override readonly name = 'RuleError';
  readonly field: string;
  readonly expected: string;

  constructor(field: string, expected: string) {
    super(`${field}: expected ${expected}`);
    this.field = field;
    this.expected = expected;
  }
}

/** What a subject may say. */
export interface SubjectSpec extends Sentence {
  /** What starts a period; `none` for what is no period. */
  readonly trigger: string;
  /** A group of units. */
  readonly units: string;
  /** Largest amount, in any unit. */
  readonly most: number;
  /** The subject that counts where this one is left open. */
  readonly open?: string;
  /** The subject that says what follows when it is not done. */
  readonly consequence?: string;
}

const PERIOD: readonly string[] = ['hour', 'calendarDay', 'workingDay', 'month', 'year'];

/** Units a subject's value may have. */
export const unitsOf = ({ units }: SubjectSpec): readonly string[] => (units === 'period' || units === 'span' ? PERIOD : [units]);

/** The words of the rules, by code: what they are about, who must act, where, from when on (data: `law.json`). */
export const WORDS: Readonly<Record<'jurisdictions' | 'units' | 'triggers' | 'actors' | 'recipients' | 'exemptions' | 'verified' | 'modes', Readonly<Record<string, Sentence>>>> =
  law;
/** Every subject by its code. */
export const SUBJECTS: ReadonlyMap<string, SubjectSpec> = new Map(Object.entries(law.subjects));

const hasKey = <T extends object>(table: T, key: string): key is Extract<keyof T, string> => Object.hasOwn(table, key);

/** `key`, when it is one of the table's. */
function keyOf<T extends object>(table: T, key: string, field: string): Extract<keyof T, string> {
  if (!hasKey(table, key)) throw new RuleError(field, Object.keys(table).join(' | '));
  return key;
}

/** What a subject may say. */
export const specOf = (subject: Subject): SubjectSpec => law.subjects[subject];
/** The subject with this name; undefined: there is none. */
export const subjectOf = (name: string): Subject | undefined => (hasKey(law.subjects, name) ? name : undefined);
/** The way of running a building with this name; '' for one there is none of. */
export const modeOf = (name: string): Mode => (hasKey(law.modes, name) ? name : '');

/** China, a province, city or county of it by its code (GB/T 2260), or the rules of the source documents. */
const JURISDICTION = /^(CLASSIC|CN(-\d\d(\d\d){0,2})?)$/;
/** Is this the name of a jurisdiction? */
export const isJurisdiction = (code: string): boolean => JURISDICTION.test(code);

/** Is this a calendar day, `yyyy-mm-dd`? */
export function isDay(text: string): boolean {
  const parts = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text)?.slice(1).map(Number);
  return parts !== undefined && localDate(parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0) !== undefined;
}

function needAmounts({ amount, most }: RuleText, limit: number): void {
  if (amount !== null && !(Number.isInteger(amount) && amount >= 0 && amount <= limit))
    throw new RuleError('amount', `0–${limit} 的整数，没定的留空 / a whole number from 0 to ${limit}, or nothing where the law leaves it open`);
  if (most !== null && !(amount !== null && Number.isInteger(most) && most > amount && most <= limit))
    throw new RuleError('most', `大于 amount，最多 ${limit} / more than amount, ${limit} at most`);
}

function needDays({ effectiveFrom, effectiveTo }: RuleText): void {
  if (effectiveFrom !== null && !isDay(effectiveFrom)) throw new RuleError('effectiveFrom', '日期，如 2026-07-01 / a day such as 2026-07-01');
  if (effectiveTo !== null && !(isDay(effectiveTo) && (effectiveFrom === null || effectiveTo >= effectiveFrom)))
    throw new RuleError('effectiveTo', '不早于 effectiveFrom 的日期，如 2026-07-01 / a day such as 2026-07-01, not before effectiveFrom');
}

function needWords({ source, article, law: name }: RuleText): void {
  for (const words of [source.zh, source.en]) if (words.trim() === '' || words.length > 160) throw new RuleError('source', '依据，1 到 160 个字 / the source, 1 to 160 characters');
  if (article.length > 60) throw new RuleError('article', '条款，最多 60 个字 / the article, 60 characters at most');
  if (name === '' || name.length > 20) throw new RuleError('law', '编号，1 到 20 个字 / its number, 1 to 20 characters');
}

/** The rule, when all of it is one. Throws RuleError naming the first field that is not. */
export function readRule(text: RuleText): JurisdictionRule {
  if (!isJurisdiction(text.jurisdiction)) throw new RuleError('jurisdiction', 'CN | CN-33 | CN-3301 | CLASSIC');
  const subject = keyOf(law.subjects, text.subject, 'subject');
  const spec = specOf(subject);
  const unit = keyOf(law.units, text.unit, 'unit');
  if (!unitsOf(spec).includes(unit)) throw new RuleError('unit', unitsOf(spec).join(' | '));
  needAmounts(text, spec.most);
  const actor = keyOf(law.actors, text.actor, 'actor');
  if (actor === 'none' && spec.trigger !== 'none' && text.amount !== null) throw new RuleError('actor', '谁来办 / who must do it');
  if (new Set(text.exemptions).size < text.exemptions.length) throw new RuleError('exemptions', '每项一次 / each one once');
  needDays(text);
  needWords(text);
  return {
    ...text,
    subject,
    unit,
    actor,
    mode: keyOf(law.modes, text.mode, 'mode'),
    recipient: keyOf(law.recipients, text.recipient, 'recipient'),
    exemptions: text.exemptions.map((one) => keyOf(law.exemptions, one, 'exemptions')),
    verified: keyOf(law.verified, text.verified, 'verified'),
  };
}
