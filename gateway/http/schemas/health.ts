import { type Static, Type } from 'typebox';

/** GET /healthz: 200 `ok` once doors and desks are served; else 503, and what is waited for where that is known. */
export const Health = Type.Object({
  status: Type.Union([Type.Literal('ok'), Type.Literal('starting')]),
  waiting: Type.Optional(Type.Array(Type.String({ description: 'register-waiting, log-waiting, mqtt-port, console-port' }))),
});
export type Health = Static<typeof Health>;

/** Something that is wrong with the gateway itself now. */
const GatewayAlarm = Type.Object({
  what: Type.String({ description: 'A stable lower-case word: disk-80, log-forked, backup-overdue …' }),
  message: Type.Object({ zh: Type.String(), en: Type.String() }),
  since: Type.Integer({ description: 'Epoch ms' }),
});

/** GET /api/v1/alarms: oldest first, empty when all is well; and for whoever looks closer, what waits and what was started again. */
export const AlarmList = Type.Object({
  alarms: Type.Array(GatewayAlarm),
  queues: Type.Object({
    entries: Type.Integer({ description: 'Entries on their way to the disk' }),
    writes: Type.Integer({ description: 'Writes that wait for the register' }),
    lists: Type.Integer({ description: 'Access lists asked for and not made yet' }),
    changes: Type.Integer({ description: 'Changes of the register the access index has not taken yet' }),
    deviceEvents: Type.Integer({ description: 'Events that wait on controllers' }),
  }),
  restarts: Type.Integer({ description: 'How often threads ended and were started again since the start' }),
});
export type AlarmList = Static<typeof AlarmList>;
