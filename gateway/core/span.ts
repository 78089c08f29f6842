/** A time from a moment on, up to but without another; epoch ms. `untilAt` null: without an end. */
export interface Span {
  readonly fromAt: number;
  readonly untilAt: number | null;
}

const end = ({ untilAt }: Span): number => untilAt ?? Number.POSITIVE_INFINITY;

/** Does the span hold at `now`? */
export const holds = (span: Span, now: number): boolean => span.fromAt <= now && now < end(span);

/** Do two spans share a moment? One that ends when the other begins does not; an empty one shares none. */
export const overlap = (one: Span, other: Span): boolean => Math.max(one.fromAt, other.fromAt) < Math.min(end(one), end(other));
