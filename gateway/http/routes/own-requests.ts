import { Type } from 'typebox';
import { addWorkingDays } from '../../core/working-days.ts';
import { dateAt, endOfDay } from '../../core/local-date.ts';
import { PUBLIC_HOLIDAYS } from '../../register/public-holidays.ts';
import { daysKept } from '../../register/run-retention.ts';
import { type DataRequests, dataRequestsOf, type RequestRow } from '../../store/data-requests.ts';
import { noticesOf } from '../../store/notices.ts';
import { ownDataOf } from '../../store/own-data.ts';
import type { StoredEntry } from '../../journal/entry.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { CopyWish, type OwnCopy, OwnRequest, OwnRequests, RequestFile } from '../schemas/rights.ts';
import type { Site } from '../site.ts';
import type { Viewer } from '../viewer.ts';
import { copyUntil, ownRequest } from '../views/data-request.ts';
import { copyAsCsv, ownCopy } from '../views/own-copy.ts';

/** Working days within which a request is answered (domain.md 5.1-14). */
const ANSWER_DAYS = 15;
/** Entries and looks of a copy; a person who came and went this often in the kept time is no person. */
const MOST_ENTRIES = 20_000;
const PAGE = 500;

/** The person in the register behind the account; refuses NO_PERSON. */
export function ownPerson({ personId }: Viewer): number {
  if (personId === null) throw refusal('NO_PERSON');
  return personId;
}

/** When a request that came in at `now` is to be answered: the end of the fifteenth working day. */
const answerDue = (now: number): number => endOfDay(addWorkingDays(dateAt(now), ANSWER_DAYS, PUBLIC_HOLIDAYS));

interface Filed {
  readonly kind: RequestRow['kind'];
  readonly text?: string;
}

/**
 * Takes a request in, by the person himself or for him at the counter. Withdrawing consent is done at once: nobody has
 * to agree to it, and it never stops the key.
 */
export async function fileRequest(site: Site, viewer: Viewer, personId: number, { kind, text = '' }: Filed): Promise<RequestRow> {
  const { register, clock } = site.deps;
  const requests = dataRequestsOf(register);
  if (kind === 'correct' && text.trim().length < 2) throw refusal('BAD_INPUT', { field: 'text', expected: '写明哪里不对、应该是什么 / what is wrong, and what is right' });
  if ((await requests.ofPerson(personId)).some((other) => other.kind === kind && other.state === 'open')) throw refusal('REQUEST_OPEN', { field: 'kind' });
  await site.audit.acted(viewer, 'request-filed', { personId, words: kind });
  const row = await requests.file({ kind, personId, text: text.trim(), filedBy: viewer.accountId, dueAt: answerDue(clock()) }, clock());
  return kind === 'withdraw' ? withdrawConsents(site, requests, row) : row;
}

const WITHDRAWN = '已经停用您同意过的各项，钥匙照常用。 / What you had agreed to is switched off; your key goes on working.';

async function withdrawConsents(site: Site, requests: DataRequests, row: RequestRow): Promise<RequestRow> {
  const { register, clock } = site.deps;
  const notices = noticesOf(register);
  const current = await notices.current();
  if (current !== undefined) await notices.withdrawAll(row.personId, current.id, clock());
  return (await requests.decide(row.id, row.version, { state: 'answered', answer: WITHDRAWN, decidedBy: row.filedBy }, clock())) ?? row;
}

/** Pages of the log, newest first, until there are no more. */
function allPages(page: (before: number | undefined) => readonly StoredEntry[]): StoredEntry[] {
  const found: StoredEntry[] = [];
  for (let before: number | undefined; found.length < MOST_ENTRIES; ) {
    const entries = page(before);
    found.push(...entries);
    before = entries.at(-1)?.index;
    if (before === undefined || entries.length < PAGE) break;
  }
  return found;
}

/** Everything the gateway holds about a person, read now. */
async function copyFor(site: Site, viewer: Viewer, personId: number, request: number): Promise<OwnCopy> {
  const { deps, onlookers, purposes, doorList, retention } = site;
  const { register, journal, clock } = deps;
  const own = ownDataOf(register);
  const person = await own.person(personId);
  if (person === undefined) throw refusal('NOT_FOUND');
  const entries = allPages((index) => journal.before({ personId, kinds: ['access'], ...(index === undefined ? {} : { index }) }, PAGE));
  const looks = allPages((index) => journal.auditOf(personId, PAGE, index)).filter((entry) => entry.person.accountId !== viewer.accountId);
  const cited = looks.flatMap(({ event }) => event.ref ?? []);
  return ownCopy({
    person,
    request,
    entries,
    looks,
    madeAt: clock(),
    entriesKeptDays: await daysKept(retention.store, 'entries'),
    homes: await own.homes(personId),
    credentials: await own.credentials(personId),
    stops: await own.stops(personId),
    work: await own.work(personId),
    onlookers: await onlookers.byIds(looks.map((entry) => entry.person.accountId)),
    purposes: await purposes.kindsByEntry(cited),
    consents: await noticesOf(register).consents(personId),
    requests: await dataRequestsOf(register).ofPerson(personId),
    doorName: (doorId) => doorList.name(doorId).zh,
  });
}

/** A person's requests about his own data: filing, reading, and fetching the copy, once. */
export function ownRequestRoutes(app: App, site: Site): void {
  const { register, clock } = site.deps;
  const requests = dataRequestsOf(register);

  app.get(
    '/me/requests',
    { config: may('dataRequest', 'R', 'self', { only: ['TEN', 'LL'] }), schema: { summary: "One's own data requests, newest first", response: { 200: OwnRequests, ...PROBLEMS } } },
    async (request) => {
      const { personId } = who(request);
      const rows = personId === null ? [] : await requests.ofPerson(personId);
      return { requests: rows.map((row) => ownRequest(row, clock())) };
    },
  );

  app.post(
    '/me/requests',
    {
      config: may('dataRequest', 'C', 'self', { only: ['TEN', 'LL'] }),
      schema: { summary: 'Ask for a copy, a correction, deletion, or withdraw consent', body: RequestFile, response: { 200: OwnRequest, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      return ownRequest(await fileRequest(site, viewer, ownPerson(viewer), request.body), clock());
    },
  );

  app.post(
    '/me/requests/:id/copy',
    {
      config: { ...may('dataRequest', 'R', 'self', { only: ['TEN', 'LL'] }), shownOnce: true },
      schema: {
        summary: 'Fetch the copy that was granted: made now, given once, no file stays',
        params: ById,
        body: CopyWish,
        produces: ['application/json', 'text/csv'],
        response: { 200: Type.Unsafe<string>({ type: 'string', description: 'OwnCopy as a JSON file, or the same as CSV.' }), ...PROBLEMS },
      },
    },
    async (request, reply) => {
      const viewer = who(request);
      const personId = ownPerson(viewer);
      const row = await requests.find(request.params.id);
      if (row === undefined || row.personId !== personId) throw refusal('NOT_FOUND');
      if (row.state === 'open') throw refusal('NOT_FOUND');
      if (copyUntil(row, clock()) === null) throw refusal('COPY_GONE');
      const copy = await copyFor(site, viewer, personId, row.id);
      await site.audit.acted(viewer, 'copy-fetched', { personId, words: `request ${row.id}` });
      if (!(await requests.takeCopy(row.id, clock()))) throw refusal('COPY_GONE');
      const { format } = request.body;
      reply.header('content-disposition', `attachment; filename="doorbook-my-data-${dateAt(clock())}.${format}"`);
      if (format === 'csv') return reply.code(200).type('text/csv; charset=utf-8').send(copyAsCsv(copy));
      return reply
        .code(200)
        .type('application/json; charset=utf-8')
        .send(JSON.stringify(copy, undefined, 2));
    },
  );
}
