import type { App } from '../app-type.ts';
import { PROBLEMS } from '../app-type.ts';
import { may } from '../permissions.ts';
import { AlarmList } from '../schemas/health.ts';
import type { Site } from '../site.ts';

/** What is wrong with the gateway itself. */
export function alarmRoutes(app: App, { alarms, deps: { doorSide, register } }: Site): void {
  app.get(
    '/alarms',
    {
      config: may('machinery', 'R', 'site'),
      schema: { summary: 'What is wrong with the gateway itself now, oldest first', response: { 200: AlarmList, ...PROBLEMS } },
    },
    async () => {
      const { journal, index, link, restarts } = doorSide.numbers() ?? {};
      const queues = { entries: journal?.outstanding ?? 0, writes: register.writesWaiting(), lists: index?.lists ?? 0, changes: index?.lag ?? 0, deviceEvents: link?.queued ?? 0 };
      return { alarms: [...alarms()], queues, restarts: Object.values(restarts ?? {}).reduce((sum, n) => sum + n, 0) };
    },
  );
}
