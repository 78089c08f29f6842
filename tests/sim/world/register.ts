import type { CredentialRow, DoorRow } from '../../../gateway/core/access-index.ts';
import { accessEnd } from '../../../gateway/core/decide.ts';
import type { PersonFacts } from '../../../gateway/core/facts.ts';
import type { ControllerId } from '../../../gateway/core/ids.ts';
import type { OccupancyRow } from '../../../gateway/core/people-table.ts';
import type { Change, Changes, IndexSource } from '../../../gateway/store/index-source.ts';
import type { LineInputPoint, SerialDoor } from '../../../gateway/doors/serial/registry.ts';
import type { ControllerRow, ListRow } from '../../../gateway/store/door-lists.ts';
import type { BuildingRow, TenancyRow } from '../../../gateway/store/index-rows.ts';
import type { LineDeviceRow, LineRow } from '../../../gateway/store/serial-lines.ts';

/** A card as the register has it: what the index is given, and what a reader reads. */
export interface Card extends CredentialRow {
  readonly hex: string;
}

/** A device on a line, with what only the desk reads. */
export interface LineDevice extends LineDeviceRow {
  readonly nextIdentity: string;
  readonly keyExposed: boolean;
}

/** A serial line as one row, with its devices and the wiring of its doors. */
export interface LineOfRegister extends Pick<LineRow, 'id' | 'controllerId' | 'port' | 'baud' | 'floorMs' | 'adapterMs'> {
  readonly devices: readonly LineDevice[];
  readonly wiring: readonly (Pick<SerialDoor, 'doorId' | 'reader' | 'relay' | 'contact' | 'exit'> & { readonly number: number })[];
  readonly fire: LineInputPoint | undefined;
}

/** The kinds of rows, each with what one of them is. */
export interface Kinds {
  readonly building: BuildingRow;
  readonly door: DoorRow & { readonly controllerId: ControllerId; readonly number: number };
  readonly controller: Omit<ControllerRow, 'doors'>;
  readonly person: PersonFacts;
  readonly tenancy: TenancyRow;
  readonly credential: Card;
  readonly line: LineOfRegister;
}
type Kind = keyof Kinds;

/** The register as of one change number. */
export interface View {
  readonly n: number;
  one<K extends Kind>(kind: K, id: number): Kinds[K] | undefined;
  all<K extends Kind>(kind: K): Kinds[K][];
  /** The newest card with this number on it. */
  card(hex: string): Card | undefined;
  /** Where a person lives, or lived. */
  staysOf(personId: number): readonly OccupancyRow[];
}

/** Rows with all their past, so that it can be asked what anybody could have known. */
export interface Register {
  /** Number of the newest change. */
  readonly n: number;
  /** One act of a desk, in one transaction. */
  write(act: (put: <K extends Kind>(kind: K, row: Kinds[K]) => void) => void): void;
  /** Time alone changed a list: as markTime at each start of the gateway. */
  markTime(): void;
  /** Does anything begin after one time and up to another? Epoch ms. */
  begunBetween(after: number, upTo: number): boolean;
  at(n: number): View;
  now(): View;
  /** When a change was made, ms of the world. */
  madeAt(n: number): number;
  /** What the door side reads. `looked` hears of each look at the newest number. */
  source(looked: () => void): IndexSource;
  /** What a controller may decide on by itself, as of the newest change. */
  listRows(controllerId: ControllerId, now: number): ListRow[];
}

interface Version<K extends Kind> {
  readonly n: number;
  readonly row: Kinds[K];
}
type Tables = { readonly [K in Kind]: Map<number, Version<K>[]> };

/** Width byte and value: what the register keeps sealed of a card. */
export const cardValue = (hex: string): Uint8Array => Buffer.concat([Buffer.of(hex.length * 4), Buffer.from(hex, 'hex')]);

function versionAt<K extends Kind>(versions: readonly Version<K>[], n: number): Kinds[K] | undefined {
  for (let at = versions.length - 1; at >= 0; at -= 1) {
    const version = versions[at];
    if (version !== undefined && version.n <= n) return version.row;
  }
  return undefined;
}

function viewOf(tables: Tables, n: number): View {
  const kept = new Map<Kind, unknown>();
  let cards: Map<string, Card> | undefined;
  let stays: Map<number, OccupancyRow[]> | undefined;
  function all<K extends Kind>(kind: K): Kinds[K][] {
    const known = kept.get(kind);
    if (known !== undefined) return known as Kinds[K][];
    const rows: Kinds[K][] = [];
    for (const versions of tables[kind].values()) {
      const row = versionAt(versions, n);
      if (row !== undefined) rows.push(row);
    }
    kept.set(kind, rows);
    return rows;
  }
  return {
    n,
    all,
    one: (kind, id) => versionAt(tables[kind].get(id) ?? [], n),
    staysOf(personId) {
      if (stays === undefined) {
        stays = new Map();
        for (const stay of all('tenancy').flatMap(({ occupancies }) => occupancies)) stays.set(stay.personId, [...(stays.get(stay.personId) ?? []), stay]);
      }
      return stays.get(personId) ?? [];
    },
    card(hex) {
      cards ??= new Map(all('credential').map((row) => [row.hex, row]));
      return cards.get(hex);
    },
  };
}

/** As door-lists.ts asks the database: each active card of a registered person, its doors here, and when each ends. */
function listOf(view: View, controllerId: ControllerId, now: number): ListRow[] {
  const doors = view.all('door').filter((door) => door.controllerId === controllerId);
  const rows: ListRow[] = [];
  for (const card of view.all('credential')) {
    const person = card.personId === 0 ? undefined : view.one('person', card.personId);
    if (card.status !== 'active' || person?.registered !== true || card.validFrom > now) continue;
    const byEnd = new Map<number, number>();
    for (const door of doors) {
      const days = view.one('building', door.buildingId)?.holdoverDays ?? null;
      const ends = view
        .staysOf(person.id)
        .filter((stay) => stay.buildingId === door.buildingId && (door.unitId === 0 || door.unitId === stay.unitId) && stay.from <= now)
        .map((stay) => accessEnd(stay, days))
        .filter((end) => end > now);
      if (ends.length === 0) continue;
      const end = Math.min(Math.max(...ends), card.validUntil === 0 ? Number.POSITIVE_INFINITY : card.validUntil);
      if (end > now) byEnd.set(end, (byEnd.get(end) ?? 0) | (1 << (door.number - 1)));
    }
    for (const [end, bits] of byEnd)
      rows.push({ credentialId: card.id, valueSealed: cardValue(card.hex), doors: bits, until: Number.isFinite(end) ? end : 0, schedule: 0, flags: 0 });
  }
  return rows;
}

/** An empty register. `clock`: ms of the world. */
export function createRegister(clock: () => number): Register {
  const tables: Tables = { building: new Map(), door: new Map(), controller: new Map(), person: new Map(), tenancy: new Map(), credential: new Map(), line: new Map() };
  const changes: { readonly entity: Exclude<Kind, 'line'>; readonly id: number; readonly at: number }[] = [];
  const views = new Map<number, View>();
  /** A change number's rows never change, so that what was asked of them once is kept. */
  function at(n: number): View {
    const known = views.get(n) ?? viewOf(tables, n);
    views.set(n, known);
    return known;
  }
  const now = (): View => at(changes.length);

  function put<K extends Kind>(kind: K, row: Kinds[K]): void {
    // As the triggers have it: a change of a line is one of its controller.
    if (kind !== 'line') changes.push({ entity: kind as Exclude<Kind, 'line'>, id: row.id, at: clock() });
    else changes.push({ entity: 'controller', id: (row as Kinds['line']).controllerId, at: clock() });
    const versions = tables[kind].get(row.id) ?? [];
    versions.push({ n: changes.length, row });
    tables[kind].set(row.id, versions);
  }

  function controllers(): ControllerRow[] {
    const view = now();
    const doors = view.all('door');
    return view.all('controller').map((row) => ({
      ...row,
      doors: doors.filter(({ controllerId }) => controllerId === row.id).map(({ number, id, openMs, lockdownUntil }) => ({ number, doorId: id, openMs, lockdownUntil })),
    }));
  }

  function lines(all: readonly ControllerRow[]): LineRow[] {
    return now()
      .all('line')
      .map(({ wiring, ...line }) => {
        const { deviceId: name = '', doors = [] } = all.find(({ id }) => id === line.controllerId) ?? {};
        const wired = wiring.flatMap((cells) => doors.flatMap((door) => (door.doorId === cells.doorId ? [{ ...door, ...cells }] : [])));
        return { ...line, name, retired: false, schedules: [], doors: wired };
      });
  }

  function changed(view: View, entity: Exclude<Kind, 'line'>, id: number): Change {
    switch (entity) {
      case 'controller':
        return { entity, id };
      case 'building':
        return { entity, id, row: view.one(entity, id) };
      case 'door':
        return { entity, id, row: view.one(entity, id) };
      case 'person':
        return { entity, id, row: view.one(entity, id) };
      case 'tenancy':
        return { entity, id, row: view.one(entity, id) };
      case 'credential':
        return { entity, id, row: view.one(entity, id) };
    }
  }

  function changesSince(n: number, limit: number): Changes {
    const found = changes.slice(n, n + limit);
    const view = now();
    const distinct = new Map(found.map(({ entity, id }) => [`${entity} ${id}`, { entity, id }]));
    const upTo = n + found.length;
    return { n: upTo, changes: [...distinct.values()].map(({ entity, id }) => changed(view, entity, id)), more: changes.length > upTo, gap: false };
  }

  const register: Register = {
    get n() {
      return changes.length;
    },
    write(act) {
      const rows: (() => void)[] = [];
      // Rows are read while the act is worked out, and change together at its end.
      act((kind, row) => void rows.push(() => put(kind, row)));
      for (const add of rows) add();
    },
    markTime: () => void changes.push({ entity: 'tenancy', id: 0, at: clock() }),
    begunBetween(after, upTo) {
      const within = (at: number): boolean => at > after && at <= upTo;
      const view = now();
      return view.all('tenancy').some(({ occupancies }) => occupancies.some(({ from }) => within(from))) || view.all('credential').some(({ validFrom }) => within(validFrom));
    },
    at,
    now,
    madeAt: (n) => changes[n - 1]?.at ?? 0,
    listRows: (controllerId, at) => listOf(now(), controllerId, at),
    source: (looked) => ({
      load(into) {
        const view = now();
        for (const { id, holdoverDays } of view.all('building')) into.putBuilding(id, holdoverDays);
        for (const door of view.all('door')) into.putDoor(door);
        for (const person of view.all('person')) into.putPerson(person);
        for (const { id, occupancies } of view.all('tenancy')) into.putTenancy(id, occupancies);
        for (const card of view.all('credential')) into.putCredential(card);
        return changes.length;
      },
      changesSince,
      lastN() {
        looked();
        return changes.length;
      },
      fitted() {
        const all = controllers();
        return { controllers: all, lines: lines(all) };
      },
      listRows: register.listRows,
      close: () => undefined,
    }),
  };
  return register;
}
