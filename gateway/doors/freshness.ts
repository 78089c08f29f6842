/**
 * How far a device's crystal may run slow against ours, as a share: the smallest transit seen is let rise by it,
 * so that a slow device does not seem to grow older all day. 200 ppm is four times a plain crystal's tolerance.
 */
const DRIFT = 200e-6;

/**
 * Age of messages without trusting a clock (design.md 6.1): for one boot of one device, the smallest
 * (arrival − running time) seen is taken as no delay; what a message has above it is its age. All in ms;
 * arrivals are of our own monotonic clock.
 */
export interface BootClock {
  /** Age of a message that carries running time `u`, on arrival. Learns from it. */
  age(arrival: number, u: number): number;
  /** The device's running time now, as well as it can be known; undefined before the first message. */
  runningAt(arrival: number): number | undefined;
}

/** A clock for a boot nothing has been heard of yet. */
export function createBootClock(): BootClock {
  let smallest: number | undefined;
  let learnedAt = 0;
  return {
    age(arrival, u) {
      const transit = arrival - u;
      const allowed = smallest === undefined ? transit : smallest + (arrival - learnedAt) * DRIFT;
      smallest = Math.min(allowed, transit);
      learnedAt = arrival;
      return Math.max(0, Math.round(transit - smallest));
    },
    // Without the allowance for drift: over a quiet night it would eat the seconds a command holds.
    runningAt: (arrival) => (smallest === undefined ? undefined : Math.max(0, Math.floor(arrival - smallest))),
  };
}
