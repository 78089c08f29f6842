import type { Deadline } from '../core/rules/resolve.ts';
import { modeOf } from '../core/rules/rule.ts';
import { ruleBookOf } from '../store/rules.ts';
import type { ReadDb, WriteDb } from '../store/register.ts';
import { PUBLIC_HOLIDAYS } from './public-holidays.ts';

/**
 * When a landlord must have registered somebody who moves into a building at a moment (epoch ms), by the rules there are
 * now; each date keeps the rule it was counted by (domain.md 2.1). Undefined: no rule asks for it.
 */
export async function registrationDues(
  db: ReadDb | WriteDb,
  building: { readonly jurisdiction: string; readonly mode: string },
): Promise<(movedInAt: number) => Deadline | undefined> {
  const rules = await ruleBookOf(db, PUBLIC_HOLIDAYS);
  const where = { subject: 'registration.landlord', jurisdiction: building.jurisdiction, mode: modeOf(building.mode) } as const;
  // People of a roster moved in on few days.
  const counted = new Map<number, Deadline | undefined>();
  return (movedInAt) => {
    const due = counted.has(movedInAt) ? counted.get(movedInAt) : rules.due(where, movedInAt);
    counted.set(movedInAt, due);
    return due;
  };
}
