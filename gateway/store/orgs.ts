import { divisionPrefix } from '../core/division-code.ts';
import { below } from '../core/org-tree.ts';
import { holds, type Span } from '../core/span.ts';
import type { Area } from './generated/client.ts';
import type { Register } from './register.ts';
import { ms, msOrNull } from './values.ts';

export interface CoverRow extends Span {
  readonly id: number;
  readonly divisionCode: string | null;
  readonly buildingId: number | null;
}

/** An office. Times are epoch ms. */
export interface OrgRow {
  readonly id: number;
  readonly parentId: number | null;
  /** 1 to 4. */
  readonly depth: number;
  readonly kind: string;
  readonly name: string;
  readonly nameEn: string;
  readonly closedAt: number | null;
  readonly version: number;
  readonly covers: readonly CoverRow[];
}

export interface AreaRow {
  readonly id: number;
  readonly code: string;
  readonly orgId: number;
  readonly name: string;
  readonly nameEn: string;
  readonly closedAt: number | null;
  readonly version: number;
}

/** What a district administrator administers: his offices and what they look after. */
export interface District {
  /** The offices he is assigned to himself: these are changed by somebody above him. */
  readonly tops: ReadonlySet<number>;
  /** Those and all open ones below. */
  readonly orgs: ReadonlySet<number>;
  /** Digits with which the codes of everything in it begin. */
  readonly prefixes: readonly string[];
  /** Single buildings beside that. */
  readonly buildings: ReadonlySet<number>;
}

/** Offices, areas and what they look after. */
export interface Orgs {
  /** All, closed ones too, by row number. */
  tree(): Promise<readonly OrgRow[]>;
  find(id: number): Promise<OrgRow | undefined>;
  areas(): Promise<readonly AreaRow[]>;
  area(id: number): Promise<AreaRow | undefined>;
  /** Undefined: the code is taken. */
  addArea(area: Omit<AreaRow, 'id' | 'closedAt' | 'version'>): Promise<number | undefined>;
  /** False: it is at another version by now, or closed. */
  changeArea(id: number, version: number, edit: Partial<Pick<AreaRow, 'name' | 'nameEn'>>): Promise<boolean>;
  /** The district of an account at `now` (epoch ms), from its assignments to offices. */
  district(accountId: number, now: number): Promise<District>;
}

const areaRow = ({ closedAt, ...area }: Area): AreaRow => ({ ...area, closedAt: msOrNull(closedAt) });

/** Offices of the register. */
export function orgsOf({ read, write }: Register): Orgs {
  const orgs = async (where: { id?: number } = {}): Promise<OrgRow[]> => {
    const rows = await read.orgUnit.findMany({ where, include: { covers: { orderBy: { id: 'asc' } } }, orderBy: { id: 'asc' } });
    return rows.map(({ closedAt, covers, ...org }) => ({
      ...org,
      closedAt: msOrNull(closedAt),
      covers: covers.map(({ id, divisionCode, buildingId, fromAt, untilAt }) => ({ id, divisionCode, buildingId, fromAt: ms(fromAt), untilAt: msOrNull(untilAt) })),
    }));
  };
  return {
    tree: () => orgs(),
    find: async (id) => (await orgs({ id }))[0],
    areas: async () => (await read.area.findMany({ orderBy: { code: 'asc' } })).map(areaRow),
    async area(id) {
      const found = await read.area.findUnique({ where: { id } });
      return found === null ? undefined : areaRow(found);
    },
    addArea: (area) => write(async (db) => ((await db.area.count({ where: { code: area.code } })) > 0 ? undefined : (await db.area.create({ data: area })).id)),
    changeArea: async (id, version, edit) =>
      (await write((db) => db.area.updateMany({ where: { id, version, closedAt: null }, data: { ...edit, version: { increment: 1 } } }))).count === 1,
    async district(accountId, now) {
      const assignments = await read.assignment.findMany({ where: { accountId, place: 'org' } });
      const open = (await orgs()).filter(({ closedAt }) => closedAt === null);
      const openIds = new Set(open.map(({ id }) => id));
      const inForce = assignments.filter(({ fromAt, untilAt }) => holds({ fromAt: ms(fromAt), untilAt: msOrNull(untilAt) }, now));
      const tops = new Set(inForce.map(({ placeId }) => placeId).filter((id) => openIds.has(id)));
      const mine = below(open, tops);
      const covers = open.filter(({ id }) => mine.has(id)).flatMap((org) => org.covers.filter((cover) => holds(cover, now)));
      return {
        tops,
        orgs: mine,
        prefixes: covers.flatMap(({ divisionCode }) => (divisionCode === null ? [] : [divisionPrefix(divisionCode)])),
        buildings: new Set(covers.flatMap(({ buildingId }) => (buildingId === null ? [] : [buildingId]))),
      };
    },
  };
}
