import { COLOUR, type Command } from '../wire/osdp/messages.ts';
import type { Order } from '../wire/osdp/acu-model.ts';

/** What somebody at a reader is shown; `pin`: digits are asked for. */
export type Show = 'green' | 'red' | 'alarm' | 'identify' | 'pin';

const NOTHING = { code: 0, on: 0, off: 0, onColour: 0, offColour: 0 } as const;
/** What a reader shows and sounds, in units of 100 ms. */
const SHOWS: Readonly<Record<Show, { readonly colour: number; readonly on: number; readonly off: number; readonly timer: number; readonly beeps: number }>> = {
  green: { colour: COLOUR.green, on: 10, off: 0, timer: 30, beeps: 1 },
  red: { colour: COLOUR.red, on: 1, off: 1, timer: 12, beeps: 3 },
  alarm: { colour: COLOUR.red, on: 5, off: 5, timer: 300, beeps: 30 },
  // A person who is asked for digits has ten seconds (docs/controller-protocol.md).
  pin: { colour: COLOUR.amber, on: 2, off: 2, timer: 100, beeps: 2 },
  identify: { colour: COLOUR.amber, on: 3, off: 3, timer: 100, beeps: 5 },
};

/** What a reader is told for what the door shows; `reader`: its number within its device. */
export function showOrders(show: Show, reader = 0): Order[] {
  const { colour, on, off, timer, beeps } = SHOWS[show];
  const led: Command<'LED'>['body'] = [{ reader, led: 0, temporary: { code: 2, on, off, onColour: colour, offColour: COLOUR.black, timer }, permanent: NOTHING }];
  return [
    { name: 'LED', body: led },
    { name: 'BUZ', body: { reader, tone: 2, on: 1, off: 1, count: beeps } },
  ];
}

/** What a reader shows by itself: red, the door is locked. */
export const RESTING: Order = {
  name: 'LED',
  body: [{ reader: 0, led: 0, temporary: { ...NOTHING, code: 1, timer: 0 }, permanent: { code: 1, on: 1, off: 0, onColour: COLOUR.red, offColour: COLOUR.black } }],
};
