import { readStreetFile } from '../../exchange/street-file.ts';
import { importStreets } from '../../register/import-streets.ts';
import { setAddress } from '../../register/set-address.ts';
import { communitiesAt, divisionNames } from '../../store/streets.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { administered } from '../district.ts';
import { needVersion, setVersion } from '../etag.ts';
import { who } from '../guard.ts';
import { homeTold } from '../home-told.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { noteOf } from '../register-note.ts';
import { AddressBody, AddressView, StreetFound, StreetQuery, StreetsBody, StreetsImported } from '../schemas/addresses.ts';
import type { Site } from '../site.ts';
import { inScope, type Viewer } from '../viewer.ts';

const COMMUNITY_DIGITS = 12;
/** A file with something wrong in every line is one mistake. */
const MOST_FAULTS = 50;
const FILE_BYTES = 8 * 1024 * 1024;

async function addressOf({ deps }: Site, viewer: Viewer, id: number): Promise<AddressView> {
  const { read } = deps.register;
  const row = inScope(viewer, id) ? await read.building.findUnique({ where: { id }, select: { code: true, address: true, version: true, parts: true } }) : null;
  if (row === null) throw refusal(viewer.scope.all ? 'NOT_FOUND' : 'SCOPE_DENIED');
  const { code, address, version, parts } = row;
  const divisions = await divisionNames(read, code.slice(0, COMMUNITY_DIGITS));
  if (parts === null) return { text: address, divisions, version, parts };
  const { buildingId: _, ...shown } = parts;
  return { text: address, divisions, version, parts: shown };
}

/** The street–community dictionary: asked by anybody, brought in by the district. */
function streetRoutes(app: App, site: Site): void {
  const { register } = site.deps;

  app.get(
    '/streets',
    {
      config: may('rule', 'R', 'list'),
      schema: { summary: 'Which community a number of a street lies in', querystring: StreetQuery, response: { 200: StreetFound, ...PROBLEMS } },
    },
    async (request) => {
      const { street, no } = request.query;
      const rows = (await communitiesAt(register.read, street.trim(), no)) ?? [];
      const named = rows.map(async ({ communityCode, streetCode, stationCode }) => ({
        code: communityCode,
        name: (await divisionNames(register.read, communityCode)).at(-1) ?? '',
        streetCode,
        stationCode,
      }));
      const found = rows.length === 0 ? 'none' : rows.length === 1 ? 'one' : 'many';
      return { found, communities: await Promise.all(named) } as const;
    },
  );

  app.post(
    '/streets/import',
    {
      config: may('rule', 'C', 'list'),
      bodyLimit: FILE_BYTES,
      schema: { summary: 'Take over a street dictionary file; nothing of it while a line is wrong', body: StreetsBody, response: { 200: StreetsImported, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const mine = await administered(site, viewer);
      const { ranges, faults } = await readStreetFile(request.body.text);
      const strange = ranges
        .filter(({ communityCode }) => !mine.covers(communityCode))
        .map(({ row }) => ({ row, field: 'communityCode', expected: '您管辖范围内的社区 / a community of your district' }));
      const all = [...faults, ...strange].sort((a, b) => a.row - b.row).slice(0, MOST_FAULTS);
      if (all.length > 0) return { streets: 0, rows: 0, faults: all };
      const done = await importStreets(register, ranges, () => site.audit.acted(viewer, 'streets-imported', { words: `rows=${ranges.length}` }));
      return { ...done, faults: [] };
    },
  );
}

/** Addresses of buildings by their parts, and the street dictionary they are held against. */
export function addressRoutes(app: App, site: Site): void {
  streetRoutes(app, site);
  const { register } = site.deps;

  app.get(
    '/buildings/:id/address',
    { config: may('building', 'R', 'building'), schema: { summary: 'The address of a building, by its parts', params: ById, response: { 200: AddressView, ...PROBLEMS } } },
    async (request, reply) => {
      const view = await addressOf(site, who(request), request.params.id);
      setVersion(reply, view.version);
      return view;
    },
  );

  app.put(
    '/buildings/:id/address',
    {
      config: may('building', 'U', 'building'),
      schema: { summary: 'Fill in the parts of an address; its text is built from them', params: ById, body: AddressBody, response: { 200: AddressView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const { id: buildingId } = request.params;
      const { version } = await addressOf(site, viewer, buildingId);
      needVersion(request, version);
      const { group = '', street = '', doorNumber = '', compound = '', block = '', entrance = '', unlisted = false } = request.body;
      const wish = { buildingId, version, parts: { group, street, doorNumber, compound, block, entrance }, unlisted };
      await setAddress(register, wish, noteOf(site, viewer, { what: 'address-set', buildingId })).catch(homeTold);
      await site.registerChanged({ buildingId });
      return addressOf(site, viewer, buildingId);
    },
  );
}
