import { isReason, sentence } from '../../core/reasons.ts';
import { DEMO_TRAY } from '../../../prisma/demo/building.ts';
import { type App, PROBLEMS } from '../app-type.ts';
import { needDemo } from '../loopback.ts';
import { may } from '../permissions.ts';
import { DemoAct, DemoResult, DemoTray } from '../schemas/demo.ts';
import type { Site } from '../site.ts';

/** The demo's card tray: cards to press on simulated doors, their button, their network and their power. */
export function demoRoutes(app: App, { deps }: Site): void {
  const { config, places, simulator } = deps;

  app.get(
    '/demo/tray',
    {
      config: may('demo', 'R', 'self'),
      schema: { summary: 'Cards and simulated doors (demo and loopback only)', response: { 200: DemoTray, ...PROBLEMS } },
    },
    async (request) => {
      needDemo(config, request);
      const [rows, { doors = [] }] = await Promise.all([places.doors(), simulator.ask({ act: 'list' })]);
      const states = new Map(doors.map((door) => [door.doorCode, door]));
      return {
        cards: DEMO_TRAY.map(({ card, label, expect }) => ({ card, label, expect })),
        doors: rows.flatMap(({ code, id }) => {
          const state = states.get(code);
          return state === undefined ? [] : [{ doorCode: code, doorId: id, network: state.network, power: state.power }];
        }),
      };
    },
  );

  app.post(
    '/demo/act',
    {
      config: may('demo', 'X', 'self'),
      schema: { summary: 'Press a card, the keypad, the button, the network or the power (demo and loopback only)', body: DemoAct, response: { 200: DemoResult, ...PROBLEMS } },
    },
    async (request) => {
      needDemo(config, request);
      const { doors: _, error: _error, ...answer } = await simulator.ask(request.body.act === 'tap' ? { ...request.body, looks: true } : request.body);
      return { ...answer, ...(answer.reason !== undefined && isReason(answer.reason) ? { why: sentence(answer.reason) } : {}) };
    },
  );
}
