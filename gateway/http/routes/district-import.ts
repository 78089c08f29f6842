import { Type } from 'typebox';
import { type App, PROBLEMS } from '../app-type.ts';
import { who } from '../guard.ts';
import { JOBS } from '../jobs.ts';
import { refusal } from '../problem.ts';
import { DistrictApplied } from '../schemas/district-import.ts';
import type { Site } from '../site.ts';
import { FILE_BYTES, fileName, noteImport, TYPES } from './imports.ts';

const Piece = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 255 }),
  /** Row of the file the piece begins at, for the log. */
  row: Type.Integer({ minimum: 1 }),
  /** It is stated that somebody checked the documents (design.md 2). */
  attested: Type.Boolean(),
  makeBuildings: Type.Boolean(),
});

/** A district's roster, a piece at a time: each piece is whole by itself, with its header line. */
export function districtImportRoutes(app: App, { deps, registerChanged }: Site): void {
  const { districts, clock } = deps;
  app.addHook('onClose', () => districts.close());

  app.post(
    '/district-imports',
    {
      config: JOBS['district-import'],
      bodyLimit: FILE_BYTES,
      schema: {
        summary: 'Bring in a piece of a district’s roster: sound rows come in, the others are named',
        consumes: TYPES,
        querystring: Piece,
        body: Type.Unknown(),
        response: { 200: DistrictApplied, ...PROBLEMS },
      },
    },
    async (request) => {
      const { body: bytes, query } = request;
      if (!Buffer.isBuffer(bytes)) throw refusal('WRONG_TYPE', { field: 'content-type', expected: TYPES.join(' | ') });
      if (bytes.length === 0) throw refusal('BAD_INPUT', { field: 'body', expected: '文件内容 / the bytes of a file' });
      const { attested, makeBuildings } = query;
      const applied = await districts.take({ bytes, attested, makeBuildings }, clock());
      if (!applied.usable) return { ...applied, entry: 0 };
      const entry = await noteImport(deps, { accountId: who(request).accountId, words: `${fileName(query.name)}:${query.row}` });
      await registerChanged();
      return { ...applied, entry };
    },
  );
}
