import { accessEnd } from '../core/decide.ts';
import { REGISTRATION_STATES, type RegistrationState, stateNow } from '../core/registration.ts';
import type { Prisma } from './generated/client.ts';
import { PERSON, personRow } from './homes.ts';
import type { ReadDb, Register } from './register.ts';
import { ms, msOrNull, wordOf } from './values.ts';
import type { Vault } from './vault.ts';

/** What is read of an occupant for his registration. */
export const REGISTERED = {
  person: { select: { ...PERSON, documentCheckedBy: true } },
  registration: true,
  tenancy: {
    select: {
      termEnd: true,
      accessUntil: true,
      unit: {
        select: { id: true, buildingId: true, room: true, filing: { select: { state: true } }, building: { select: { name: true, nameEn: true, code: true, holdoverDays: true } } },
      },
    },
  },
} as const satisfies Prisma.OccupantInclude;
type Registered = Prisma.OccupantGetPayload<{ include: typeof REGISTERED }>;

/** Somebody who lives in a home, and how his residence registration stands. Unsealed: for views alone. Times are epoch ms. */
export interface RegistrationRow {
  readonly occupantId: number;
  readonly personId: number;
  readonly name: string;
  readonly documentType: string;
  readonly document: string;
  readonly unitId: number;
  readonly buildingId: number;
  readonly room: string;
  readonly building: { readonly name: string; readonly nameEn: string };
  /** 12 digits. */
  readonly community: string;
  readonly filed: boolean;
  readonly relation: string;
  readonly fromAt: number;
  /** End of the stay, when one was said. */
  readonly endsAt: number | null;
  /** He does not live there any more. */
  readonly over: boolean;
  readonly termEnd: number | null;
  /** Somebody has seen the identity document. */
  readonly seen: boolean;
  readonly state: RegistrationState;
  readonly stayReason: string;
  readonly basis: string;
  readonly months: number;
  readonly words: string;
  readonly supplemented: boolean;
  /** Of the step that is waited for: of the rule of the place while nobody has sent it in. */
  readonly dueAt: number | null;
  readonly ruleId: number | null;
  readonly submittedAt: number | null;
  readonly submittedAs: string;
  readonly decidedAt: number | null;
  /** '' none. */
  readonly certificate: string;
  readonly printedAt: number | null;
  /** 0: there is no row yet. */
  readonly version: number;
}

const NO_CASE = { state: undefined, stayReason: '', basis: '', months: 0, wordsSealed: null, supplemented: false, dueAt: null, submittedAt: null } as const;
const NO_DECISION = { submittedAs: '', decidedAt: null, certificate: '', printedAt: null, version: 0 } as const;

/** An occupant's registration as it stands at `now` (epoch ms). */
export function registrationRow(vault: Vault, { person, tenancy, registration, ...occupant }: Registered, now: number): RegistrationRow {
  const { unit } = tenancy;
  const termEnd = msOrNull(tenancy.termEnd);
  const ends = Math.min(
    msOrNull(occupant.untilAt) ?? Number.POSITIVE_INFINITY,
    accessEnd({ accessUntil: msOrNull(tenancy.accessUntil) ?? 0, termEnd: termEnd ?? 0 }, unit.building.holdoverDays),
  );
  const over = ends <= now;
  const its = registration ?? { ...NO_CASE, ...NO_DECISION };
  const kept = registration === null ? undefined : wordOf('ResidenceRegistration.state', REGISTRATION_STATES, registration.state);
  const state = stateNow(kept, { accepted: occupant.registrationState === 'accepted', over });
  const { name, documentType, document } = personRow(vault, person);
  return {
    ...{ occupantId: occupant.id, personId: occupant.personId, name, documentType, document },
    ...{ unitId: unit.id, buildingId: unit.buildingId, room: unit.room, building: { name: unit.building.name, nameEn: unit.building.nameEn } },
    community: unit.building.code.slice(0, 12),
    filed: unit.filing?.state === 'filed',
    ...{ relation: occupant.relation, fromAt: ms(occupant.fromAt), endsAt: Number.isFinite(ends) ? ends : null, over, termEnd, seen: person.documentCheckedBy !== '' },
    ...{ state, stayReason: its.stayReason, basis: its.basis, months: its.months, supplemented: its.supplemented },
    words: its.wordsSealed === null ? '' : vault.open('registration.words', its.wordsSealed),
    dueAt: state === 'none' ? msOrNull(occupant.registrationDue) : over ? null : msOrNull(its.dueAt),
    ruleId: occupant.registrationRuleId,
    ...{ submittedAt: msOrNull(its.submittedAt), submittedAs: its.submittedAs, decidedAt: msOrNull(its.decidedAt) },
    ...{ certificate: its.certificate, printedAt: msOrNull(its.printedAt), version: its.version },
  };
}

/** Where somebody looks: everything, or these buildings and single homes. */
export interface RegistrationPlaces {
  readonly all: boolean;
  readonly buildings: readonly number[];
  readonly units: readonly number[];
}

/** `waiting`: the counter decides. `open`: to be sent in, or with what was missing. `print`: registered, and no certificate was printed yet. */
export type RegistrationQueue = 'waiting' | 'open' | 'print';

const living = (now: number): Prisma.OccupantWhereInput => ({
  OR: [{ untilAt: null }, { untilAt: { gt: BigInt(now) } }],
  tenancy: { OR: [{ accessUntil: null }, { accessUntil: { gt: BigInt(now) } }] },
});
const QUEUES: Readonly<Record<RegistrationQueue, Prisma.OccupantWhereInput>> = {
  waiting: { registration: { is: { state: 'submitted' } } },
  open: { OR: [{ registration: null, registrationState: { not: 'accepted' } }, { registration: { is: { state: 'supplement' } } }] },
  print: { registration: { is: { state: 'registered', printedAt: null } } },
};
const within = ({ all, buildings, units }: RegistrationPlaces): Prisma.OccupantWhereInput =>
  all ? {} : { tenancy: { unit: { OR: [{ buildingId: { in: [...buildings] } }, { id: { in: [...units] } }] } } };
/** The first due first. */
const ORDER: Readonly<Record<RegistrationQueue, Prisma.OccupantOrderByWithRelationInput[]>> = {
  waiting: [{ registration: { dueAt: 'asc' } }, { id: 'asc' }],
  open: [{ registrationDue: { sort: 'asc', nulls: 'last' } }, { id: 'asc' }],
  print: [{ registration: { decidedAt: 'asc' } }, { id: 'asc' }],
};

/** Residence registrations. `now`: epoch ms. */
export interface Registrations {
  of(occupantId: number, now: number): Promise<RegistrationRow | undefined>;
  /** Of everybody who lives in a home, in the order they moved in. */
  ofUnit(unitId: number, now: number): Promise<RegistrationRow[]>;
  /** Of one person, where he lives, newest first. */
  ofPerson(personId: number, now: number): Promise<RegistrationRow[]>;
  byCertificate(number: string, now: number): Promise<RegistrationRow | undefined>;
  queue(which: RegistrationQueue, places: RegistrationPlaces, now: number, limit: number): Promise<RegistrationRow[]>;
  count(which: RegistrationQueue, places: RegistrationPlaces, now: number): Promise<number>;
  /** Where an occupant lives. */
  place(occupantId: number): Promise<{ readonly id: number; readonly buildingId: number } | undefined>;
  /** What a place and its community are called; the code where nobody has named it. */
  communityName(code: string): Promise<string>;
}

/** Residence registrations of the register. */
export function registrationsOf({ read, vault }: Pick<Register, 'vault'> & { readonly read: ReadDb }): Registrations {
  const found = async (where: Prisma.OccupantWhereInput, now: number, about: { orderBy?: Prisma.OccupantOrderByWithRelationInput[]; take?: number } = {}) =>
    (await read.occupant.findMany({ where, include: REGISTERED, orderBy: { id: 'asc' }, ...about })).map((row) => registrationRow(vault, row, now));
  const queued = (which: RegistrationQueue, places: RegistrationPlaces, now: number): Prisma.OccupantWhereInput => ({ AND: [living(now), within(places), QUEUES[which]] });
  return {
    of: async (id, now) => (await found({ id }, now))[0],
    ofUnit: (unitId, now) => found({ AND: [living(now), { tenancy: { unitId } }] }, now),
    ofPerson: (personId, now) => found({ AND: [living(now), { personId }] }, now, { orderBy: [{ id: 'desc' }] }),
    byCertificate: async (certificate, now) => (await found({ registration: { is: { certificate } } }, now))[0],
    queue: (which, places, now, take) => found(queued(which, places, now), now, { orderBy: ORDER[which], take }),
    count: (which, places, now) => read.occupant.count({ where: queued(which, places, now) }),
    async place(id) {
      const row = await read.occupant.findUnique({ where: { id }, select: { tenancy: { select: { unit: { select: { id: true, buildingId: true } } } } } });
      return row?.tenancy.unit;
    },
    communityName: async (code) => (await read.division.findUnique({ where: { code }, select: { name: true } }))?.name ?? code,
  };
}
