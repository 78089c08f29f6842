import type { Register } from './register.ts';
import { wordOf } from './values.ts';

const DOOR_KINDS = ['street', 'roof', 'gate', 'unit'] as const;

export interface BuildingRow {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  readonly nameEn: string;
  readonly address: string;
  readonly mode: string;
  /** Days a tenancy goes on after its contract date; null: until a person ends it. */
  readonly holdoverDays: number | null;
  /** How many it has. */
  readonly units: number;
  readonly doors: number;
}

export interface DoorRow {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  readonly nameEn: string;
  readonly kind: (typeof DOOR_KINDS)[number];
  readonly buildingId: number;
  readonly unitId: number | null;
  readonly openMs: number;
  /** A controller is fitted. */
  readonly fitted: boolean;
}

/** Buildings and doors. */
export interface Places {
  buildings(): Promise<readonly BuildingRow[]>;
  building(id: number): Promise<BuildingRow | undefined>;
  buildingByCode(code: string): Promise<BuildingRow | undefined>;
  /** All doors, or those of one building, by code. */
  doors(buildingId?: number): Promise<readonly DoorRow[]>;
}

const BUILDING = {
  id: true,
  code: true,
  name: true,
  nameEn: true,
  address: true,
  mode: true,
  holdoverDays: true,
  _count: { select: { units: true, doors: true } },
} as const;
const DOOR = { id: true, code: true, name: true, nameEn: true, kind: true, buildingId: true, unitId: true, openMs: true, controllerId: true } as const;

type BuildingRecord = Omit<BuildingRow, 'units' | 'doors'> & { readonly _count: { readonly units: number; readonly doors: number } };
const buildingRow = ({ _count, ...building }: BuildingRecord): BuildingRow => ({ ...building, ..._count });

/** Buildings and doors of the register. */
export function placesOf({ read }: Register): Places {
  async function buildingWhere(where: { id: number } | { code: string }): Promise<BuildingRow | undefined> {
    const row = await read.building.findUnique({ where, select: BUILDING });
    return row === null ? undefined : buildingRow(row);
  }
  return {
    buildings: async () => (await read.building.findMany({ select: BUILDING, orderBy: { code: 'asc' } })).map(buildingRow),
    building: (id) => buildingWhere({ id }),
    buildingByCode: (code) => buildingWhere({ code }),
    async doors(buildingId) {
      const rows = await read.door.findMany({ select: DOOR, orderBy: { code: 'asc' }, where: buildingId === undefined ? {} : { buildingId } });
      return rows.map(({ controllerId, kind, ...door }) => ({ ...door, kind: wordOf('Door.kind', DOOR_KINDS, kind), fitted: controllerId !== null }));
    },
  };
}
