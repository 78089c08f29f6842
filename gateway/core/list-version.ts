/** How long a list holds without the gateway, ms: 30 days for residents' doors (design.md 6.1). */
export const LIST_VALID_MS = 30 * 86_400_000;

/** A version `epoch.n` as its two numbers; '' is before all others. */
function numbersOf(version: string): readonly [epoch: number, n: number] {
  const [epoch = 0, n = 0] = version.split('.').map(Number);
  return [epoch, n];
}

/** How a door stands with its access list, as far as it matters whether it lacks a card. */
export interface ListStanding {
  /** List it acknowledged, and the one it should hold, `epoch.n`; '' when none. */
  readonly have: string;
  readonly want: string;
  /** Number of the register's change up to which `want` is known to be right. */
  readonly covers: number;
}

/**
 * The first list that a door must acknowledge for change `n` of the register to be in force there: the one it should
 * hold when lists first cover the change. Lists only go forward within an epoch, so it stays the same while newer ones
 * are made; a new epoch begins anew, since what was numbered before it may be of a register that was put back. `known`:
 * the answer of the last time; '' when there is none yet.
 */
export function neededList({ want, covers }: ListStanding, n: number, known: string): string {
  if (want === '' || covers < n) return known;
  return numbersOf(known)[0] === numbersOf(want)[0] ? known : want;
}

/** Did the door acknowledge that list, or a later one? One that is newer than any made for it is not ours and proves nothing. */
export function acknowledges({ have, want }: ListStanding, needed: string): boolean {
  if (needed === '') return false;
  const [held, wanted, least] = [numbersOf(have), numbersOf(want), numbersOf(needed)];
  return held[0] === least[0] && held[0] === wanted[0] && held[1] >= least[1] && held[1] <= wanted[1];
}
