import { type Form, rightTo } from '../../core/matrix.ts';
import type { Role } from '../../core/roles.ts';

/** What of a home and its doors a role is told, as its rights say (domain.md 5.8). */
export interface Told {
  /** There is a page of the home for it. */
  readonly sheet: boolean;
  /** How many live there. */
  readonly people: boolean;
  /** Names in full. */
  readonly names: boolean;
  /** Residence registration: how far it is, and when it is due. */
  readonly registration: boolean;
  /** Contract and access dates. */
  readonly dates: boolean;
  /** `state`: whether a card works, not which one it is. */
  readonly cards: 'whole' | 'state' | 'none';
  readonly doors: boolean;
  /** Numbers of whole buildings only. */
  readonly totals: boolean;
}

/** Of rows: forms that never show one are left out. */
const formOf = (data: Parameters<typeof rightTo>[0], role: Role): Form | undefined => rightTo(data, role, 'R')?.form;

function cardsFor(role: Role): Told['cards'] {
  const form = formOf('credential', role);
  if (form === undefined) return 'none';
  return form === '' ? 'whole' : 'state';
}

/** By its rights on occupants, registration, tenancies, credentials and doors. An officer's right to a contract needs a case, so it is not told here. */
export function told(role: Role): Told {
  const occupants = rightTo('occupants', role, 'R', true);
  const sheet = formOf('occupants', role) !== undefined;
  const tenancy = formOf('tenancy', role);
  return {
    sheet,
    people: sheet || occupants?.form === 'count',
    // Masked is not meant for a landlord's own tenants, whose names he gave in himself.
    names: occupants !== undefined && (occupants.form === '' || (occupants.form === 'masked' && occupants.reach === 'own')),
    registration: formOf('registration', role) === '',
    dates: tenancy === '' || tenancy === 'dates',
    cards: cardsFor(role),
    doors: formOf('door', role) === '',
    totals: occupants?.form === 'aggregate',
  };
}
