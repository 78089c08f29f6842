import { accessEnd } from '../core/decide.ts';
import { DAY_MS } from '../core/local-date.ts';
import { type Held, heldNow } from '../store/holds.ts';
import type { ReadDb, Register, WriteDb } from '../store/register.ts';
import { msOrNull } from '../store/values.ts';
import type { Vault } from '../store/vault.ts';
import type { Revoke } from './revocations.ts';

/** Statements of one transaction. */
export type Statements = Parameters<WriteDb['$transaction']>[0];

/** What stands in the place of a name that was let go. */
export const NO_NAME = '—';

const STAY = {
  untilAt: true,
  tenancy: { select: { accessUntil: true, termEnd: true, unitId: true, unit: { select: { buildingId: true, building: { select: { holdoverDays: true } } } } } },
} as const;

/** A person's stays and his rights as somebody who works in a building, to tell when the last one ended and where they were. */
export const STAYS = { id: true, occupancies: { select: STAY }, grants: { select: { untilAt: true, buildingId: true } } } as const;

interface Stay {
  readonly untilAt: bigint | null;
  readonly tenancy: {
    readonly accessUntil: bigint | null;
    readonly termEnd: bigint | null;
    readonly unitId: number;
    readonly unit: { readonly buildingId: number; readonly building: { readonly holdoverDays: number | null } };
  };
}
export interface Stayed {
  readonly id: number;
  readonly occupancies: readonly Stay[];
  readonly grants: readonly { readonly untilAt: bigint | null; readonly buildingId: number }[];
}

function stayEnd({ untilAt, tenancy }: Stay): number {
  const access = { accessUntil: msOrNull(tenancy.accessUntil) ?? 0, termEnd: msOrNull(tenancy.termEnd) ?? 0 };
  return Math.min(msOrNull(untilAt) ?? Number.POSITIVE_INFINITY, accessEnd(access, tenancy.unit.building.holdoverDays));
}

/** When the last stay or right ended, epoch ms: Infinity while one goes on, 0 for somebody who never had one. */
export const leftAt = ({ occupancies, grants }: Stayed): number =>
  Math.max(0, ...occupancies.map(stayEnd), ...grants.map(({ untilAt }) => msOrNull(untilAt) ?? Number.POSITIVE_INFINITY));

/** Is the person, or a home he lived in, or its building, or one he worked in, held for a case? */
export const isHeld = ({ id, occupancies, grants }: Stayed, { persons, units, buildings }: Held): boolean =>
  persons.has(id) ||
  grants.some(({ buildingId }) => buildings.has(buildingId)) ||
  occupancies.some(({ tenancy }) => units.has(tenancy.unitId) || buildings.has(tenancy.unit.buildingId));

/** Why a person's data must stay for now: he lives or works here, a case holds it, door records must name him, or he has an office here. */
export type KeepReason = 'lives' | 'held' | 'records' | 'office';

/** People among these who sign in here in another part than a tenant's. */
export async function officeHolders(db: Pick<ReadDb, 'account'>, personIds: readonly number[]): Promise<ReadonlySet<number>> {
  const rows = await db.account.findMany({ where: { personId: { in: [...personIds] }, role: { not: 'TEN' }, disabledAt: null }, select: { personId: true } });
  return new Set(rows.flatMap(({ personId }) => personId ?? []));
}

/** Why the person may not be forgotten at `now`; undefined: he may. `recordDays`: how long a door record must be able to name who came. */
export async function keepReason(db: Pick<ReadDb, 'person' | 'hold' | 'account'>, personId: number, recordDays: number, now: number): Promise<KeepReason | undefined> {
  const person = await db.person.findUniqueOrThrow({ where: { id: personId }, select: STAYS });
  const left = leftAt(person);
  if (left > now) return 'lives';
  if (isHeld(person, await heldNow(db))) return 'held';
  if (left > now - recordDays * DAY_MS) return 'records';
  return (await officeHolders(db, [personId])).has(personId) ? 'office' : undefined;
}

/**
 * Lets go of who these people were: name, document, phone, birth, search terms, cards, rights to work in a building, the tenant's account. What stays
 * is a row without a name that a tenancy and sealed log entries point at. `db`: the handle of a running write, in which
 * the statements returned are to be run as one transaction.
 */
export async function anonymise(db: WriteDb, vault: Vault, personIds: readonly number[], now: number): Promise<Statements> {
  const ids = [...personIds];
  const accounts = await db.account.findMany({ where: { personId: { in: ids }, role: 'TEN' }, select: { id: true } });
  const accountIds = accounts.map(({ id }) => id);
  const nobody = {
    documentType: '',
    documentSealed: null,
    documentHash: null,
    documentTail: '',
    phoneSealed: null,
    phoneHash: null,
    phoneTail: '',
    sex: 0,
    birthSealed: null,
    documentCheckedBy: '',
    documentCheckedAt: null,
    slow: false,
    termForm: 0,
    anonymisedAt: BigInt(now),
    version: { increment: 1 },
  } as const;
  return [
    ...ids.map((id) => db.person.update({ where: { id }, data: { ...nobody, nameSealed: vault.seal('person.name', NO_NAME) } })),
    db.personTerm.deleteMany({ where: { personId: { in: ids } } }),
    db.moveOut.updateMany({ where: { tenancy: { occupants: { some: { personId: { in: ids } } } } }, data: { basisSealed: null } }),
    db.residenceRegistration.updateMany({ where: { occupant: { personId: { in: ids } } }, data: { wordsSealed: null, certificate: '' } }),
    db.residencePermit.deleteMany({ where: { personId: { in: ids } } }),
    db.cardStop.deleteMany({ where: { personId: { in: ids } } }),
    db.credential.deleteMany({ where: { personId: { in: ids } } }),
    db.accessGrant.deleteMany({ where: { personId: { in: ids } } }),
    db.session.deleteMany({ where: { accountId: { in: accountIds } } }),
    db.invitation.deleteMany({ where: { accountId: { in: accountIds } } }),
    db.secondFactor.deleteMany({ where: { accountId: { in: accountIds } } }),
    // A login is unique and often a phone number: it is replaced, the row stays for what the log says about the account.
    ...accountIds.map((id) =>
      db.account.update({ where: { id }, data: { login: `gone-${id}`, passwordHash: '', nameSealed: null, holderHash: null, disabledAt: BigInt(now), version: { increment: 1 } } }),
    ),
  ];
}

/** How somebody is forgotten: by whose act, how long door records must name him, when (epoch ms), and where it is noted first. */
export interface Forgetting {
  readonly recordDays: number;
  readonly now: number;
  readonly by: number;
  readonly revoke: Revoke;
}

/** Forgets one person at once, unless there is a reason to keep him: then that reason, and nothing is changed. */
export const forgetPerson = (register: Register, personId: number, { recordDays, now, by, revoke }: Forgetting): Promise<KeepReason | undefined> =>
  register.write(async (db) => {
    const reason = await keepReason(db, personId, recordDays, now);
    if (reason !== undefined) return reason;
    const statements = await anonymise(db, register.vault, [personId], now);
    await revoke(db, [{ what: 'person-forgotten', personId }], by);
    await db.$transaction(statements);
    return undefined;
  });
