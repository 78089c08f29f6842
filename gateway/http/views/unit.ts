import { accessEnd } from '../../core/decide.ts';
import { maskDocument, maskName, maskPhone } from '../../core/mask.ts';
import type { CredentialRow, OccupantRow, PersonRow, TenancyRow, UnitRow, UnitSheet } from '../../store/homes.ts';
import type { BuildingRow } from '../../store/places.ts';
import type { CredentialView, PersonView, TenancyView, UnitTile } from '../schemas/places.ts';
import type { Role } from '../schemas/session.ts';

/** Where a tenancy stands. A contract date that passed ends nothing by itself (design.md 2). */
export type TenancyState = 'coming' | 'running' | 'holdover' | 'ended';

function tenancyState(tenancy: TenancyRow, holdoverDays: number | null, now: number): TenancyState {
  if (now >= accessEnd({ accessUntil: tenancy.accessUntil ?? 0, termEnd: tenancy.termEnd ?? 0 }, holdoverDays)) return 'ended';
  if (now < tenancy.startAt) return 'coming';
  return tenancy.termEnd !== null && now >= tenancy.termEnd ? 'holdover' : 'running';
}

const livesHere = (occupant: OccupantRow, now: number): boolean => occupant.untilAt === null || now < occupant.untilAt;
const open = (occupant: OccupantRow): boolean => occupant.registrationState !== 'accepted' && occupant.registrationDue !== null;
const earliest = (times: readonly (number | null)[]): number | null => {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
};

function stateOf(states: readonly TenancyState[], due: number | null, now: number): UnitTile['state'] {
  if (states.length === 0) return 'empty';
  if (due !== null && now >= due) return 'overdue';
  if (states.includes('holdover')) return 'holdover';
  return due === null ? 'fine' : 'due';
}

/** A unit as a tile of the building: counts and dates, nobody's name. */
export function unitTile(unit: UnitRow, holdoverDays: number | null, now: number): UnitTile {
  const current = unit.tenancies
    .map((tenancy) => ({ tenancy, state: tenancyState(tenancy, holdoverDays, now) }))
    .filter(({ state }) => state === 'running' || state === 'holdover');
  const people = new Map(current.flatMap(({ tenancy }) => tenancy.occupants.filter((occupant) => livesHere(occupant, now))).map((occupant) => [occupant.personId, occupant]));
  const living = [...people.values()];
  const registrationDue = earliest(living.filter(open).map((occupant) => occupant.registrationDue));
  return {
    id: unit.id,
    code: unit.code,
    floor: unit.floor,
    room: unit.room,
    use: unit.use,
    people: living.length,
    registered: living.filter((occupant) => occupant.registered).length,
    keys: living.reduce((sum, { keys }) => sum + keys, 0),
    termEnd: earliest(current.map(({ tenancy }) => tenancy.termEnd)),
    state: stateOf(
      current.map(({ state }) => state),
      registrationDue,
      now,
    ),
    registrationDue,
  };
}

/** A landlord sees the names of his own occupants, which he entered himself; documents and phones are masked for everybody. */
function personView(role: Role, occupant: OccupantRow, person: PersonRow): PersonView {
  return {
    id: person.id,
    name: role === 'LL' ? person.name : maskName(person.name),
    documentType: person.documentType,
    documentMasked: maskDocument(person.document),
    phoneMasked: maskPhone(person.phone),
    registered: occupant.registered,
    registrationState: occupant.registrationState,
    registrationDue: occupant.registrationDue,
    role: occupant.role,
  };
}

const credentialView = ({ id, tech, tail, kind, label, status, personId }: CredentialRow): CredentialView => ({ id, tech, tail, kind, label, status, personId });

const ORDER: Readonly<Record<TenancyState, number>> = { running: 0, holdover: 0, coming: 1, ended: 2 };

/** The tenancies of a unit, the running ones first, with their people and credentials. */
export function tenancyViews(role: Role, sheet: UnitSheet, building: BuildingRow, now: number): TenancyView[] {
  const people = new Map(sheet.people.map((person) => [person.id, person]));
  const view = (tenancy: TenancyRow): TenancyView & { state: TenancyState } => {
    const ids = new Set(tenancy.occupants.map(({ personId }) => personId));
    return {
      id: tenancy.id,
      kind: tenancy.kind,
      startAt: tenancy.startAt,
      termEnd: tenancy.termEnd,
      accessUntil: tenancy.accessUntil,
      endedBy: tenancy.endedBy,
      state: tenancyState(tenancy, building.holdoverDays, now),
      people: tenancy.occupants.flatMap((occupant) => {
        const person = people.get(occupant.personId);
        return person === undefined ? [] : [personView(role, occupant, person)];
      }),
      credentials: sheet.credentials.filter(({ personId }) => personId !== null && ids.has(personId)).map(credentialView),
    };
  };
  return sheet.unit.tenancies.map(view).sort((a, b) => ORDER[a.state] - ORDER[b.state] || b.startAt - a.startAt);
}
