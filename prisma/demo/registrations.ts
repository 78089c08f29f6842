import { registrationDueAt } from '../../gateway/core/registration.ts';
import { DEMO_LOGINS } from '../../gateway/http/demo-logins.ts';
import { PUBLIC_HOLIDAYS } from '../../gateway/register/public-holidays.ts';
import type { WriteDb } from '../../gateway/store/register.ts';

const DAY_MS = 86_400_000;

/** Registrations in different states: one waits at the counter, sent in by the landlord; one has a certificate to be printed. Of permits one is asked for, one is to be endorsed. The rest came with the roster. `now`: epoch ms. */
export async function addDemoRegistrations(db: WriteDb, now: number): Promise<void> {
  const account = (role: 'LL' | 'CL') => db.account.findUniqueOrThrow({ where: { login: DEMO_LOGINS[role] } });
  const [landlord, clerk] = [await account('LL'), await account('CL')];
  const living = (room: string) => db.occupant.findFirstOrThrow({ where: { tenancy: { unit: { room } } }, orderBy: { id: 'desc' } });
  const declared = { stayReason: 'work', basis: 'rent', months: 12, submittedBy: landlord.id, submittedAs: 'LL' };
  const [waiting, done] = [await living('0201'), await living('0402')];
  await db.residenceRegistration.create({
    data: { ...declared, occupantId: waiting.id, state: 'submitted', submittedAt: BigInt(now - DAY_MS), dueAt: registrationDueAt('submitted', now - DAY_MS, PUBLIC_HOLIDAYS) },
  });
  await db.occupant.update({ where: { id: waiting.id }, data: { registrationState: 'pending' } });
  const decided = { decidedAt: BigInt(now - 8 * DAY_MS), decidedBy: clerk.id, certificate: '42A1C3E5F7091B2D' };
  await db.residenceRegistration.create({ data: { ...declared, ...decided, occupantId: done.id, state: 'registered', submittedAt: BigInt(now - 10 * DAY_MS) } });
  const [asked, held] = [await living('0301'), await living('0203')];
  await db.residencePermit.create({
    data: { personId: asked.personId, occupantId: asked.id, state: 'applied', reason: 'home', appliedAt: BigInt(now - DAY_MS), appliedBy: clerk.id },
  });
  const issued = { issuedAt: BigInt(now - 345 * DAY_MS), countedFrom: BigInt(now - 345 * DAY_MS), validUntil: BigInt(now + 20 * DAY_MS), number: '5A0C1E2F30415263' };
  await db.residencePermit.create({ data: { ...issued, personId: held.personId, occupantId: held.id, state: 'issued', reason: 'job' } });
}
