import type { Register } from './register.ts';

/** What an account looked up on a local day (yyyymmdd), and how much more a second person released. */
export interface DayOfLooks {
  readonly day: number;
  readonly looks: number;
  readonly released: number;
}

/** Look-ups counted by account and day. */
export interface DailyLooks {
  of(accountId: number, day: number): Promise<DayOfLooks>;
  /** Days of a span with anything on them, the first first. */
  between(accountId: number, first: number, last: number): Promise<readonly DayOfLooks[]>;
  /**
   * Counts `wanted` look-ups and returns true when they fit under `allowed` and what was released, in one step; otherwise counts
   * none and returns false.
   */
  take(who: { readonly accountId: number; readonly day: number }, wanted: number, allowed: number): Promise<boolean>;
  release(accountId: number, day: number, more: number): Promise<void>;
}

const NONE = { looks: 0, released: 0 };
const DAY = { day: true, looks: true, released: true } as const;

/** The register's count of look-ups. */
export function dailyLooksOf({ read, write }: Register): DailyLooks {
  return {
    of: async (accountId, day) => (await read.dailyLooks.findUnique({ where: { accountId_day: { accountId, day } }, select: DAY })) ?? { day, ...NONE },
    between: (accountId, first, last) => read.dailyLooks.findMany({ where: { accountId, day: { gte: first, lte: last } }, select: DAY, orderBy: { day: 'asc' } }),
    take: ({ accountId, day }, wanted, allowed) =>
      // Writes run one after another, so nobody counts between the look and the step.
      write(async (db) => {
        const where = { accountId_day: { accountId, day } };
        const { looks, released } = (await db.dailyLooks.findUnique({ where })) ?? NONE;
        if (looks + wanted > allowed + released) return false;
        await db.dailyLooks.upsert({ where, create: { accountId, day, looks: wanted }, update: { looks: { increment: wanted } } });
        return true;
      }),
    async release(accountId, day, more) {
      const where = { accountId_day: { accountId, day } };
      await write((db) => db.dailyLooks.upsert({ where, create: { accountId, day, released: more }, update: { released: { increment: more } } }));
    },
  };
}
