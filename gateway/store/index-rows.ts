import type { CredentialRow, DoorRow } from '../core/access-index.ts';
import type { OccupancyRow } from '../core/people-table.ts';
import type { CredentialStatus, PersonFacts } from '../core/facts.ts';
import { BuildingId, CredentialId, DoorId, PersonId, TenancyId, UnitId } from '../core/ids.ts';
import type { GrantRow } from '../core/grant-table.ts';
import type { WeekPlan } from '../core/schedule.ts';
import { planOf } from './plan-text.ts';
import type { Connection } from './sqlite.ts';

export interface BuildingRow {
  readonly id: BuildingId;
  /** Days a tenancy goes on after its contract date; null: until a person ends it. */
  readonly holdoverDays: number | null;
}

export interface UnitRow {
  readonly id: UnitId;
  readonly buildingId: BuildingId;
  readonly code: string;
}

/** A schedule's hours. */
export interface ScheduleRow {
  readonly id: number;
  readonly plan: WeekPlan;
}

/** All occupancies of one tenancy. */
export interface TenancyRow {
  readonly id: TenancyId;
  readonly occupancies: readonly OccupancyRow[];
}

/** One kind of row: all of them by ascending key, or those under an id. */
interface Rows<R> {
  all(): Iterable<R>;
  one(id: number): R | undefined;
}

/** How rows of a table become rows of the index. The first cells are the key, the very first the id that changes name. */
interface Table<C extends readonly unknown[], R> {
  readonly key: readonly string[];
  readonly cells: readonly string[];
  readonly from: string;
  readonly make: (cells: C) => R;
}

const MINUTE_MS = 60_000;

type OccupancyCells = readonly [tenancy: number, person: number, unit: number, building: number, from: number, until: number, term: number, due: number];

const statusOf = (word: string): CredentialStatus => (word === 'active' || word === 'revoked' ? word : 'suspended');
const orNone = <T>(make: (id: number) => T, id: number): T | 0 => (id === 0 ? 0 : make(id));
/** An end that lies at or before 1970 must not read as 0, which means "no end". */
const end = (sql: string): string => `coalesce(max(1, ${sql}), 0)`;

const BUILDING: Table<readonly [number, number | null], BuildingRow> = {
  key: ['"id"'],
  cells: ['"holdoverDays"'],
  from: '"Building"',
  make: ([id, holdoverDays]) => ({ id: BuildingId(id), holdoverDays }),
};

const UNIT: Table<readonly [number, number, string], UnitRow> = {
  key: ['"id"'],
  cells: ['"buildingId"', '"code"'],
  from: '"RentalUnit"',
  make: ([id, building, code]) => ({ id: UnitId(id), buildingId: BuildingId(building), code }),
};

/** A door says its schedule by number, which is one of its site's. */
const PIN_SCHEDULE = `coalesce((SELECT s."id" FROM "AccessSchedule" s JOIN "Building" b ON b."siteId" = s."siteId" WHERE b."id" = "Door"."buildingId" AND s."number" = "Door"."pinSchedule"), 0)`;

const DOOR: Table<readonly [number, number, number, number, number, number, number, number], DoorRow> = {
  key: ['"id"'],
  cells: ['"buildingId"', 'coalesce("unitId", 0)', '"openMs"', end('"lockdownUntil"'), '"passbackMinutes"', '"passbackHard"', PIN_SCHEDULE],
  from: '"Door"',
  make: ([id, building, unit, openMs, lockdownUntil, passback, hard, pinScheduleId]) => ({
    id: DoorId(id),
    buildingId: BuildingId(building),
    unitId: orNone(UnitId, unit),
    openMs,
    lockdownUntil,
    passbackMs: passback * MINUTE_MS,
    passbackHard: hard !== 0,
    pinScheduleId,
  }),
};

const GRANT: Table<readonly [number, number, number, number, number, number, number], GrantRow> = {
  key: ['"id"'],
  cells: ['"personId"', '"buildingId"', 'coalesce("scheduleId", 0)', '"fromAt"', end('"untilAt"'), '"duty"'],
  from: '"AccessGrant"',
  make: ([id, person, building, scheduleId, from, until, duty]) => ({
    id,
    personId: PersonId(person),
    buildingId: BuildingId(building),
    scheduleId,
    from,
    until,
    duty: duty !== 0,
  }),
};

const SCHEDULE: Table<readonly [number, string], ScheduleRow> = {
  key: ['"id"'],
  cells: ['"week"'],
  from: '"AccessSchedule"',
  make: ([id, week]) => ({ id, plan: planOf(week) }),
};

const PERSON: Table<readonly [number, number, number], PersonFacts> = {
  key: ['"id"'],
  cells: [`"documentCheckedBy" <> ''`, '"slow"'],
  from: '"Person"',
  make: ([id, registered, slow]) => ({ id: PersonId(id), registered: registered !== 0, slow: slow !== 0 }),
};

const CREDENTIAL: Table<readonly [number, string, string, number, number, number, string], CredentialRow> = {
  key: ['"id"'],
  cells: ['hex("fingerprint")', '"status"', 'coalesce("validFrom", 0)', end('"validUntil"'), 'coalesce("personId", 0)', 'lower(hex(coalesce("pinVerifier", \'\')))'],
  from: '"Credential"',
  make: ([id, fingerprint, status, validFrom, validUntil, person, verifier]) => ({
    id: CredentialId(id),
    fingerprint: Buffer.from(fingerprint, 'hex'),
    status: statusOf(status),
    validFrom,
    validUntil,
    personId: orNone(PersonId, person),
    verifier,
  }),
};

const OCCUPANCY: Table<OccupancyCells, OccupancyRow> = {
  key: ['o."tenancyId"', 'o."personId"'],
  cells: [
    't."unitId"',
    'u."buildingId"',
    'max(t."startAt", o."fromAt")',
    end('min(coalesce(o."untilAt", t."accessUntil"), coalesce(t."accessUntil", o."untilAt"))'),
    end('t."termEnd"'),
    `CASE WHEN o."registrationState" = 'accepted' THEN 0 ELSE ${end('o."registrationDue"')} END`,
  ],
  from: '"Occupant" o JOIN "Tenancy" t ON t."id" = o."tenancyId" JOIN "RentalUnit" u ON u."id" = t."unitId"',
  make: ([tenancy, person, unit, building, from, accessUntil, termEnd, registrationDue]) => ({
    tenancyId: TenancyId(tenancy),
    personId: PersonId(person),
    unitId: UnitId(unit),
    buildingId: BuildingId(building),
    from,
    accessUntil,
    termEnd,
    registrationDue,
  }),
};

const PAGE_ROWS = 1024;

/**
 * Every row of a table, a page at a time as one JSON text: handing rows over one by one costs the driver three
 * times as much as reading them (1.5 million credentials: 1.1 s against 3.2 s).
 */
function* everyRow<C extends readonly unknown[], R>(connection: Connection, { key, cells, from, make }: Table<C, R>): Generator<R> {
  const keys = key.join(', ');
  const page = `SELECT json_array(${[...key, ...cells].join(', ')}) AS cells FROM ${from} WHERE (${keys}) > (${key.map(() => '?').join(', ')}) ORDER BY ${keys} LIMIT ${PAGE_ROWS}`;
  const statement = connection.prepare<unknown[], string | null>(`SELECT '[' || group_concat(cells) || ']' FROM (${page})`).pluck();
  for (let after: readonly unknown[] = key.map(() => -1); ; ) {
    const text = statement.get(...after);
    if (text === undefined || text === null) return;
    const rows: C[] = JSON.parse(text);
    for (const row of rows) yield make(row);
    after = rows.at(-1)?.slice(0, key.length) ?? [];
  }
}

/** The rows whose first key is `id`. */
function rowsUnder<C extends readonly unknown[], R>(connection: Connection, { key, cells, from, make }: Table<C, R>): (id: number) => R[] {
  const statement = connection.prepare<[number], C>(`SELECT ${[...key, ...cells].join(', ')} FROM ${from} WHERE ${key[0]} = ?`).raw();
  return (id) => statement.all(id).map(make);
}

function rowsOf<C extends readonly unknown[], R>(connection: Connection, table: Table<C, R>): Rows<R> {
  const under = rowsUnder(connection, table);
  return { all: () => everyRow(connection, table), one: (id) => under(id)[0] };
}

function tenanciesOf(connection: Connection): Rows<TenancyRow> {
  const under = rowsUnder(connection, OCCUPANCY);
  return {
    *all() {
      let open: OccupancyRow[] = [];
      for (const row of everyRow(connection, OCCUPANCY)) {
        if (open[0] !== undefined && open[0].tenancyId !== row.tenancyId) {
          yield { id: open[0].tenancyId, occupancies: open };
          open = [];
        }
        open.push(row);
      }
      if (open[0] !== undefined) yield { id: open[0].tenancyId, occupancies: open };
    },
    one(id) {
      const occupancies = under(id);
      return occupancies.length === 0 ? undefined : { id: TenancyId(id), occupancies };
    },
  };
}

/** Readers of every kind of row the access index knows, as it wants them: numbers, 0 for none, times in epoch ms. */
export const indexRows = (connection: Connection) => ({
  building: rowsOf(connection, BUILDING),
  unit: rowsOf(connection, UNIT),
  door: rowsOf(connection, DOOR),
  person: rowsOf(connection, PERSON),
  tenancy: tenanciesOf(connection),
  credential: rowsOf(connection, CREDENTIAL),
  grant: rowsOf(connection, GRANT),
  schedule: rowsOf(connection, SCHEDULE),
});
