import { rightTo } from '../../core/matrix.ts';
import { samePort, serialPorts } from '../../machine/serial-ports.ts';
import { addDevice, changeDevice, removeDevice } from '../../register/line-devices.ts';
import { addLine, changeLine, retireLine } from '../../register/serial-lines.ts';
import type { Note } from '../../register/lock-down.ts';
import type { ListedDoor, ListedLine } from '../../store/line-list.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { who } from '../guard.ts';
import { lineTold } from '../line-told.ts';
import { may } from '../permissions.ts';
import { noteOf } from '../register-note.ts';
import { LineDeviceWish, LineList, LineView, LineWish } from '../schemas/serial-lines.ts';
import type { Site } from '../site.ts';
import { hasDoor, inScope, seen, type Viewer } from '../viewer.ts';

const isHis = (viewer: Viewer, door: ListedDoor): boolean => (door.unitId === null ? inScope(viewer, door.buildingId) : hasDoor(viewer, door));
/** A line is whose all its doors are. */
const hasLine = (viewer: Viewer, { doors }: ListedLine): boolean => viewer.scope.all || (doors.length > 0 && doors.every((door) => isHis(viewer, door)));

const noted = (site: Site, viewer: Viewer, what: string): Note => noteOf(site, viewer, { what, buildingId: 0 });
const found = (viewer: Viewer, line: ListedLine | undefined): ListedLine => seen(viewer, line, (row) => hasLine(viewer, row));
const ANSWER = { 200: LineView, ...PROBLEMS } as const;

/** Serial lines: what there is, a new one, another port or speed. */
function lineRoutes(app: App, site: Site): void {
  const { register, clock } = site.deps;
  const { lines, view, changed } = site.serial;

  app.get(
    '/lines',
    { config: may('serialLine', 'R', 'list'), schema: { summary: 'Serial lines, their devices and doors; and ports that are free', response: { 200: LineList, ...PROBLEMS } } },
    async (request) => {
      const viewer = who(request);
      const all = await lines.all();
      const free = (port: string): boolean => !all.some((line) => samePort(line.port, port));
      const ports = rightTo('serialLine', viewer.role, 'C') === undefined ? [] : serialPorts().filter(free);
      return { lines: all.filter((line) => hasLine(viewer, line)).map(view), ports };
    },
  );

  app.post(
    '/lines',
    {
      config: may('serialLine', 'C', 'site'),
      schema: {
        summary: 'Add a serial line',
        description: 'At the port of a retired line that line comes back, with its devices and their keys.',
        body: LineWish,
        response: ANSWER,
      },
    },
    async (request) => {
      const viewer = who(request);
      const id = await addLine(register, request.body, { note: noted(site, viewer, 'line-added'), samePort, now: clock() }).catch(lineTold);
      await changed();
      return view(found(viewer, await lines.find(id)));
    },
  );

  app.put(
    '/lines/:id',
    { config: may('serialLine', 'U', 'serialLine'), schema: { summary: 'Change a serial line', params: ById, body: LineWish, response: ANSWER } },
    async (request) => {
      const viewer = who(request);
      const lineId = request.params.id;
      await changeLine(register, { ...request.body, lineId }, { note: noted(site, viewer, 'line-changed'), samePort }).catch(lineTold);
      await changed();
      return view(found(viewer, await lines.find(lineId)));
    },
  );

  app.post(
    '/lines/:id/retire',
    { config: may('serialLine', 'D', 'serialLine'), schema: { summary: 'Take a serial line out of service, at once; the answer is how it was', params: ById, response: ANSWER } },
    async (request) => {
      const viewer = who(request);
      const line = found(viewer, await lines.find(request.params.id));
      const by = { accountId: viewer.accountId, now: clock(), revoke: site.revoke, note: noted(site, viewer, 'line-retired') };
      await retireLine(register, line.id, by).catch(lineTold);
      await changed();
      return view(line);
    },
  );
}

/** Devices on them. */
function deviceRoutes(app: App, site: Site): void {
  const { register } = site.deps;
  const { lines, view, changed, givings } = site.serial;

  app.post(
    '/lines/:id/devices',
    {
      config: may('serialLine', 'C', 'serialLine'),
      schema: { summary: 'Add a device, which has no key yet', params: ById, body: LineDeviceWish, response: ANSWER },
    },
    async (request) => {
      const viewer = who(request);
      const lineId = request.params.id;
      await addDevice(register, { ...request.body, lineId }, noted(site, viewer, 'line-device-added')).catch(lineTold);
      await changed();
      return view(found(viewer, await lines.find(lineId)));
    },
  );

  app.put(
    '/line-devices/:id',
    {
      config: may('serialLine', 'U', 'lineDevice'),
      schema: { summary: 'Give a device another name or address; its key stays', params: ById, body: LineDeviceWish, response: ANSWER },
    },
    async (request) => {
      const viewer = who(request);
      const deviceId = request.params.id;
      givings.callOff(deviceId);
      await changeDevice(register, { ...request.body, deviceId }, noted(site, viewer, 'line-device-changed')).catch(lineTold);
      await changed();
      return view(found(viewer, await lines.ofDevice(deviceId)));
    },
  );

  app.delete(
    '/line-devices/:id',
    {
      config: may('serialLine', 'D', 'lineDevice'),
      schema: { summary: 'Remove a device that nothing uses, with its key', params: ById, response: ANSWER },
    },
    async (request) => {
      const viewer = who(request);
      const deviceId = request.params.id;
      const line = found(viewer, await lines.ofDevice(deviceId));
      givings.callOff(deviceId);
      await removeDevice(register, deviceId, noted(site, viewer, 'line-device-removed')).catch(lineTold);
      await changed();
      return view(found(viewer, await lines.find(line.id)));
    },
  );
}

/** Serial lines and the devices on them. */
export function serialLineRoutes(app: App, site: Site): void {
  lineRoutes(app, site);
  deviceRoutes(app, site);
}
