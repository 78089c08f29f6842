import type { Prisma } from './generated/client.ts';
import { type CardHome, placesOfCard } from './card-doors.ts';
import type { ReadDb, Register } from './register.ts';
import { ms, msOrNull, wordOf } from './values.ts';

const HOLDS = ['list', 'nolist', 'gateway', 'none'] as const;
const REASONS = ['lost', 'misused', 'returned', 'work-ended', 'moved-out', 'again'] as const;

/** A door of a stop. Times are epoch ms. */
export interface StopDoorRow {
  readonly doorId: number;
  /** list: it may hold one with the card; nolist: it said it holds none; gateway: on a serial line, where the gateway itself decides; none: no controller. */
  readonly holds: (typeof HOLDS)[number];
  readonly latestAt: number | null;
  readonly confirmedAt: number | null;
}

/** A home by which others find the stop. `unitId` 0: the building's stock of cards. */
export interface StopHomeRow extends CardHome {
  /** '' for the stock, and for a home that is gone. */
  readonly room: string;
}

/** A card that was stopped. */
export interface StopRow {
  readonly id: number;
  /** 0: no card was stopped; a right ended, or people moved out. */
  readonly credentialId: number;
  /** The right of somebody who works in a building that ended; null: a card was stopped. */
  readonly grantId: number | null;
  readonly personId: number | null;
  readonly tail: string;
  readonly reason: (typeof REASONS)[number];
  readonly stoppedAt: number;
  /** When access ends, where that is later; null: at once. */
  readonly endsAt: number | null;
  readonly stoppedBy: number;
  readonly undoneAt: number | null;
  readonly homes: readonly StopHomeRow[];
  readonly doors: readonly StopDoorRow[];
}

/** A door that has not acknowledged a list without the card. */
export interface OpenDoor {
  readonly stopId: number;
  readonly doorId: number;
  /** Change of the register its list must cover. */
  readonly changeN: number;
  readonly latestAt: number | null;
  /** The gateway decides there: once its index has the change, so has the door. */
  readonly byGateway: boolean;
}

/** A door acknowledged list `list` (`epoch.n`) at `at`. */
export interface Confirmation {
  readonly stopId: number;
  readonly doorId: number;
  readonly at: number;
  readonly list: string;
}

/** A confirmation or an undoing that the log has not been told of. */
export interface Untold extends Confirmation {
  readonly what: 'confirmed' | 'undone';
  readonly credentialId: number;
  readonly personId: number | null;
  readonly stoppedAt: number;
  readonly stoppedBy: number;
}

/** Which stops are wanted: of one home or building, as far as these places are the viewer's. */
export interface StopQuery {
  readonly unitId?: number;
  readonly buildingId?: number;
  /** Only of this person. */
  readonly personId?: number;
  /** Whole buildings and single homes of the viewer; undefined: everything. */
  readonly within?: { readonly buildings: readonly number[]; readonly units: readonly number[] };
  readonly before?: number | undefined;
  readonly limit: number;
}

/** Whose a card is, and where it belongs. */
export interface CardOwner {
  readonly personId: number | null;
  readonly homes: readonly CardHome[];
}

/** Cards that were stopped, and what their doors said to it. */
export interface CardStops {
  find(id: number): Promise<StopRow | undefined>;
  /** Newest first. */
  list(query: StopQuery): Promise<readonly StopRow[]>;
  /** Whose a card is at `now` (epoch ms); undefined: there is none. */
  owner(credentialId: number, now: number): Promise<CardOwner | undefined>;
  /** Doors still waited for, of stops that stand. */
  open(stopId?: number): Promise<readonly OpenDoor[]>;
  confirm(confirmations: readonly Confirmation[]): Promise<void>;
  /** The door was told a later end of a list that still has the card. */
  prolong(doors: readonly { readonly stopId: number; readonly doorId: number; readonly latestAt: number }[]): Promise<void>;
  /** What the log has not been told of, at most `limit`. */
  untold(limit: number): Promise<readonly Untold[]>;
  /** Where the log has been told. */
  told(entries: readonly { readonly untold: Untold; readonly entry: number }[]): Promise<void>;
}

const WHOLE = { homes: { orderBy: { unitId: 'asc' } }, doors: { orderBy: { doorId: 'asc' } } } as const satisfies Prisma.CardStopInclude;
type Whole = Prisma.CardStopGetPayload<{ include: typeof WHOLE }>;

function stopRow({ reason, stoppedAt, endsAt, undoneAt, homes, doors, id, credentialId, grantId, personId, tail, stoppedBy }: Whole, rooms: ReadonlyMap<number, string>): StopRow {
  return {
    id,
    credentialId,
    grantId,
    personId,
    tail,
    stoppedBy,
    reason: wordOf('CardStop.reason', REASONS, reason),
    stoppedAt: ms(stoppedAt),
    endsAt: msOrNull(endsAt),
    undoneAt: msOrNull(undoneAt),
    homes: homes.map(({ unitId, buildingId }) => ({ unitId, buildingId, room: rooms.get(unitId) ?? '' })),
    doors: doors.map(({ doorId, holds, latestAt, confirmedAt }) => ({
      doorId,
      holds: wordOf('CardStopDoor.holds', HOLDS, holds),
      latestAt: msOrNull(latestAt),
      confirmedAt: msOrNull(confirmedAt),
    })),
  };
}

const TOLD = { select: { id: true, credentialId: true, personId: true, stoppedAt: true, stoppedBy: true } } as const;

/** Where somebody would find it: in this home or building, and among the viewer's places. */
function whereOf({ unitId, buildingId, personId, within, before }: StopQuery): Prisma.CardStopWhereInput {
  const place = { ...(unitId === undefined ? {} : { unitId }), ...(buildingId === undefined ? {} : { buildingId }) };
  const mine = within === undefined ? {} : { OR: [{ buildingId: { in: [...within.buildings] } }, { unitId: { in: [...within.units] } }] };
  return { homes: { some: { ...place, ...mine } }, ...(personId === undefined ? {} : { personId }), ...(before === undefined ? {} : { id: { lt: before } }) };
}

/** Undoings first, then confirmations, oldest first. */
async function untoldOf(read: ReadDb, limit: number): Promise<readonly Untold[]> {
  const undone = await read.cardStop.findMany({
    where: { undoneAt: { not: null }, undoEntry: null },
    ...TOLD,
    select: { ...TOLD.select, undoneAt: true },
    orderBy: { id: 'asc' },
    take: limit,
  });
  const confirmed = await read.cardStopDoor.findMany({
    where: { confirmedAt: { not: null }, entryIndex: null },
    include: { stop: TOLD },
    orderBy: { stopId: 'asc' },
    take: limit,
  });
  return [
    ...undone.map(({ id, undoneAt, stoppedAt, ...row }) => ({
      ...row,
      what: 'undone' as const,
      stopId: id,
      doorId: 0,
      at: msOrNull(undoneAt) ?? 0,
      list: '',
      stoppedAt: ms(stoppedAt),
    })),
    ...confirmed.map(({ doorId, confirmedAt, list, stop: { id, stoppedAt, ...row } }) => ({
      ...row,
      what: 'confirmed' as const,
      stopId: id,
      doorId,
      list,
      at: msOrNull(confirmedAt) ?? 0,
      stoppedAt: ms(stoppedAt),
    })),
  ];
}

/** Stops of the register. */
export function cardStopsOf({ read, write }: Register): CardStops {
  async function rowsOf(found: readonly Whole[]): Promise<StopRow[]> {
    const ids = [...new Set(found.flatMap(({ homes }) => homes.map(({ unitId }) => unitId)))];
    const rooms = new Map((await read.rentalUnit.findMany({ where: { id: { in: ids } }, select: { id: true, room: true } })).map(({ id, room }) => [id, room]));
    return found.map((row) => stopRow(row, rooms));
  }
  return {
    async find(id) {
      const row = await read.cardStop.findUnique({ where: { id }, include: WHOLE });
      return row === null ? undefined : (await rowsOf([row]))[0];
    },
    list: async (query) => rowsOf(await read.cardStop.findMany({ where: whereOf(query), include: WHOLE, orderBy: { id: 'desc' }, take: query.limit })),
    async owner(credentialId, now) {
      const card = await read.credential.findUnique({ where: { id: credentialId }, select: { id: true, kind: true, personId: true, buildingId: true } });
      return card === null ? undefined : { personId: card.personId, homes: (await placesOfCard(read, card, now)).places };
    },
    async open(stopId) {
      const stop = { undoneAt: null, ...(stopId === undefined ? {} : { id: stopId }) };
      const rows = await read.cardStopDoor.findMany({ where: { confirmedAt: null, holds: { not: 'none' }, stop }, include: { stop: { select: { changeN: true } } } });
      return rows.map((row) => ({ stopId: row.stopId, doorId: row.doorId, changeN: row.stop.changeN, latestAt: msOrNull(row.latestAt), byGateway: row.holds === 'gateway' }));
    },
    confirm: (confirmations) =>
      write(async (db) => {
        const one = ({ stopId, doorId, at, list }: Confirmation) =>
          db.cardStopDoor.updateMany({ where: { stopId, doorId, confirmedAt: null, stop: { undoneAt: null } }, data: { confirmedAt: BigInt(at), list } });
        await db.$transaction(confirmations.map(one));
      }),
    prolong: (doors) =>
      write(async (db) => {
        await db.$transaction(
          doors.map(({ stopId, doorId, latestAt }) => db.cardStopDoor.updateMany({ where: { stopId, doorId }, data: { latestAt: BigInt(latestAt), holds: 'list' } })),
        );
      }),
    untold: (limit) => untoldOf(read, limit),
    told: (entries) =>
      write(async (db) => {
        const one = ({ untold: { what, stopId, doorId }, entry }: (typeof entries)[number]) =>
          what === 'undone'
            ? db.cardStop.updateMany({ where: { id: stopId }, data: { undoEntry: entry } })
            : db.cardStopDoor.updateMany({ where: { stopId, doorId }, data: { entryIndex: entry } });
        await db.$transaction(entries.map(one));
      }),
  };
}
