import type { Action } from '../wire/osdp/acu-model.ts';
import { OUTPUT } from '../wire/osdp/messages.ts';

/** Timers of outputs, ms, and the most they hold. */
const UNIT_MS = 100;
const TIMER_MAX = 65_535;
/** A door that stands open is told so again and again: with nobody to say it, it closes by itself. */
const HOLD_MS = 60_000;
const RENEW_MS = 25_000;
/** A lock that could not be told to open in this time stays shut: nobody stands there any more. */
const SAY_MS = 2000;

/** A lock behind an output of an OSDP device. Its timer is in the device, so that it closes whatever becomes of us. */
export class OsdpRelay {
  readonly #output: number;
  readonly #say: (order: Action['order'], withinMs: number) => void;
  #renew: NodeJS.Timeout | undefined;
  /** When the lock closes again by the device's own timer, on the clock of this process, ms. */
  #until = 0;

  /** `say`: gives the device an order, or drops it after so many ms. */
  constructor({ output }: { readonly output: number }, say: (order: Action['order'], withinMs: number) => void) {
    this.#output = output;
    this.#say = say;
  }

  pulse(ms: number): void {
    this.#stop();
    this.#until = performance.now() + ms;
    this.#on(ms);
  }

  hold(): void {
    this.#stop();
    this.#on(HOLD_MS);
    this.#renew = setInterval(() => this.#on(HOLD_MS), RENEW_MS);
  }

  off(): void {
    this.#stop();
    this.#until = 0;
    this.#order(OUTPUT.off, 0);
  }

  /** The device is back. Nothing it missed is said again: it is told to stand open if it is to now, and else to be off, unless its own timer runs. */
  settle(): void {
    if (this.#renew !== undefined) this.#on(HOLD_MS);
    else if (performance.now() >= this.#until) this.#order(OUTPUT.off, 0);
  }

  stop(): void {
    this.#stop();
  }

  #on(ms: number): void {
    this.#order(OUTPUT.timedOn, Math.min(TIMER_MAX, Math.max(1, Math.ceil(Math.round(ms) / UNIT_MS))));
  }

  #order(control: number, timer: number): void {
    this.#say({ name: 'OUT', body: [{ output: this.#output, control, timer }] }, SAY_MS);
  }

  #stop(): void {
    clearInterval(this.#renew);
    this.#renew = undefined;
  }
}
