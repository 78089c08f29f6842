import { randomBytes } from 'node:crypto';
import { dateAt, endOfDay, type LocalDate, startOfDay } from '../core/local-date.ts';
import {
  daySpanned,
  eligible,
  type PermitReason,
  type PermitRules,
  permitAfter,
  permitNeedsWords,
  type PermitStand,
  type PermitStep,
  permitSteps,
  type Span,
} from '../core/permit.ts';
import { modeOf, type Subject } from '../core/rules/rule.ts';
import { permitOf, type PermitRow } from '../store/permits.ts';
import type { ReadDb, Register, WriteDb } from '../store/register.ts';
import { type RegistrationRow, REGISTERED, registrationRow } from '../store/registrations.ts';
import { ruleBookOf } from '../store/rules.ts';
import { PUBLIC_HOLIDAYS } from './public-holidays.ts';
import type { RegistrationBy } from './register-residence.ts';
import { RuleRefused } from './rule-refused.ts';

const MOST_WORDS = 500;

/** A person's permit beside his registration, and what the place asks. */
export interface PermitCase {
  readonly permit: PermitRow;
  readonly registration: RegistrationRow;
  /** First day he is registered there; null: he is not. */
  readonly registeredOn: LocalDate | null;
  /** yyyy-mm-dd; '' not known. */
  readonly born: string;
  readonly rules: PermitRules;
  readonly stand: PermitStand;
  /** When something is due that runs from `at` (epoch ms); undefined: no rule of the place names a period. */
  readonly due: (subject: Subject, at: number) => { readonly dueAt: number; readonly ruleId: number } | undefined;
}

/** The case of somebody who lives in a home; undefined: there is no such occupant. `now`: epoch ms. */
export async function permitCase(db: ReadDb | WriteDb, vault: Register['vault'], occupantId: number, now: number): Promise<PermitCase | undefined> {
  const found = await db.occupant.findUnique({ where: { id: occupantId }, include: REGISTERED });
  if (found === null) return undefined;
  const registration = registrationRow(vault, found, now);
  const { birthSealed } = await db.person.findUniqueOrThrow({ where: { id: registration.personId }, select: { birthSealed: true } });
  const { jurisdiction, mode } = await db.building.findUniqueOrThrow({ where: { id: registration.buildingId }, select: { jurisdiction: true, mode: true } });
  const book = await ruleBookOf(db, PUBLIC_HOLIDAYS);
  const at = { jurisdiction, mode: modeOf(mode) };
  const span = (subject: Subject): Span | undefined => {
    const rule = book.at({ ...at, subject, on: dateAt(now) })?.rule;
    return rule === undefined || rule.amount === null ? undefined : { amount: rule.amount, unit: rule.unit };
  };
  const permit = await permitOf(db, vault, registration.personId);
  const window = span('permit.endorsementWindow') ?? { amount: 1, unit: 'month' };
  const windowFrom = permit.validUntil === null ? null : startOfDay(daySpanned(dateAt(permit.validUntil), window, true));
  return {
    ...{ permit, registration },
    registeredOn: registration.state === 'registered' ? dateAt(registration.decidedAt ?? registration.fromAt) : null,
    born: birthSealed === null ? '' : vault.open('person.birth', birthSealed),
    rules: { residence: span('permit.residence'), minAge: span('permit.minAge')?.amount },
    stand: { state: permit.state, validUntil: permit.validUntil, windowFrom, sameAddress: permit.occupantId === occupantId },
    due: (subject, from) => book.due({ ...at, subject }, from),
  };
}

/** A step of a permit, as of the version that was on screen; 0: there was none. */
export interface PermitWish {
  readonly occupantId: number;
  readonly version: number;
  readonly step: PermitStep;
  /** For asking. */
  readonly reason?: PermitReason | undefined;
  /** The basis, where the step needs one. */
  readonly words: string;
}

function wordsOf({ step, words }: PermitWish): string {
  const text = words.normalize('NFC').trim();
  if (!permitNeedsWords(step)) return '';
  if (text === '' || [...text].length > MOST_WORDS)
    throw new RuleRefused('wrong', { field: 'words', expected: `依据，1–${MOST_WORDS} 字 / the basis, 1 to ${MOST_WORDS} characters` });
  return text;
}

/** May he ask for one? Throws RuleRefused: ineligible, with what keeps him from it and from when on he may. */
function needEligible({ rules, registeredOn, born }: PermitCase, now: number): void {
  const { bars, from } = eligible(rules, { registeredOn, born }, dateAt(now));
  if (bars.length > 0) throw new RuleRefused('ineligible', { field: bars.join(' '), expected: from ?? '先办居住登记 / registered first' });
}

const newNumber = (): string => randomBytes(8).toString('hex').toUpperCase();

/** A year on, by the rule of the place; of a late endorsement counted from now (L-04). */
function validAfter({ due }: PermitCase, from: number): number {
  return due('permit.validity', from)?.dueAt ?? endOfDay(daySpanned(dateAt(from), { amount: 1, unit: 'year' }));
}

/** What a step writes besides the state. */
function writes(the: PermitCase, { step, occupantId, reason }: PermitWish, { accountId, now }: RegistrationBy) {
  const { validUntil } = the.permit;
  const late = validUntil !== null && validUntil < now;
  switch (step) {
    case 'apply':
      return {
        occupantId,
        reason: reason ?? '',
        appliedAt: now,
        appliedBy: accountId,
        acceptedAt: null,
        issueDueAt: null,
        number: '',
        issuedAt: null,
        validUntil: null,
        countedFrom: null,
      };
    case 'accept': {
      const issue = the.due('permit.issue', now);
      return { acceptedAt: now, issueDueAt: issue?.dueAt ?? null, issueRuleId: issue?.ruleId ?? null };
    }
    case 'issue':
      return { issuedAt: now, issueDueAt: null, countedFrom: now, number: newNumber(), validUntil: validAfter(the, now) };
    case 'endorse':
      return { validUntil: validAfter(the, late || validUntil === null ? now : validUntil), ...(late ? { countedFrom: now } : {}) };
    case 'move':
      return { occupantId };
    case 'replace':
      return { number: newNumber(), replaced: { increment: 1 } };
    default:
      return { issueDueAt: null };
  }
}

/**
 * Takes a step with somebody's permit, noted first. Throws RuleRefused: missing, stale, step (with those it may take),
 * wrong (words, reason), ineligible (asking, accepting).
 */
export async function stepPermit({ write, vault }: Register, wish: PermitWish, actor: 'holder' | 'station', by: RegistrationBy): Promise<void> {
  const words = wordsOf(wish);
  const { step, occupantId, version, reason } = wish;
  if (step === 'apply' && reason === undefined) throw new RuleRefused('wrong', { field: 'reason', expected: 'job | home | schooling' });
  await write(async (db) => {
    const the = await permitCase(db, vault, occupantId, by.now);
    if (the === undefined) throw new RuleRefused('missing');
    if (the.permit.version !== version) throw new RuleRefused('stale');
    const steps = permitSteps(the.stand, actor, by.now);
    if (!steps.includes(step)) throw new RuleRefused('step', { field: 'step', expected: steps.join(' | ') || '—' });
    if (step === 'apply' || step === 'accept' || step === 'move') needEligible(step === 'move' ? { ...the, rules: { residence: undefined, minAge: undefined } } : the, by.now);
    await by.note(`${step} ${the.registration.room}`);
    const wordsSealed = words === '' ? null : vault.seal('permit.words', words);
    const { replaced, ...data } = { replaced: undefined, ...writes(the, wish, by), wordsSealed, state: permitAfter(step) };
    const { personId } = the.permit;
    if (version === 0) await db.residencePermit.create({ data: { ...data, personId, occupantId } });
    else await db.residencePermit.update({ where: { personId }, data: { ...data, ...(replaced === undefined ? {} : { replaced }), version: { increment: 1 } } });
  });
}
