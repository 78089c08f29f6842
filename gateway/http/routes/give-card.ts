import { Type } from 'typebox';
import { DoorId } from '../../core/ids.ts';
import { cardFound } from '../../register/card-found.ts';
import { giveCard } from '../../register/give-card.ts';
import { cardStopsOf } from '../../store/card-stops.ts';
import { tenanciesOf } from '../../store/tenancies.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { hasCard } from '../card-scope.ts';
import { cardTold } from '../card-told.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { noteOf } from '../register-note.ts';
import { ruleTold } from '../rule-told.ts';
import { CardBody, CardGiven, CardWaiting, CardWindow, CardWindowBody } from '../schemas/give-card.ts';
import type { Site } from '../site.ts';
import { hasUnit, seen, type Viewer } from '../viewer.ts';

/** A card that is held to a reader becomes somebody's: waited for a minute, followed, called off. */
function windowRoutes(app: App, site: Site): void {
  const { register, places } = site.deps;
  const tenancies = tenanciesOf(register);
  const placeOf = async (viewer: Viewer, id: number) => seen(viewer, await tenancies.place(id), (row) => hasUnit(viewer, row));

  /** Doors whose readers somebody of this home holds his card to: those of everybody, and his own. */
  const doorsFor = async (buildingId: number, unitId: number) => (await places.doors(buildingId)).filter((door) => door.unitId === null || door.unitId === unitId);

  app.post(
    '/tenancies/:id/card-window',
    {
      config: may('credential', 'C', 'tenancy'),
      schema: {
        summary: 'Wait a minute for a card at a door’s reader: the first one that is nobody’s is given to somebody who lives here',
        params: ById,
        body: CardWindowBody,
        response: { 200: CardWindow, ...PROBLEMS },
      },
    },
    async (request) => {
      const viewer = who(request);
      const { tenancyId, buildingId, id: unitId } = await placeOf(viewer, request.params.id);
      const { personId, doorId, kind = 'tenant', lastDay } = request.body;
      const doors = await doorsFor(buildingId, unitId);
      if (!doors.some(({ id }) => id === doorId))
        throw refusal('BAD_INPUT', { field: 'doorId', expected: '这栋楼的门，或这一户自己的门 / a door of this building or of this home' });
      const note = noteOf(site, viewer, { what: 'card-given', buildingId, personId });
      return site.cardWindows.open({ tenancyId, personId, doorId: DoorId(doorId), kind, lastDay, home: { buildingId, unitId } }, note);
    },
  );

  app.get(
    '/tenancies/:id/card-window',
    {
      config: may('credential', 'C', 'tenancy'),
      schema: { summary: 'How waiting for a card goes, and at which doors one can be waited for', params: ById, response: { 200: CardWaiting, ...PROBLEMS } },
    },
    async (request) => {
      const { tenancyId, buildingId, id: unitId } = await placeOf(who(request), request.params.id);
      const doors = await doorsFor(buildingId, unitId);
      return { window: site.cardWindows.of(tenancyId) ?? null, doors: doors.map(({ id, name, nameEn }) => ({ id, name, nameEn })) };
    },
  );

  app.delete(
    '/tenancies/:id/card-window',
    { config: may('credential', 'C', 'tenancy'), schema: { summary: 'Wait for no card any more', params: ById, response: { 204: Type.Null(), ...PROBLEMS } } },
    async (request, reply) => {
      const { tenancyId } = await placeOf(who(request), request.params.id);
      site.cardWindows.close(tenancyId);
      return reply.code(204).send(null);
    },
  );
}

/** One more card for somebody who lives here, and a lost one that is found. */
export function giveCardRoutes(app: App, site: Site): void {
  windowRoutes(app, site);
  const { register, clock } = site.deps;
  const tenancies = tenanciesOf(register);
  const stops = cardStopsOf(register);

  app.post(
    '/tenancies/:id/cards',
    {
      config: may('credential', 'C', 'tenancy'),
      schema: { summary: 'Give somebody who lives here one more card: his, a spare, or his carer’s', params: ById, body: CardBody, response: { 200: CardGiven, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const { tenancyId, buildingId, id: unitId } = seen(viewer, await tenancies.place(request.params.id), (row) => hasUnit(viewer, row));
      const { personId, number, kind = 'tenant', lastDay } = request.body;
      const note = noteOf(site, viewer, { what: 'card-given', buildingId, personId });
      const tail = await giveCard(register, { tenancyId, personId, number, kind, lastDay, now: clock() }, note).catch(ruleTold);
      await site.registerChanged({ buildingId, unitId });
      return { tail };
    },
  );

  app.post(
    '/card-stops/:id/found',
    {
      // A building leader is not told which card it is.
      config: may('credential', 'C', 'cardStop', { only: ['LL'] }),
      schema: {
        summary: 'A lost card is found: it works again, unless its holder was given another since',
        params: ById,
        response: { 200: CardGiven, ...PROBLEMS },
      },
    },
    async (request) => {
      const viewer = who(request);
      const stop = seen(viewer, await stops.find(request.params.id), (row) => hasCard(viewer, row));
      const { id: stopId, tail, personId, homes } = stop;
      const note = noteOf(site, viewer, { what: 'card-found', buildingId: homes[0]?.buildingId ?? 0, ...(personId === null ? {} : { personId }) });
      await cardFound(register, { stopId, now: clock(), note }).catch(cardTold);
      if (homes.length === 0) await site.registerChanged();
      for (const { buildingId, unitId } of homes) await site.registerChanged(unitId === 0 ? { buildingId } : { buildingId, unitId });
      await site.cardStopTracker.end(stopId);
      return { tail };
    },
  );
}
