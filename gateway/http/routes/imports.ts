import { Type } from 'typebox';
import { BuildingId } from '../../core/ids.ts';
import { eventOf, NO_PERSON } from '../../journal/entry.ts';
import { type App, ById, PROBLEMS, RowId } from '../app-type.ts';
import { who } from '../guard.ts';
import { JOBS } from '../jobs.ts';
import { refusal } from '../problem.ts';
import { RosterApplied, RosterApply, RosterPreview } from '../schemas/roster.ts';
import type { Site } from '../site.ts';
import { inScope, seen, type Viewer } from '../viewer.ts';

export const FILE_BYTES = 8 * 1024 * 1024;
export const TYPES = ['text/csv', 'application/octet-stream'];
const UploadQuery = Type.Object({ building: RowId, name: Type.String({ minLength: 1, maxLength: 255 }) });

/** The file's own name without folders and without characters that could move the cursor of whoever reads it. */
export const fileName = (given: string): string => (given.split(/[\\/]/).at(-1) ?? '').replace(/[\p{Cc}\p{Cf}]/gu, '').slice(0, 120);

/** Where people of a roster are looked for: a document number tells a landlord nothing about other houses. */
const within = ({ scope }: Viewer): readonly number[] | undefined => (scope.all ? undefined : [...scope.buildings]);

/** Writes down what was imported. The register has changed already, so a log that is down does not undo it: entry 0 says so. */
export async function noteImport({ doorSide, clock, onError }: Site['deps'], about: { buildingId?: number; accountId: number; words: string }): Promise<number> {
  const event = eventOf({ kind: 'register', what: 'import', buildingId: BuildingId(about.buildingId ?? 0), gatewayTime: clock() });
  try {
    return (await doorSide.append({ event, person: { ...NO_PERSON, accountId: about.accountId, words: about.words } })).index;
  } catch (error) {
    onError(error, 'entry of an import');
    return 0;
  }
}

/** Roster files: what a file would do, then doing it. */
export function importRoutes(app: App, site: Site): void {
  const { rosters, places, clock } = site.deps;
  for (const type of TYPES) app.addContentTypeParser(type, { parseAs: 'buffer', bodyLimit: FILE_BYTES }, (_request, body, done) => done(null, body));

  app.post(
    '/imports',
    {
      config: JOBS['roster-look'],
      bodyLimit: FILE_BYTES,
      schema: {
        summary: 'Look at a roster file: nothing is changed yet',
        consumes: TYPES,
        querystring: UploadQuery,
        body: Type.Unknown(),
        response: { 200: RosterPreview, ...PROBLEMS },
      },
    },
    async (request) => {
      const viewer = who(request);
      const building = seen(viewer, await places.building(request.query.building), (row) => inScope(viewer, row.id));
      const { body } = request;
      if (!Buffer.isBuffer(body)) throw refusal('WRONG_TYPE', { field: 'content-type', expected: TYPES.join(' | ') });
      if (body.length === 0) throw refusal('BAD_INPUT', { field: 'body', expected: '文件内容 / the bytes of a file' });
      return rosters.preview(
        { buildingId: building.id, within: within(viewer), accountId: viewer.accountId || null, fileName: fileName(request.query.name), bytes: body },
        clock(),
      );
    },
  );

  app.post(
    '/imports/:id/apply',
    {
      config: JOBS['roster-import'],
      schema: { summary: 'Apply a roster that was looked at', params: ById, body: RosterApply, response: { 200: RosterApplied, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const roster = seen(viewer, await rosters.find(request.params.id), (row) => inScope(viewer, row.buildingId));
      if (roster.state === 'applied') throw refusal('ALREADY_APPLIED');
      const applied = await rosters.apply(request.params.id, { ...request.body, within: within(viewer) }, clock());
      if (applied === undefined) throw refusal('HAS_BAD_ROWS', { field: 'goodRowsOnly', expected: 'true' });
      const entry = await noteImport(site.deps, { buildingId: roster.buildingId, accountId: viewer.accountId, words: roster.fileName });
      await site.registerChanged({ buildingId: roster.buildingId });
      return { ...applied, entry };
    },
  );
}
