import type { GrantFacts } from './facts.ts';
import type { BuildingId, PersonId } from './ids.ts';
import type { WeekPlan } from './schedule.ts';

/** A right of somebody who works in a building, as the register has it. Times are epoch ms, 0: none. */
export interface GrantRow extends Omit<GrantFacts, 'plan'> {
  readonly id: number;
  readonly personId: PersonId;
  /** Row number of its schedule; 0: all hours. */
  readonly scheduleId: number;
}

/** Keeps to a schedule that is gone: good for no hour. */
const NO_HOURS: WeekPlan = [];

/** Rights of people who work in buildings, by person: few, for a building has a handful of them. */
export function createGrantTable() {
  const rows = new Map<number, GrantRow>();
  const plans = new Map<number, WeekPlan | undefined>();
  const ofPerson = new Map<number, readonly GrantRow[]>();
  const others = (row: GrantRow): readonly GrantRow[] => (ofPerson.get(row.personId) ?? []).filter(({ id }) => id !== row.id);
  function remove(id: number): void {
    const row = rows.get(id);
    if (row === undefined) return;
    rows.delete(id);
    ofPerson.set(row.personId, others(row));
  }
  return {
    remove,
    put(row: GrantRow): void {
      remove(row.id);
      rows.set(row.id, row);
      ofPerson.set(row.personId, [...others(row), row]);
    },
    putSchedule: (id: number, plan: WeekPlan | undefined): void => void plans.set(id, plan),
    planOf: (id: number): WeekPlan => plans.get(id) ?? NO_HOURS,
    buildingOf: (id: number): BuildingId | undefined => rows.get(id)?.buildingId,
    facts: (personId: PersonId): GrantFacts[] =>
      (ofPerson.get(personId) ?? []).map(({ buildingId, from, until, scheduleId, duty }) => ({
        buildingId,
        from,
        until,
        duty,
        plan: scheduleId === 0 ? undefined : (plans.get(scheduleId) ?? NO_HOURS),
      })),
  };
}
