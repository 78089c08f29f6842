import { decideRegistration, type RegistrationBy, submitRegistration } from '../../register/register-residence.ts';
import { filingsOf } from '../../store/filings.ts';
import { type RegistrationPlaces, type RegistrationRow, registrationsOf } from '../../store/registrations.ts';
import { allRules } from '../../store/rules.ts';
import { tenanciesOf } from '../../store/tenancies.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { needVersion, setVersion } from '../etag.ts';
import { who } from '../guard.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { noteOf } from '../register-note.ts';
import { ruleTold } from '../rule-told.ts';
import { CounterView, DeclaredBody, QueueQuery, RegistrationDecisionBody, RegistrationList, RegistrationView } from '../schemas/registrations.ts';
import type { Site } from '../site.ts';
import type { Viewer } from '../viewer.ts';
import { registrationView } from '../views/registration.ts';
import { ownPerson } from './own-requests.ts';

const MOST = 100;
/** Who sees rows of others: the rest are given numbers, or what was done. */
const DESKS = ['LL', 'GW', 'CL', 'OF'] as const;

const placesOf = ({ scope }: Viewer): RegistrationPlaces => ({ all: scope.all, buildings: [...scope.buildings], units: [...scope.units.keys()] });

/** Registrations, and what showing one or changing one always does. */
function desk(site: Site) {
  const { register, clock } = site.deps;
  const rows = registrationsOf(register);
  async function views(viewer: Viewer, found: readonly RegistrationRow[]): Promise<RegistrationView[]> {
    const rules = new Map((await allRules(register.read)).map((rule) => [rule.id, rule]));
    if (viewer.role !== 'TEN')
      await site.looks.noted(
        viewer,
        { what: 'viewed' },
        found.map(({ personId, unitId, buildingId }) => ({ personId, unitId, buildingId })),
      );
    return found.map((row) => registrationView(viewer, row, rules));
  }
  async function of(id: number): Promise<RegistrationRow> {
    const row = await rows.of(id, clock());
    if (row === undefined) throw refusal('NOT_FOUND');
    return row;
  }
  async function view(viewer: Viewer, id: number): Promise<RegistrationView> {
    const [shown] = await views(viewer, [await of(id)]);
    if (shown === undefined) throw refusal('NOT_FOUND');
    return shown;
  }
  return {
    ...{ rows, of, views, view },
    /** The guard let him pass by his scope; a tenant's is the home, and what is his is himself. */
    async own(viewer: Viewer, id: number): Promise<RegistrationRow> {
      const row = await of(id);
      if (row.personId !== ownPerson(viewer)) throw refusal('NOT_FOUND');
      return row;
    },
    by: (viewer: Viewer, what: string, { buildingId, personId }: RegistrationRow): RegistrationBy => ({
      accountId: viewer.accountId,
      role: viewer.role,
      now: clock(),
      note: noteOf(site, viewer, { what, buildingId, personId }),
    }),
    async after(viewer: Viewer, { occupantId, buildingId }: RegistrationRow): Promise<RegistrationView> {
      await site.registerChanged({ buildingId });
      return view(viewer, occupantId);
    },
  };
}

/** A person's own registration; the phone app uses these. His scope ends with his access, so that they go by himself. */
function ownRoutes(app: App, site: Site): void {
  const { register, clock } = site.deps;
  const its = desk(site);
  app.get(
    '/me/registrations',
    {
      config: may('registration', 'R', 'self', { only: ['TEN'] }),
      schema: { summary: 'Where you live, and how your residence registration stands there', response: { 200: RegistrationList, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const found = viewer.personId === null ? [] : await its.rows.ofPerson(viewer.personId, clock());
      return { registrations: await its.views(viewer, found), more: false };
    },
  );

  app.put(
    '/me/registrations/:id',
    {
      config: may('registration', 'U', 'self', { only: ['TEN'] }),
      schema: { summary: 'Send your own residence registration in', params: ById, body: DeclaredBody, response: { 200: RegistrationView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const row = await its.own(viewer, request.params.id);
      needVersion(request, row.version);
      await submitRegistration(register, row, request.body, its.by(viewer, 'registration-step', row)).catch(ruleTold);
      return its.after(viewer, row);
    },
  );
}

/** What waits at the counter, in numbers. */
function counterRoute(app: App, site: Site): void {
  const { register, clock } = site.deps;
  const [rows, filings, tenancies] = [registrationsOf(register), filingsOf(register), tenanciesOf(register)];
  app.get(
    '/counter',
    {
      config: may('registration', 'X', 'list'),
      schema: { summary: 'How much waits at the counter', response: { 200: CounterView, ...PROBLEMS } },
    },
    async (request) => {
      const places = placesOf(who(request));
      const now = clock();
      const [waiting, open, print] = await Promise.all((['waiting', 'open', 'print'] as const).map((which) => rows.count(which, places, now)));
      const { all, buildings, units } = places;
      const objections = await tenancies.moveOuts({ ...(all ? {} : { within: { buildings, units } }), open: true, limit: MOST });
      return { waiting: waiting ?? 0, open: open ?? 0, print: print ?? 0, filings: (await filings.waiting(places, MOST)).length, objections: objections.length };
    },
  );
}

/** Somebody at a desk sends in, and the counter decides. */
function actRoutes(app: App, site: Site): void {
  const { register } = site.deps;
  const its = desk(site);

  app.put(
    '/occupants/:id/registration',
    {
      config: may('registration', 'U', 'occupant', { only: DESKS }),
      schema: { summary: 'Send in the registration of somebody who lives in a home', params: ById, body: DeclaredBody, response: { 200: RegistrationView, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const row = await its.of(request.params.id);
      needVersion(request, row.version);
      await submitRegistration(register, row, request.body, its.by(viewer, 'registration-step', row)).catch(ruleTold);
      return its.after(viewer, row);
    },
  );

  app.post(
    '/occupants/:id/registration/decision',
    {
      config: may('registration', 'X', 'occupant'),
      schema: {
        summary: 'Accept a registration, ask once for all that is missing, refuse it, or cancel one',
        params: ById,
        body: RegistrationDecisionBody,
        response: { 200: RegistrationView, ...PROBLEMS },
      },
    },
    async (request) => {
      const viewer = who(request);
      const row = await its.of(request.params.id);
      const { step, version, words = '', documentSeen = false } = request.body;
      const of = { occupantId: row.occupantId, version };
      await decideRegistration(register, of, { step, words, documentSeen }, its.by(viewer, 'registration-step', row)).catch(ruleTold);
      return its.after(viewer, row);
    },
  );
}

/** Residence registrations: sent in by who must, decided at the counter. None of it touches a door (design.md 2). */
export function registrationRoutes(app: App, site: Site): void {
  ownRoutes(app, site);
  counterRoute(app, site);
  actRoutes(app, site);
  const { clock } = site.deps;
  const its = desk(site);

  app.get(
    '/registrations',
    {
      config: may('registration', 'R', 'list', { only: DESKS }),
      schema: { summary: 'Registrations in scope that somebody has to act on, the first due first', querystring: QueueQuery, response: { 200: RegistrationList, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const found = await its.rows.queue(request.query.which, placesOf(viewer), clock(), MOST + 1);
      return { registrations: await its.views(viewer, found.slice(0, MOST)), more: found.length > MOST };
    },
  );

  app.get(
    '/units/:id/registrations',
    {
      config: may('registration', 'R', 'unit', { only: DESKS }),
      schema: { summary: 'Registrations of everybody who lives in a home', params: ById, response: { 200: RegistrationList, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      return { registrations: await its.views(viewer, await its.rows.ofUnit(request.params.id, clock())), more: false };
    },
  );

  app.get(
    '/occupants/:id/registration',
    {
      config: may('registration', 'R', 'occupant', { only: DESKS }),
      schema: { summary: 'How the registration of somebody who lives in a home stands', params: ById, response: { 200: RegistrationView, ...PROBLEMS } },
    },
    async (request, reply) => {
      const view = await its.view(who(request), request.params.id);
      setVersion(reply, view.version);
      return view;
    },
  );
}
