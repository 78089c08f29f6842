import { LONGEST_LOCKDOWN_MS } from '../link.ts';
import type { Board, BoardContext } from './board.ts';

/**
 * Is the board's door in a lockdown that it should be held to? A board knows none: while there is one it holds those
 * with duty rights alone, and this is what gives it the others back, also when the register says nothing at its end.
 */
export function inLockdown({ now, uptime }: Pick<BoardContext, 'now' | 'uptime'>, board: Board): boolean {
  const until = board.record.lockdownUntil;
  if (until <= now()) return false;
  if (board.lockdown?.until !== until) board.lockdown = { until, overAt: uptime() + LONGEST_LOCKDOWN_MS, released: false };
  return !board.lockdown.released && uptime() < board.lockdown.overAt;
}

/** Tells the users of the board who should be on it now, by what was last read and by the lockdown. True when that is somebody else than before. */
export function handUsers(context: Pick<BoardContext, 'now' | 'uptime'>, board: Board): boolean {
  const { people = [], record } = board;
  board.locked = inLockdown(context, board);
  return board.users.want(board.locked ? people.filter(({ duty }) => duty) : people, record.cards, context.now());
}
