import { BuildingId } from '../../../gateway/core/ids.ts';
import type { View } from '../world/register.ts';

const DAY_MS = 86_400_000;
const NEVER = Number.POSITIVE_INFINITY;
const orNever = (at: number): number => (at === 0 ? NEVER : at);

/**
 * Until when this card opens this door, by the register as of a change number and a clock; 0: it does not open it now.
 * The rule of design.md 2 once more, from rows and by hand: nothing of core/decide.ts or the access index is in it.
 */
export function opensUntil(view: View, doorId: number, hex: string, now: number): number {
  const door = view.one('door', doorId);
  return door === undefined || now < door.lockdownUntil ? 0 : mayUntil(view, doorId, hex, now);
}

/** The same of a door that is in no lockdown: what stands in the rows of a list, whose header says how long a lockdown lasts. */
export function mayUntil(view: View, doorId: number, hex: string, now: number): number {
  const [door, card] = [view.one('door', doorId), view.card(hex)];
  const person = card === undefined || card.personId === 0 ? undefined : view.one('person', card.personId);
  if (door === undefined || card === undefined || card.status !== 'active' || person?.registered !== true) return 0;
  if (now < card.validFrom || now >= orNever(card.validUntil)) return 0;
  const days = view.one('building', BuildingId(door.buildingId))?.holdoverDays ?? null;
  let until = 0;
  for (const stay of view.staysOf(person.id)) {
    if (stay.buildingId !== door.buildingId || (door.unitId !== 0 && door.unitId !== stay.unitId)) continue;
    const term = days === null || stay.termEnd === 0 ? NEVER : stay.termEnd + days * DAY_MS;
    const end = Math.min(orNever(stay.accessUntil), term);
    if (stay.from <= now && now < end) until = Math.max(until, end);
  }
  return Math.min(until, orNever(card.validUntil));
}
