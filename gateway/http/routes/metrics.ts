import { Type } from 'typebox';
import type { App } from '../app-type.ts';
import { PROBLEMS } from '../app-type.ts';
import { METRICS_URL } from '../metrics.ts';
import { may } from '../permissions.ts';
import type { Site } from '../site.ts';

/** Numbers for Prometheus. */
export function metricsRoute(app: App, { metrics }: Site): void {
  app.get(
    METRICS_URL,
    {
      config: { ...may('machinery', 'R', 'site'), rate: 'api' },
      schema: { summary: 'Numbers about the gateway in the text form of Prometheus', response: { 200: Type.String(), ...PROBLEMS } },
    },
    async (_request, reply) => {
      reply.type(metrics.contentType).header('cache-control', 'no-store');
      return metrics.text();
    },
  );
}
