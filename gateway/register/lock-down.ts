import type { Register } from '../store/register.ts';

/** A lockdown ends by itself after at most this long, minutes (design.md 6.1). */
export const LONGEST_LOCKDOWN = 120;
/** A shorter one would be over before the doors have heard of it, minutes. */
const SHORTEST_LOCKDOWN = 5;
/** What an entry of the log has room for, characters. */
const REASON_LENGTH = 100;
const MINUTE_MS = 60_000;

/** What was asked is no lockdown: the field, and what was expected there in both languages. */
export class LockdownRefused extends RangeError {
  override readonly name = 'LockdownRefused';
  readonly field: 'minutes' | 'reason';
  readonly expected: string;

  constructor(field: LockdownRefused['field'], expected: string) {
    super(`${field}: expected ${expected}`);
    this.field = field;
    this.expected = expected;
  }
}

/** Which doors, for how long, why. `now`: epoch ms. */
export interface Lockdown {
  readonly doorIds: readonly number[];
  readonly minutes: number;
  readonly reason: string;
  readonly now: number;
}

/** Notes something in the log; rejects when that cannot be done, and then nothing is changed. */
export type Note = (words: string) => Promise<unknown>;

/**
 * Puts doors into lockdown, or gives one that runs another end. Noted with its reason first. Returns its end, epoch ms.
 * Throws LockdownRefused: too short, too long, no reason or too much of it.
 */
export async function lockDown({ write }: Register, { doorIds, minutes, reason, now }: Lockdown, note: Note): Promise<number> {
  if (!Number.isInteger(minutes) || minutes < SHORTEST_LOCKDOWN || minutes > LONGEST_LOCKDOWN)
    throw new LockdownRefused('minutes', `${SHORTEST_LOCKDOWN} 到 ${LONGEST_LOCKDOWN} 分钟 / ${SHORTEST_LOCKDOWN} to ${LONGEST_LOCKDOWN} minutes`);
  const why = reason.normalize('NFC').trim();
  if (why.length === 0 || why.length > REASON_LENGTH || /[\p{Cc}\p{Cf}\u2028\u2029]/u.test(why))
    throw new LockdownRefused('reason', `原因，1 到 ${REASON_LENGTH} 个字，不含控制字符 / a reason of 1 to ${REASON_LENGTH} characters on one line`);
  const until = now + minutes * MINUTE_MS;
  await write(async (db) => {
    await note(why);
    await db.door.updateMany({ where: { id: { in: [...doorIds] } }, data: { lockdownUntil: BigInt(until) } });
  });
  return until;
}

/** Ends the lockdown of doors, noted first; how many were in one at `now`, epoch ms. Nothing happens, and nothing is noted, where none is. */
export async function endLockdown({ write }: Register, { doorIds, now }: Pick<Lockdown, 'doorIds' | 'now'>, note: Note): Promise<number> {
  return write(async (db) => {
    const running = await db.door.count({ where: { id: { in: [...doorIds] }, lockdownUntil: { gt: BigInt(now) } } });
    if (running > 0) await note('');
    await db.door.updateMany({ where: { id: { in: [...doorIds] }, lockdownUntil: { not: null } }, data: { lockdownUntil: null } });
    return running;
  });
}
