import { dateAt, DAY_MS } from '../../core/local-date.ts';
import { maskName } from '../../core/mask.ts';
import { rightTo } from '../../core/matrix.ts';
import { eligible, isSuspended, permitSteps, stayCategory } from '../../core/permit.ts';
import { type PermitCase, permitCase, type PermitWish, stepPermit } from '../../register/residence-permit.ts';
import { permitsWaiting } from '../../store/permits.ts';
import { registrationsOf } from '../../store/registrations.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { noteOf } from '../register-note.ts';
import { ruleTold } from '../rule-told.ts';
import { PermitAsk, PermitList, PermitStepBody, PermitView } from '../schemas/permits.ts';
import type { Site } from '../site.ts';
import type { Viewer } from '../viewer.ts';
import { told } from '../views/told.ts';
import { ownPerson } from './own-requests.ts';

/** Endorsements are on the list so long before they are due. */
const AHEAD_DAYS = 60;
const MOST = 100;

/** A permit as the viewer is told of it. */
function permitView(viewer: Viewer, the: PermitCase, now: number): PermitView {
  const { permit, registration, registeredOn, born, rules, stand } = the;
  const { occupantId, personId, name, room, seen, months } = registration;
  const { state, reason, words, number, issueDueAt, issuedAt, validUntil, countedFrom, replaced, version } = permit;
  const today = dateAt(now);
  const { bars, from } = eligible(rules, { registeredOn, born }, today);
  const asks = ['C', 'U'] as const;
  const holder = asks.some((letter) => rightTo('permit', viewer.role, letter) !== undefined) && bars.length === 0 ? permitSteps(stand, 'holder', now) : [];
  const station = rightTo('permit', viewer.role, 'X') === undefined ? [] : permitSteps(stand, 'station', now);
  return {
    ...{ occupantId, personId, room, state, reason, words, number, issuedAt, validUntil, countedFrom, replaced, version, bars, from },
    name: viewer.role === 'TEN' || told(viewer.role).names ? name : maskName(name),
    suspended: isSuspended(stand, now),
    dueAt: state === 'issued' ? validUntil : issueDueAt,
    category: stayCategory({ seen, registeredOn, months }, today) ?? null,
    steps: [...holder, ...station],
  };
}

/** Permits, and what showing one or changing one always does. */
function desk(site: Site) {
  const { register, clock } = site.deps;
  async function of(id: number): Promise<PermitCase> {
    const the = await permitCase(register.read, register.vault, id, clock());
    if (the === undefined) throw refusal('NOT_FOUND');
    return the;
  }
  async function view(viewer: Viewer, id: number): Promise<PermitView> {
    const the = await of(id);
    const { personId, unitId, buildingId } = the.registration;
    if (viewer.role !== 'TEN') await site.looks.noted(viewer, { what: 'viewed' }, [{ personId, unitId, buildingId }]);
    return permitView(viewer, the, clock());
  }
  async function take(viewer: Viewer, wish: PermitWish, actor: 'holder' | 'station'): Promise<PermitView> {
    const { buildingId, personId } = (await of(wish.occupantId)).registration;
    const note = noteOf(site, viewer, { what: 'permit-step', buildingId, personId });
    await stepPermit(register, wish, actor, { accountId: viewer.accountId, role: viewer.role, now: clock(), note }).catch(ruleTold);
    return view(viewer, wish.occupantId);
  }
  return { view, take };
}

/** A person's own permit, by where he lives. */
function ownRoutes(app: App, site: Site): void {
  const { register, clock } = site.deps;
  const rows = registrationsOf(register);
  const { view, take } = desk(site);
  /** Of himself alone, not of whoever lives with him. */
  async function own(viewer: Viewer, id: number): Promise<void> {
    if ((await rows.of(id, clock()))?.personId !== ownPerson(viewer)) throw refusal('NOT_FOUND');
  }

  app.get(
    '/me/permits/:id',
    {
      config: may('permit', 'R', 'self', { only: ['TEN'] }),
      schema: { summary: 'Your own residence permit, by where you live', params: ById, response: { 200: PermitView, ...PROBLEMS } },
    },
    async (request) => {
      await own(who(request), request.params.id);
      return view(who(request), request.params.id);
    },
  );

  app.post(
    '/me/permits/:id',
    {
      config: may('permit', 'C', 'self', { only: ['TEN'] }),
      schema: { summary: 'Ask for your own residence permit', params: ById, body: PermitAsk, response: { 200: PermitView, ...PROBLEMS } },
    },
    async (request) => {
      await own(who(request), request.params.id);
      return take(who(request), { occupantId: request.params.id, step: 'apply', ...request.body, words: '' }, 'holder');
    },
  );
}

/** Residence permits: asked for by the person or with his help, decided at the counter. A permit is an entitlement, and no door asks for it. */
export function permitRoutes(app: App, site: Site): void {
  ownRoutes(app, site);
  const { register, clock } = site.deps;
  const { view, take } = desk(site);

  app.get(
    '/permits',
    {
      config: may('permit', 'X', 'list'),
      schema: { summary: 'Permits the counter has to act on: asked for, to be issued, to be endorsed', response: { 200: PermitList, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const { all, buildings } = viewer.scope;
      const ids = await permitsWaiting(register, all ? undefined : [...buildings], clock() + AHEAD_DAYS * DAY_MS, MOST);
      const permits: PermitView[] = [];
      for (const id of ids) permits.push(await view(viewer, id));
      return { permits };
    },
  );

  app.get(
    '/occupants/:id/permit',
    { config: may('permit', 'X', 'occupant'), schema: { summary: 'How somebody stands with his residence permit', params: ById, response: { 200: PermitView, ...PROBLEMS } } },
    (request) => view(who(request), request.params.id),
  );

  app.post(
    '/occupants/:id/permit/steps',
    {
      config: may('permit', 'X', 'occupant'),
      schema: { summary: 'Accept, refuse, issue, endorse, move, replace or end a permit', params: ById, body: PermitStepBody, response: { 200: PermitView, ...PROBLEMS } },
    },
    async (request) => {
      const { step, version, words = '' } = request.body;
      return take(who(request), { occupantId: request.params.id, step, version, words }, 'station');
    },
  );

  app.put(
    '/occupants/:id/permit',
    {
      config: may('permit', 'U', 'occupant'),
      schema: { summary: 'Ask for a permit for somebody at the counter', params: ById, body: PermitAsk, response: { 200: PermitView, ...PROBLEMS } },
    },
    async (request) => take(who(request), { occupantId: request.params.id, step: 'apply', ...request.body, words: '' }, 'holder'),
  );
}
