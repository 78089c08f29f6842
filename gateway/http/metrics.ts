import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { App } from './app-type.ts';
import type { Deps } from './deps.ts';
import type { JobName } from './jobs.ts';
import type { Live } from './live.ts';
import { gauge } from './metric-kinds.ts';
import { addDoorMetrics } from './metrics-door.ts';
import { addLineMetrics } from './metrics-lines.ts';
import { addMachineMetrics } from './metrics-machine.ts';

/** Address of the numbers for Prometheus. */
export const METRICS_URL = '/metrics';

/** The gateway's numbers for Prometheus. No label holds data: routes are given as they are declared, jobs and alarms by name. */
export interface Metrics {
  readonly contentType: string;
  /** All numbers as they are now. */
  text(): Promise<string>;
  /** Counts the requests of an app. */
  watch(app: App): void;
  /** The same job, counted: its last run, its failures. */
  job(name: JobName, run: () => Promise<void>): () => Promise<void>;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** A route as it is declared; pages of the console are one, and so is what does not exist. */
function routeName(url: string | undefined, is404: boolean): string {
  if (is404 || url === undefined) return 'none';
  return url.startsWith('/api/') || url === METRICS_URL || url === '/healthz' ? url : 'console';
}

function watchRequests(registry: Registry): Metrics['watch'] {
  const counted = new Counter({
    name: 'doorbook_http_requests_total',
    help: 'Requests answered, by method, declared route and class of status.',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
  });
  const timed = new Histogram({
    name: 'doorbook_http_request_seconds',
    help: 'Time to the whole answer, by declared route.',
    labelNames: ['route'],
    buckets: SECONDS,
    registers: [registry],
  });
  return (app) => {
    app.addHook('onResponse', async (request, reply) => {
      const route = routeName(request.routeOptions.url, request.is404);
      // A live feed is one request that lasts for hours.
      if (request.headers.upgrade !== undefined) return;
      counted.inc({ method: request.method, route, status: `${Math.floor(reply.statusCode / 100)}xx` });
      timed.observe({ route }, reply.elapsedTime / 1000);
    });
  };
}

function watchJobs(registry: Registry, clock: () => number): Metrics['job'] {
  const at = new Gauge({ name: 'doorbook_job_last_run_seconds', help: 'When a job last ended without failing, Unix time.', labelNames: ['job'], registers: [registry] });
  const failed = new Counter({ name: 'doorbook_job_failures_total', help: 'Runs of a job that failed.', labelNames: ['job'], registers: [registry] });
  return (name, run) => {
    failed.inc({ job: name }, 0);
    return async () => {
      try {
        await run();
      } catch (error) {
        failed.inc({ job: name });
        throw error;
      }
      at.set({ job: name }, clock() / 1000);
    };
  };
}

/** A registry of its own: what other code of the process puts into the client's default one is not told. */
export function createMetrics(deps: Deps, live: Pick<Live, 'numbers'>): Metrics {
  const registry = new Registry();
  const { doorSide, register, clock } = deps;
  addDoorMetrics(registry, doorSide, clock);
  addLineMetrics(registry, doorSide);
  addMachineMetrics(registry, deps);
  gauge({ registry, name: 'doorbook_register_writes_waiting', help: 'Writes to the register that wait for their turn.' }, () => register.writesWaiting());
  gauge({ registry, name: 'doorbook_sessions', help: 'Sessions that are open.' }, () => register.read.session.count());
  gauge({ registry, name: 'doorbook_live_consoles', help: 'Consoles that follow the live feed.' }, () => live.numbers().consoles);
  gauge({ registry, name: 'doorbook_live_unsent_bytes', help: 'Bytes that wait to be sent to consoles.' }, () => live.numbers().unsentBytes);
  const watch = watchRequests(registry);
  return { contentType: registry.contentType, text: () => registry.metrics(), watch, job: watchJobs(registry, clock) };
}
