import type { Prisma } from './generated/client.ts';
import { PERSON, type PersonRow, personRow } from './homes.ts';
import type { Register } from './register.ts';
import { ms, msOrNull, wordOf } from './values.ts';
import type { Vault } from './vault.ts';

const DECISIONS = ['', 'ends', 'stays'] as const;

/** Where a tenancy is, and how its contract stands. Times are epoch ms. */
export interface TenancyPlace {
  /** Of the unit. */
  readonly id: number;
  readonly buildingId: number;
  readonly tenancyId: number;
  readonly termEnd: number | null;
  readonly accessUntil: number | null;
  readonly endedBy: string;
}

/** A move-out as it was stated, and what came of it. Times are epoch ms. */
export interface MoveOutRow {
  readonly id: number;
  readonly tenancyId: number;
  readonly unitId: number;
  readonly buildingId: number;
  readonly room: string;
  readonly building: { readonly name: string; readonly nameEn: string };
  /** One of its people; null: all. */
  readonly personId: number | null;
  readonly until: number;
  readonly statedAt: number;
  readonly statedBy: number;
  readonly own: boolean;
  readonly stopId: number | null;
  readonly undoneAt: number | null;
  readonly confirmedAt: number | null;
  readonly objectedAt: number | null;
  readonly decidedAt: number | null;
  readonly decision: (typeof DECISIONS)[number];
  readonly basis: string;
  readonly decidedUntil: number | null;
  readonly decisionStopId: number | null;
  /** Whom it is about, unsealed: for the disclosure gate alone. */
  readonly people: readonly PersonRow[];
}

/** Which move-outs, newest first. `within`: whole buildings and single homes; undefined: everything. */
export interface MoveOutQuery {
  readonly within?: { readonly buildings: readonly number[]; readonly units: readonly number[] };
  /** Only those with an objection that nobody has decided. */
  readonly open: boolean;
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Tenancies, and what was said of their end. */
export interface Tenancies {
  place(tenancyId: number): Promise<TenancyPlace | undefined>;
  moveOut(id: number): Promise<MoveOutRow | undefined>;
  moveOuts(query: MoveOutQuery): Promise<readonly MoveOutRow[]>;
  /** Of a home, the newest first, without those that were taken back. */
  moveOutsOfUnit(unitId: number): Promise<readonly MoveOutRow[]>;
  /** About this person, stated after `since` (epoch ms), newest first, without those that were taken back. */
  moveOutsOfPerson(personId: number, since: number): Promise<readonly MoveOutRow[]>;
  /** Tenancies this person lives under at `now` (epoch ms), with the home. */
  ofPerson(personId: number, now: number): Promise<readonly { readonly tenancyId: number; readonly unitId: number; readonly buildingId: number; readonly room: string }[]>;
  /** Accounts by which these people sign in as tenants. */
  accountsOf(personIds: readonly number[]): Promise<ReadonlyMap<number, number>>;
}

const WHOLE = {
  tenancy: {
    select: {
      unit: { select: { id: true, buildingId: true, room: true, building: { select: { name: true, nameEn: true } } } },
      occupants: { select: { untilAt: true, personId: true, person: { select: PERSON } }, orderBy: { id: 'asc' } },
    },
  },
} as const satisfies Prisma.MoveOutInclude;
type Whole = Prisma.MoveOutGetPayload<{ include: typeof WHOLE }>;

function moveOutRow(vault: Vault, { tenancy: { unit, occupants }, ...row }: Whole): MoveOutRow {
  // Those who had left before it was stated have nothing to do with it.
  const about = occupants.filter(({ personId, untilAt }) => (row.personId === null ? untilAt === null || untilAt >= row.statedAt : personId === row.personId));
  const { id, tenancyId, personId, own, stopId, decisionStopId, statedBy, basisSealed } = row;
  return {
    ...{ id, tenancyId, personId, own, stopId, decisionStopId, statedBy },
    unitId: unit.id,
    buildingId: unit.buildingId,
    room: unit.room,
    building: unit.building,
    until: ms(row.until),
    statedAt: ms(row.statedAt),
    undoneAt: msOrNull(row.undoneAt),
    confirmedAt: msOrNull(row.confirmedAt),
    objectedAt: msOrNull(row.objectedAt),
    decidedAt: msOrNull(row.decidedAt),
    decidedUntil: msOrNull(row.decidedUntil),
    decision: wordOf('MoveOut.decision', DECISIONS, row.decision),
    basis: basisSealed === null ? '' : vault.open('moveOut.basis', basisSealed),
    people: about.map(({ person }) => personRow(vault, person)),
  };
}

/** Tenancies of the register. */
export function tenanciesOf({ read, vault }: Register): Tenancies {
  const find = async (where: Prisma.MoveOutWhereInput, take?: number): Promise<MoveOutRow[]> =>
    (await read.moveOut.findMany({ where, include: WHOLE, orderBy: { id: 'desc' }, ...(take === undefined ? {} : { take }) })).map((row) => moveOutRow(vault, row));
  return {
    async place(tenancyId) {
      const row = await read.tenancy.findUnique({
        where: { id: tenancyId },
        select: { termEnd: true, accessUntil: true, endedBy: true, unit: { select: { id: true, buildingId: true } } },
      });
      return row === null ? undefined : { ...row.unit, tenancyId, termEnd: msOrNull(row.termEnd), accessUntil: msOrNull(row.accessUntil), endedBy: row.endedBy };
    },
    moveOut: async (id) => (await find({ id }))[0],
    moveOuts: ({ within, open, before, limit }) =>
      find(
        {
          ...(within === undefined ? {} : { tenancy: { unit: { OR: [{ buildingId: { in: [...within.buildings] } }, { id: { in: [...within.units] } }] } } }),
          ...(open ? { objectedAt: { not: null }, decidedAt: null, undoneAt: null } : {}),
          ...(before === undefined ? {} : { id: { lt: before } }),
        },
        limit,
      ),
    moveOutsOfUnit: (unitId) => find({ undoneAt: null, tenancy: { unitId } }),
    moveOutsOfPerson: (personId, since) =>
      find({ undoneAt: null, statedAt: { gt: BigInt(since) }, OR: [{ personId }, { personId: null, tenancy: { occupants: { some: { personId } } } }] }),
    async ofPerson(personId, now) {
      const rows = await read.occupant.findMany({
        where: { personId, OR: [{ untilAt: null }, { untilAt: { gt: BigInt(now) } }], tenancy: { OR: [{ accessUntil: null }, { accessUntil: { gt: BigInt(now) } }] } },
        select: { tenancyId: true, tenancy: { select: { unit: { select: { id: true, buildingId: true, room: true } } } } },
        orderBy: { id: 'asc' },
      });
      return rows.map(({ tenancyId, tenancy: { unit } }) => ({ tenancyId, unitId: unit.id, buildingId: unit.buildingId, room: unit.room }));
    },
    async accountsOf(personIds) {
      const rows = await read.account.findMany({ where: { role: 'TEN', disabledAt: null, personId: { in: [...personIds] } }, select: { id: true, personId: true } });
      return new Map(rows.flatMap(({ id, personId }) => (personId === null ? [] : [[personId, id] as const])));
    },
  };
}
