import { type FilingActor, gapsOf, stepsFrom } from '../../core/filing.ts';
import { rightTo } from '../../core/matrix.ts';
import { fillFiling, type StepWish, stepFilings } from '../../register/file-unit.ts';
import { type FiledHome, type FilingPlaces, filingsOf } from '../../store/filings.ts';
import { type App, ById, PROBLEMS } from '../app-type.ts';
import { needVersion, setVersion } from '../etag.ts';
import { who } from '../guard.ts';
import { homeTold } from '../home-told.ts';
import { may } from '../permissions.ts';
import { refusal } from '../problem.ts';
import { noteOf } from '../register-note.ts';
import { FilingList, FilingView, LandlordStepBody, PapersBody, StationStepBody, Stepped } from '../schemas/filings.ts';
import type { Site } from '../site.ts';
import { hasUnit, seen, type Viewer } from '../viewer.ts';

const MOST = 100;

/** The station decides, the landlord sends in; anybody else looks on. */
function actorOf({ role }: Viewer): FilingActor | undefined {
  if (rightTo('filing', role, 'X') !== undefined) return 'station';
  return rightTo('filing', role, 'U') === undefined ? undefined : 'landlord';
}

/** A filing as the viewer is told of it. */
function filingView(viewer: Viewer, { filing, ...home }: FiledHome): FilingView {
  const { state, dueAt, claimed, version, titleKind, titleNumber, area, checked, checkedAt, reason } = filing;
  const actor = actorOf(viewer);
  const whole = rightTo('filing', viewer.role, 'R')?.form === '';
  const own = actor === undefined ? [] : stepsFrom(state, actor, filing.supplemented);
  const fill = actor === 'landlord' && (own.includes('submit') || state === 'cancelled');
  return {
    ...home,
    ...{ state, dueAt, claimed, version },
    papers: whole ? { titleKind, titleNumber, area, checked: [...checked], checkedAt, reason } : null,
    gaps: whole ? gapsOf(filing) : [],
    steps: [...(fill ? (['fill'] as const) : []), ...own],
  };
}

const placesOf = ({ scope }: Viewer): FilingPlaces => ({ all: scope.all, buildings: [...scope.buildings], units: [...scope.units.keys()] });

/** Steps of several homes at once. */
function stepRoutes(app: App, site: Site): void {
  const { register, clock } = site.deps;
  const rows = filingsOf(register);

  async function take(viewer: Viewer, wish: StepWish): Promise<{ filings: FilingView[] }> {
    const homes = await Promise.all(
      wish.homes.map(async ({ unitId }) => seen(viewer, await rows.of(unitId), (row) => hasUnit(viewer, { id: row.unitId, buildingId: row.buildingId }))),
    );
    const [buildingId, ...others] = new Set(homes.map((home) => home.buildingId));
    if (buildingId === undefined || others.length > 0 || new Set(wish.homes.map(({ unitId }) => unitId)).size < homes.length)
      throw refusal('BAD_INPUT', { field: 'homes', expected: '同一栋楼里不同的房间 / different homes of one building' });
    const note = noteOf(site, viewer, { what: 'filing-step', buildingId });
    await stepFilings(register, wish, { accountId: viewer.accountId, now: clock(), note }).catch(homeTold);
    await site.registerChanged({ buildingId });
    const after = await Promise.all(homes.map(({ unitId }) => rows.of(unitId)));
    return { filings: after.flatMap((home) => (home === undefined ? [] : [filingView(viewer, home)])) };
  }

  app.post(
    '/filings/steps',
    {
      config: may('filing', 'U', 'list'),
      schema: { summary: 'Send in the filings of homes, or cancel them: all or none', body: LandlordStepBody, response: { 200: Stepped, ...PROBLEMS } },
    },
    async (request) => take(who(request), { ...request.body, actor: 'landlord', reason: '' }),
  );

  app.post(
    '/filings/decisions',
    {
      config: may('filing', 'X', 'list'),
      schema: { summary: 'Decide filings that were sent in, or order what is missing: all or none', body: StationStepBody, response: { 200: Stepped, ...PROBLEMS } },
    },
    async (request) => take(who(request), { reason: '', ...request.body, actor: 'station' }),
  );
}

/** Filings of homes for letting. A missing one bars nobody: it is a warning (domain.md 7.3, question 2). */
export function filingRoutes(app: App, site: Site): void {
  stepRoutes(app, site);
  const { register, clock } = site.deps;
  const rows = filingsOf(register);
  const homeOf = async (viewer: Viewer, id: number): Promise<FiledHome> =>
    seen(viewer, await rows.of(id), (row) => hasUnit(viewer, { id: row.unitId, buildingId: row.buildingId }));

  app.get(
    '/filings',
    {
      config: may('filing', 'R', 'list'),
      schema: { summary: 'What waits for the station, or for others the homes that are not filed', response: { 200: FilingList, ...PROBLEMS } },
    },
    async (request) => {
      const viewer = who(request);
      const find = actorOf(viewer) === 'station' ? rows.waiting : rows.unfiled;
      const found = await find(placesOf(viewer), MOST + 1);
      return { filings: found.slice(0, MOST).map((home) => filingView(viewer, home)), more: found.length > MOST };
    },
  );

  app.get(
    '/units/:id/filing',
    { config: may('filing', 'R', 'unit'), schema: { summary: 'How far the filing of a home is', params: ById, response: { 200: FilingView, ...PROBLEMS } } },
    async (request, reply) => {
      const viewer = who(request);
      const view = filingView(viewer, await homeOf(viewer, request.params.id));
      setVersion(reply, view.version);
      return view;
    },
  );

  app.put(
    '/units/:id/filing',
    { config: may('filing', 'U', 'unit'), schema: { summary: 'Fill in the papers of a filing', params: ById, body: PapersBody, response: { 200: FilingView, ...PROBLEMS } } },
    async (request) => {
      const viewer = who(request);
      const { unitId, buildingId, filing } = await homeOf(viewer, request.params.id);
      needVersion(request, filing.version);
      const by = { accountId: viewer.accountId, now: clock(), note: noteOf(site, viewer, { what: 'filing-filled', buildingId }) };
      await fillFiling(register, { ...request.body, unitId, version: filing.version }, by).catch(homeTold);
      await site.registerChanged({ buildingId });
      return filingView(viewer, await homeOf(viewer, unitId));
    },
  );
}
