import { dateAt } from '../../core/local-date.ts';
import { TAKE_BACK_MS } from '../../core/move-out.ts';
import { addOccupant } from '../../register/add-occupant.ts';
import { beginTenancy, type TenancyWarning } from '../../register/begin-tenancy.ts';
import { extendTenancy, undoExtension } from '../../register/extend-tenancy.ts';
import type { NewcomerWish } from '../../register/newcomers.ts';
import { type TenancyPlace, tenanciesOf } from '../../store/tenancies.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { needVersion } from '../etag.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { noteOf } from '../register-note.ts';
import { ruleTold } from '../rule-told.ts';
import { ExtendBody, Extended, type Newcomer, OccupantBody, TenancyBegun, TenancyBody, TermView } from '../schemas/tenancies.ts';
import type { Site } from '../site.ts';
import { hasUnit, seen, type Viewer } from '../viewer.ts';
import { termVersion } from '../views/move-out.ts';

/** A booking ends at noon unless somebody says otherwise. */
const NOON = '12:00';
const HOUR_MINUTES = 60;
const WARNINGS: Readonly<Record<TenancyWarning, { readonly zh: string; readonly en: string }>> = {
  OCCUPANT_LIMIT: { zh: '超过两位不是一家人，很多城市有人数限制，请核对本地规定。', en: 'More than two who are no family: many cities set a limit. Check the rules of yours.' },
};
const warned = (warnings: readonly TenancyWarning[]) => warnings.map((code) => ({ code, ...WARNINGS[code] }));

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * HOUR_MINUTES + Number(time.slice(3));
const newcomer = ({ role, relation = '', name, documentType, documentNumber, phone = '', checked, cards = [] }: Newcomer): NewcomerWish => ({
  ...{ role, relation, name, documentType, documentNumber, phone, checked },
  // A field that was left empty is no card.
  cards: cards.filter((number) => number.trim() !== ''),
});
const withinOf = ({ scope }: Viewer): readonly number[] | undefined => (scope.all ? undefined : [...scope.buildings]);

/** Doors, consoles and what tenants may see follow the register. */
export async function homeChanged(site: Site, { id: unitId, buildingId }: Pick<TenancyPlace, 'id' | 'buildingId'>): Promise<void> {
  await site.registerChanged({ buildingId, unitId });
  await site.rightsChanged();
}

/** Who comes to live in a home. */
function beginRoutes(app: App, site: Site): void {
  const { register, clock, homes } = site.deps;
  const tenancies = tenanciesOf(register);

  app.post(
    '/units/:id/tenancies',
    {
      config: may('tenancy', 'C', 'unit'),
      schema: {
        summary: 'A tenancy begins: its people are registered, their cards open from the first day',
        params: ById,
        body: TenancyBody,
        response: { 200: TenancyBegun, ...PROBLEMS },
      },
    },
    async (request) => {
      const viewer = who(request);
      const unit = seen(viewer, await homes.unitPlace(request.params.id), (row) => hasUnit(viewer, row));
      const now = clock();
      const { kind = 'rent', firstDay = dateAt(now), lastDay = null, endTime = NOON, share = false, people } = request.body;
      const wish = { unitId: unit.id, within: withinOf(viewer), now, kind, firstDay, lastDay, endMinute: minuteOf(endTime), share, people: people.map(newcomer) };
      const { tenancyId, warnings } = await beginTenancy(register, wish, noteOf(site, viewer, { what: 'tenancy-begun', buildingId: unit.buildingId })).catch(ruleTold);
      await homeChanged(site, unit);
      return { tenancyId, warnings: warned(warnings) };
    },
  );

  app.post(
    '/tenancies/:id/occupants',
    {
      config: may('tenancy', 'U', 'tenancy'),
      schema: { summary: 'Somebody comes to live with those who are there', params: ById, body: OccupantBody, response: { 200: TenancyBegun, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const place = seen(viewer, await tenancies.place(request.params.id), (row) => hasUnit(viewer, row));
      const now = clock();
      const { firstDay = dateAt(now), ...person } = request.body;
      const wish = { tenancyId: place.tenancyId, firstDay, within: withinOf(viewer), now, person: newcomer(person) };
      const warnings = await addOccupant(register, wish, noteOf(site, viewer, { what: 'occupant-added', buildingId: place.buildingId })).catch(ruleTold);
      await homeChanged(site, place);
      return { tenancyId: place.tenancyId, warnings: warned(warnings) };
    },
  );
}

/** Tenancies begin and go on. */
export function tenancyRoutes(app: App, site: Site): void {
  beginRoutes(app, site);
  const { register, clock } = site.deps;
  const tenancies = tenanciesOf(register);
  const placeOf = async (viewer: Viewer, id: number): Promise<TenancyPlace> => seen(viewer, await tenancies.place(id), (row) => hasUnit(viewer, row));
  const by = (viewer: Viewer, { buildingId }: TenancyPlace) => ({
    accountId: viewer.accountId,
    now: clock(),
    note: noteOf(site, viewer, { what: 'term-extended', buildingId }),
  });

  app.post(
    '/tenancies/:id/extend',
    {
      config: may('tenancy', 'U', 'tenancy'),
      schema: {
        summary: 'Give a contract a later end',
        description: 'By a term as long as the last, or to a day; never earlier. Needs If-Match with the version that was seen.',
        params: ById,
        body: ExtendBody,
        response: { 200: Extended, ...PROBLEMS },
      },
    },
    async (request) => {
      const viewer = who(request);
      const place = await placeOf(viewer, request.params.id);
      needVersion(request, termVersion(place));
      const acting = by(viewer, place);
      const termEnd = await extendTenancy(register, { ...place, id: place.tenancyId }, { ...acting, lastDay: request.body.lastDay }).catch(ruleTold);
      await homeChanged(site, place);
      return { termEnd, version: termVersion(await placeOf(viewer, place.tenancyId)), undoUntil: acting.now + TAKE_BACK_MS };
    },
  );

  app.post(
    '/tenancies/:id/extend/undo',
    {
      config: may('tenancy', 'U', 'tenancy'),
      schema: { summary: 'Undo an extension, within 10 seconds, by whoever made it', params: ById, response: { 200: TermView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const place = await placeOf(viewer, request.params.id);
      await undoExtension(register, place.tenancyId, by(viewer, place)).catch(ruleTold);
      await homeChanged(site, place);
      const now = await placeOf(viewer, place.tenancyId);
      return { termEnd: now.termEnd, version: termVersion(now) };
    },
  );
}
