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
    const { numbers, spans } = times;
    const found: Stretch[] = [];
    let [low, high, inside] = [spans * SPAN, Number.MAX_SAFE_INTEGER, false];
    // Ten thousand steps for ten million entries: nothing is made in them but where the answer changes.
    for (let n = spans - 1; n >= 0; n -= 1) {
      const [minAt, maxAt] = [numbers[n * 2] ?? 0, numbers[n * 2 + 1] ?? 0];
      if (maxAt < from || minAt >= until) continue;
      const whole = minAt >= from && maxAt < until;
      if (whole !== inside || low !== (n + 1) * SPAN) {
        found.push({ low, high, inside });
        [high, inside] = [(n + 1) * SPAN, whole];
      }
      low = n * SPAN;
    }
    found.push({ low, high, inside });
    return found;
  };
}

/** The same parts, those that touch as one: for whoever looks at each entry's time anyway. */
export function joined(stretches: readonly Stretch[]): Stretch[] {
  const found: Stretch[] = [];
  for (const stretch of stretches) {
    const above = found.at(-1);
    if (above?.low === stretch.high) found[found.length - 1] = { low: stretch.low, high: above.high, inside: above.inside && stretch.inside };
    else found.push(stretch);
  }
  return found;
}
