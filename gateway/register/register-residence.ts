import { randomBytes } from 'node:crypto';
import { addDays, dateAt, endOfDay } from '../core/local-date.ts';
import {
  MOST_MONTHS,
  needsWords,
  registrationAfter,
  registrationDueAt,
  registrationSteps,
  type RegistrationActor,
  type RegistrationStep,
  type ResidenceBasis,
  type StayReason,
} from '../core/registration.ts';
import type { Role } from '../core/roles.ts';
import type { Register, WriteDb } from '../store/register.ts';
import { type RegistrationRow, REGISTERED, registrationRow } from '../store/registrations.ts';
import type { Note } from './lock-down.ts';
import { PUBLIC_HOLIDAYS } from './public-holidays.ts';
import { RuleRefused } from './rule-refused.ts';

/** Somebody is sent in at most so long before he moves in (domain.md 5.1-5). */
const AHEAD_DAYS = 30;
const MOST_WORDS = 500;

/** Whose registration, as of the version that was on screen; 0: nobody had sent it in. */
export interface RegistrationOf {
  readonly occupantId: number;
  readonly version: number;
}

/** Who acts when, and where it is noted first. `now`: epoch ms. */
export interface RegistrationBy {
  readonly accountId: number;
  readonly role: Role;
  readonly now: number;
  readonly note: Note;
}

/** What is declared besides what the register knows of the person (domain.md 3.6). */
export interface Declared {
  readonly stayReason: StayReason;
  readonly basis: ResidenceBasis;
  /** Months he means to stay. */
  readonly months: number;
}

async function standing(db: Pick<WriteDb, 'occupant'>, vault: Register['vault'], { occupantId, version }: RegistrationOf, now: number): Promise<RegistrationRow> {
  const found = await db.occupant.findUnique({ where: { id: occupantId }, include: REGISTERED });
  if (found === null) throw new RuleRefused('missing');
  const row = registrationRow(vault, found, now);
  if (row.version !== version) throw new RuleRefused('stale');
  return row;
}

/** May it take the step? Throws RuleRefused: over (the stay), step (with those it may take). */
function needStep(row: RegistrationRow, step: RegistrationStep, actor: RegistrationActor): void {
  if (row.over) throw new RuleRefused('over');
  const steps = registrationSteps(row, actor);
  if (!steps.includes(step)) throw new RuleRefused('step', { field: 'step', expected: steps.join(' | ') || '—' });
}

/**
 * Sends somebody's residence registration in, noted first; after a supplement or a refusal, again. Throws RuleRefused:
 * missing, stale, over, step, wrong (field), ahead (moves in too late for it), unseen (no document was recorded).
 */
export async function submitRegistration({ write, vault }: Register, of: RegistrationOf, { stayReason, basis, months }: Declared, by: RegistrationBy): Promise<void> {
  const { accountId, role, now, note } = by;
  if (!Number.isInteger(months) || months < 1 || months > MOST_MONTHS)
    throw new RuleRefused('wrong', { field: 'months', expected: `1 到 ${MOST_MONTHS} 个月 / 1 to ${MOST_MONTHS} months` });
  await write(async (db) => {
    const row = await standing(db, vault, of, now);
    needStep(row, 'submit', 'declarer');
    if (row.fromAt > endOfDay(addDays(dateAt(now), AHEAD_DAYS))) throw new RuleRefused('ahead', { field: 'fromAt', expected: `≤ ${dateAt(now + AHEAD_DAYS * 86_400_000)}` });
    if (row.document === '') throw new RuleRefused('unseen', { field: 'document' });
    await note(`submit ${row.room}`);
    const data = {
      state: 'submitted',
      stayReason,
      basis,
      months,
      dueAt: registrationDueAt('submitted', now, PUBLIC_HOLIDAYS),
      submittedAt: now,
      submittedBy: accountId,
      submittedAs: role,
    };
    const { occupantId } = of;
    await db.$transaction([
      // Who begins again after an end is asked for a supplement again, if need be.
      db.residenceRegistration.upsert({
        where: { occupantId },
        create: { occupantId, ...data },
        update: { ...data, ...(row.state === 'supplement' ? {} : { supplemented: false }), version: { increment: 1 } },
      }),
      db.occupant.update({ where: { id: occupantId }, data: { registrationState: 'pending' } }),
    ]);
  });
}

/** What the counter decides of a registration. */
export interface RegistrationDecision {
  readonly step: Exclude<RegistrationStep, 'submit'>;
  /** The list of what is missing, or the basis; '' where the step needs none. */
  readonly words: string;
  /** Whoever decides has the original of the identity document before him. */
  readonly documentSeen: boolean;
}

function wordsOf({ step, words }: RegistrationDecision): string {
  const text = words.normalize('NFC').trim();
  if (!needsWords(step)) return '';
  if (text === '' || [...text].length > MOST_WORDS)
    throw new RuleRefused('wrong', { field: 'words', expected: `要本人知道的话，1–${MOST_WORDS} 字 / what the person is to know, 1 to ${MOST_WORDS} characters` });
  return text;
}

/** Of a certificate: random, so that nobody finds the next one by counting. */
const newCertificate = (): string => randomBytes(8).toString('hex').toUpperCase();

/**
 * The counter decides, noted first. What is accepted gets a certificate, what is cancelled loses it. Throws RuleRefused:
 * missing, stale, over, step, wrong (words), unseen (accepting somebody whose document nobody has seen).
 */
export async function decideRegistration({ write, vault }: Register, of: RegistrationOf, decision: RegistrationDecision, by: RegistrationBy): Promise<void> {
  const words = wordsOf(decision);
  const { step, documentSeen } = decision;
  const { accountId, role, now, note } = by;
  await write(async (db) => {
    const row = await standing(db, vault, of, now);
    needStep(row, step, 'station');
    if (step === 'accept' && !row.seen && !documentSeen) throw new RuleRefused('unseen', { field: 'documentSeen' });
    await note(`${step} ${row.room}`);
    const state = registrationAfter(step);
    const data = {
      ...{ state, decidedAt: BigInt(now), decidedBy: accountId },
      dueAt: registrationDueAt(state, now, PUBLIC_HOLIDAYS),
      wordsSealed: words === '' ? null : vault.seal('registration.words', words),
      ...(step === 'supplement' ? { supplemented: true } : {}),
      certificate: step === 'accept' ? newCertificate() : '',
      printedAt: null,
    };
    const { occupantId } = of;
    const sees = step === 'accept' && !row.seen;
    await db.$transaction([
      // One the register knew as accepted before has no row until somebody acts on it.
      db.residenceRegistration.upsert({ where: { occupantId }, create: { occupantId, ...data }, update: { ...data, version: { increment: 1 } } }),
      db.occupant.update({ where: { id: occupantId }, data: { registrationState: step === 'accept' ? 'accepted' : 'pending' } }),
      ...(sees
        ? [
            db.person.update({
              where: { id: row.personId },
              data: { documentCheckedBy: role === 'OF' ? 'officer' : 'clerk', documentCheckedAt: BigInt(now), version: { increment: 1 } },
            }),
          ]
        : []),
    ]);
  });
}

/** A certificate is made: who is registered has one from then on, with this number. Throws RuleRefused: missing, over, step. */
export async function certify({ write, vault }: Register, occupantId: number, { now, note }: Pick<RegistrationBy, 'now' | 'note'>): Promise<void> {
  await write(async (db) => {
    const found = await db.occupant.findUnique({ where: { id: occupantId }, include: REGISTERED });
    if (found === null) throw new RuleRefused('missing');
    const { state, over, certificate, room } = registrationRow(vault, found, now);
    if (over) throw new RuleRefused('over');
    if (state !== 'registered') throw new RuleRefused('step', { field: 'state', expected: 'registered' });
    await note(`certificate ${room}`);
    const data = { printedAt: BigInt(now), ...(certificate === '' ? { certificate: newCertificate() } : {}) };
    await db.residenceRegistration.upsert({ where: { occupantId }, create: { occupantId, state: 'registered', ...data }, update: data });
  });
}
