import { cardFound } from '../../register/card-found.ts';
import { giveCard } from '../../register/give-card.ts';
import { cardStopsOf } from '../../store/card-stops.ts';
import { tenanciesOf } from '../../store/tenancies.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { hasCard } from '../card-scope.ts';
import { cardTold } from '../card-told.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { noteOf } from '../register-note.ts';
import { ruleTold } from '../rule-told.ts';
import { CardBody, CardGiven } from '../schemas/give-card.ts';
import type { Site } from '../site.ts';
import { hasUnit, seen } from '../viewer.ts';

/** One more card for somebody who lives here, and a lost one that is found. */
export function giveCardRoutes(app: App, site: Site): void {
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
