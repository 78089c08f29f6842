import type { LineTestAnswer } from '../../doors/serial/status.ts';
import { lineWords } from '../../register/line-refused.ts';
import type { ListedLine } from '../../store/line-list.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import type { ProblemCode } from '../problem-codes.ts';
import { LineTestWish, LineView } from '../schemas/serial-lines.ts';
import type { Site } from '../site.ts';
import { seen } from '../viewer.ts';

const ANSWER = { 200: LineView, ...PROBLEMS } as const;
const REFUSALS: Readonly<Record<Exclude<LineTestAnswer, 'done'>, ProblemCode>> = {
  running: 'LINE_TEST_RUNS',
  open: 'LINE_TEST_OPEN',
  key: 'LINE_TEST_KEY',
  port: 'LINE_TEST_PORT',
  missing: 'LINE_TEST_PORT',
  over: 'LINE_TEST_OVER',
};

function check(answer: LineTestAnswer): void {
  if (answer !== 'done') throw refusal(REFUSALS[answer]);
}

/** Whoever begins has read which doors take no cards meanwhile: those, and no door that was wired since. */
function checkDoors({ doors }: ListedLine, confirmed: readonly number[]): void {
  const [wanted, given] = [new Set(doors.map(({ id }) => id)), new Set(confirmed)];
  if (wanted.size === given.size && [...wanted].every((id) => given.has(id))) return;
  throw refusal('LINE_TEST_DOORS', { field: 'doors', expected: [...wanted].join(', ') || '[]' });
}

/** Testing a serial line: out of service, for a while, by somebody who says why. */
export function lineTestRoutes(app: App, site: Site): void {
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
      check(await tests.begin(line.id, seconds));
      return view(line);
    },
  );

  app.delete(
    '/lines/:id/test',
    { config: may('serialLine', 'U', 'serialLine'), schema: { summary: 'Stop the test: the line is in service again at once', params: ById, response: ANSWER } },
    async (request) => {
      const viewer = who(request);
      const line = seen(viewer, await lines.find(request.params.id), () => true);
      check(await tests.stop(line.id));
      // After it: a log that cannot be written keeps no line out of service.
      await site.audit.acted(viewer, 'line-test-stopped', { words: lineWords(`line=${line.id}`) });
      return view(line);
    },
  );
}
