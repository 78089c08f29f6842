import { WORK_PURPOSES, type WorkPurpose } from '../core/work.ts';
import type { Prisma } from './generated/client.ts';
import { PERSON, type PersonRow, personRow } from './homes.ts';
import type { Register } from './register.ts';
import { ms, msOrNull, wordOf } from './values.ts';

/** A card of somebody who works in a building. */
export interface WorkCardRow {
  readonly id: number;
  readonly tail: string;
  readonly status: string;
}

/** The right of somebody who works in a building, with who it is: for the disclosure gate alone. Times are epoch ms. */
export interface WorkRow {
  readonly id: number;
  readonly buildingId: number;
  readonly personId: number;
  readonly purpose: WorkPurpose;
  readonly fromAt: number;
  readonly untilAt: number | null;
  readonly duty: boolean;
  readonly scheduleId: number | null;
  /** Number in the site and name; null: all hours. */
  readonly schedule: { readonly number: number; readonly name: string } | null;
  readonly person: PersonRow;
  /** Cards of the building's, and of somebody who also lives there his own. */
  readonly cards: readonly WorkCardRow[];
  /** Receipt of its end; null: it was not ended before its last day. */
  readonly stopId: number | null;
}

/** Which rights of a building: those that run or will, or those that are over at `now` (epoch ms); newest first. */
export interface WorkQuery {
  readonly buildingId: number;
  readonly past: boolean;
  readonly now: number;
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Rights of people who work in buildings. */
export interface WorkGrants {
  find(id: number): Promise<WorkRow | undefined>;
  /** The building of a right, without anybody's name; undefined: there is none. */
  place(id: number): Promise<number | undefined>;
  /** Buildings a person works or worked in. */
  placesOf(personId: number): Promise<readonly number[]>;
  list(query: WorkQuery): Promise<readonly WorkRow[]>;
}

const CARD = { id: true, tail: true, status: true, kind: true, buildingId: true } as const;
const LIVES = { tenancy: { select: { unit: { select: { buildingId: true } } } } } as const;
const WHOLE = {
  schedule: { select: { number: true, name: true } },
  person: { select: { ...PERSON, credentials: { select: CARD, orderBy: { id: 'asc' } }, occupancies: { select: LIVES } } },
} as const satisfies Prisma.AccessGrantInclude;
type Whole = Prisma.AccessGrantGetPayload<{ include: typeof WHOLE }>;

/** Rights of the register. */
export function workGrantsOf({ read, vault }: Register): WorkGrants {
  async function rowsOf(found: readonly Whole[]): Promise<WorkRow[]> {
    const stops = await read.cardStop.findMany({ where: { grantId: { in: found.map(({ id }) => id) } }, select: { id: true, grantId: true } });
    const stopOf = new Map(stops.map(({ id, grantId }) => [grantId, id]));
    return found.map(({ person: { credentials, occupancies, ...person }, fromAt, untilAt, purpose, ...row }) => {
      const lives = occupancies.some(({ tenancy }) => tenancy.unit.buildingId === row.buildingId);
      const cards = credentials.filter((card) => lives || (card.kind === 'staff' && card.buildingId === row.buildingId));
      return {
        ...row,
        purpose: wordOf('AccessGrant.purpose', WORK_PURPOSES, purpose),
        fromAt: ms(fromAt),
        untilAt: msOrNull(untilAt),
        person: personRow(vault, person),
        cards: cards.map(({ id, tail, status }) => ({ id, tail, status })),
        stopId: stopOf.get(row.id) ?? null,
      };
    });
  }
  return {
    async find(id) {
      const row = await read.accessGrant.findUnique({ where: { id }, include: WHOLE });
      return row === null ? undefined : (await rowsOf([row]))[0];
    },
    place: async (id) => (await read.accessGrant.findUnique({ where: { id }, select: { buildingId: true } }))?.buildingId,
    placesOf: async (personId) =>
      (await read.accessGrant.findMany({ where: { personId }, select: { buildingId: true }, distinct: ['buildingId'] })).map(({ buildingId }) => buildingId),
    async list({ buildingId, past, now, before, limit }) {
      const over = { untilAt: { not: null, lte: BigInt(now) } };
      const where = { buildingId, ...(past ? over : { NOT: over }), ...(before === undefined ? {} : { id: { lt: before } }) };
      return rowsOf(await read.accessGrant.findMany({ where, include: WHOLE, orderBy: { id: 'desc' }, take: limit }));
    },
  };
}
