import { Type } from 'typebox';
import { readDivisionCode } from '../../core/division-code.ts';
import { type App, PROBLEMS } from '../app-type.ts';
import { administered } from '../district.ts';
import { needVersion, setVersion } from '../etag.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { DivisionChange, DivisionNew, DivisionView } from '../schemas/offices.ts';
import type { Site } from '../site.ts';
import type { Viewer } from '../viewer.ts';
import { divisionView } from '../views/office.ts';

const ByCode = Type.Object({ code: Type.String({ minLength: 12, maxLength: 12 }) });
const CODE_FORM = '12 位区划代码，如 890101001001 / a 12-digit division code, such as 890101001001';

/** The divisions of the country that this site has places in. */
export function divisionRoutes(app: App, site: Site): void {
  const { offices, deps } = site;
  const { divisions } = offices;

  async function needCovers(viewer: Viewer, code: string): Promise<void> {
    if (!(await administered(site, viewer)).covers(code)) throw refusal('SCOPE_DENIED', { field: 'code' });
  }
  async function viewOf(code: string): Promise<DivisionView> {
    const found = await divisions.find(code);
    if (found === undefined) throw refusal('NOT_FOUND');
    return divisionView(found);
  }

  app.get(
    '/divisions',
    { config: may('org', 'R', 'list'), schema: { summary: 'Divisions in scope, by code', response: { 200: Type.Array(DivisionView), ...PROBLEMS } } },
    async (request) => {
      const mine = await administered(site, who(request));
      return (await divisions.list(mine.all ? undefined : mine.district.prefixes)).map(divisionView);
    },
  );

  app.post(
    '/divisions',
    {
      config: may('org', 'C', 'list'),
      schema: { summary: 'Add a division; level and kind are read from its code', body: DivisionNew, response: { 200: DivisionView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const { code, name, nameEn = '', validFrom = deps.clock() } = request.body;
      const read = readDivisionCode(code);
      if (read === undefined) throw refusal('BAD_INPUT', { field: 'code', expected: CODE_FORM });
      await needCovers(viewer, code);
      await site.audit.acted(viewer, 'division-added', { words: `${code} ${name}` });
      const added = await divisions.add({ code, name, nameEn, validFrom, level: read.level, kind: read.kind, parentCode: read.parent });
      if (!added) throw refusal('TAKEN', { field: 'code' });
      return viewOf(code);
    },
  );

  app.patch(
    '/divisions/:code',
    {
      config: may('org', 'U', 'list'),
      schema: { summary: 'Rename a division, or say until when it held and what replaced it', params: ByCode, body: DivisionChange, response: { 200: DivisionView, ...PROBLEMS } },
    },
    async (request, reply) => {
      const viewer = who(request);
      const { code } = request.params;
      await needCovers(viewer, code);
      const now = await viewOf(code);
      needVersion(request, now.version);
      const { replacedBy, validUntil } = request.body;
      if (replacedBy != null && (replacedBy === code || (await divisions.find(replacedBy)) === undefined)) throw refusal('NOT_FOUND', { field: 'replacedBy' });
      if (validUntil != null && validUntil <= now.validFrom) throw refusal('BAD_INPUT', { field: 'validUntil', expected: '晚于开始 / later than the start' });
      await site.audit.acted(viewer, 'division-changed', { words: `${code} ${Object.keys(request.body).join(' ')}` });
      if (!(await divisions.change(code, now.version, request.body))) throw refusal('STALE_VERSION');
      const view = await viewOf(code);
      setVersion(reply, view.version);
      return view;
    },
  );
}
