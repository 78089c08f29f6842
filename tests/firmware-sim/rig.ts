import { canonicalReading, listDigest, listFingerprint, sortRows } from '../../gateway/wire/mqtt/list.ts';
import type { Message } from '../../gateway/wire/mqtt/messages.ts';
import type { ListRow } from '../../gateway/wire/mqtt/list.ts';
import { header, plainRow, settings } from '../helpers/lists.ts';
import type { UpTail } from '../../gateway/wire/mqtt/topics.ts';
import type { ControllerConfig, Down, Output } from '../../firmware-sim/model.ts';
import { type VirtualController, virtualController } from '../../firmware-sim/virtual.ts';

const LIST_KEY = Buffer.alloc(32, 7);
export const INSTANCE = '00112233445566aa';
export const NONCE = 'a1b2c3d4e5f60718';
export const CARD = { w: 32, x: '1A2B3C4D' };
export const OTHER_CARD = { w: 32, x: 'DEADBEEF' };
/** Moment the rig's clock starts: 2026-11-01 00:00 UTC. */
export const START = Date.UTC(2026, 10, 1);

export const CONFIG: ControllerConfig = { doors: 2, listKey: LIST_KEY, model: 'sim', fw: '1.0', heldMs: 60_000, openMs: 5000, queueMax: 10_000 };

export interface Rig extends VirtualController {
  /** Clock of the rig, ms. */
  now: number;
  /** Everything the device put out since the last look. */
  out: Output[];
  do(input: Parameters<VirtualController['input']>[0]): Output[];
  /** Runs the clock on, ticking when the device asks to be. */
  run(ms: number): Output[];
  tap(card?: { w: number; x: string }, tag?: number): Output[];
  say(message: Down): Output[];
}

/** A device on a virtual clock. */
export function rig(options: Partial<ControllerConfig> & { wall?: (at: number) => number } = {}): Rig {
  const { wall, ...config } = options;
  const device = virtualController({ config: { ...CONFIG, ...config }, instance: INSTANCE, ...(wall ? { wall } : {}) });
  const self: Rig = {
    ...device,
    now: START,
    out: [],
    do: (input) => keep(device.input(input, self.now)),
    run(ms) {
      const end = self.now + ms;
      const all: Output[] = [];
      while (device.wakeAt() <= end) {
        if (device.wakeAt() < self.now) throw new Error('asked for a tick in the past');
        const at = device.wakeAt();
        self.now = at;
        all.push(...self.do({ t: 'tick' }));
        if (device.wakeAt() <= at) throw new Error('still due after its tick');
      }
      self.now = end;
      return all;
    },
    tap: (card = CARD, tag = 1) => self.do({ t: 'tap', door: 1, reading: card, method: 'card', tag }),
    say: (message) => self.do({ t: 'message', message }),
  };
  const keep = (outputs: Output[]): Output[] => {
    self.out.push(...outputs);
    return outputs;
  };
  return self;
}

/** A device that has power and a connection. */
export function online(options: Parameters<typeof rig>[0] = {}): Rig {
  const device = rig(options);
  device.powerOn(device.now);
  device.do({ t: 'connected', nonce: NONCE });
  return device;
}

/** Bodies of what was published under a tail. */
export const published = <T extends UpTail>(outputs: readonly Output[], tail: T): Message<T>[] =>
  outputs.flatMap((output) => (output.t === 'publish' && output.tail === tail ? [output.body as Message<T>] : []));

export const of = <T extends Output['t']>(outputs: readonly Output[], kind: T): Extract<Output, { t: T }>[] =>
  outputs.filter((output): output is Extract<Output, { t: T }> => output.t === kind);

export const pulses = (outputs: readonly Output[]): Extract<Output, { t: 'pulse' }>[] => of(outputs, 'pulse');

export const answers = (outputs: readonly Output[]): NonNullable<Extract<Output, { t: 'lamp' }>['answer']>[] =>
  of(outputs, 'lamp').flatMap(({ answer }) => (answer === undefined ? [] : [answer]));

export const verdict = (device: Rig, n: number, answer: Partial<Message<'res'>> = {}): Down => ({
  tail: 'res',
  body: { v: 1, i: INSTANCE, b: device.image.boot, n, g: true, r: 'OK', o: 3000, e: 41, ...answer },
});

export const ackOf = (event: Message<'evt'>): Down => ({ tail: 'evt/ack', body: { v: 1, i: event.i, b: event.b, n: event.n } });

export const row = (card: { w: number; x: string }, doors = 1, until = 0): ListRow => {
  const canonical = canonicalReading(card);
  if (canonical === undefined) throw new Error('not a card');
  return plainRow(listFingerprint(LIST_KEY, canonical), doors, until);
};

export function wantOf(rows: ListRow[], version: { e: number; n: number } = { e: 1, n: 1 }, more: Partial<Message<'acl/want'>> = {}): Extract<Down, { tail: 'acl/want' }> {
  const body = header({
    ...version,
    until: START + 30 * 86_400_000,
    count: rows.length,
    of: rows.length === 0 ? 0 : 1,
    dig: listDigest(sortRows([...rows])),
    doors: [settings({ o: 4000 }), settings({ o: 4000 })],
    ...more,
  });
  return { tail: 'acl/want', body };
}

/** Gives a device a list the way a gateway does. */
export function giveList(device: Rig, rows: ListRow[], version = { e: 1, n: 1 }): void {
  device.say(wantOf(rows, version));
  if (rows.length > 0) device.say({ tail: 'acl/c', body: { ...version, at: 0, rows } });
}
