import { dateAt } from '../../core/local-date.ts';
import type { Role } from '../../core/roles.ts';
import type { DailyLooks } from '../../store/daily-looks.ts';
import type { Audit } from '../audit.ts';
import { type Refusal, refusal } from '../problem.ts';
import type { LooksToday } from '../schemas/review.ts';
import type { Viewer } from '../viewer.ts';

/** One look of the same kind at the same person by the same account under the same purpose within this time is one entry. */
const LOOK_MS = 5 * 60_000;
const LOOKS_KEPT = 20_000;
/** Entries handed to the journal together. */
const AT_ONCE = 100;
/** Look-ups of a day before a second person must release more, and how many he releases at once (design.md 9). */
export const LOOKS_A_DAY = 100;
/** Roles whose look-ups are counted: those who look at people they do not live or let with. */
const COUNTED: ReadonlySet<Role> = new Set(['OF', 'CL', 'PO']);

/** A person who is shown, and the home he is shown in. */
export interface Whom {
  readonly personId: number;
  readonly unitId?: number;
  readonly buildingId?: number;
}

/** A look as the journal notes it. */
export interface Look {
  /** Stable word: viewed, found, entries-viewed, revealed, exported, audit-read. */
  readonly what: string;
  /** Entry of the purpose it is done under. */
  readonly ref?: number | undefined;
  /** At most 120 characters. */
  readonly words?: string;
  /** Takes nothing from the day: reading the audit log, or what a second person agreed to. */
  readonly free?: boolean;
}

/** Notes every person who is shown, before he is shown (invariant I5), and counts an officer's day. */
export interface Looks {
  /**
   * Resolves when each of them is on disk; rejects when one cannot be, and then nothing is shown. Refuses LOOKS_SPENT.
   * Nobody is noted for looking at himself.
   */
  noted(viewer: Viewer, look: Look, people: readonly Whom[]): Promise<void>;
  /** As `noted` for one person, each time anew; returns the entry's index. */
  notedAlways(viewer: Viewer, look: Look, whom: Whom): Promise<number>;
  /** How many of these, from the first on, today's look-ups allow. 0 in the list stands for nobody. */
  fitting(viewer: Viewer, look: Look, personIds: readonly number[]): Promise<number>;
  today(viewer: Viewer): Promise<LooksToday>;
  /** The answer when a day's look-ups are spent: it says how to get more. */
  spent(): Refusal;
  /** A second person agreed to more on this day (yyyymmdd). */
  release(accountId: number, day: number): Promise<void>;
}

export interface LookParts {
  readonly audit: Audit;
  readonly counts: DailyLooks;
  readonly clock: () => number;
}

/** The local day of a moment as a number: 20260701. */
export const dayNumber = (at: number): number => Number(dateAt(at).replaceAll('-', ''));

/** Which looks were noted in the last minutes. */
function recent(clock: () => number) {
  const noted = new Map<string, number>();
  const nameOf = ({ accountId }: Viewer, { what, ref = 0 }: Look, personId: number): string => `${accountId}/${ref}/${what}/${personId}`;
  return {
    has: (viewer: Viewer, look: Look, personId: number): boolean => clock() - (noted.get(nameOf(viewer, look, personId)) ?? Number.NEGATIVE_INFINITY) < LOOK_MS,
    add(viewer: Viewer, look: Look, personId: number): void {
      if (noted.size >= LOOKS_KEPT) noted.clear();
      noted.set(nameOf(viewer, look, personId), clock());
    },
  };
}

const spent = (): Refusal => refusal('LOOKS_SPENT', { expected: 'POST /api/v1/me/looks/release' });

export function createLooks({ audit, counts, clock }: LookParts): Looks {
  const lately = recent(clock);
  const isFresh = (viewer: Viewer, look: Look, personId: number): boolean => personId !== 0 && personId !== viewer.personId && !lately.has(viewer, look, personId);

  async function today({ accountId }: Viewer): Promise<LooksToday> {
    const { looks, released } = await counts.of(accountId, dayNumber(clock()));
    const allowed = LOOKS_A_DAY + released;
    return { looks, allowed, left: Math.max(0, allowed - looks) };
  }

  async function count(viewer: Viewer, wanted: number): Promise<void> {
    if (wanted === 0 || !COUNTED.has(viewer.role)) return;
    if (!(await counts.take({ accountId: viewer.accountId, day: dayNumber(clock()) }, wanted, LOOKS_A_DAY))) throw spent();
  }

  async function write(viewer: Viewer, look: Look, { personId, unitId, buildingId }: Whom): Promise<number> {
    const { what, ref, words } = look;
    const about = { personId, ...(unitId === undefined ? {} : { unitId }), ...(buildingId === undefined ? {} : { buildingId }) };
    const index = await audit.acted(viewer, what, { ...about, ...(ref === undefined ? {} : { ref }), ...(words === undefined ? {} : { words }) });
    lately.add(viewer, look, personId);
    return index;
  }

  const freshOf = (viewer: Viewer, look: Look, people: readonly Whom[]): Whom[] => [
    ...new Map(people.filter(({ personId }) => isFresh(viewer, look, personId)).map((whom) => [whom.personId, whom])).values(),
  ];
  /** Many at once, which the journal's writer puts on disk in one commit; not so many that a door's entry waits behind them. */
  async function writeAll(viewer: Viewer, look: Look, people: readonly Whom[]): Promise<void> {
    for (let at = 0; at < people.length; at += AT_ONCE) await Promise.all(people.slice(at, at + AT_ONCE).map((whom) => write(viewer, look, whom)));
  }

  return {
    today,
    spent,
    release: (accountId, day) => counts.release(accountId, day, LOOKS_A_DAY),
    async noted(viewer, look, people) {
      const fresh = freshOf(viewer, look, people);
      if (look.free !== true) await count(viewer, fresh.length);
      await writeAll(viewer, look, fresh);
    },
    async notedAlways(viewer, look, whom) {
      await count(viewer, 1);
      return write(viewer, look, whom);
    },
    async fitting(viewer, look, personIds) {
      const left = COUNTED.has(viewer.role) ? (await today(viewer)).left : Number.POSITIVE_INFINITY;
      const fresh = new Set<number>();
      const beyond = personIds.findIndex((id) => isFresh(viewer, look, id) && fresh.add(id).size > left);
      return beyond === -1 ? personIds.length : beyond;
    },
  };
}
