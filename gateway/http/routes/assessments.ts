import type { FastifyReply } from 'fastify';
import { accountPeopleOf } from '../../store/account-people.ts';
import { type AssessmentEntry, type Assessments, assessmentsOf } from '../../store/assessments.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { needVersion, setVersion } from '../etag.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { AssessmentAccept, AssessmentList, type AssessmentRow, AssessmentText, AssessmentView } from '../schemas/rights.ts';
import type { Site } from '../site.ts';
import type { Viewer } from '../viewer.ts';

/** The longest until an assessment is looked at again, ms. */
const REVIEW_MS = 3 * 366 * 86_400_000;

function row({ id, title, state, createdAt, decidedAt, reviewAt, createdBy }: AssessmentEntry, { accountId }: Viewer, now: number): AssessmentRow {
  return { id, title, state, createdAt, decidedAt, reviewAt, reviewDue: state === 'accepted' && reviewAt !== null && now > reviewAt, own: createdBy === accountId };
}

const view = (entry: AssessmentEntry, viewer: Viewer, now: number): AssessmentView => ({ ...row(entry, viewer, now), version: entry.version, ...entry.answers });

async function entryFor(assessments: Assessments, id: number): Promise<AssessmentEntry> {
  const entry = await assessments.find(id);
  if (entry === undefined) throw refusal('NOT_FOUND');
  return entry;
}

/** The row as it is after a change, with its new version. */
async function afterwards(reply: FastifyReply, assessments: Assessments, id: number, about: { readonly viewer: Viewer; readonly now: number }): Promise<AssessmentView> {
  const entry = await entryFor(assessments, id);
  setVersion(reply, entry.version);
  return view(entry, about.viewer, about.now);
}

function writeRoutes(app: App, site: Site, assessments: Assessments): void {
  const { clock } = site.deps;
  app.post(
    '/assessments',
    {
      config: may('assessment', 'C', 'site', { only: ['PO'] }),
      schema: { summary: 'Begin an impact assessment', body: AssessmentText, response: { 200: AssessmentView, ...PROBLEMS } },
    },
    async (request, reply) => {
      const viewer = who(request);
      const { title, ...answers } = request.body;
      await site.audit.acted(viewer, 'assessment-drafted');
      const entry = await assessments.create(title, answers, { accountId: viewer.accountId, now: clock() });
      setVersion(reply, entry.version);
      return view(entry, viewer, clock());
    },
  );

  app.put(
    '/assessments/:id',
    {
      config: may('assessment', 'U', 'site', { only: ['PO'] }),
      schema: { summary: 'Change a draft', params: ById, body: AssessmentText, response: { 200: AssessmentView, ...PROBLEMS } },
    },
    async (request, reply) => {
      const viewer = who(request);
      const entry = await entryFor(assessments, request.params.id);
      needVersion(request, entry.version);
      if (entry.state !== 'draft') throw refusal('IS_CLOSED');
      const { title, ...answers } = request.body;
      await site.audit.acted(viewer, 'assessment-drafted', { words: `assessment ${entry.id}` });
      if (!(await assessments.rewrite(entry.id, entry.version, title, answers))) throw refusal('STALE_VERSION');
      return afterwards(reply, assessments, entry.id, { viewer, now: clock() });
    },
  );
}

function decideRoutes(app: App, site: Site, assessments: Assessments): void {
  const { register, clock } = site.deps;
  const people = accountPeopleOf(register);
  app.post(
    '/assessments/:id/accept',
    {
      config: may('assessment', 'X', 'site', { only: ['PO'], strong: true }),
      schema: { summary: 'Accept an assessment somebody else wrote', params: ById, body: AssessmentAccept, response: { 200: AssessmentView, ...PROBLEMS } },
    },
    async (request, reply) => {
      const viewer = who(request);
      const entry = await entryFor(assessments, request.params.id);
      needVersion(request, entry.version);
      if (entry.state !== 'draft') throw refusal('IS_CLOSED');
      if (await people.samePerson(viewer.accountId, entry.createdBy)) throw refusal('SAME_PERSON');
      const { reviewAt } = request.body;
      if (reviewAt <= clock() || reviewAt > clock() + REVIEW_MS) throw refusal('BAD_INPUT', { field: 'reviewAt', expected: '三年以内的日期 / a day within three years' });
      await site.audit.acted(viewer, 'assessment-accepted', { words: `assessment ${entry.id}` });
      if (!(await assessments.move(entry.id, { version: entry.version, from: 'draft', to: 'accepted', by: viewer.accountId, reviewAt }, clock()))) throw refusal('STALE_VERSION');
      return afterwards(reply, assessments, entry.id, { viewer, now: clock() });
    },
  );

  app.post(
    '/assessments/:id/retire',
    {
      config: may('assessment', 'X', 'site', { only: ['PO'] }),
      schema: { summary: 'Retire an assessment: what it was about has ended; kept three years more', params: ById, response: { 200: AssessmentView, ...PROBLEMS } },
    },
    async (request, reply) => {
      const viewer = who(request);
      const entry = await entryFor(assessments, request.params.id);
      needVersion(request, entry.version);
      if (entry.state === 'retired') throw refusal('IS_CLOSED');
      await site.audit.acted(viewer, 'assessment-retired', { words: `assessment ${entry.id}` });
      if (!(await assessments.move(entry.id, { version: entry.version, from: entry.state, to: 'retired', by: viewer.accountId }, clock()))) throw refusal('STALE_VERSION');
      return afterwards(reply, assessments, entry.id, { viewer, now: clock() });
    },
  );
}

/** Impact assessments (PIPL 55 and 56): written by one, accepted by another. */
export function assessmentRoutes(app: App, site: Site): void {
  const { register, clock } = site.deps;
  const assessments = assessmentsOf(register);

  app.get(
    '/assessments',
    { config: may('assessment', 'R', 'site', { only: ['AU', 'PO'] }), schema: { summary: 'Impact assessments, newest first', response: { 200: AssessmentList, ...PROBLEMS } } },
    async (request) => ({ assessments: (await assessments.list()).map((entry) => row(entry, who(request), clock())) }),
  );

  app.get(
    '/assessments/:id',
    { config: may('assessment', 'R', 'site', { only: ['AU', 'PO'] }), schema: { summary: 'One impact assessment', params: ById, response: { 200: AssessmentView, ...PROBLEMS } } },
    (request, reply) => afterwards(reply, assessments, request.params.id, { viewer: who(request), now: clock() }),
  );
  writeRoutes(app, site, assessments);
  decideRoutes(app, site, assessments);
}
