import { allowClear, endClear, enterKey, forgetKey } from '../../register/give-key.ts';
import type { Note } from '../../register/lock-down.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { who } from '../guard.ts';
import { lineTold } from '../line-told.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { AddressWish, ClearWish, KeyConfirm, KeyEntry, LineView } from '../schemas/serial-lines.ts';
import type { Site } from '../site.ts';
import { seen, type Viewer } from '../viewer.ts';

const ANSWER = { 200: LineView, ...PROBLEMS } as const;

/** Audit entries by this viewer; refused when the log cannot be written, and then nothing is done. */
const noted =
  ({ audit }: Site, viewer: Viewer, what: string): Note =>
  (words) =>
    audit.acted(viewer, what, { words });

const HEX_KEY = /^[0-9a-f]{32}$/i;

/** A key as its maker's tool shows it, with or without spaces between. */
function keyOf(given: string): Buffer {
  const hex = given.replace(/[\s:-]/g, '');
  if (!HEX_KEY.test(hex)) throw refusal('BAD_INPUT', { field: 'key', expected: '32 位十六进制 / 32 hex digits' });
  return Buffer.from(hex, 'hex');
}

/** The line of a device, as it is now. */
const lineOf = async ({ serial }: Site, viewer: Viewer, deviceId: number): Promise<LineView> => serial.view(seen(viewer, await serial.lines.ofDevice(deviceId), () => true));

/** Giving a device a key over its line: begin, compare who it says it is, confirm. */
function givingRoutes(app: App, site: Site): void {
  const { givings } = site.serial;

  app.post(
    '/line-devices/:id/key-giving',
    {
      config: may('serialLine', 'X', 'lineDevice'),
      schema: {
        summary: 'Begin to give a device a fresh key, for five minutes',
        description: 'The device says who it is (`giving.identity`), then it waits for a confirmation. Best done with the device alone on the line.',
        params: ById,
        response: ANSWER,
      },
    },
    async (request) => {
      const viewer = who(request);
      await givings.begin(request.params.id, noted(site, viewer, 'line-key-begun')).catch(lineTold);
      return lineOf(site, viewer, request.params.id);
    },
  );

  app.post(
    '/line-devices/:id/key-giving/confirm',
    {
      config: may('serialLine', 'X', 'lineDevice'),
      schema: { summary: 'It is this one: store its new key, and send it', params: ById, body: KeyConfirm, response: ANSWER },
    },
    async (request) => {
      const viewer = who(request);
      await givings.confirm(request.params.id, request.body.identity, noted(site, viewer, 'line-key-sent')).catch(lineTold);
      return lineOf(site, viewer, request.params.id);
    },
  );

  app.delete(
    '/line-devices/:id/key-giving',
    { config: may('serialLine', 'X', 'lineDevice'), schema: { summary: 'Call it off, as long as no key was sent', params: ById, response: ANSWER } },
    async (request) => {
      const viewer = who(request);
      await givings.cancel(request.params.id, noted(site, viewer, 'line-key-cancelled'));
      return lineOf(site, viewer, request.params.id);
    },
  );
}

/** Giving a device another address over its line. */
function addressRoutes(app: App, site: Site): void {
  const { givings, moves } = site.serial;

  app.post(
    '/line-devices/:id/address',
    {
      config: may('serialLine', 'X', 'lineDevice'),
      schema: {
        summary: 'Give a device another address on its line',
        description: 'Stored, then the device is told once, under its key. It is looked for at both addresses until it has proved its key at one (`moving`).',
        params: ById,
        body: AddressWish,
        response: ANSWER,
      },
    },
    async (request) => {
      const viewer = who(request);
      const { id } = request.params;
      givings.callOff(id);
      await moves.begin(id, request.body.address, noted(site, viewer, 'line-address-sent')).catch(lineTold);
      return lineOf(site, viewer, id);
    },
  );

  app.delete(
    '/line-devices/:id/address',
    {
      config: may('serialLine', 'X', 'lineDevice'),
      schema: { summary: 'Look for a device at its new address no more: it counts as being where it was', params: ById, response: ANSWER },
    },
    async (request) => {
      const viewer = who(request);
      await moves.drop(request.params.id, noted(site, viewer, 'line-address-dropped')).catch(lineTold);
      return lineOf(site, viewer, request.params.id);
    },
  );
}

/** Keys by hand, forgetting them, and the exception from them. */
export function lineKeyRoutes(app: App, site: Site): void {
  givingRoutes(app, site);
  addressRoutes(app, site);
  const { register, clock } = site.deps;
  const { givings, changed } = site.serial;

  app.put(
    '/line-devices/:id/key',
    {
      config: may('serialLine', 'X', 'lineDevice'),
      schema: { summary: 'Enter the key that was put into a device by its maker’s tool; it is never shown again', params: ById, body: KeyEntry, response: ANSWER },
    },
    async (request) => {
      const viewer = who(request);
      const deviceId = request.params.id;
      const key = keyOf(request.body.key);
      givings.callOff(deviceId);
      await enterKey(register, { deviceId, key }, noted(site, viewer, 'line-key-entered')).catch(lineTold);
      await changed();
      return lineOf(site, viewer, deviceId);
    },
  );

  app.delete(
    '/line-devices/:id/key',
    {
      config: may('serialLine', 'X', 'lineDevice'),
      schema: { summary: 'Forget the key of a device that was stolen or swapped: nothing is said to it until it has another', params: ById, response: ANSWER },
    },
    async (request) => {
      const viewer = who(request);
      givings.callOff(request.params.id);
      await forgetKey(register, request.params.id, noted(site, viewer, 'line-key-forgotten')).catch(lineTold);
      await changed();
      return lineOf(site, viewer, request.params.id);
    },
  );

  app.put(
    '/line-devices/:id/clear',
    {
      config: may('serialLine', 'X', 'lineDevice'),
      schema: { summary: 'Let a device without a key speak in clear for some hours', params: ById, body: ClearWish, response: ANSWER },
    },
    async (request) => {
      const viewer = who(request);
      const deviceId = request.params.id;
      await allowClear(register, { ...request.body, deviceId, now: clock() }, noted(site, viewer, 'line-clear-begun')).catch(lineTold);
      await changed();
      return lineOf(site, viewer, deviceId);
    },
  );

  app.delete(
    '/line-devices/:id/clear',
    { config: may('serialLine', 'X', 'lineDevice'), schema: { summary: 'End that at once', params: ById, response: ANSWER } },
    async (request) => {
      const viewer = who(request);
      await endClear(register, request.params.id, noted(site, viewer, 'line-clear-ended')).catch(lineTold);
      await changed();
      return lineOf(site, viewer, request.params.id);
    },
  );
}
