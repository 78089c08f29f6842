import { rightTo } from '../../core/matrix.ts';
import type { PersonHome, PersonWork } from '../../store/persons.ts';
import type { PeopleFound, PeopleQuery } from '../schemas/review.ts';
import { refusal } from '../problem.ts';
import type { PurposeRow } from '../../store/purposes.ts';
import type { Site } from '../site.ts';
import { hasUnit, inScope, type Viewer } from '../viewer.ts';
import { foundPerson } from '../views/person.ts';
import { placeOf } from './review.ts';

const USUAL_LIMIT = 20;

/** The purpose a search is made under: officers and the privacy officer must have one, a clerk at the counter needs none. */
async function purposeFor({ purposeGate }: Site, viewer: Viewer, id: number | undefined): Promise<PurposeRow | undefined> {
  if (id !== undefined) return purposeGate.running(viewer, id);
  if (viewer.role !== 'CL') throw refusal('PURPOSE_REQUIRED', { field: 'purpose' });
  return undefined;
}

/** What was typed, as the audit line may hold it: its kind and length. Who reads the line must not learn a name from it. */
function kindOf(q: string): string {
  const text = q.trim();
  return `${/^[\d\sXx+-]+$/.test(text) ? 'number' : 'name'} ${[...text].length}`;
}

/** People in the viewer's area, or under a purpose those of its building, by what he typed. Masked, each noted before he is shown. */
export async function searchPeople(site: Site, viewer: Viewer, { q, purpose: purposeId, limit = USUAL_LIMIT }: PeopleQuery): Promise<PeopleFound> {
  const { people, persons, looks, audit, deps } = site;
  const purpose = await purposeFor(site, viewer, purposeId);
  const place = purpose === undefined ? {} : placeOf(purpose);
  const buildingId = purpose?.buildingId ?? null;
  const scope = buildingId === null ? viewer.scope : { all: false, buildings: new Set([buildingId]), units: new Map<number, number>() };
  await audit.acted(viewer, 'people-searched', { ...place, words: kindOf(q) });
  // Who works here is told where the right to work here is (decision 41): not to a clerk.
  const workers = rightTo('workGrant', viewer.role, 'R') !== undefined;
  const hits = await people.find(q, { limit: limit + 1, scope, workers });
  const ids = hits.slice(0, limit).map(({ id }) => id);
  const homes = (await persons.homes(ids, deps.clock())).filter((home) => hasUnit(viewer, { id: home.unitId, buildingId: home.buildingId }));
  const works = workers ? (await persons.works(ids, deps.clock())).filter((work) => inScope(viewer, work.buildingId)) : [];
  await looks.noted(
    viewer,
    { what: 'found', ref: purpose?.entryIndex },
    ids.map((personId) => ({ personId, ...placeOfPerson(homes, works, personId) })),
  );
  const rows = await persons.byIds(ids);
  const found = ids.flatMap((id) => {
    const row = rows.get(id);
    const own = homes.filter(({ personId }) => personId === id);
    return row === undefined
      ? []
      : [
          foundPerson(
            row,
            own,
            works.filter(({ personId }) => personId === id),
          ),
        ];
  });
  return { people: found, more: hits.length > limit, today: await looks.today(viewer) };
}

/** Where somebody is shown: his present home among those the viewer may see, else any of them, else where he works. */
function placeOfPerson(homes: readonly PersonHome[], works: readonly PersonWork[], id: number): { unitId?: number; buildingId?: number } {
  const own = homes.filter(({ personId }) => personId === id);
  const home = own.find(({ current }) => current) ?? own[0];
  if (home !== undefined) return { unitId: home.unitId, buildingId: home.buildingId };
  const work = works.find(({ personId }) => personId === id);
  return work === undefined ? {} : { buildingId: work.buildingId };
}
