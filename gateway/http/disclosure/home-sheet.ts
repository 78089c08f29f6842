import { rightTo } from '../../core/matrix.ts';
import { maskDocument, maskName, maskPhone } from '../../core/mask.ts';
import { writtenPhone } from '../../core/phone.ts';
import { divisionsOf } from '../../store/divisions.ts';
import { filingsOf } from '../../store/filings.ts';
import { homeFacts } from '../../store/home-facts.ts';
import { type RosterRow, rosterOf } from '../../store/roster.ts';
import { refusal } from '../problem.ts';
import type { HomeSheet, SheetPerson, SheetPrint } from '../schemas/people-roster.ts';
import type { Site } from '../site.ts';
import { hasUnit, isStrong, seen, type Viewer } from '../viewer.ts';
import { told } from '../views/told.ts';
import { whomIn } from './roster.ts';

/** More do not live in a home; a form has no more lines. */
const MOST_PEOPLE = 100;
const CITIZEN = '111';
const COUNTY_DIGITS = 6;

/** Is this role given whole document numbers? Then its prints show them. */
const givenWhole = ({ role }: Viewer): boolean => rightTo('identity', role, 'R')?.form === '';

/** The county a citizen's number was issued in, as far as this register knows the country. */
async function householdsOf({ deps }: Site, rows: readonly RosterRow[]): Promise<ReadonlyMap<string, SheetPerson['household']>> {
  const codes = [...new Set(rows.flatMap(({ person }) => (person.documentType === CITIZEN ? [`${person.document.slice(0, COUNTY_DIGITS)}000000`] : [])))];
  const known = await divisionsOf(deps.register).list(codes);
  return new Map(known.map(({ code, name, nameEn }) => [code.slice(0, COUNTY_DIGITS), { name, nameEn }]));
}

/** Somebody on the form, as the viewer is told of him; `whole`: this is a print with whole numbers. */
function sheetPerson(viewer: Viewer, row: RosterRow, household: SheetPerson['household'] | undefined, whole: boolean): SheetPerson {
  const its = told(viewer.role);
  const { person } = row;
  return {
    id: person.id,
    name: its.names ? person.name : maskName(person.name),
    sex: row.sex,
    birth: whole ? row.birth : '',
    documentType: person.documentType,
    document: whole ? person.document : maskDocument(person.document),
    phone: whole ? writtenPhone(person.phone) : maskPhone(person.phone),
    // Six digits of a masked number stay, so this tells no more than they do.
    household: household ?? { name: '', nameEn: '' },
    ...{ role: row.role, relation: row.relation, basis: row.basis, checked: row.checked },
    ...{ registrationState: row.registrationState, registrationDue: row.registrationDue },
    movedIn: its.dates ? row.fromAt : null,
    termEnd: its.dates ? row.termEnd : null,
  };
}

/** What of the filing the role is told; null: nothing of it. */
async function filingIn({ deps }: Site, { role }: Viewer, unitId: number): Promise<HomeSheet['filing']> {
  const form = rightTo('filing', role, 'R')?.form;
  const filed = form === undefined ? undefined : await filingsOf(deps.register).of(unitId);
  if (filed === undefined) return null;
  const { state, titleKind, titleNumber, area, checkedAt } = filed.filing;
  return form === '' ? { state, titleKind, titleNumber, area, checkedAt } : { state, titleKind: '', titleNumber: '', area: 0, checkedAt: null };
}

interface Read {
  readonly sheet: HomeSheet;
  readonly rows: readonly RosterRow[];
}

/** The forms of a home. Only its people may be noted after this: nothing has been shown yet. */
async function read(site: Site, viewer: Viewer, unitId: number, whole: boolean): Promise<Read> {
  const { deps } = site;
  const unit = seen(viewer, await homeFacts(deps.register, unitId), (row) => hasUnit(viewer, row));
  const building = seen(viewer, await deps.places.building(unit.buildingId), () => true);
  const rows = await rosterOf(deps.register).rows({ within: { buildings: [], units: [unitId] }, now: deps.clock(), limit: MOST_PEOPLE });
  const households = await householdsOf(site, rows);
  const { id, code, floor, room, use } = unit;
  const { name, nameEn, address, mode } = building;
  const sheet: HomeSheet = {
    unit: { id, code, floor, room, use },
    building: { id: building.id, code: building.code, name, nameEn, address, mode },
    filing: await filingIn(site, viewer, unitId),
    people: rows.map((row) => sheetPerson(viewer, row, households.get(row.person.document.slice(0, COUNTY_DIGITS)), whole)),
    whole: givenWhole(viewer),
    printed: null,
  };
  return { sheet, rows };
}

/** The forms of a home on screen, numbers masked; everybody on them is noted as looked at. */
export async function homeSheet(site: Site, viewer: Viewer, unitId: number): Promise<HomeSheet> {
  const { sheet, rows } = await read(site, viewer, unitId, false);
  await site.looks.noted(viewer, { what: 'viewed' }, rows.map(whomIn));
  return sheet;
}

/**
 * The form of a home, or of one of its people, for paper: each print is an entry, and so is everybody on it. Whole
 * numbers are for whoever is given them, and ask for a recent second factor. Refuses NOT_FOUND for who does not live there.
 */
export async function printSheet(site: Site, viewer: Viewer, unitId: number, { why, person }: SheetPrint): Promise<HomeSheet> {
  const { audit, looks, deps } = site;
  // The form of a home lists its people, numbers masked; a person's own form is what numbers are for.
  const whole = person !== undefined && givenWhole(viewer);
  if (whole && !isStrong(viewer, deps.clock())) throw refusal('SECOND_FACTOR');
  const { sheet, rows } = await read(site, viewer, unitId, whole);
  const on = rows.filter((row) => person === undefined || row.person.id === person);
  if (person !== undefined && on.length === 0) throw refusal('NOT_FOUND', { field: 'person' });
  await looks.noted(viewer, { what: 'printed', words: why, free: true }, on.map(whomIn));
  const about = { unitId, buildingId: sheet.building.id, ...(person === undefined ? {} : { personId: person }) };
  const entry = await audit.acted(viewer, 'sheet-printed', { ...about, words: why });
  const ids = new Set(on.map((row) => row.person.id));
  return { ...sheet, people: sheet.people.filter(({ id }) => ids.has(id)), printed: { entry, at: deps.clock(), by: viewer.displayName, why } };
}
