import { forgetPerson, type KeepReason, keepReason } from '../../register/anonymise.ts';
import { CorrectionRefused, correctPerson, readCorrection } from '../../register/correct-person.ts';
import { daysKept } from '../../register/run-retention.ts';
import { accountPeopleOf } from '../../store/account-people.ts';
import { type DataRequests, dataRequestsOf, type RequestRow } from '../../store/data-requests.ts';
import { type OwnData, ownDataOf } from '../../store/own-data.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { needVersion, setVersion } from '../etag.ts';
import { who } from '../guard.ts';
import { pageAsked, pageOf } from '../page.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { Correction, Decide, RequestDetail, RequestFile, RequestPage, RequestQuery, RequestRow as RowView } from '../schemas/rights.ts';
import type { Site } from '../site.ts';
import type { Viewer } from '../viewer.ts';
import { keptBecause, requestDetail, requestRow } from '../views/data-request.ts';
import { fileRequest } from './own-requests.ts';

interface Desk {
  readonly site: Site;
  readonly requests: DataRequests;
  readonly own: OwnData;
}

async function rowOrNone({ requests }: Desk, id: number): Promise<RequestRow> {
  const row = await requests.find(id);
  if (row === undefined) throw refusal('NOT_FOUND');
  return row;
}

/** Filed by somebody else than the person: at the counter. */
async function atCounter({ site }: Desk, rows: readonly RequestRow[]): Promise<ReadonlySet<number>> {
  const filers = await accountPeopleOf(site.deps.register).names(rows.map(({ filedBy }) => filedBy));
  return new Set(rows.filter(({ filedBy }) => !['TEN', 'LL'].includes(filers.get(filedBy)?.role ?? '')).map(({ id }) => id));
}

/** How long a door record must be able to name whoever came, days. */
const recordDays = (site: Site): Promise<number> => daysKept(site.retention.store, 'entries');

async function detail(desk: Desk, row: RequestRow): Promise<RequestDetail> {
  const { site, own } = desk;
  const { register, clock } = site.deps;
  const person = await own.person(row.personId);
  if (person === undefined) throw refusal('NOT_FOUND');
  const days = await recordDays(site);
  const reason = row.kind === 'delete' && person.anonymisedAt === null ? await keepReason(register.read, row.personId, days, clock()) : undefined;
  const homes = await site.persons.homes([row.personId], clock());
  const counter = (await atCounter(desk, [row])).has(row.id);
  return requestDetail(row, { person, homes, counter, mustKeep: reason === undefined ? null : keptBecause(reason, days) }, clock());
}

/** A page of rows the viewer may see: a clerk those of his station, read on until the page is full. */
async function seenRows({ site }: Desk, viewer: Viewer, limit: number, read: (after: RequestRow | undefined) => Promise<readonly RequestRow[]>): Promise<RequestRow[]> {
  const found: RequestRow[] = [];
  for (let last: RequestRow | undefined; found.length <= limit; ) {
    const rows = await read(last);
    for (const row of rows) if (viewer.scope.all || (await site.objects.person(viewer, row.personId))) found.push(row);
    last = rows.at(-1);
    if (last === undefined || rows.length <= limit) break;
  }
  return found.slice(0, limit + 1);
}

function readRoutes(app: App, desk: Desk): void {
  const { site, requests } = desk;
  const { clock } = site.deps;

  app.get(
    '/requests',
    {
      config: may('dataRequest', 'R', 'list', { only: ['CL', 'AU', 'PO'] }),
      schema: { summary: 'Data requests: open ones by due date, or decided ones', querystring: RequestQuery, response: { 200: RequestPage, ...PROBLEMS } },
    },
    async (request) => {
      const { state = 'open' } = request.query;
      const { limit, after } = pageAsked(request.query, ['number', 'number']);
      const at = (row: RequestRow): number => (state === 'open' ? row.dueAt : (row.decidedAt ?? 0));
      const start = after === undefined ? undefined : { at: after[0], id: after[1] };
      const rows = await seenRows(desk, who(request), limit, (last) => requests[state](limit + 1, last === undefined ? start : { at: at(last), id: last.id }));
      const page = pageOf(rows, limit, (row) => [at(row), row.id]);
      const people = await site.persons.byIds(page.rows.map(({ personId }) => personId));
      const counter = await atCounter(desk, page.rows);
      return { requests: page.rows.map((row) => requestRow(row, { name: people.get(row.personId)?.name ?? '', counter: counter.has(row.id) }, clock())), next: page.next };
    },
  );

  app.get(
    '/requests/:id',
    {
      config: may('dataRequest', 'R', 'dataRequest', { only: ['CL', 'AU', 'PO'] }),
      schema: { summary: 'One data request with what is asked; noted, and told to the person', params: ById, response: { 200: RequestDetail, ...PROBLEMS } },
    },
    async (request, reply) => {
      const row = await rowOrNone(desk, request.params.id);
      await site.audit.acted(who(request), 'request-read', { personId: row.personId, words: `request ${row.id}` });
      setVersion(reply, row.version);
      return detail(desk, row);
    },
  );
}

const mustKeep = (reason: KeepReason, days: number) => refusal('MUST_KEEP', { expected: `${keptBecause(reason, days).zh} / ${keptBecause(reason, days).en}` });

/** Deleting is done at once with the answer, or refused with the reason; before it is written down that it was done. */
async function checkDeletion({ site }: Desk, row: RequestRow): Promise<void> {
  if (row.kind !== 'delete') return;
  const days = await recordDays(site);
  const reason = await keepReason(site.deps.register.read, row.personId, days, site.deps.clock());
  if (reason !== undefined) throw mustKeep(reason, days);
}

async function deletePerson({ site }: Desk, row: RequestRow, by: number): Promise<void> {
  if (row.kind !== 'delete') return;
  const { register, clock } = site.deps;
  const days = await recordDays(site);
  const reason = await forgetPerson(register, row.personId, { recordDays: days, now: clock(), by, revoke: site.revoke });
  if (reason !== undefined) throw mustKeep(reason, days);
  await site.registerChanged();
  await site.rightsChanged();
}

function decideRoute(app: App, desk: Desk): void {
  const { site, requests } = desk;
  const { clock } = site.deps;
  app.post(
    '/requests/:id/decide',
    {
      config: may('dataRequest', 'X', 'dataRequest', { only: ['PO'], strong: true }),
      schema: { summary: 'Answer a data request, or refuse it with the reason', params: ById, body: Decide, response: { 200: RequestDetail, ...PROBLEMS } },
    },
    async (request, reply) => {
      const viewer = who(request);
      const row = await rowOrNone(desk, request.params.id);
      needVersion(request, row.version);
      if (row.state !== 'open') throw refusal('REQUEST_DECIDED');
      const { decision, words } = request.body;
      if (decision === 'answered') await checkDeletion(desk, row);
      await site.audit.acted(viewer, `request-${decision}`, { personId: row.personId, words: `request ${row.id}: ${row.kind}` });
      if (decision === 'answered') await deletePerson(desk, row, viewer.accountId);
      const decided = await requests.decide(row.id, row.version, { state: decision, answer: words, decidedBy: viewer.accountId }, clock());
      if (decided === undefined) throw refusal('STALE_VERSION');
      setVersion(reply, decided.version);
      return detail(desk, decided);
    },
  );
}

function correctionRoute(app: App, desk: Desk): void {
  const { site, requests } = desk;
  const { register, clock } = site.deps;
  app.post(
    '/requests/:id/correction',
    {
      config: may('dataRequest', 'U', 'dataRequest', { only: ['CL', 'PO'] }),
      schema: { summary: 'Put right what the register says of the person', params: ById, body: Correction, response: { 200: RequestDetail, ...PROBLEMS } },
    },
    async (request, reply) => {
      const viewer = who(request);
      const row = await rowOrNone(desk, request.params.id);
      needVersion(request, row.version);
      if (row.state !== 'open' || row.kind !== 'correct') throw refusal('REQUEST_DECIDED');
      const { personVersion, note, ...wish } = request.body;
      const fields = Object.keys(wish);
      if (fields.length === 0) throw refusal('BAD_INPUT', { field: 'name', expected: 'name | phone | documentType + documentNumber' });
      const checkedBy = viewer.role === 'CL' ? ('clerk' as const) : undefined;
      const correction = await readCorrection(register, row.personId, { ...wish, checkedBy }, clock()).catch((error: unknown) => {
        throw error instanceof CorrectionRefused ? refusal('BAD_INPUT', { field: error.field, expected: error.expected }) : error;
      });
      await site.audit.acted(viewer, 'person-corrected', { personId: row.personId, words: `request ${row.id}: ${fields.join(' ')}; ${note}`.slice(0, 120) });
      const done = await correctPerson(register, { id: row.personId, version: personVersion }, correction);
      if (!done || !(await requests.touch(row.id, row.version))) throw refusal('STALE_VERSION');
      await site.registerChanged();
      const now = await rowOrNone(desk, row.id);
      setVersion(reply, now.version);
      return detail(desk, now);
    },
  );
}

/** Data requests at the desks: the counter takes them in, the privacy officer answers them. */
export function requestRoutes(app: App, site: Site): void {
  const { register, clock } = site.deps;
  const desk: Desk = { site, requests: dataRequestsOf(register), own: ownDataOf(register) };

  app.post(
    '/people/:id/requests',
    {
      config: may('dataRequest', 'C', 'person', { only: ['CL', 'PO'] }),
      schema: { summary: 'File a data request for a person at the counter', params: ById, body: RequestFile, response: { 200: RowView, ...PROBLEMS } },
    },
    async (request) => {
      const person = await desk.own.person(request.params.id);
      if (person === undefined || person.anonymisedAt !== null) throw refusal('NOT_FOUND');
      return requestRow(await fileRequest(site, who(request), person.id, request.body), { name: person.name, counter: true }, clock());
    },
  );
  readRoutes(app, desk);
  decideRoute(app, desk);
  correctionRoute(app, desk);
}
