import type { AccessIndex, CredentialRow, DoorRow } from '../core/access-index.ts';
import type { PersonFacts } from '../core/facts.ts';
import type { GrantRow } from '../core/grant-table.ts';
import { type ControllerId, CredentialId, DoorId, PersonId, TenancyId } from '../core/ids.ts';
import { type ControllerRow, controllersOf, listReader, type ListRow } from './door-lists.ts';
import { type BuildingRow, indexRows, type ScheduleRow, type TenancyRow, type UnitRow } from './index-rows.ts';
import { type LineRow, linesOf } from './serial-lines.ts';
import { openReadOnly, StoreError } from './sqlite.ts';

/** What of the access index is filled from here. */
export type IndexTarget = Pick<
  AccessIndex,
  'putBuilding' | 'putDoor' | 'removeDoor' | 'putPerson' | 'removePerson' | 'putTenancy' | 'putCredential' | 'removeCredential' | 'putGrant' | 'removeGrant' | 'putSchedule'
>;

/** A row that changed, as it is now; without `row` it is gone. A controller has no row here: see `fitted`. */
export type Change =
  | { readonly entity: 'building'; readonly id: number; readonly row: BuildingRow | undefined }
  | { readonly entity: 'unit'; readonly id: number; readonly row: UnitRow | undefined }
  | { readonly entity: 'door'; readonly id: number; readonly row: DoorRow | undefined }
  | { readonly entity: 'person'; readonly id: number; readonly row: PersonFacts | undefined }
  | { readonly entity: 'tenancy'; readonly id: number; readonly row: TenancyRow | undefined }
  | { readonly entity: 'credential'; readonly id: number; readonly row: CredentialRow | undefined }
  | { readonly entity: 'grant'; readonly id: number; readonly row: GrantRow | undefined }
  | { readonly entity: 'schedule'; readonly id: number; readonly row: ScheduleRow | undefined }
  | { readonly entity: 'controller'; readonly id: number };

export interface Changes {
  /** Number of the newest change these cover: ask from here next time. */
  readonly n: number;
  /** Each row once, also when it changed often. */
  readonly changes: readonly Change[];
  /** More are waiting beyond `limit`. */
  readonly more: boolean;
  /** Changes after the number asked for were cleared before they were read: load everything anew. */
  readonly gap: boolean;
}

/** The register as the door side reads it. Every call blocks its thread; `load` for seconds on a city-size register. */
export interface IndexSource {
  /** Puts every row into the index, as of one moment; returns the number of the last change that is in it. */
  load(into: IndexTarget): number;
  /** Rows changed after change number `n`, at most `limit` changes, as of one moment. */
  changesSince(n: number, limit: number): Changes;
  /** Number of the newest change; 0 before the first. */
  lastN(): number;
  /** Controllers and serial lines, as of one moment. */
  fitted(): { readonly controllers: readonly ControllerRow[]; readonly lines: readonly LineRow[] };
  /** What a controller may decide on by itself at `now` (epoch ms). */
  listRows(controllerId: ControllerId, now: number): ListRow[];
  close(): void;
}

const LAST = `SELECT "seq" FROM "sqlite_sequence" WHERE "name" = 'Change'`;
const FIRST = 'SELECT "n" FROM "Change" ORDER BY "n" LIMIT 1';
const SINCE = 'SELECT "n", "entity", "rowId" FROM "Change" WHERE "n" > ? ORDER BY "n" LIMIT ?';
const CONTROLLER = 'controller';

type Readers = ReturnType<typeof indexRows>;

function current(rows: Readers, entity: string, id: number): Change {
  switch (entity) {
    case 'building':
      return { entity, id, row: rows.building.one(id) };
    case 'unit':
      return { entity, id, row: rows.unit.one(id) };
    case 'door':
      return { entity, id, row: rows.door.one(id) };
    case 'person':
      return { entity, id, row: rows.person.one(id) };
    case 'tenancy':
      return { entity, id, row: rows.tenancy.one(id) };
    case 'credential':
      return { entity, id, row: rows.credential.one(id) };
    case 'grant':
      return { entity, id, row: rows.grant.one(id) };
    case 'schedule':
      return { entity, id, row: rows.schedule.one(id) };
    case CONTROLLER:
      return { entity, id };
    default:
      throw new StoreError(`The register names a change of "${entity}", which this version does not know. Install the version the register was last used with.`);
  }
}

function loadInto(rows: Readers, into: IndexTarget): void {
  for (const { id, holdoverDays } of rows.building.all()) into.putBuilding(id, holdoverDays);
  for (const door of rows.door.all()) into.putDoor(door);
  for (const person of rows.person.all()) into.putPerson(person);
  for (const { id, occupancies } of rows.tenancy.all()) into.putTenancy(id, occupancies);
  for (const credential of rows.credential.all()) into.putCredential(credential);
  for (const { id, plan } of rows.schedule.all()) into.putSchedule(id, plan);
  for (const grant of rows.grant.all()) into.putGrant(grant);
}

/** Brings one changed row into the index. A building that is gone stays: its doors are gone with it. */
export function applyChange(into: IndexTarget, change: Change): void {
  const { entity, id } = change;
  if (entity === 'tenancy') into.putTenancy(TenancyId(id), change.row?.occupancies ?? []);
  else if (entity === 'building') change.row && into.putBuilding(change.row.id, change.row.holdoverDays);
  else if (entity === 'door') change.row ? into.putDoor(change.row) : into.removeDoor(DoorId(id));
  else if (entity === 'person') change.row ? into.putPerson(change.row) : into.removePerson(PersonId(id));
  else if (entity === 'grant') change.row ? into.putGrant(change.row) : into.removeGrant(id);
  else if (entity === 'schedule') into.putSchedule(id, change.row?.plan);
  else if (entity === 'credential') change.row ? into.putCredential(change.row) : into.removeCredential(CredentialId(id));
}

/** Opens the register for the door side: read-only, its own connection, no Prisma. Throws StoreError. */
export function openIndexSource(file: string): IndexSource {
  const connection = openReadOnly(file);
  const rows = indexRows(connection);
  const last = connection.prepare<[], number>(LAST).pluck();
  const first = connection.prepare<[], number>(FIRST).pluck();
  const since = connection.prepare<[number, number], { n: number; entity: string; rowId: number }>(SINCE);
  const lastN = (): number => last.get() ?? 0;
  /** Everything `read` looks at is of one moment: in WAL mode a transaction keeps its snapshot. */
  const atOneMoment = <T>(read: () => T): T => connection.transaction(read)();

  function changesSince(n: number, limit: number): Changes {
    const found = since.all(n, limit);
    const upTo = found.at(-1)?.n ?? n;
    const distinct = new Map(found.map(({ entity, rowId }) => [`${entity} ${rowId}`, { entity, rowId }]));
    const changes = [...distinct.values()].map(({ entity, rowId }) => current(rows, entity, rowId));
    const newest = lastN();
    // Nothing left after n although numbers went on, or the oldest that is left is not the next one.
    const gap = newest < n || (newest > n && (first.get() ?? newest + 1) > n + 1);
    return { n: upTo, changes, more: newest > upTo, gap };
  }

  return {
    load: (into) =>
      atOneMoment(() => {
        loadInto(rows, into);
        return lastN();
      }),
    changesSince: (n, limit) => atOneMoment(() => changesSince(n, limit)),
    lastN,
    fitted: () =>
      atOneMoment(() => {
        const controllers = controllersOf(connection);
        return { controllers, lines: linesOf(connection, controllers) };
      }),
    listRows: listReader(connection),
    close: () => void connection.close(),
  };
}
