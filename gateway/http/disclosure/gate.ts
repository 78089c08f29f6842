import { type DailyLooks, dailyLooksOf } from '../../store/daily-looks.ts';
import { type Onlookers, onlookersOf } from '../../store/onlookers.ts';
import { type Persons, personsOf } from '../../store/persons.ts';
import { type Purposes, purposesOf } from '../../store/purposes.ts';
import type { Audit } from '../audit.ts';
import type { Deps } from '../deps.ts';
import { createLooks, type Looks } from './looks.ts';
import { createPurposeGate, type PurposeGate } from './purposes.ts';

/** What the disclosure gate is made of, for the routes that show people. */
export interface Gate {
  /** Notes who is shown, before he is shown. */
  readonly looks: Looks;
  readonly lookCounts: DailyLooks;
  readonly purposes: Purposes;
  readonly purposeGate: PurposeGate;
  /** People and rooms by row number. Unsealed. */
  readonly persons: Persons;
  readonly onlookers: Onlookers;
}

export function createGate({ register, clock }: Deps, audit: Audit): Gate {
  const [lookCounts, purposes] = [dailyLooksOf(register), purposesOf(register)];
  return {
    lookCounts,
    purposes,
    looks: createLooks({ audit, counts: lookCounts, clock }),
    purposeGate: createPurposeGate({ purposes, audit, clock }),
    persons: personsOf(register),
    onlookers: onlookersOf(register),
  };
}
