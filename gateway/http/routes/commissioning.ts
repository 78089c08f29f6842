import { Type } from 'typebox';
import { cleanPhoto } from '../../exchange/clean-photo.ts';
import { isDayOrEmpty, type SheetBody as Body } from '../../register/commissioning.ts';
import { BuildingId, DoorId } from '../../core/ids.ts';
import { rightTo } from '../../core/matrix.ts';
import { eventOf, NO_PERSON } from '../../journal/entry.ts';
import { type SheetAct, SheetRefused, SheetStale, saveSheet, setSheetPhoto, signSheet } from '../../register/commission-door.ts';
import type { SheetRow } from '../../store/commissioning.ts';
import type { DoorRow } from '../../store/places.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { needVersion, setVersion } from '../etag.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { SheetBody, SheetCount, SheetPage } from '../schemas/commissioning.ts';
import type { Site } from '../site.ts';
import { hasDoor, seen, type Viewer } from '../viewer.ts';
import { sheetPage } from '../views/commissioning.ts';

/** A photo the console has made smaller; one straight from a phone is larger. */
const PHOTO_BYTES = 2 * 1024 * 1024;
const PHOTO_TYPES = ['image/jpeg', 'image/png'];
const ByVersion = Type.Object({ version: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000, description: 'The newest unless said otherwise' })) });
const READ = may('door', 'R', 'door');
const WRITE = may('door', 'U', 'door');

/** What the register refuses of a sheet, as the answer a person gets. */
function sheetTold(error: unknown): never {
  if (error instanceof SheetStale) throw refusal('STALE_VERSION');
  if (error instanceof SheetRefused) throw refusal('BAD_INPUT', error.fault);
  throw error;
}

/** Text without what would move the cursor of whoever reads it; a note may have lines. */
const plain = (text: string): string =>
  text
    .normalize('NFC')
    .replace(/[^\P{Cc}\n]|[\p{Cf}\u2028\u2029]/gu, '')
    .trim();

/** The sheet as it is kept. Refuses a day there is not, by the field's name. */
function tidied(given: Body): Body {
  const body: Body = JSON.parse(JSON.stringify(given), (_, value: unknown) => (typeof value === 'string' ? plain(value) : value));
  const days = { 'power.testedOn': body.power.testedOn, testedOn: body.testedOn, retestOn: body.retestOn };
  for (const [field, day] of Object.entries(days)) if (!isDayOrEmpty(day)) throw refusal('BAD_INPUT', { field, expected: '日期，如 2026-11-23 / a day such as 2026-11-23' });
  return body;
}

const doorOf = (site: Site, viewer: Viewer, id: number): DoorRow => seen(viewer, site.doorList.of(id), (door) => hasDoor(viewer, door));
const actOf = ({ deps }: Site, viewer: Viewer, doorId: number, revision: number): SheetAct => ({
  doorId,
  revision,
  accountId: viewer.accountId === 0 ? null : viewer.accountId,
  now: deps.clock(),
});

/** The page of a door's sheet, in the version asked for. */
async function pageOf(site: Site, viewer: Viewer, door: DoorRow, version?: number): Promise<SheetPage> {
  const rows = await site.sheets.of(door.id);
  const wanted = version === undefined ? rows[0] : rows.find((row) => row.version === version);
  if (version !== undefined && wanted === undefined) throw refusal('NOT_FOUND');
  const building = seen(viewer, await site.deps.places.building(door.buildingId), () => true);
  const accounts = await site.onlookers.byIds(rows.flatMap((row) => [row.changedBy ?? [], row.signedBy ?? []].flat()));
  return sheetPage({ door, building, rows, wanted, accounts, mayWrite: rightTo('door', viewer.role, 'U') !== undefined });
}

/** Writes the signature into the log; rejects when that cannot be done, and then nothing is signed. */
const noting =
  ({ deps }: Site, viewer: Viewer, door: DoorRow) =>
  async (version: number, digest: string) => {
    const event = eventOf({ kind: 'register', what: 'door-commissioned', buildingId: BuildingId(door.buildingId), doorId: DoorId(door.id), gatewayTime: deps.clock() });
    return (await deps.doorSide.append({ event, person: { ...NO_PERSON, accountId: viewer.accountId, words: `v${version} sha256=${digest}` } })).index;
  };

function writeRoutes(app: App, site: Site): void {
  const { register } = site.deps;
  const newest = async (doorId: number): Promise<SheetRow | undefined> => (await site.sheets.of(doorId))[0];

  app.put(
    '/doors/:id/commissioning',
    {
      config: WRITE,
      schema: { summary: 'Fill in the commissioning sheet of a door: a draft until it is signed', params: ById, body: SheetBody, response: { 200: SheetPage, ...PROBLEMS } },
    },
    async (request, reply) => {
      const viewer = who(request);
      const door = doorOf(site, viewer, request.params.id);
      const revision = (await newest(door.id))?.revision ?? 0;
      needVersion(request, revision);
      await saveSheet(register, actOf(site, viewer, door.id, revision), tidied(request.body)).catch(sheetTold);
      const page = await pageOf(site, viewer, door);
      setVersion(reply, page.revision);
      return page;
    },
  );

  app.post(
    '/doors/:id/commissioning/sign',
    {
      config: WRITE,
      schema: { summary: 'Sign the sheet of a door, when all of it is there and every test was passed', params: ById, response: { 200: SheetPage, ...PROBLEMS } },
    },
    async (request, reply) => {
      const viewer = who(request);
      const door = doorOf(site, viewer, request.params.id);
      const revision = (await newest(door.id))?.revision ?? 0;
      needVersion(request, revision);
      await signSheet(register, actOf(site, viewer, door.id, revision), noting(site, viewer, door)).catch(sheetTold);
      await site.registerChanged({ buildingId: door.buildingId });
      const page = await pageOf(site, viewer, door);
      setVersion(reply, page.revision);
      return page;
    },
  );
}

function photoRoutes(app: App, site: Site): void {
  for (const type of PHOTO_TYPES) app.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit: PHOTO_BYTES }, (_request, body, done) => done(null, body));

  app.post(
    '/doors/:id/commissioning/photo',
    {
      config: WRITE,
      bodyLimit: PHOTO_BYTES,
      schema: {
        summary: 'A photo for the sheet of a door: JPEG or PNG of 2 MiB at most; all metadata is taken off',
        consumes: PHOTO_TYPES,
        params: ById,
        body: Type.Unknown(),
        response: { 200: SheetPage, ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const viewer = who(request);
      const door = doorOf(site, viewer, request.params.id);
      const { body } = request;
      if (!Buffer.isBuffer(body)) throw refusal('WRONG_TYPE', { field: 'content-type', expected: PHOTO_TYPES.join(' | ') });
      const revision = (await site.sheets.of(door.id))[0]?.revision ?? 0;
      needVersion(request, revision);
      const photo = cleanPhoto(body);
      if (photo === undefined) throw refusal('BAD_INPUT', { field: 'photo', expected: '完整的 JPEG 或 PNG 照片 / a whole JPEG or PNG' });
      await setSheetPhoto(site.deps.register, actOf(site, viewer, door.id, revision), photo).catch(sheetTold);
      const page = await pageOf(site, viewer, door);
      setVersion(reply, page.revision);
      return page;
    },
  );

  app.get(
    '/doors/:id/commissioning/photo',
    { config: READ, schema: { summary: 'The photo of a sheet', params: ById, querystring: ByVersion, response: { 200: Type.Unknown(), ...PROBLEMS } } },
    async (request, reply) => {
      const door = doorOf(site, who(request), request.params.id);
      const rows = await site.sheets.of(door.id);
      const { version = rows[0]?.version } = request.query;
      const photoId = rows.find((row) => row.version === version)?.photoId ?? undefined;
      const photo = photoId === undefined ? undefined : await site.sheets.photo(photoId);
      if (photo === undefined) throw refusal('NOT_FOUND');
      // Opened by itself it is a picture and nothing else, whatever somebody hid in it.
      reply
        .header('content-security-policy', "default-src 'none'; sandbox")
        .header('content-disposition', `inline; filename="door-${door.id}.${photo.type === 'image/png' ? 'png' : 'jpg'}"`);
      return reply.type(photo.type).send(Buffer.from(photo.image));
    },
  );
}

/** The commissioning sheet of a door: wiring, fail mode, what was tried before a witness, a photo. */
export function commissioningRoutes(app: App, site: Site): void {
  app.get(
    '/doors/:id/commissioning',
    { config: READ, schema: { summary: 'The commissioning sheet of a door', params: ById, querystring: ByVersion, response: { 200: SheetPage, ...PROBLEMS } } },
    async (request, reply) => {
      const viewer = who(request);
      const page = await pageOf(site, viewer, doorOf(site, viewer, request.params.id), request.query.version);
      setVersion(reply, page.revision);
      return page;
    },
  );

  app.get(
    '/commissioning/count',
    { config: may('door', 'R', 'list'), schema: { summary: 'How many doors in scope have no signed sheet', response: { 200: SheetCount, ...PROBLEMS } } },
    async (request) => {
      const viewer = who(request);
      const doors = (await site.deps.places.doors()).filter((door) => hasDoor(viewer, door));
      const now = site.deps.clock();
      return {
        doors: doors.length,
        without: doors.filter(({ retestDue }) => retestDue === null).length,
        due: doors.filter(({ retestDue }) => retestDue !== null && retestDue < now).length,
      };
    },
  );
  writeRoutes(app, site);
  photoRoutes(app, site);
}
