import { Type } from 'typebox';
import type { AlarmFilter, DoorAlarmRow } from '../../store/door-alarms.ts';
import { type App, ById, PROBLEMS, RowId } from '../app-type.ts';
import { alarmFor, alarmSeen } from '../disclosure/door-alarms.ts';
import { who } from '../guard.ts';
import { MOST_ROWS, PAGE_QUERY, pageAsked, pageOf } from '../page.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { AlarmNote, DoorAlarmCount, DoorAlarmPage, DoorAlarmView } from '../schemas/door-alarms.ts';
import type { Site } from '../site.ts';
import { seen, touched, touches, type Viewer } from '../viewer.ts';

const Query = Type.Object({
  ...PAGE_QUERY,
  filter: Type.Optional(
    Type.Union([Type.Literal('open'), Type.Literal('done'), Type.Literal('all')], { description: 'open, which is usual: nobody acknowledged it; done: somebody did' }),
  ),
  building: Type.Optional(RowId),
});
/** Rows read at once while looking for alarms a viewer may see. */
const BATCH = 200;
/** More buildings than this are told apart here, not by the database. */
const MOST_BUILDINGS = 500;

type Place = readonly [day: string, id: number];
const placeOf = ({ day, id }: DoorAlarmRow): Place => [day, id];

interface Wish {
  readonly filter: AlarmFilter;
  readonly building?: number | undefined;
  readonly after?: Place | undefined;
  readonly limit: number;
}

/** Rows the viewer may see, newest day first: one more than `limit` where there are more. */
async function alarmsOf({ doorAlarms, doorList }: Site, viewer: Viewer, { filter, building, after, limit }: Wish): Promise<DoorAlarmRow[]> {
  const mine = building === undefined ? (viewer.scope.all ? undefined : touched(viewer)) : [building];
  const within = mine === undefined || mine.length > MOST_BUILDINGS ? {} : { buildings: mine };
  const rows: DoorAlarmRow[] = [];
  for (let from = after; ; ) {
    const batch = await doorAlarms.page({ filter, ...within, ...(from === undefined ? {} : { after: from }), limit: BATCH });
    rows.push(...batch.filter((row) => alarmSeen(viewer, row, doorList) !== 'none'));
    const last = batch.at(-1);
    if (last === undefined || batch.length < BATCH || rows.length > limit) return rows.slice(0, limit + 1);
    from = placeOf(last);
  }
}

async function viewsOf(site: Site, viewer: Viewer, rows: readonly DoorAlarmRow[]): Promise<DoorAlarmView[]> {
  const { doorList, onlookers, deps } = site;
  const names = {
    doors: doorList,
    buildings: new Map((await deps.places.buildings()).map((row) => [row.id, row])),
    accounts: await onlookers.byIds(rows.flatMap(({ acknowledgedBy }) => acknowledgedBy ?? [])),
    now: deps.clock(),
  };
  return rows.flatMap((row) => alarmFor(viewer, row, names) ?? []);
}

/** Alarms of doors: they stay until somebody acknowledges them with a note. */
export function doorAlarmRoutes(app: App, site: Site): void {
  const { doorAlarms, audit, deps } = site;

  app.get(
    '/door-alarms',
    {
      config: may('doorAlarm', 'R', 'list'),
      schema: { summary: 'Alarms of the doors in scope, newest day first', querystring: Query, response: { 200: DoorAlarmPage, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const { filter = 'open', building } = request.query;
      if (building !== undefined && !touches(viewer, building)) throw refusal('SCOPE_DENIED');
      const { limit, after } = pageAsked(request.query, ['string', 'number']);
      const { rows, next } = pageOf(await alarmsOf(site, viewer, { filter, building, after, limit }), limit, placeOf);
      return { alarms: await viewsOf(site, viewer, rows), next };
    },
  );

  app.get(
    '/door-alarms/count',
    {
      config: may('doorAlarm', 'R', 'list', { counts: true }),
      schema: { summary: 'How many alarms of the doors in scope wait for somebody', response: { 200: DoorAlarmCount, ...PROBLEMS } },
    },
    async (request) => {
      const { length } = await alarmsOf(site, who(request), { filter: 'open', limit: MOST_ROWS });
      return { open: Math.min(length, MOST_ROWS), more: length > MOST_ROWS };
    },
  );

  app.post(
    '/door-alarms/:id/acknowledge',
    {
      config: may('doorAlarm', 'U', 'doorAlarm'),
      schema: { summary: 'Say what was found and done about an alarm', params: ById, body: AlarmNote, response: { 200: DoorAlarmView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const note = request.body.note.trim();
      if (note === '') throw refusal('BAD_INPUT', { field: 'note', expected: '看到了什么、做了什么 / what was found and done' });
      const alarm = seen(viewer, await doorAlarms.find(request.params.id), (row) => alarmSeen(viewer, row, site.doorList) !== 'none');
      if (alarm.acknowledgedAt !== null) throw refusal('ALARM_ACKNOWLEDGED');
      // In the log before it is in the register. Of duress the line cites nothing: others read audit lines, too.
      const cited = alarm.word === 'duress' ? {} : { ref: alarm.entryIndex };
      await audit.acted(viewer, 'door-alarm-acknowledged', { buildingId: alarm.buildingId, words: note.slice(0, 120), ...cited });
      const done = await doorAlarms.acknowledge(alarm.id, { by: viewer.accountId === 0 ? null : viewer.accountId, note, now: deps.clock() });
      if (!done) throw refusal('ALARM_ACKNOWLEDGED');
      const after = await doorAlarms.find(alarm.id);
      site.live.onAlarms((other) => alarmSeen(other, alarm, site.doorList) !== 'none');
      const [view] = await viewsOf(site, viewer, after === undefined ? [] : [after]);
      return seen(viewer, view, () => true);
    },
  );
}
