import { createHash } from 'node:crypto';
import { DEFAULT_NOTICE } from '../../register/default-notice.ts';
import { type ConsentRow, type NoticeRow, type Notices, noticesOf } from '../../store/notices.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { needVersion, setVersion } from '../etag.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { ConsentSet, type ConsentPurpose, ConsentsView, CurrentNotice, NoticeList, NoticeText, NoticeView } from '../schemas/rights.ts';
import type { Site } from '../site.ts';
import { ownPerson } from './own-requests.ts';

/** A draft's version is what it says: 48 bits of the digest of both texts, as a number an entity tag can carry. */
const versionOf = ({ zh, en }: NoticeText): number => createHash('sha256').update(`${zh}\0${en}`).digest().readUIntBE(0, 6);

const view = (row: NoticeRow): NoticeView => ({ ...row, version: versionOf(row) });

async function draftFor(notices: Notices, id: number): Promise<NoticeRow> {
  const row = await notices.find(id);
  if (row === undefined) throw refusal('NOT_FOUND');
  if (row.publishedAt !== null) throw refusal('NOTICE_PUBLISHED');
  return row;
}

function draftRoutes(app: App, site: Site, notices: Notices): void {
  const { clock } = site.deps;
  app.post(
    '/notices',
    {
      config: may('notice', 'C', 'site', { only: ['PO'] }),
      schema: { summary: 'Write the next version of the privacy notice, as a draft', body: NoticeText, response: { 200: NoticeView, ...PROBLEMS } },
    },
    async (request, reply) => {
      await site.audit.acted(who(request), 'notice-drafted');
      const row = await notices.draft(request.body);
      if (row === undefined) throw refusal('DRAFT_OPEN');
      setVersion(reply, versionOf(row));
      return view(row);
    },
  );

  app.put(
    '/notices/:id',
    { config: may('notice', 'U', 'site', { only: ['PO'] }), schema: { summary: 'Change the draft', params: ById, body: NoticeText, response: { 200: NoticeView, ...PROBLEMS } } },
    async (request, reply) => {
      const row = await draftFor(notices, request.params.id);
      needVersion(request, versionOf(row));
      await site.audit.acted(who(request), 'notice-drafted', { words: `version ${row.number}` });
      if (!(await notices.rewrite(row.id, row, request.body))) throw refusal('STALE_VERSION');
      setVersion(reply, versionOf(request.body));
      return view({ ...row, ...request.body });
    },
  );

  app.post(
    '/notices/:id/publish',
    {
      config: may('notice', 'X', 'site', { only: ['PO'], strong: true }),
      schema: { summary: 'Publish the draft: from now on it is the notice, and is never edited', params: ById, response: { 200: NoticeView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const row = await draftFor(notices, request.params.id);
      needVersion(request, versionOf(row));
      await site.audit.acted(viewer, 'notice-published', { words: `version ${row.number}` });
      if (!(await notices.publish(row.id, row, { accountId: viewer.accountId, now: clock() }))) throw refusal('STALE_VERSION');
      return view((await notices.find(row.id)) ?? row);
    },
  );
}

/** What stands now: the latest answer on each purpose; that the notice was read counts for its current version. */
function consentsView(rows: readonly ConsentRow[], current: number | undefined): ConsentsView {
  const latest = (purpose: ConsentPurpose): boolean | null => rows.find((row) => row.purpose === purpose && (purpose !== 'notice' || row.notice === current))?.given ?? null;
  return {
    now: { notice: latest('notice'), doorLog: latest('doorLog'), cardAsKey: latest('cardAsKey'), welfareCheck: latest('welfareCheck') },
    history: rows.map(({ purpose, given, at, notice }) => ({ purpose, given, at, notice })),
  };
}

function consentRoutes(app: App, site: Site, notices: Notices): void {
  const { clock } = site.deps;
  app.get(
    '/me/consents',
    { config: may('consent', 'R', 'self', { only: ['TEN'] }), schema: { summary: 'What one has agreed to, and when', response: { 200: ConsentsView, ...PROBLEMS } } },
    async (request) => {
      const { personId } = who(request);
      return consentsView(personId === null ? [] : await notices.consents(personId), (await notices.current())?.number);
    },
  );

  app.post(
    '/me/consents',
    {
      config: may('consent', 'C', 'self', { only: ['TEN'] }),
      schema: { summary: 'Agree or refuse, purpose by purpose; refusing never stops the key', body: ConsentSet, response: { 200: ConsentsView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const personId = ownPerson(viewer);
      const { purpose, given } = request.body;
      const current = await notices.current();
      if (current === undefined) throw refusal('NOT_FOUND');
      await site.audit.acted(viewer, given ? 'consent-given' : 'consent-refused', { personId, words: purpose });
      await notices.answer(personId, { noticeId: current.id, purpose, given }, clock());
      return consentsView(await notices.consents(personId), current.number);
    },
  );
}

/** The privacy notice in its versions, and what people answered to it. */
export function noticeRoutes(app: App, site: Site): void {
  const notices = noticesOf(site.deps.register);
  app.get(
    '/notices/current',
    { config: may('notice', 'R', 'self'), schema: { summary: 'The privacy notice in force', response: { 200: CurrentNotice, ...PROBLEMS } } },
    async () => {
      const row = await notices.current();
      return { notice: row === undefined ? null : view(row) };
    },
  );

  app.get(
    '/notices/template',
    {
      config: may('notice', 'C', 'site', { only: ['PO'] }),
      schema: { summary: 'A text to begin the first notice from: what this gateway really does', response: { 200: NoticeText, ...PROBLEMS } },
    },
    () => DEFAULT_NOTICE,
  );

  app.get(
    '/notices',
    {
      config: may('notice', 'R', 'site', { only: ['AU', 'PO'] }),
      schema: { summary: 'All versions, newest first, a draft before all', response: { 200: NoticeList, ...PROBLEMS } },
    },
    async () => ({ notices: (await notices.list()).map(view) }),
  );

  app.get(
    '/notices/:id',
    { config: may('notice', 'R', 'site', { only: ['AU', 'PO'] }), schema: { summary: 'One version', params: ById, response: { 200: NoticeView, ...PROBLEMS } } },
    async (request, reply) => {
      const row = await notices.find(request.params.id);
      if (row === undefined) throw refusal('NOT_FOUND');
      setVersion(reply, versionOf(row));
      return view(row);
    },
  );
  draftRoutes(app, site, notices);
  consentRoutes(app, site, notices);
}
