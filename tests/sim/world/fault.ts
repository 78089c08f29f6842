/** Everything that can go wrong in a simulated world. */
export type FaultKind =
  | 'lossy'
  | 'replays'
  | 'slow'
  | 'cut-up'
  | 'cut-down'
  | 'cut'
  | 'swizzle'
  | 'power-cut'
  | 'freeze-door'
  | 'door-clock'
  | 'gateway-crash'
  | 'gateway-freeze'
  | 'writer-crash'
  | 'lists-crash'
  | 'desk-killed'
  | 'hints-lost'
  | 'gateway-clock'
  | 'disk-full'
  | 'disk-locked'
  | 'disk-hangs'
  | 'disk-failing'
  | 'disk-slow'
  | 'line-noise'
  | 'line-late'
  | 'line-cut'
  | 'line-pulled'
  | 'device-off'
  | 'device-busy'
  | 'at-a-card'
  | 'at-a-key';

/** One thing that goes wrong, from a moment on, for a while. Numbers mean what the kind says. */
export interface Fault {
  readonly kind: FaultKind;
  /** Ms of the world. */
  readonly at: number;
  readonly ms: number;
  /** Controllers it hits, by place. */
  readonly on: readonly number[];
  readonly a: number;
  readonly b: number;
  /** Serial line and device it hits, by place. */
  readonly serial?: { readonly line: number; readonly device: number } | undefined;
}
