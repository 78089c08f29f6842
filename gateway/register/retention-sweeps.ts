import type { RetentionKind } from '../core/retention.ts';
import type { Held } from '../store/holds.ts';
import type { ReadDb, WriteDb } from '../store/register.ts';
import type { Vault } from '../store/vault.ts';
import { anonymise, isHeld, leftAt, officeHolders, type Statements, type Stayed, STAYS } from './anonymise.ts';

/** A row that is due. `held`: a hold keeps it. */
export interface DueRow {
  readonly id: number;
  readonly held: boolean;
}

/** What is due before a moment, and how it goes. */
export interface Span {
  /** What is older than this is due, epoch ms. */
  readonly cutoff: number;
  readonly held: Held;
}

/** A page of due rows behind a row number; `last`: the last row looked at, undefined when there are no more. */
export interface DuePage {
  readonly rows: readonly DueRow[];
  readonly last: number | undefined;
}

/** Rows that are looked at one by one, because a hold may keep some. */
interface RowSweep {
  readonly by: 'row';
  page(db: ReadDb, span: Span, after: number, take: number): Promise<DuePage>;
  /** Statements that let these rows go, for one transaction. */
  destroy(db: WriteDb, ids: readonly number[], about: { readonly vault: Vault; readonly now: number }): Promise<Statements>;
}

/** Working copies that no hold can be on: they go at once. */
interface BulkSweep {
  readonly by: 'bulk';
  count(db: ReadDb, cutoff: number): Promise<number>;
  destroy(db: WriteDb, cutoff: number): Statements[number];
}

export type Sweep = RowSweep | BulkSweep;

/** Kinds whose rows are in the register; the others are the log's. */
export type RegisterKind = Exclude<RetentionKind, 'entries' | 'unknownCredentials' | 'audit'>;

const before = (cutoff: number): { lt: bigint } => ({ lt: BigInt(cutoff) });
const among = (ids: readonly number[]): { id: { in: number[] } } => ({ id: { in: [...ids] } });
const pageOf = <R extends { readonly id: number }>(found: readonly R[], take: number, isKept: (row: R) => boolean): DuePage => ({
  rows: found.map((row) => ({ id: row.id, held: isKept(row) })),
  last: found.length < take ? undefined : found.at(-1)?.id,
});

/** The people among these rows, with where they lived. */
async function livedOf(db: ReadDb, personIds: readonly number[]): Promise<ReadonlyMap<number, Stayed>> {
  const people = await db.person.findMany({ where: among([...new Set(personIds)]), select: STAYS });
  return new Map(people.map((person) => [person.id, person]));
}

async function pageOfPeople(db: ReadDb, found: readonly { readonly id: number; readonly personId: number }[], take: number, { held }: Span): Promise<DuePage> {
  const lived = await livedOf(
    db,
    found.map(({ personId }) => personId),
  );
  return pageOf(found, take, ({ personId }) => isHeld(lived.get(personId) ?? { id: personId, occupancies: [], grants: [] }, held));
}

/** Nobody with a stay, or a right to work in a building, that has not ended before the moment; holdover days make that a question for each, so this takes a few too many. */
function mayHaveLeft(cutoff: number) {
  const notYet = { gte: BigInt(cutoff) };
  const goesOn = { OR: [{ accessUntil: notYet }, { accessUntil: null, termEnd: null }, { accessUntil: null, termEnd: notYet }] };
  const runs = { OR: [{ untilAt: null }, { untilAt: notYet }] };
  return { anonymisedAt: null, OR: [{ occupancies: { some: {} } }, { grants: { some: {} } }], occupancies: { none: { AND: [runs, { tenancy: goesOn }] } }, grants: { none: runs } };
}

const departed: RowSweep = {
  by: 'row',
  async page(db, { cutoff, held }, after, take) {
    const found = await db.person.findMany({ where: { id: { gt: after }, ...mayHaveLeft(cutoff) }, select: STAYS, orderBy: { id: 'asc' }, take });
    const inOffice = await officeHolders(
      db,
      found.map(({ id }) => id),
    );
    const page = pageOf(found, take, (person) => isHeld(person, held));
    const left = new Set(found.filter((person) => leftAt(person) < cutoff && !inOffice.has(person.id)).map(({ id }) => id));
    return { ...page, rows: page.rows.filter(({ id }) => left.has(id)) };
  },
  destroy: (db, ids, { vault, now }) => anonymise(db, vault, ids, now),
};

const purposes: RowSweep = {
  by: 'row',
  async page(db, { cutoff, held }, after, take) {
    const found = await db.purpose.findMany({
      where: { id: { gt: after }, openedAt: before(cutoff) },
      select: { id: true, buildingId: true, caseNumber: true },
      orderBy: { id: 'asc' },
      take,
    });
    return pageOf(found, take, ({ buildingId, caseNumber }) => (buildingId !== null && held.buildings.has(buildingId)) || held.cases.has(caseNumber));
  },
  destroy: async (db, ids) => [db.purpose.deleteMany({ where: among(ids) })],
};

const requests: RowSweep = {
  by: 'row',
  async page(db, span, after, take) {
    const where = { id: { gt: after }, state: { not: 'open' }, decidedAt: before(span.cutoff) };
    return pageOfPeople(db, await db.dataRequest.findMany({ where, select: { id: true, personId: true }, orderBy: { id: 'asc' }, take }), take, span);
  },
  destroy: async (db, ids) => [db.dataRequest.deleteMany({ where: among(ids) })],
};

const consents: RowSweep = {
  by: 'row',
  async page(db, span, after, take) {
    const where = { id: { gt: after }, withdrawnAt: before(span.cutoff) };
    return pageOfPeople(db, await db.consent.findMany({ where, select: { id: true, personId: true }, orderBy: { id: 'asc' }, take }), take, span);
  },
  destroy: async (db, ids) => [db.consent.deleteMany({ where: among(ids) })],
};

const doorAlarms: RowSweep = {
  by: 'row',
  async page(db, { cutoff, held }, after, take) {
    const where = { id: { gt: after }, acknowledgedAt: before(cutoff), endedAt: { not: null } };
    return pageOf(await db.doorAlarm.findMany({ where, select: { id: true, buildingId: true }, orderBy: { id: 'asc' }, take }), take, ({ buildingId }) =>
      held.buildings.has(buildingId),
    );
  },
  destroy: async (db, ids) => [db.doorAlarm.deleteMany({ where: among(ids) })],
};

/** The moment each version was replaced by a later one that was signed; versions that were not are left out. */
async function replaced(db: Pick<ReadDb, 'commissioningSheet'>, doorIds: readonly number[]): Promise<ReadonlyMap<number, bigint>> {
  const rows = await db.commissioningSheet.findMany({
    where: { doorId: { in: [...doorIds] }, state: 'signed' },
    select: { id: true, doorId: true, signedAt: true },
    orderBy: { version: 'asc' },
  });
  return new Map(
    rows.flatMap(({ id, doorId }, at) => {
      const next = rows.slice(at + 1).find((row) => row.doorId === doorId);
      return next?.signedAt == null ? [] : [[id, next.signedAt] as const];
    }),
  );
}

const sheets: RowSweep = {
  by: 'row',
  async page(db, { cutoff, held }, after, take) {
    // Signed before the cutoff is not yet replaced before it: this takes a few too many.
    const where = { id: { gt: after }, state: 'signed', signedAt: before(cutoff) };
    const found = await db.commissioningSheet.findMany({ where, select: { id: true, doorId: true }, orderBy: { id: 'asc' }, take });
    const doorIds = [...new Set(found.map(({ doorId }) => doorId))];
    const over = await replaced(db, doorIds);
    const doors = new Map((await db.door.findMany({ where: among(doorIds), select: { id: true, buildingId: true } })).map(({ id, buildingId }) => [id, buildingId]));
    const page = pageOf(found, take, ({ doorId }) => held.buildings.has(doors.get(doorId) ?? 0));
    return { ...page, rows: page.rows.filter(({ id }) => (over.get(id) ?? BigInt(cutoff)) < BigInt(cutoff)) };
  },
  async destroy(db, ids) {
    const going = await db.commissioningSheet.findMany({ where: among(ids), select: { photoId: true } });
    const photos = going.flatMap(({ photoId }) => photoId ?? []);
    const used = await db.commissioningSheet.findMany({ where: { photoId: { in: photos }, id: { notIn: [...ids] } }, select: { photoId: true } });
    const free = photos.filter((id) => !used.some(({ photoId }) => photoId === id));
    return [db.commissioningSheet.deleteMany({ where: among(ids) }), db.doorPhoto.deleteMany({ where: among(free) })];
  },
};

const assessments: BulkSweep = {
  by: 'bulk',
  count: (db, cutoff) => db.impactAssessment.count({ where: { state: 'retired', decidedAt: before(cutoff) } }),
  destroy: (db, cutoff) => db.impactAssessment.deleteMany({ where: { state: 'retired', decidedAt: before(cutoff) } }),
};

const spentInvitation = (cutoff: number) => ({ OR: [{ expiresAt: before(cutoff) }, { usedAt: before(cutoff) }, { revokedAt: before(cutoff) }] });
const staged = (cutoff: number) => ({ createdAt: before(cutoff), bodySealed: { not: null } });

/** How each kind of the register goes. */
export const SWEEPS: Readonly<Record<RegisterKind, Sweep>> = {
  departed,
  purposes,
  requests,
  consents,
  doorAlarms,
  sheets,
  assessments,
  imports: {
    by: 'bulk',
    count: (db, cutoff) => db.rosterImport.count({ where: staged(cutoff) }),
    destroy: (db, cutoff) => db.rosterImport.updateMany({ where: staged(cutoff), data: { bodySealed: null } }),
  },
  outbox: {
    by: 'bulk',
    count: (db, cutoff) => db.outboxMessage.count({ where: { at: before(cutoff) } }),
    destroy: (db, cutoff) => db.outboxMessage.deleteMany({ where: { at: before(cutoff) } }),
  },
  invitations: {
    by: 'bulk',
    count: (db, cutoff) => db.invitation.count({ where: spentInvitation(cutoff) }),
    destroy: (db, cutoff) => db.invitation.deleteMany({ where: spentInvitation(cutoff) }),
  },
  sessions: {
    by: 'bulk',
    count: (db, cutoff) => db.session.count({ where: { createdAt: before(cutoff) } }),
    destroy: (db, cutoff) => db.session.deleteMany({ where: { createdAt: before(cutoff) } }),
  },
  answers: {
    by: 'bulk',
    count: (db, cutoff) => db.idempotentAnswer.count({ where: { createdAt: before(cutoff) } }),
    destroy: (db, cutoff) => db.idempotentAnswer.deleteMany({ where: { createdAt: before(cutoff) } }),
  },
};
