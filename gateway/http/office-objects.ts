import { administered, hasGrid, OVER_DISTRICTS } from './district.ts';
import type { OfficeParts } from './offices.ts';
import type { Viewer } from './viewer.ts';

type InScope = (viewer: Viewer, id: number) => Promise<boolean>;

/** Accounts, offices, grids and pending acts: a district administrator has those of his own district, whoever has the whole site all. */
export function officeObjects(parts: OfficeParts): Readonly<Record<'account' | 'org' | 'grid' | 'pendingAct', InScope>> {
  const { offices, deps } = parts;
  const { orgs, grids, accounts, acts, assignments, people } = offices;

  /** An account belongs to the office it is of, and to those it is assigned to. */
  async function account(viewer: Viewer, id: number): Promise<boolean> {
    const found = await accounts.find(id, deps.clock());
    if (found === undefined || viewer.scope.all) return found !== undefined;
    if (OVER_DISTRICTS.some((role) => role === found.role)) return false;
    const mine = await administered(parts, viewer);
    return mine.has(found.orgId) || (await assignments.ofAccount(id)).some(({ place, placeId }) => place === 'org' && mine.has(placeId));
  }
  return {
    account,
    org: async (viewer, id) => (await orgs.find(id)) !== undefined && (await administered(parts, viewer)).has(id),
    async grid(viewer, id) {
      return viewer.scope.all ? (await grids.find(id)) !== undefined : hasGrid(parts, await administered(parts, viewer), id);
    },
    async pendingAct(viewer, id) {
      const act = await acts.find(id);
      if (act === undefined || viewer.scope.all || act.requestedBy === viewer.accountId) return act !== undefined;
      const asker = (await people.names([act.requestedBy])).get(act.requestedBy);
      return asker !== undefined && (await administered(parts, viewer)).has(asker.orgId);
    },
  };
}
