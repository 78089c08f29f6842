import type { Readable } from 'node:stream';
import { Type } from 'typebox';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { registerActs } from '../disclosure/acts.ts';
import { exportEvidence } from '../disclosure/export.ts';
import { needConcerned, placeOf, reviewPage, unitCounts } from '../disclosure/review.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { ExportWaits, ExportWish, Revealed, ReviewPage, ReviewQuery, RevealWish, UnitCounts } from '../schemas/review.ts';
import type { Site } from '../site.ts';
import { revealedFields } from '../views/person.ts';

/** Looking at the log under a purpose: counts by home, then entries, then persons, each step its own act (domain.md 5.3). */
export function reviewRoutes(app: App, site: Site): void {
  const { purposeGate, looks, persons } = site;
  registerActs(site);

  app.get(
    '/purposes/:id/units',
    {
      config: may('unitCounts', 'R', 'purpose', { only: ['OF'] }),
      schema: { summary: 'Openings by home: counts, nobody’s name', params: ById, response: { 200: UnitCounts, ...PROBLEMS } },
    },
    async (request) => unitCounts(site, who(request), await purposeGate.running(who(request), request.params.id)),
  );

  app.get(
    '/purposes/:id/entries',
    {
      config: may('personEntries', 'R', 'purpose', { only: ['OF', 'PO'] }),
      schema: {
        summary: 'Entries under a purpose, newest first; with persons, masked and each noted, after the second act',
        params: ById,
        querystring: ReviewQuery,
        response: { 200: ReviewPage, ...PROBLEMS },
      },
    },
    async (request) => reviewPage(site, who(request), await purposeGate.running(who(request), request.params.id), request.query),
  );

  app.post(
    '/purposes/:id/reveal',
    {
      config: { ...may('identity', 'R', 'purpose', { only: ['OF', 'PO'], strong: true }), shownOnce: true },
      schema: { summary: 'One person’s name, document or phone in full, once. Noted.', params: ById, body: RevealWish, response: { 200: Revealed, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const { personId, fields, reason } = request.body;
      const purpose = await purposeGate.withPeople(viewer, request.params.id);
      await needConcerned(site, viewer, purpose, personId);
      const person = (await persons.byIds([personId])).get(personId);
      if (person === undefined) throw refusal('NOT_FOUND');
      const { ref, ...place } = placeOf(purpose);
      const entry = await looks.notedAlways(viewer, { what: 'revealed', ref, words: `${fields.join('+')}|${reason.trim()}`.slice(0, 120) }, { personId, ...place });
      return { person: personId, ...revealedFields(person, fields), entry, today: await looks.today(viewer) };
    },
  );

  exportRoute(app, site);
}

function exportRoute(app: App, site: Site): void {
  const { purposeGate } = site;
  app.post(
    '/purposes/:id/export',
    {
      config: { ...may('personEntries', 'R', 'purpose', { only: ['OF', 'PO'], strong: true }), rate: 'export' as const },
      schema: {
        summary: 'Entries under a purpose as CSV, or with proofs that anybody can check. More than 100 persons need a second person.',
        params: ById,
        body: ExportWish,
        produces: ['text/csv', 'application/json'],
        response: {
          200: Type.Unsafe<Readable>({
            type: 'string',
            description: 'CSV: UTF-8 with BOM; the last line is the SHA-256 of the bytes before it. With `proofs`: JSON of the form evidence/1.',
          }),
          202: ExportWaits,
          ...PROBLEMS,
        },
      },
    },
    async (request, reply) => {
      const viewer = who(request);
      const made = await exportEvidence(site, viewer, await purposeGate.withPeople(viewer, request.params.id), request.body);
      if ('pendingAct' in made) return reply.code(202).send(made);
      reply.header('content-disposition', `attachment; filename="${made.file}"`).type(made.type);
      return reply.code(200).send(made.stream);
    },
  );
}
