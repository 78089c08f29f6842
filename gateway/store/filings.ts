import { FILING_STATES, type FilingState } from '../core/filing.ts';
import type { Prisma, UnitFiling } from './generated/client.ts';
import type { Register } from './register.ts';
import { msOrNull, wordOf } from './values.ts';
import type { Vault } from './vault.ts';

/** The filing of a home as the register has it; times are epoch ms. */
export interface FilingRow {
  readonly state: FilingState;
  readonly titleKind: string;
  /** '' when none was given. */
  readonly titleNumber: string;
  /** Square metres in tenths; 0: not said. */
  readonly area: number;
  readonly checked: readonly string[];
  readonly checkedAt: number | null;
  /** What the station asked for or ordered; '' nothing. */
  readonly reason: string;
  readonly supplemented: boolean;
  readonly dueAt: number | null;
  readonly filledBy: number | null;
  readonly claimed: boolean;
  /** 0: there is none yet. */
  readonly version: number;
}

/** A home with its filing. */
export interface FiledHome {
  readonly unitId: number;
  readonly buildingId: number;
  readonly room: string;
  readonly use: string;
  readonly building: { readonly name: string; readonly nameEn: string };
  readonly filing: FilingRow;
}

const NEVER: FilingRow = {
  ...{ state: 'draft', titleKind: '', titleNumber: '', area: 0, checked: [], checkedAt: null, reason: '' },
  ...{ supplemented: false, dueAt: null, filledBy: null, claimed: false, version: 0 },
};

/** A filing's row, unsealed; of a home that has none the empty draft. */
export function filingRow(vault: Vault, row: UnitFiling | null): FilingRow {
  if (row === null) return NEVER;
  const { titleKind, titleSealed, area, checked, checkedAt, reasonSealed, supplemented, dueAt, filledBy, claimedBy, version } = row;
  return {
    ...{ titleKind, area, supplemented, filledBy, version },
    state: wordOf('UnitFiling.state', FILING_STATES, row.state),
    titleNumber: titleSealed === null ? '' : vault.open('filing.title', titleSealed),
    checked: checked.split(' ').filter((item) => item !== ''),
    checkedAt: msOrNull(checkedAt),
    reason: reasonSealed === null ? '' : vault.open('filing.reason', reasonSealed),
    dueAt: msOrNull(dueAt),
    claimed: claimedBy !== null,
  };
}

const HOME = { id: true, buildingId: true, room: true, use: true, building: { select: { name: true, nameEn: true } }, filing: true } as const;
type HomeRecord = Prisma.RentalUnitGetPayload<{ select: typeof HOME }>;

/** Where somebody looks: everything, or these buildings and single homes. */
export interface FilingPlaces {
  readonly all: boolean;
  readonly buildings: readonly number[];
  readonly units: readonly number[];
}

/** Filings of homes. */
export interface Filings {
  of(unitId: number): Promise<FiledHome | undefined>;
  /** What the station is to decide: sent in, or claimed twice; the first due first. */
  waiting(places: FilingPlaces, limit: number): Promise<FiledHome[]>;
  /** Homes people live in under a tenancy, or may, that are not filed. */
  unfiled(places: FilingPlaces, limit: number): Promise<FiledHome[]>;
}

const within = ({ all, buildings, units }: FilingPlaces): Prisma.RentalUnitWhereInput => (all ? {} : { OR: [{ buildingId: { in: [...buildings] } }, { id: { in: [...units] } }] });

/** Filings of the register. */
export function filingsOf({ read, vault }: Register): Filings {
  const home = ({ id, filing, ...unit }: HomeRecord): FiledHome => ({ unitId: id, ...unit, filing: filingRow(vault, filing) });
  return {
    async of(unitId) {
      const row = await read.rentalUnit.findUnique({ where: { id: unitId }, select: HOME });
      return row === null ? undefined : home(row);
    },
    async waiting(places, limit) {
      const filing = { is: { OR: [{ state: { in: ['submitted', 'inspecting'] } }, { claimedBy: { not: null } }] } };
      const rows = await read.rentalUnit.findMany({
        where: { AND: [within(places), { filing }] },
        select: HOME,
        orderBy: [{ filing: { dueAt: 'asc' } }, { id: 'asc' }],
        take: limit,
      });
      return rows.map(home);
    },
    async unfiled(places, limit) {
      const open = { use: { in: ['let', 'lent'] }, OR: [{ filing: null }, { filing: { is: { state: { not: 'filed' } } } }] };
      const rows = await read.rentalUnit.findMany({ where: { AND: [within(places), open] }, select: HOME, orderBy: [{ buildingId: 'asc' }, { room: 'asc' }], take: limit });
      return rows.map(home);
    },
  };
}
