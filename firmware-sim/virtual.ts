import { createController, step, wakeAt } from './door.ts';
import type { Controller, ControllerConfig, Input, Output } from './model.ts';
import { applyChange, newImage, type StoreImage } from './store-image.ts';

/** A controller on a clock that is not ours: no sockets, no files, no timers. For simulations and the demo's past. */
export interface VirtualController {
  readonly controller: Controller;
  /** What its store holds. */
  readonly image: StoreImage;
  /** Starts it, a new boot, at a moment (ms on the caller's clock); running time counts from here. */
  powerOn(at: number, after?: 'start' | 'power-lost' | 'restart'): Output[];
  powerOff(at: number): void;
  /** One input at a moment. Writes reach `image` at once; the other outputs are for the caller. */
  input(input: Exclude<Input, { t: 'boot' | 'power-lost' }>, at: number): Output[];
  /** When it wants a tick, on the caller's clock; Infinity: not before another input. */
  wakeAt(): number;
}

/** What a virtual controller is made of. */
export interface VirtualOptions {
  readonly config: ControllerConfig;
  /** 16 random hex digits. */
  readonly instance: string;
  /** The device's own clock at a moment of the caller's, epoch ms; 0: none. Left out: right to the ms. */
  readonly wall?: (at: number) => number;
}

/** A new virtual controller, without power. */
export function virtualController({ config, instance, wall = (at) => at }: VirtualOptions): VirtualController {
  const controller = createController(config);
  const image = newImage(instance);
  let bootAt = 0;
  const act = (input: Input, at: number): Output[] => {
    const outputs = step(controller, input, { u: at - bootAt, wall: wall(at) });
    for (const output of outputs) if (output.t === 'store') applyChange(image, output.change);
    return outputs;
  };
  return {
    controller,
    image,
    powerOn(at, after = 'start') {
      bootAt = at;
      image.boot += 1;
      return act({ t: 'boot', image, after }, at);
    },
    powerOff: (at) => void act({ t: 'power-lost' }, at),
    input: act,
    wakeAt: () => bootAt + wakeAt(controller),
  };
}
