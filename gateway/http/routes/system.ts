import type { App } from '../app-type.ts';
import { open } from '../permissions.ts';
import { Health } from '../schemas/health.ts';
import type { Site } from '../site.ts';

/** Alarms that say that something is still waited for. */
const WAITED: ReadonlySet<string> = new Set(['register-waiting', 'log-waiting', 'mqtt-port', 'console-port']);

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
      const waiting = deps.doorSide.alarms().flatMap(({ what }) => (WAITED.has(what) ? [what] : []));
      return waiting.length === 0 ? { status } : { status, waiting };
    },
  );
}
