import { describe, expect, test } from 'vitest';
import { createController, step } from '../../firmware-sim/door.ts';
import type { Input, Output } from '../../firmware-sim/model.ts';
import { applyChange, newImage, type StoreImage } from '../../firmware-sim/store-image.ts';
import { CARD, CONFIG, INSTANCE, NONCE, OTHER_CARD, pulses } from './rig.ts';

const tap = (reading = CARD): Input => ({ t: 'tap', door: 1, reading, method: 'card' });
const res = (n: number, g: boolean): Input => ({ t: 'message', message: { tail: 'res', body: { v: 1, i: INSTANCE, b: 1, n, g, r: g ? 'OK' : 'REVOKED', o: g ? 3000 : 0, e: 1 } } });
const SCENES: [string, Input[], requests: number][] = [
  [
    'granted and gone through',
    [{ t: 'connected', nonce: NONCE }, tap(), res(1, true), { t: 'contact', door: 1, contact: 'open' }, { t: 'contact', door: 1, contact: 'closed' }],
    1,
  ],
  ['refused', [{ t: 'connected', nonce: NONCE }, tap(), res(1, false)], 1],
  ['two at once, the link breaks', [{ t: 'connected', nonce: NONCE }, tap(), tap(OTHER_CARD), res(1, true), { t: 'disconnected' }], 2],
  ['offline', [tap(), { t: 'exit', door: 1 }, { t: 'contact', door: 1, contact: 'open' }], 1],
];

/** Carries out only the first `limit` outputs of a scene; then the power is gone. */
function playUntil(inputs: readonly Input[], limit: number): { image: StoreImage; done: Output[]; whole: boolean } {
  const controller = createController(CONFIG);
  const image = { ...newImage(INSTANCE), boot: 1 };
  const done: Output[] = [];
  const all = [{ t: 'boot', image, after: 'start' } as const, ...inputs];
  for (const [at, input] of all.entries()) {
    for (const output of step(controller, input, { u: at * 10, wall: 0 })) {
      if (done.length >= limit) return { image, done, whole: false };
      done.push(output);
      if (output.t === 'store') applyChange(image, output.change);
    }
  }
  return { image, done, whole: true };
}

describe('power cut between any two things a device does', () => {
  test.each(SCENES)('%s', (_, inputs, requests) => {
    for (let limit = 0; ; limit += 1) {
      const { image, done, whole } = playUntil(inputs, limit);
      const opened = pulses(done).flatMap(({ cause }) => (cause.by === 'request' ? [cause.n] : []));
      const controller = createController(CONFIG);
      image.boot += 1;
      const outputs = step(controller, { t: 'boot', image, after: 'power-lost' }, { u: 0, wall: 0 });
      for (const output of outputs) if (output.t === 'store') applyChange(image, output.change);
      expect(pulses(outputs)).toEqual([]);
      const records = [...image.records.values()];
      const outcomes = records.flatMap((record) => (record.kind === 'event' && record.body.k === 'outcome' ? [record.body] : []));
      expect(records.filter(({ kind }) => kind === 'request')).toEqual([]);
      expect(new Set(outcomes.map(({ rn }) => rn)).size).toBe(outcomes.length);
      for (const n of opened)
        expect(
          outcomes.find(({ rn }) => rn === n),
          `opening ${n} after ${limit} outputs`,
        ).toMatchObject({ g: true });
      expect(controller.run?.seq).toBe(image.seq);
      if (whole) {
        expect(outcomes).toHaveLength(requests);
        return;
      }
    }
  });
});
