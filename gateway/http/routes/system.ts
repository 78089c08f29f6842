import { type Static, Type } from 'typebox';
import type { App } from '../app-type.ts';
import { open } from '../permissions.ts';
import type { Site } from '../site.ts';

const Health = Type.Object({ status: Type.Union([Type.Literal('ok'), Type.Literal('starting')]) });
type Health = Static<typeof Health>;

/** For whoever watches the process. */
export function healthRoute(app: App, { deps }: Site): void {
  app.get(
    '/healthz',
    {
      config: open('health'),
      schema: { summary: 'Ready once the access index is complete', response: { 200: Health, 503: Health } },
    },
    async (_request, reply) => {
      const status: Health['status'] = deps.doorSide.ready() ? 'ok' : 'starting';
      reply.code(status === 'ok' ? 200 : 503);
      return { status };
    },
  );
}
