/** One line of the bench: ours against the bare engine in the same run. */
export interface Row {
  readonly name: string;
  readonly ours: number;
  /** 0: there is nothing to compare with; the target is on `ours`. */
  readonly bare: number;
  /** ours / bare, or bare / ours for times, so that more is better; 0 when there is no bare. */
  readonly ratio: number;
  readonly unit: string;
  readonly target: string;
  readonly met: boolean;
}

/** A figure with a bound of its own: `ours` must stay at or under it. */
export const bounded = (name: string, { ours, bare = 0 }: { readonly ours: number; readonly bare?: number }, most: number, unit: string): Row => ({
  name,
  ours,
  bare,
  ratio: bare === 0 ? 0 : bare / ours,
  unit,
  target: `≤ ${most} ${unit}`,
  met: ours <= most,
});

/** A speed against the bare engine's: ours must reach this share of it. */
export const share = (name: string, speed: { readonly ours: number; readonly bare: number }, least: number, unit: string): Row => ({
  name,
  ...speed,
  ratio: speed.ours / speed.bare,
  unit,
  target: `≥ ${least} × bare`,
  met: speed.ours / speed.bare >= least,
});

/** Middle value. */
export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
