import { OfficeRefused } from '../register/office-refused.ts';
import { PlaceRefused } from '../register/place-refused.ts';
import { type AccountDesk, accountDeskOf } from '../store/account-desk.ts';
import { type AccountPeople, accountPeopleOf } from '../store/account-people.ts';
import { type Assignments, assignmentsOf } from '../store/assignments.ts';
import { type Divisions, divisionsOf } from '../store/divisions.ts';
import { type Grids, gridsOf } from '../store/grids.ts';
import { type Orgs, orgsOf } from '../store/orgs.ts';
import { type Outbox, outboxOf } from '../store/outbox.ts';
import { type PendingActs, pendingActsOf } from '../store/pending-acts.ts';
import type { Register } from '../store/register.ts';
import type { Deps } from './deps.ts';
import { refusal } from './problem.ts';

/** What the desks of offices and accounts read. */
export interface Offices {
  readonly divisions: Divisions;
  readonly orgs: Orgs;
  readonly grids: Grids;
  readonly assignments: Assignments;
  readonly accounts: AccountDesk;
  readonly people: AccountPeople;
  readonly acts: PendingActs;
  readonly outbox: Outbox;
}

/** What questions about offices are answered from. */
export interface OfficeParts {
  readonly offices: Offices;
  readonly deps: Pick<Deps, 'clock' | 'homes'>;
}

/** The desks' repositories of a register. */
export const officesOf = (register: Register): Offices => ({
  divisions: divisionsOf(register),
  orgs: orgsOf(register),
  grids: gridsOf(register),
  assignments: assignmentsOf(register),
  accounts: accountDeskOf(register),
  people: accountPeopleOf(register),
  acts: pendingActsOf(register),
  outbox: outboxOf(register),
});

/** What a verb answers, or what it refused as the answer a person gets. */
export async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof OfficeRefused) throw refusal(error.code, error.detail);
    if (error instanceof PlaceRefused) throw refusal(error.why === 'taken' ? 'TAKEN' : 'BAD_INPUT', { field: error.field, expected: error.expected });
    throw error;
  }
}
