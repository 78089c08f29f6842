import { BuildingId } from '../../core/ids.ts';
import type { Role } from '../../core/roles.ts';
import type { StoredEntry } from '../../journal/entry.ts';
import { LONGEST_LOCKDOWN } from '../../register/lock-down.ts';
import type { Onlooker } from '../../store/onlookers.ts';
import type { DoorRow } from '../../store/places.ts';
import type { JournalReads } from '../deps.ts';
import type { LockdownView } from '../schemas/lockdowns.ts';
import type { Viewer } from '../viewer.ts';

/** Word of the entry that begins one; at no door: it is of all shared doors of the building. */
export const LOCKDOWN_BEGUN = 'lockdown-begun';

const MINUTE_MS = 60_000;
/** Entries of the register looked through: nobody makes so many at one building in two hours. */
const MOST_READ = 1000;

/** Doors under the entry that put them into lockdown; undefined: by nobody the log names any more. */
interface Running {
  readonly entry: StoredEntry | undefined;
  readonly until: number;
  readonly doors: number[];
}

/** Lockdowns that run at `now` (epoch ms) at these doors of one building, by entry. */
export function runningLockdowns(journal: Pick<JournalReads, 'before'>, doors: readonly DoorRow[], now: number): readonly Running[] {
  const closed = doors.filter(({ lockdownUntil }) => (lockdownUntil ?? 0) > now);
  const [first] = closed;
  if (first === undefined) return [];
  const from = now - (LONGEST_LOCKDOWN + 1) * MINUTE_MS;
  const begun = journal.before({ buildingId: BuildingId(first.buildingId), kinds: ['register'], from }, MOST_READ).filter(({ event }) => event.what === LOCKDOWN_BEGUN);
  const running = new Map<string, Running>();
  for (const { id, unitId, lockdownUntil } of closed) {
    const entry = begun.find(({ event: { doorId } }) => (doorId === 0 ? unitId === null : doorId === id));
    const until = lockdownUntil ?? 0;
    const key = `${entry?.index} ${until}`;
    running.set(key, { entry, until, doors: [...(running.get(key)?.doors ?? []), id] });
  }
  return [...running.values()];
}

/** Names and reasons are for colleagues; an officer's reason may name whom he looks for, and is for officers. */
const isColleague = (viewer: Role, by: Role): boolean => viewer === by || (by !== 'OF' && (viewer === 'SA' || viewer === 'OF'));

/** Part of the gate (invariant I5): what of a running lockdown this viewer is told. */
export function lockdownFor({ role: mine }: Viewer, { entry, until, doors }: Running, accounts: ReadonlyMap<number, Onlooker>): LockdownView {
  if (entry === undefined) return { doors, until, since: null, role: null, name: null, reason: null };
  const by = accounts.get(entry.person.accountId);
  const role = by?.role ?? 'SA';
  const whole = isColleague(mine, role);
  return { doors, until, since: entry.event.gatewayTime, role, name: whole ? (by?.name ?? '') : null, reason: whole ? entry.person.words : null };
}
