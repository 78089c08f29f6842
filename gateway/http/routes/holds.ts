import { maskName } from '../../core/mask.ts';
import type { Sentence } from '../../core/reasons.ts';
import { type HoldRow, type Holds, holdsOf } from '../../store/holds.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { who } from '../guard.ts';
import { pageAsked, pageOf } from '../page.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { HoldPage, HoldPlace, HoldQuery, HoldRelease, HoldView } from '../schemas/rights.ts';
import type { Site } from '../site.ts';
import { inScope, type Viewer } from '../viewer.ts';

/** The longest a hold stands before it is asked about again, ms. */
const REVIEW_MS = 366 * 86_400_000;

/** Is what is held in the viewer's scope? */
async function isHis({ objects }: Site, viewer: Viewer, { subject, subjectId }: Pick<HoldRow, 'subject' | 'subjectId'>): Promise<boolean> {
  if (subject === 'person' || subject === 'unit') return objects[subject](viewer, subjectId);
  return inScope(viewer, subjectId) && objects.building(viewer, subjectId);
}

/** What is held, as people call it; a person masked. */
async function aboutOf({ persons, deps: { places } }: Site, { subject, subjectId }: HoldRow): Promise<Sentence> {
  if (subject === 'person') {
    const name = maskName((await persons.byIds([subjectId])).get(subjectId)?.name ?? '');
    return { zh: name, en: name };
  }
  if (subject === 'unit') {
    const room = (await persons.rooms([subjectId])).get(subjectId);
    return { zh: `${room?.building ?? ''} ${room?.room ?? ''}`.trim(), en: `${room?.room ?? ''} · ${room?.buildingEn ?? ''}` };
  }
  const building = await places.building(subjectId);
  return { zh: building?.name ?? '', en: building?.nameEn || (building?.name ?? '') };
}

async function view(site: Site, row: HoldRow): Promise<HoldView> {
  const { id, caseNumber, subject, subjectId, rangeFrom, rangeUntil, reason, placedAt, reviewAt, releasedAt, releaseNote } = row;
  const about = await aboutOf(site, row);
  const reviewDue = releasedAt === null && site.deps.clock() > reviewAt;
  return { id, caseNumber, subject, subjectId, about, from: rangeFrom, until: rangeUntil, reason, placedAt, reviewAt, reviewDue, releasedAt, releaseNote };
}

function check({ subject, from, until, reviewAt }: HoldPlace, now: number): void {
  if (reviewAt <= now || reviewAt > now + REVIEW_MS) throw refusal('BAD_INPUT', { field: 'reviewAt', expected: '一年以内的日期 / a day within a year' });
  if (subject !== 'entries') return;
  if (from === undefined || until === undefined || until <= from) throw refusal('BAD_INPUT', { field: 'until', expected: '开始、结束时间 / from and until' });
}

/** A page of what the viewer may see, read on until it is full. */
async function seenHolds(site: Site, viewer: Viewer, limit: number, read: (after: HoldRow | undefined) => Promise<readonly HoldRow[]>): Promise<HoldRow[]> {
  const found: HoldRow[] = [];
  for (let last: HoldRow | undefined; found.length <= limit; ) {
    const rows = await read(last);
    for (const row of rows) if (viewer.scope.all || (await isHis(site, viewer, row))) found.push(row);
    last = rows.at(-1);
    if (last === undefined || rows.length <= limit) break;
  }
  return found.slice(0, limit + 1);
}

function listRoute(app: App, site: Site, holds: Holds): void {
  app.get(
    '/holds',
    {
      config: may('retention', 'R', 'list', { only: ['OF', 'AU', 'PO'] }),
      schema: { summary: 'Holds: standing ones by review date, or released ones', querystring: HoldQuery, response: { 200: HoldPage, ...PROBLEMS } },
    },
    async (request) => {
      const { limit, after } = pageAsked(request.query, ['number', 'number']);
      const released = request.query.state === 'released';
      const at = (row: HoldRow): number => (released ? (row.releasedAt ?? 0) : row.reviewAt);
      const start = after === undefined ? undefined : { at: after[0], id: after[1] };
      const rows = await seenHolds(site, who(request), limit, (last) => holds.list(released, limit + 1, last === undefined ? start : { at: at(last), id: last.id }));
      const page = pageOf(rows, limit, (row) => [at(row), row.id]);
      return { holds: await Promise.all(page.rows.map((row) => view(site, row))), next: page.next };
    },
  );
}

/** Holds by case: what a run must leave alone. An officer places them in his area, the privacy officer anywhere; he alone releases. */
export function holdRoutes(app: App, site: Site): void {
  const { register, clock } = site.deps;
  const holds = holdsOf(register);
  listRoute(app, site, holds);

  app.post(
    '/holds',
    {
      config: may('retention', 'C', 'list', { only: ['OF', 'PO'] }),
      schema: { summary: 'Hold data for a case beyond its time', body: HoldPlace, response: { 200: HoldView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const { body } = request;
      check(body, clock());
      if (!(await isHis(site, viewer, body))) throw refusal(viewer.scope.all ? 'NOT_FOUND' : 'SCOPE_DENIED');
      const { caseNumber, subject, subjectId, reason, reviewAt, from, until } = body;
      const whom = subject === 'person' ? { personId: subjectId } : subject === 'unit' ? { unitId: subjectId } : { buildingId: subjectId };
      await site.audit.acted(viewer, 'hold-placed', { ...whom, words: `${caseNumber}: ${subject}` });
      const range = subject === 'entries' ? { rangeFrom: from ?? null, rangeUntil: until ?? null } : { rangeFrom: null, rangeUntil: null };
      return view(site, await holds.place({ caseNumber, subject, subjectId, reason, reviewAt, ...range, placedBy: viewer.accountId }, clock()));
    },
  );

  app.post(
    '/holds/:id/release',
    {
      config: may('retention', 'X', 'site', { only: ['PO'], strong: true }),
      schema: { summary: 'End a hold, with a note', params: ById, body: HoldRelease, response: { 200: HoldView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const row = await holds.find(request.params.id);
      if (row === undefined) throw refusal('NOT_FOUND');
      if (row.releasedAt !== null) throw refusal('HOLD_RELEASED');
      await site.audit.acted(viewer, 'hold-released', { ...(row.subject === 'person' ? { personId: row.subjectId } : {}), words: `${row.caseNumber}: ${row.subject}` });
      if (!(await holds.release(row.id, { accountId: viewer.accountId, note: request.body.note }, clock()))) throw refusal('HOLD_RELEASED');
      const after = await holds.find(row.id);
      return view(site, after ?? row);
    },
  );
}
