import { Type } from 'typebox';
import { type App, PROBLEMS } from '../app-type.ts';
import { PAGE_QUERY, pageAsked, pageOf } from '../page.ts';
import { may } from '../permissions.ts';
import { OutboxPage } from '../schemas/offices.ts';
import type { Site } from '../site.ts';

/** What was handed over to people. */
export function outboxRoutes(app: App, site: Site): void {
  app.get(
    '/outbox',
    {
      config: may('outbox', 'R', 'site'),
      schema: { summary: 'Messages, newest first; a link only while it can be used', querystring: Type.Object(PAGE_QUERY), response: { 200: OutboxPage, ...PROBLEMS } },
    },
    async (request) => {
      const { limit, after } = pageAsked(request.query, ['number']);
      const found = await site.offices.outbox.page({ before: after?.[0], limit: limit + 1, now: site.deps.clock() });
      const { rows, next } = pageOf(found, limit, ({ id }) => [id]);
      return { messages: rows.map(({ id, at, kind, accountId, to, zh, en, link }) => ({ id, at, kind, accountId, to, text: { zh, en }, link })), next };
    },
  );
}
