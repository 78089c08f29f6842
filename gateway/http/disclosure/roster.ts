import { divisionPrefix } from '../../core/division-code.ts';
import { rightTo } from '../../core/matrix.ts';
import { type Roster, type RosterPlaces, type RosterRow, rosterOf } from '../../store/roster.ts';
import { divisionsOf } from '../../store/divisions.ts';
import { maskDocument, maskName, maskPhone } from '../../core/mask.ts';
import { pageAsked, pageOf } from '../page.ts';
import { refusal } from '../problem.ts';
import type { RosterLine, RosterPage, RosterQuery } from '../schemas/people-roster.ts';
import type { Site } from '../site.ts';
import { seen, touches, type Viewer } from '../viewer.ts';
import { type Told, told } from '../views/told.ts';
import type { Look, Whom } from './looks.ts';

const USUAL_ROWS = 50;
const COMMUNITY_DIGITS = 12;
/** Reading a roster is looking at the register of homes, and is told as that. */
const READ: Look = { what: 'viewed' };

/** The part of the register a viewer asks for, and no more of it than is his. Refuses a building that is not. */
export async function rosterPlaces({ deps }: Site, viewer: Viewer, { building, division, floor }: Pick<RosterQuery, 'building' | 'division' | 'floor'>): Promise<RosterPlaces> {
  if (building !== undefined) seen(viewer, await deps.places.building(building), (row) => touches(viewer, row.id));
  const { all, buildings, units } = viewer.scope;
  return {
    ...(all ? {} : { within: { buildings: [...buildings], units: [...units.keys()] } }),
    ...(building === undefined ? {} : { building }),
    ...(division === undefined ? {} : { division: divisionPrefix(division) }),
    ...(floor === undefined ? {} : { floor }),
    now: deps.clock(),
  };
}

/** Whom a row shows, and where. */
export const whomIn = ({ person, unitId, buildingId }: RosterRow): Whom => ({ personId: person.id, unitId, buildingId });

/** A row as its role is told of it: numbers masked for everybody, contracts and days only for who may know them. */
function lineOf(its: Told, row: RosterRow): RosterLine {
  const { person, endAt } = row;
  return {
    id: row.id,
    unit: { id: row.unitId, code: row.unitCode, floor: row.floor, room: row.room },
    building: { id: row.buildingId, name: row.building, nameEn: row.buildingEn },
    person: {
      id: person.id,
      name: its.names ? person.name : maskName(person.name),
      documentType: person.documentType,
      documentMasked: maskDocument(person.document),
      phoneMasked: maskPhone(person.phone),
    },
    ...{ role: row.role, relation: row.relation, checked: row.checked, state: row.state },
    ...{ registrationState: row.registrationState, registrationDue: row.registrationDue, keys: row.keys },
    movedIn: its.dates ? row.fromAt : null,
    termEnd: its.dates ? row.termEnd : null,
    leaves: its.dates ? endAt : null,
  };
}

/** An order by a day tells the day, so who is not told contracts cannot have it. */
function needSortable(its: Told, sort: RosterQuery['sort']): void {
  if (!its.dates && (sort === 'start' || sort === 'end')) throw refusal('BAD_INPUT', { field: 'sort', expected: 'room | due' });
}

/** The communities the viewer has buildings in. */
async function communitiesOf({ deps }: Site, viewer: Viewer): Promise<RosterPage['communities']> {
  const codes = new Set((await deps.places.buildings()).filter(({ id }) => touches(viewer, id)).map(({ code }) => code.slice(0, COMMUNITY_DIGITS)));
  const known = new Map((await divisionsOf(deps.register).list([...codes])).map((division) => [division.code, division]));
  return [...codes].sort().map((code) => ({ code, name: known.get(code)?.name ?? code, nameEn: known.get(code)?.nameEn ?? '' }));
}

/** As many of the rows as today's look-ups allow, each of their people noted. Refuses LOOKS_SPENT when that is none. */
async function noted({ looks }: Site, viewer: Viewer, rows: readonly RosterRow[]): Promise<RosterRow[]> {
  const people = rows.map(whomIn);
  const fits = await looks.fitting(
    viewer,
    READ,
    people.map(({ personId }) => personId),
  );
  if (fits === 0 && rows.length > 0) throw looks.spent();
  await looks.noted(viewer, READ, people.slice(0, fits));
  return rows.slice(0, fits);
}

/** May this role take a roster away as a file? Whoever is shown people and has a right to exports. */
const mayExport = ({ role }: Pick<Viewer, 'role'>): boolean => told(role).sheet && rightTo('exchange', role, 'R')?.form === '';

/** A page of people in the viewer's homes; each of them is on disk as looked at before he is shown. */
export async function rosterPage(site: Site, viewer: Viewer, query: RosterQuery): Promise<RosterPage> {
  const { sort = 'room', descending = false, limit = USUAL_ROWS, after, state } = query;
  const its = told(viewer.role);
  needSortable(its, sort);
  const places = await rosterPlaces(site, viewer, query);
  const roster: Roster = rosterOf(site.deps.register);
  const page = { limit, ...(after === undefined ? {} : { after }) };
  const from = sort === 'room' ? pageAsked(page, ['string', 'number']).after : pageAsked(page, ['number', 'number']).after;
  const found = await roster.rows({ ...places, sort, descending, limit: limit + 1, ...(state === undefined ? {} : { state }), ...(from === undefined ? {} : { after: from }) });
  const wanted = found.slice(0, limit);
  const shown = await noted(site, viewer, wanted);
  // What was cut off, and the row that tells there is more, are still to come.
  const { next } = pageOf(shown.length < found.length ? [...shown, ...found.slice(-1)] : shown, shown.length, ({ key, id }) => [key, id]);
  return {
    lines: shown.map((row) => lineOf(its, row)),
    counts: await roster.counts(places),
    next,
    dates: its.dates,
    cut: shown.length < wanted.length,
    mayExport: mayExport(viewer),
    communities: await communitiesOf(site, viewer),
  };
}
