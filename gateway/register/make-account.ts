import type { Role } from '../core/roles.ts';
import { holderText } from '../store/account-people.ts';
import type { Register, WriteDb } from '../store/register.ts';
import { checkAssignment, type PlaceWish } from './assign.ts';
import { type Note, needed, OfficeRefused } from './office-refused.ts';

/** An account as it is to be made: invited, without a password. Times are epoch ms. */
export interface AccountWish {
  readonly role: Role;
  readonly displayName: string;
  /** In the form it is stored in. */
  readonly login: string;
  readonly orgId: number | null;
  /** Staff or document number of the natural person. */
  readonly holder: string | null;
  readonly personId: number | null;
  readonly assignments: readonly PlaceWish[];
}

/** The tenant's row is there, and no other account is for it. */
async function checkTenant(db: WriteDb, personId: number | null): Promise<void> {
  if (personId === null) throw new OfficeRefused('BAD_INPUT', { field: 'personId', expected: '租客在登记里的编号 / the row of the tenant in the register' });
  needed(await db.person.findUnique({ where: { id: personId }, select: { id: true } }), 'personId');
  if ((await db.account.count({ where: { role: 'TEN', personId } })) > 0) throw new OfficeRefused('TAKEN', { field: 'personId' });
}

/** Refuses what could not be made. */
export async function checkAccount(db: WriteDb, { role, login, orgId, personId, assignments }: AccountWish, now: number): Promise<void> {
  if ((await db.account.count({ where: { login } })) > 0) throw new OfficeRefused('TAKEN', { field: 'login' });
  if (orgId !== null) needed(await db.orgUnit.findFirst({ where: { id: orgId, closedAt: null } }), 'orgId');
  if (role === 'TEN') await checkTenant(db, personId);
  const places = new Set(assignments.map(({ place, placeId }) => `${place} ${placeId}`));
  if (places.size !== assignments.length) throw new OfficeRefused('TAKEN', { field: 'assignments' });
  for (const wish of assignments) await checkAssignment(db, { accountId: 0, role }, wish, now);
}

/** Makes an account that waits to be taken up. Returns its row number. */
export async function makeAccount({ write, vault }: Register, wish: AccountWish, { by, now, note }: { by: number; now: number; note: Note }): Promise<number> {
  const { role, login, orgId, personId, displayName, holder, assignments } = wish;
  return write(async (db) => {
    await checkAccount(db, wish, now);
    await note();
    const given = assignments.map((assignment) => ({ ...assignment, createdAt: now, createdBy: by }));
    const sealed = { nameSealed: vault.seal('account.name', displayName), holderHash: holder === null ? null : vault.hash('holder', holderText(holder)) };
    const made = { role, login, orgId, personId, ...sealed, passwordHash: '', state: 'invited', createdAt: now, createdBy: by };
    return (await db.account.create({ data: { ...made, assignments: { create: given } } })).id;
  });
}
