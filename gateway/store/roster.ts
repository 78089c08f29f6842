import { PERSON, type PersonRow, personRow } from './homes.ts';
import type { Register } from './register.ts';

/** Where residence registration stands; `due` also when no rule gives a day. `movedOut`: kept apart from those who live there. */
export const ROSTER_STATES = ['registered', 'due', 'overdue', 'movedOut'] as const;
export type RosterState = (typeof ROSTER_STATES)[number];
/** What a roster can be put in order by. Names are sealed: nothing is ordered by them. */
export const ROSTER_SORTS = ['room', 'due', 'start', 'end'] as const;
export type RosterSort = (typeof ROSTER_SORTS)[number];

/** Which part of the register a roster is of. */
export interface RosterPlaces {
  /** Undefined: everything. */
  readonly within?: { readonly buildings: readonly number[]; readonly units: readonly number[] };
  readonly building?: number;
  /** Beginning of the codes of its buildings: a community, a street. */
  readonly division?: string;
  readonly floor?: number;
  /** Epoch ms. */
  readonly now: number;
}

/** Which rows, and in what order. Without a state: all who have not moved out. */
export interface RosterWish extends RosterPlaces {
  readonly state?: RosterState;
  readonly sort?: RosterSort;
  readonly descending?: boolean;
  /** Ordering value and row number of the last row of the page before. */
  readonly after?: readonly [string | number, number];
  readonly limit: number;
}

/** Somebody in a home, as the register has him; times are epoch ms. Unsealed: for the disclosure gate alone. */
export interface RosterRow {
  readonly id: number;
  /** What the order goes by. */
  readonly key: string | number;
  readonly person: PersonRow;
  /** GB/T 2261.1 */
  readonly sex: number;
  /** yyyy-mm-dd; '' unknown. */
  readonly birth: string;
  readonly buildingId: number;
  readonly building: string;
  readonly buildingEn: string;
  readonly unitId: number;
  readonly unitCode: string;
  readonly floor: number;
  readonly room: string;
  readonly role: string;
  readonly relation: string;
  /** rent | free | business */
  readonly basis: string;
  /** Somebody saw the identity document. */
  readonly checked: boolean;
  readonly state: RosterState;
  readonly registrationState: string;
  readonly registrationDue: number | null;
  /** When he moved in, and when his tenancy began. */
  readonly fromAt: number;
  readonly startAt: number;
  readonly termEnd: number | null;
  /** When he left or will leave; null: not said. */
  readonly endAt: number | null;
  readonly keys: number;
}

/** How many people are in each state, whatever state is asked for. */
export type RosterCounts = Readonly<Record<RosterState, number>>;

/** Rosters of people in homes. */
export interface Roster {
  rows(wish: RosterWish): Promise<readonly RosterRow[]>;
  counts(places: RosterPlaces): Promise<RosterCounts>;
}

interface Condition {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

/** Stands for no end. */
const NEVER = Number.MAX_SAFE_INTEGER;
const DAY_MS = 86_400_000;

/** As core/decide.ts has it: the end that was stated, or the contract's date where a building lets no one stay on. */
const ACCESS_END = `MIN(COALESCE(o."untilAt", ${NEVER}), COALESCE(NULLIF(t."accessUntil", 0), ${NEVER}), CASE WHEN b."holdoverDays" IS NULL OR t."termEnd" IS NULL THEN ${NEVER} ELSE t."termEnd" + b."holdoverDays" * ${DAY_MS} END)`;
const LIVED = `SELECT o."id", o."personId", o."role", o."relation", o."fromAt", o."registrationState", o."registrationDue", t."kind" AS "basis", t."startAt", t."termEnd", ${ACCESS_END} AS "endAt",
    u."id" AS "unitId", u."code" AS "unitCode", u."floor", u."room", b."id" AS "buildingId", b."name" AS "building", b."nameEn" AS "buildingEn"
  FROM "Occupant" o JOIN "Tenancy" t ON t."id" = o."tenancyId" JOIN "RentalUnit" u ON u."id" = t."unitId" JOIN "Building" b ON b."id" = u."buildingId"`;
const STATE = `CASE WHEN l."endAt" <= ? THEN 'movedOut' WHEN l."registrationState" = 'accepted' THEN 'registered' WHEN l."registrationDue" <= ? THEN 'overdue' ELSE 'due' END`;
const KEYS: Readonly<Record<RosterSort, string>> = {
  room: 's."unitCode"',
  due: `CASE WHEN s."registrationState" = 'accepted' THEN ${NEVER} ELSE COALESCE(s."registrationDue", ${NEVER}) END`,
  start: 's."fromAt"',
  end: `COALESCE(s."termEnd", ${NEVER})`,
};

const list = (ids: readonly number[]): string => JSON.stringify(ids);

function placesOf({ within, building, division, floor }: RosterPlaces): Condition {
  const parts: Condition[] = [
    ...(within === undefined
      ? []
      : [
          {
            sql: '(u."buildingId" IN (SELECT "value" FROM json_each(?)) OR u."id" IN (SELECT "value" FROM json_each(?)))',
            values: [list(within.buildings), list(within.units)],
          },
        ]),
    ...(building === undefined ? [] : [{ sql: 'u."buildingId" = ?', values: [building] }]),
    ...(division === undefined ? [] : [{ sql: 'substr(b."code", 1, length(?)) = ?', values: [division, division] }]),
    ...(floor === undefined ? [] : [{ sql: 'u."floor" = ?', values: [floor] }]),
  ];
  return { sql: parts.length === 0 ? '' : ` WHERE ${parts.map(({ sql }) => sql).join(' AND ')}`, values: parts.flatMap(({ values }) => values) };
}

/** Everybody of a place with his state. */
function stated(places: RosterPlaces): Condition {
  const { sql, values } = placesOf(places);
  return { sql: `SELECT l.*, ${STATE} AS "state" FROM (${LIVED}${sql}) l`, values: [places.now, places.now, ...values] };
}

interface Found {
  readonly id: number | bigint;
  readonly key: string | number | bigint;
  readonly personId: number | bigint;
  readonly state: RosterState;
  readonly role: string;
  readonly relation: string;
  readonly basis: string;
  readonly registrationState: string;
  readonly registrationDue: number | bigint | null;
  readonly fromAt: number | bigint;
  readonly startAt: number | bigint;
  readonly termEnd: number | bigint | null;
  readonly endAt: number | bigint;
  readonly unitId: number | bigint;
  readonly unitCode: string;
  readonly floor: number | bigint;
  readonly room: string;
  readonly buildingId: number | bigint;
  readonly building: string;
  readonly buildingEn: string;
}

const numberOr = (value: number | bigint | null): number | null => (value === null ? null : Number(value));

const rowOf = (found: Found): Omit<RosterRow, 'person' | 'sex' | 'birth' | 'checked' | 'keys'> => ({
  ...{ state: found.state, role: found.role, relation: found.relation, basis: found.basis, registrationState: found.registrationState },
  ...{ room: found.room, unitCode: found.unitCode, building: found.building, buildingEn: found.buildingEn || found.building },
  ...{ id: Number(found.id), unitId: Number(found.unitId), buildingId: Number(found.buildingId), floor: Number(found.floor) },
  ...{ fromAt: Number(found.fromAt), startAt: Number(found.startAt), termEnd: numberOr(found.termEnd), registrationDue: numberOr(found.registrationDue) },
  key: typeof found.key === 'string' ? found.key : Number(found.key),
  endAt: Number(found.endAt) === NEVER ? null : Number(found.endAt),
});

/** Rosters of the register. */
export function rosterOf({ read, vault }: Register): Roster {
  async function found({ state, sort = 'room', descending = false, after, limit, ...places }: RosterWish): Promise<Found[]> {
    const { sql, values } = stated(places);
    const key = KEYS[sort];
    const [than, order] = descending ? ['<', 'DESC'] : ['>', 'ASC'];
    const asked: Condition[] = [
      state === undefined ? { sql: `s."state" <> 'movedOut'`, values: [] } : { sql: 's."state" = ?', values: [state] },
      ...(after === undefined ? [] : [{ sql: `(${key}, s."id") ${than} (?, ?)`, values: after }]),
    ];
    const where = asked.map((each) => each.sql).join(' AND ');
    const text = `SELECT s.*, ${key} AS "key" FROM (${sql}) s WHERE ${where} ORDER BY ${key} ${order}, s."id" ${order} LIMIT ?`;
    return read.$queryRawUnsafe<Found[]>(text, ...values, ...asked.flatMap((each) => each.values), limit);
  }
  return {
    async rows(wish) {
      const rows = await found(wish);
      const ids = [...new Set(rows.map(({ personId }) => Number(personId)))];
      const select = { ...PERSON, sex: true, birthSealed: true, documentCheckedBy: true, _count: { select: { credentials: { where: { status: 'active' } } } } } as const;
      const people = new Map((await read.person.findMany({ where: { id: { in: ids } }, select })).map((person) => [person.id, person]));
      return rows.flatMap((each) => {
        const person = people.get(Number(each.personId));
        if (person === undefined) return [];
        const birth = person.birthSealed === null ? '' : vault.open('person.birth', person.birthSealed);
        const about = { sex: person.sex, birth, checked: person.documentCheckedBy !== '', keys: person._count.credentials };
        return [{ ...rowOf(each), ...about, person: personRow(vault, person) }];
      });
    },
    async counts(places) {
      const { sql, values } = stated(places);
      const rows = await read.$queryRawUnsafe<{ state: RosterState; n: number | bigint }[]>(`SELECT s."state", COUNT(*) AS "n" FROM (${sql}) s GROUP BY s."state"`, ...values);
      const by = new Map(rows.map(({ state, n }) => [state, Number(n)]));
      return { registered: by.get('registered') ?? 0, due: by.get('due') ?? 0, overdue: by.get('overdue') ?? 0, movedOut: by.get('movedOut') ?? 0 };
    },
  };
}
