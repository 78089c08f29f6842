import type { Note } from '../../register/lock-down.ts';
import { lineWords } from '../../register/line-refused.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { who } from '../guard.ts';
import { checkAnswer, checkDoors, sameRows } from '../line-answers.ts';
import { awayOf } from '../line-speeds.ts';
import { lineTold } from '../line-told.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { LineSpeedWish, LineTestWish, LineView } from '../schemas/serial-lines.ts';
import type { Site } from '../site.ts';
import { seen } from '../viewer.ts';

const ANSWER = { 200: LineView, ...PROBLEMS } as const;
/** Moving a serial line to another speed. */
function speedRoute(app: App, site: Site): void {
  const { lines, view, speeds } = site.serial;

  app.post(
    '/lines/:id/speed',
    {
      config: may('serialLine', 'U', 'serialLine'),
      schema: {
        summary: 'Move a whole line to another speed; its doors take no cards for some seconds',
        description:
          'Stored, then each device that is up is told once, under its key, and the port opened anew. The line is looked for at both speeds in turn until a device has proved its key at one (`nextBaud`, `moving`). `away`: every device that is not up, and stays behind.',
        params: ById,
        body: LineSpeedWish,
        response: ANSWER,
      },
    },
    async (request) => {
      const viewer = who(request);
      const line = seen(viewer, await lines.find(request.params.id), () => true);
      const { baud, reason, doors, away } = request.body;
      checkDoors(line, doors);
      const absent = awayOf(line, site.deps.doorSide.lines());
      if (!sameRows(absent, [...new Set(away)])) throw refusal('SPEED_AWAY', { field: 'away', expected: absent.join(', ') || '[]' });
      const note: Note = (words) => site.audit.acted(viewer, 'line-speed-sent', { words });
      await speeds.begin({ lineId: line.id, baud, reason }, note).catch(lineTold);
      return view(seen(viewer, await lines.find(line.id), () => true));
    },
  );
}

/** Testing a serial line: out of service, for a while, by somebody who says why. */
export function lineTestRoutes(app: App, site: Site): void {
  speedRoute(app, site);
  const { lines, view, tests } = site.serial;

  app.post(
    '/lines/:id/test',
    {
      config: may('serialLine', 'U', 'serialLine'),
      schema: {
        summary: 'Test a line for some seconds; its doors open to no card meanwhile',
        description:
          'Each device is asked as fast as the line carries it, and `test` of the line says what came of it. The test ends by itself, and as soon as a lock is to move: by fire, an exit button, hours or an order.',
        params: ById,
        body: LineTestWish,
        response: ANSWER,
      },
    },
    async (request) => {
      const viewer = who(request);
      const line = seen(viewer, await lines.find(request.params.id), () => true);
      const { seconds = 60, reason, doors } = request.body;
      checkDoors(line, doors);
      await site.audit.acted(viewer, 'line-test-begun', { words: lineWords(`line=${line.id}`, `${seconds}s`, reason) });
      checkAnswer(await tests.begin(line.id, seconds));
      return view(line);
    },
  );

  app.delete(
    '/lines/:id/test',
    { config: may('serialLine', 'U', 'serialLine'), schema: { summary: 'Stop the test: the line is in service again at once', params: ById, response: ANSWER } },
    async (request) => {
      const viewer = who(request);
      const line = seen(viewer, await lines.find(request.params.id), () => true);
      checkAnswer(await tests.stop(line.id));
      // After it: a log that cannot be written keeps no line out of service.
      await site.audit.acted(viewer, 'line-test-stopped', { words: lineWords(`line=${line.id}`) });
      return view(line);
    },
  );
}
