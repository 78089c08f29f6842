import { readDivisionCode } from '../../core/division-code.ts';
import type { PostRow } from '../../store/assignments.ts';
import type { DivisionRow } from '../../store/divisions.ts';
import type { GridRow } from '../../store/grids.ts';
import type { OrgRow } from '../../store/orgs.ts';
import type { DivisionView, GridView, OrgView, PostView } from '../schemas/offices.ts';
import type { Site } from '../site.ts';

type Words = { readonly zh: string; readonly en: string };
const words = (place: { readonly name: string; readonly nameEn: string } | undefined, else_: string): Words => ({
  zh: place?.name ?? else_,
  en: place?.nameEn || place?.name || else_,
});

/** A division with what is unusual about its code. */
export const divisionView = (row: DivisionRow): DivisionView => ({ ...row, warnings: [...(readDivisionCode(row.code)?.warnings ?? [])] });

/** Somebody on a post, by the name colleagues know him by. */
export const postView = ({ id, accountId, displayName, role, fromAt, untilAt }: PostRow): PostView => ({ assignmentId: id, accountId, displayName, role, fromAt, untilAt });

/** Offices with what each looks after by name, and how many people work there now. */
export async function orgViews({ offices, deps }: Pick<Site, 'offices' | 'deps'>, rows: readonly OrgRow[]): Promise<OrgView[]> {
  const [divisions, buildings, posts] = await Promise.all([offices.divisions.list(), offices.grids.buildings(), offices.assignments.posts('org', deps.clock())]);
  const [byCode, byId] = [new Map(divisions.map((row) => [row.code, row])), new Map(buildings.map((row) => [row.id, row]))];
  return rows.map(({ covers, ...org }) => ({
    ...org,
    covers: covers.map((cover) => ({
      ...cover,
      name: cover.divisionCode === null ? words(byId.get(cover.buildingId ?? 0), '') : words(byCode.get(cover.divisionCode), cover.divisionCode),
    })),
    people: posts.filter(({ placeId }) => placeId === org.id).length,
  }));
}

/** Grids with who is on their two posts now. */
export async function gridViews({ offices, deps }: Pick<Site, 'offices' | 'deps'>, rows: readonly GridRow[]): Promise<GridView[]> {
  const posts = await offices.assignments.posts('grid', deps.clock());
  return rows.map(({ versions, ...grid }) => {
    const [officer, worker] = (['OF', 'GW'] as const).map((role) => posts.find((post) => post.placeId === grid.id && post.role === role));
    return {
      ...grid,
      versions: versions.map(({ buildingIds, ...version }) => ({ ...version, buildingIds: [...buildingIds] })),
      officer: officer === undefined ? null : postView(officer),
      worker: worker === undefined ? null : postView(worker),
    };
  });
}
