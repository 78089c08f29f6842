import { accessEnd } from '../../core/decide.ts';
import { DAY_MS } from '../../core/local-date.ts';
import { maskDocument, maskName, maskPhone } from '../../core/mask.ts';
import type { CredentialRow, OccupantRow, PersonRow, TenancyRow, UnitRow, UnitSheet } from '../../store/homes.ts';
import type { BuildingRow } from '../../store/places.ts';
import type { CredentialView, PersonView, TenancyView, UnitTile } from '../schemas/places.ts';
import type { MoveOutRow } from '../../store/tenancies.ts';
import type { Viewer } from '../viewer.ts';
import { rightTo } from '../../core/matrix.ts';
import { moveOutView, termVersion } from './move-out.ts';
import { type Told, told } from './told.ts';

/** Where a tenancy stands. A contract date that passed ends nothing by itself (design.md 2). */
export type TenancyState = 'coming' | 'running' | 'holdover' | 'ended';

function tenancyState(tenancy: TenancyRow, holdoverDays: number | null, now: number): TenancyState {
  if (now >= accessEnd({ accessUntil: tenancy.accessUntil ?? 0, termEnd: tenancy.termEnd ?? 0 }, holdoverDays)) return 'ended';
  if (now < tenancy.startAt) return 'coming';
  return tenancy.termEnd !== null && now >= tenancy.termEnd ? 'holdover' : 'running';
}

/** A contract that ends so soon is to be extended, or not. */
const SOON_MS = 30 * DAY_MS;

const livesHere = (occupant: OccupantRow, now: number): boolean => occupant.untilAt === null || now < occupant.untilAt;
const open = (occupant: OccupantRow): boolean => occupant.registrationState !== 'accepted' && occupant.registrationDue !== null;
const earliest = (times: readonly (number | null)[]): number | null => {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
};

/** What is running in a home, and who lives there, at a moment. */
function livingIn(unit: UnitRow, holdoverDays: number | null, now: number) {
  const current = unit.tenancies
    .map((tenancy) => ({ tenancy, state: tenancyState(tenancy, holdoverDays, now) }))
    .filter(({ state }) => state === 'running' || state === 'holdover');
  const people = new Map(current.flatMap(({ tenancy }) => tenancy.occupants.filter((occupant) => livesHere(occupant, now))).map((occupant) => [occupant.personId, occupant]));
  return { current, living: [...people.values()] };
}

/** How many live in these homes, and how many of them are registered. */
export function countPeople(units: readonly UnitRow[], holdoverDays: number | null, now: number): { people: number; registered: number } {
  const people = new Map(units.flatMap((unit) => livingIn(unit, holdoverDays, now).living).map((occupant) => [occupant.personId, occupant]));
  return { people: people.size, registered: [...people.values()].filter(({ registered }) => registered).length };
}

interface Standing {
  readonly states: readonly TenancyState[];
  readonly due: number | null;
  /** Earliest contract end. */
  readonly ending: number | null;
  readonly now: number;
}

/** The most urgent of what the viewer may know. */
function stateOf({ states, due, ending, now }: Standing, its: Told): UnitTile['state'] {
  if (!its.people) return 'untold';
  if (states.length === 0) return 'empty';
  if (its.registration && due !== null && now >= due) return 'overdue';
  if (its.dates && states.includes('holdover')) return 'holdover';
  if (its.registration && due !== null) return 'due';
  return its.dates && ending !== null && ending - now < SOON_MS ? 'soon' : 'fine';
}

/** A unit as a tile of the building: counts and dates, as far as they are the viewer's to know, and nobody's name. */
export function unitTile(viewer: Pick<Viewer, 'role'>, unit: UnitRow, holdoverDays: number | null, now: number): UnitTile {
  const its = told(viewer.role);
  const { current, living } = livingIn(unit, holdoverDays, now);
  const due = earliest(living.filter(open).map((occupant) => occupant.registrationDue));
  const states = current.map(({ state }) => state);
  // Whose leaving is settled has nothing left to extend.
  const ending = earliest(current.filter(({ tenancy }) => tenancy.accessUntil === null).map(({ tenancy }) => tenancy.termEnd));
  return {
    id: unit.id,
    code: unit.code,
    floor: unit.floor,
    room: unit.room,
    use: unit.use,
    people: its.people ? living.length : null,
    registered: its.registration ? living.filter((occupant) => occupant.registered).length : null,
    keys: its.cards === 'none' ? null : living.reduce((sum, { keys }) => sum + keys, 0),
    contract: its.dates,
    termEnd: its.dates ? earliest(current.map(({ tenancy }) => tenancy.termEnd)) : null,
    state: stateOf({ states, due, ending, now }, its),
    registrationDue: its.registration ? due : null,
    sheet: its.sheet,
  };
}

/** Documents and phones are masked for everybody here: what shows them in full asks for a purpose. */
function personView(its: Told, occupant: OccupantRow, person: PersonRow): PersonView {
  return {
    id: person.id,
    name: its.names ? person.name : maskName(person.name),
    documentType: person.documentType,
    documentMasked: maskDocument(person.document),
    phoneMasked: maskPhone(person.phone),
    registered: occupant.registered,
    registrationState: occupant.registrationState,
    registrationDue: occupant.registrationDue,
    role: occupant.role,
    untilAt: its.dates ? occupant.untilAt : null,
  };
}

function credentialView(its: Told, { id, tech, tail, kind, label, status, personId, pin }: CredentialRow): CredentialView {
  const whole = its.cards === 'whole';
  return { id, tech, kind, status, personId, tail: whole ? tail : '', label: whole ? label : '', pin: whole && pin };
}

const ORDER: Readonly<Record<TenancyState, number>> = { running: 0, holdover: 0, coming: 1, ended: 2 };

/**
 * A tenant has to do with his own tenancy, and with his own cards; who lived there before him, or lives next to him under
 * another, he does not learn. Nor do others of a card that another building gave somebody for his work there.
 */
function ownOnly({ role, personId }: Pick<Viewer, 'role' | 'personId'>, sheet: UnitSheet): UnitSheet {
  if (role !== 'TEN') return { ...sheet, credentials: sheet.credentials.filter(({ kind, buildingId }) => kind !== 'staff' || buildingId === sheet.unit.buildingId) };
  const tenancies = sheet.unit.tenancies.filter(({ occupants }) => occupants.some((occupant) => occupant.personId === personId));
  return { ...sheet, unit: { ...sheet.unit, tenancies }, credentials: sheet.credentials.filter((credential) => credential.personId === personId) };
}

/** A home's tenancies, and what was said of their end. */
interface HomeNow {
  readonly building: BuildingRow;
  /** Newest first. */
  readonly moveOuts: readonly MoveOutRow[];
}

/** The tenancies of a unit, the running ones first, with their people and credentials. */
export function tenancyViews(viewer: Pick<Viewer, 'role' | 'personId' | 'accountId'>, whole: UnitSheet, { building, moveOuts }: HomeNow, now: number): TenancyView[] {
  const its = told(viewer.role);
  const sheet = ownOnly(viewer, whole);
  const people = new Map(sheet.people.map((person) => [person.id, person]));
  const saidOf = (tenancyId: number): TenancyView['moveOut'] => {
    const said = rightTo('moveOut', viewer.role, 'R') === undefined ? undefined : moveOuts.find((each) => each.tenancyId === tenancyId);
    return said === undefined ? null : moveOutView(viewer, said, now);
  };
  const view = (tenancy: TenancyRow): TenancyView & { state: TenancyState } => {
    const ids = new Set(tenancy.occupants.map(({ personId }) => personId));
    const state = tenancyState(tenancy, building.holdoverDays, now);
    return {
      id: tenancy.id,
      kind: tenancy.kind,
      startAt: tenancy.startAt,
      contract: its.dates,
      termEnd: its.dates ? tenancy.termEnd : null,
      accessUntil: its.dates ? tenancy.accessUntil : null,
      endedBy: its.dates ? tenancy.endedBy : '',
      state: !its.dates && state === 'holdover' ? 'running' : state,
      version: termVersion(tenancy),
      moveOut: saidOf(tenancy.id),
      people: tenancy.occupants.flatMap((occupant) => {
        const person = people.get(occupant.personId);
        return person === undefined ? [] : [personView(its, occupant, person)];
      }),
      credentials: sheet.credentials.filter(({ personId }) => personId !== null && ids.has(personId)).map((credential) => credentialView(its, credential)),
    };
  };
  return sheet.unit.tenancies.map(view).sort((a, b) => ORDER[a.state] - ORDER[b.state] || b.startAt - a.startAt);
}
