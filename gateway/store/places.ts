import type { Register } from './register.ts';
import { msOrNull, wordOf } from './values.ts';

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
  /** End of its lockdown, epoch ms; null, or past: it is in none. */
  readonly lockdownUntil: number | null;
  /** A controller is fitted. */
  readonly fitted: boolean;
  /** When its test is due again, epoch ms; null: it has no signed commissioning sheet. */
  readonly retestDue: number | null;
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
const DOOR = { id: true, code: true, name: true, nameEn: true, kind: true, buildingId: true, unitId: true, openMs: true, lockdownUntil: true, controllerId: true } as const;

type BuildingRecord = Omit<BuildingRow, 'units' | 'doors'> & { readonly _count: { readonly units: number; readonly doors: number } };
const buildingRow = ({ _count, ...building }: BuildingRecord): BuildingRow => ({ ...building, ..._count });

/** Buildings and doors of the register. */
export function placesOf({ read }: Register): Places {
  async function buildingWhere(where: { id: number } | { code: string }): Promise<BuildingRow | undefined> {
    const row = await read.building.findUnique({ where, select: BUILDING });
    return row === null ? undefined : buildingRow(row);
  }
  /** By door, of its newest signed sheet. */
  async function retests(doors: readonly number[] | undefined): Promise<ReadonlyMap<number, number | null>> {
    const where = { state: 'signed', ...(doors === undefined ? {} : { doorId: { in: [...doors] } }) };
    const rows = await read.commissioningSheet.findMany({ where, select: { doorId: true, retestDue: true }, orderBy: { version: 'asc' } });
    return new Map(rows.map(({ doorId, retestDue }) => [doorId, msOrNull(retestDue)]));
  }
  return {
    buildings: async () => (await read.building.findMany({ select: BUILDING, orderBy: { code: 'asc' } })).map(buildingRow),
    building: (id) => buildingWhere({ id }),
    buildingByCode: (code) => buildingWhere({ code }),
    async doors(buildingId) {
      const rows = await read.door.findMany({ select: DOOR, orderBy: { code: 'asc' }, where: buildingId === undefined ? {} : { buildingId } });
      const due = await retests(buildingId === undefined ? undefined : rows.map(({ id }) => id));
      return rows.map(({ controllerId, kind, lockdownUntil, ...door }) => ({
        ...door,
        kind: wordOf('Door.kind', DOOR_KINDS, kind),
        lockdownUntil: msOrNull(lockdownUntil),
        fitted: controllerId !== null,
        retestDue: due.get(door.id) ?? null,
      }));
    },
  };
}
