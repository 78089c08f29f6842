import type Database from 'better-sqlite3';

/** Entries that share one row of `span`. */
const SPAN = 1024;

/** A part of the log, `low` in it and `high` not. `inside`: every entry of it is in the wanted time; else some may not be. */
export interface Stretch {
  readonly low: number;
  readonly high: number;
  readonly inside: boolean;
}

/** Writes the spans that the entries up to `last` complete; to be called inside the transaction that adds them. */
export function spanKeeper(db: Database.Database): (last: number) => void {
  const count = db.prepare<[], number>('SELECT coalesce(max(n), -1) + 1 FROM span').pluck();
  const add = db.prepare('INSERT INTO span SELECT ?, min(at), max(at) FROM entry WHERE idx >= ? AND idx < ?');
  return (last) => {
    const whole = Math.floor((last + 1) / SPAN);
    for (let n = Number(count.get()); n < whole; n += 1) add.run(n, n * SPAN, (n + 1) * SPAN);
  };
}

/** Earliest and latest times of the spans, two numbers each: 160 kB for ten million entries. */
interface Times {
  numbers: Float64Array;
  spans: number;
}

function grow(times: Times, rows: readonly { readonly minAt: number; readonly maxAt: number }[]): void {
  const needed = (times.spans + rows.length) * 2;
  if (needed > times.numbers.length) {
    const larger = new Float64Array(Math.max(needed, times.numbers.length * 2));
    larger.set(times.numbers);
    times.numbers = larger;
  }
  for (const { minAt, maxAt } of rows) {
    times.numbers.set([minAt, maxAt], times.spans * 2);
    times.spans += 1;
  }
}

/**
 * Finds the parts of the log that can hold entries of a time, newest first. Spans are kept in memory, for they
 * never change; what came after the last whole one may hold any time. No entry is missed whatever the clock did: a
 * span in which it jumped is only read in vain.
 */
export function spanReader(db: Database.Database): (from: number, until: number) => Stretch[] {
  const later = db.prepare<[number], { minAt: number; maxAt: number }>('SELECT minAt, maxAt FROM span WHERE n >= ? ORDER BY n');
  const times: Times = { numbers: new Float64Array(1024), spans: 0 };
  return (from, until) => {
    grow(times, later.all(times.spans));
    const found: Stretch[] = [{ low: times.spans * SPAN, high: Number.MAX_SAFE_INTEGER, inside: false }];
    for (let n = times.spans - 1; n >= 0; n -= 1) {
      const [minAt = 0, maxAt = 0] = [times.numbers[n * 2], times.numbers[n * 2 + 1]];
      if (maxAt < from || minAt >= until) continue;
      const inside = minAt >= from && maxAt < until;
      const above = found.at(-1);
      if (above !== undefined && above.inside === inside && above.low === (n + 1) * SPAN) found[found.length - 1] = { ...above, low: n * SPAN };
      else found.push({ low: n * SPAN, high: (n + 1) * SPAN, inside });
    }
    return found;
  };
}
