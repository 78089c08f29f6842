import { holds, type Span } from '../core/span.ts';
import type { Register } from './register.ts';
import { ms, msOrNull } from './values.ts';

export interface GridVersionRow extends Span {
  readonly n: number;
  readonly buildingIds: readonly number[];
}

/** A grid with its versions, newest first. Times are epoch ms. */
export interface GridRow {
  readonly id: number;
  readonly code: string;
  readonly communityCode: string;
  readonly areaId: number | null;
  readonly name: string;
  readonly nameEn: string;
  readonly closedAt: number | null;
  readonly version: number;
  readonly versions: readonly GridVersionRow[];
}

export type GridEdit = Partial<Pick<GridRow, 'name' | 'nameEn' | 'areaId'>>;

/** A building as the offices see it. */
export interface ManagedRow {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  readonly nameEn: string;
  readonly mode: string;
  readonly version: number;
}

/** Grids and the buildings they are cut from. */
export interface Grids {
  /** All, closed ones too, by code. */
  list(): Promise<readonly GridRow[]>;
  find(id: number): Promise<GridRow | undefined>;
  /** False: it is at another version by now, or closed. */
  change(id: number, version: number, edit: GridEdit): Promise<boolean>;
  /** The grid a building lies in at `now`, epoch ms: building → grid. */
  ofBuildings(now: number): Promise<ReadonlyMap<number, number>>;
  /** By code. */
  buildings(): Promise<readonly ManagedRow[]>;
  building(id: number): Promise<ManagedRow | undefined>;
  /** False: the building is at another version by now. */
  setMode(buildingId: number, version: number, mode: string): Promise<boolean>;
}

const VERSIONS = { versions: { include: { buildings: true }, orderBy: { n: 'desc' } } } as const;
const MANAGED = { id: true, code: true, name: true, nameEn: true, mode: true, version: true } as const;

/** Grids of the register. */
export function gridsOf({ read, write }: Register): Grids {
  const grids = async (where: { id?: number } = {}): Promise<GridRow[]> => {
    const rows = await read.grid.findMany({ where, include: VERSIONS, orderBy: { code: 'asc' } });
    return rows.map(({ closedAt, versions, ...grid }) => ({
      ...grid,
      closedAt: msOrNull(closedAt),
      versions: versions.map(({ n, fromAt, untilAt, buildings }) => ({
        n,
        fromAt: ms(fromAt),
        untilAt: msOrNull(untilAt),
        buildingIds: buildings.map(({ buildingId }) => buildingId),
      })),
    }));
  };
  return {
    list: () => grids(),
    find: async (id) => (await grids({ id }))[0],
    change: async (id, version, edit) =>
      (await write((db) => db.grid.updateMany({ where: { id, version, closedAt: null }, data: { ...edit, version: { increment: 1 } } }))).count === 1,
    async ofBuildings(now) {
      const open = (await grids()).filter(({ closedAt }) => closedAt === null);
      const pairs = open.flatMap(({ id, versions }) =>
        versions.filter((version) => holds(version, now)).flatMap(({ buildingIds }) => buildingIds.map((building) => [building, id] as const)),
      );
      return new Map(pairs);
    },
    buildings: () => read.building.findMany({ select: MANAGED, orderBy: { code: 'asc' } }),
    building: async (id) => (await read.building.findUnique({ where: { id }, select: MANAGED })) ?? undefined,
    setMode: async (id, version, mode) => (await write((db) => db.building.updateMany({ where: { id, version }, data: { mode, version: { increment: 1 } } }))).count === 1,
  };
}
