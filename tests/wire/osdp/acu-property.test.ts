import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OUTPUT } from '../../../gateway/wire/osdp/messages.ts';
import { holdCard } from '../../../firmware-sim/osdp/peripheral-model.ts';
import { KEY, medium, type Medium, reboot, type TestDevice } from './medium.ts';

const RUNS = 25;
const ORDERS_MAX = 64;
/** Secure again within this at 9,600 (osdp.md 2.4), ms. */
const AGAIN_MS = 1500;

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ t: fc.constant('card' as const) }) },
  { weight: 4, arbitrary: fc.record({ t: fc.constant('order' as const), within: fc.integer({ min: 50, max: 3000 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      t: fc.constant('trouble' as const),
      lostIn: fc.integer({ min: 0, max: 12 }),
      bentIn: fc.integer({ min: 0, max: 12 }),
      delayMs: fc.integer({ min: 0, max: 80 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ t: fc.constant('reboot' as const), ms: fc.integer({ min: 1, max: 4000 }) }) },
  { weight: 1, arbitrary: fc.record({ t: fc.constant('renew' as const) }) },
);
const history = fc.array(fc.tuple(step, fc.integer({ min: 0, max: 1500 })), { minLength: 5, maxLength: 30 });

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Played {
  readonly m: Medium;
  readonly device: TestDevice;
  readonly held: string[];
  readonly orders: number[];
}

function hold({ device, held }: Played): void {
  const card = held.length.toString(16).padStart(8, '0');
  held.push(card);
  holdCard(device.peripheral, 32, card);
}

/** Each order is for an output of its own: how often it was carried out can be counted. */
function act(played: Played, each: Step): void {
  const { m, device, orders } = played;
  if (each.t === 'card') hold(played);
  else if (each.t === 'order' && orders.length < ORDERS_MAX)
    orders.push(m.order(1, { name: 'OUT', body: [{ output: orders.length, control: OUTPUT.timedOn, timer: 1 }] }, m.now + each.within));
  else if (each.t === 'trouble') Object.assign(m.trouble, { lostIn: each.lostIn, bentIn: each.bentIn, delayMs: each.delayMs });
  else if (each.t === 'reboot') reboot(m, device, each.ms);
  else if (each.t === 'renew') for (const peer of m.line.peers) peer.provedAt = Number.NEGATIVE_INFINITY;
}

const cardsOf = (m: Medium): string[] => m.of('report').flatMap(({ reply }) => (reply.name === 'RAW' ? [Buffer.from(reply.body.data).toString('hex')] : []));

test('whatever happens on a line: no card twice or out of order, none lost but by a session that ended, no order twice, and soon secure again', () => {
  fc.assert(
    fc.property(history, fc.integer(), (steps, seed) => {
      const m = medium({ seed, records: [{ address: 1, key: KEY }], devices: [{ address: 1, key: KEY, mode: 'full', outputs: ORDERS_MAX }] });
      const [device] = m.devices;
      if (device === undefined) throw new Error('no device');
      const played: Played = { m, device, held: [], orders: [] };
      m.until(() => m.of('up').length > 0, 5000);
      for (const [each, ms] of steps) {
        act(played, each);
        m.run(ms);
      }
      Object.assign(m.trouble, { lostIn: 0, bentIn: 0, delayMs: 0 });
      expect(m.until(() => m.line.peers.every(({ phase, quiet }) => phase === 'up' && !quiet), AGAIN_MS)).toBe(true);
      const lostBefore = played.held.length;
      for (let n = 0; n < 3; n += 1) hold(played);
      m.run(5000);
      const told = cardsOf(m);
      expect(told).toEqual([...new Set(told)].sort());
      // What was held after the line was well again is all there; before, each session that ended may cost what it had just handed over.
      expect(told.slice(-3)).toEqual(played.held.slice(lostBefore));
      expect(played.held.length - told.length).toBeLessThanOrEqual(m.of('down').length);
      const results = new Map(m.of('done').map(({ tag, result }) => [tag, result]));
      expect(m.of('done')).toHaveLength(played.orders.length);
      for (const [output, tag] of played.orders.entries()) {
        const times = device.peripheral.driven[output];
        const result = results.get(tag);
        expect([result, times]).toEqual([result, result === 'ok' ? 1 : result === 'unknown' ? (times === 0 ? 0 : 1) : 0]);
      }
    }),
    { numRuns: RUNS },
  );
});
