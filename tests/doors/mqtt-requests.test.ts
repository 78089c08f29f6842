import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Verdict } from '../../gateway/doors/link.ts';
import { MAX_REQUESTS } from '../../gateway/doors/requests.ts';
import { arrive, CARD, deviceOf, eventually, GRANTED, greet, INSTANCE, openRig, type Player, type Rig, runningTime } from './harness.ts';

let rig: Rig;
let door: Player;
beforeEach(async () => {
  rig = await openRig();
  door = await greet(rig, deviceOf(rig, 1));
});
afterEach(() => rig.link.close());

/** A verdict that comes when it is let go. */
function held(): { verdict: Promise<Verdict>; release(verdict?: Verdict): void } {
  let resolve: (verdict: Verdict) => void = () => undefined;
  const verdict = new Promise<Verdict>((done) => {
    resolve = done;
  });
  return { verdict, release: (given = GRANTED) => resolve(given) };
}

describe('a request', () => {
  test('is decided with what the reader and the device said, and answered under the seal', async () => {
    door.say('req', door.request(7, { t: 1_795_000_000_123, ms: 350, l: '1.4' }));
    expect(await door.hear('res')).toEqual({ v: 1, i: INSTANCE, b: 1, n: 7, g: true, r: 'OK', o: 5000, e: 17 });
    const [tap] = rig.side.taps;
    expect(tap).toMatchObject({
      key: { controllerId: 1, instance: INSTANCE, boot: 1, seq: 7 },
      doorId: 101,
      method: 'card',
      credential: { bits: 32, hex: '1A2B3C4D' },
      deviceTime: 1_795_000_000_123,
      budgetMs: 350,
      list: '1.4',
    });
    expect(tap?.ageMs).toBeLessThan(50);
  });

  test('gets its PUBACK only after the decision is durable', async () => {
    const { verdict, release } = held();
    rig.side.decide = () => verdict;
    door.say('req', door.request(1));
    await eventually(() => rig.side.taps.length === 1, 'asked');
    await expect(door.raw.next(4, 100)).rejects.toThrow('no packet');
    release();
    await door.acknowledged();
    expect((await door.hear('res')).g).toBe(true);
  });

  test('that says STALE is acknowledged and not answered', async () => {
    rig.side.decide = async () => ({ ...GRANTED, granted: false, reason: 'STALE', answer: false });
    door.say('req', door.request(1));
    await door.acknowledged();
    await expect(door.hear('res', 100)).rejects.toThrow('no packet');
  });

  test('the door side fails on is answered UNAVAILABLE, so that the door goes by its list', async () => {
    rig.side.decide = async () => {
      throw new Error('boom');
    };
    door.say('req', door.request(1));
    expect(await door.hear('res')).toMatchObject({ g: false, r: 'UNAVAILABLE', e: 0 });
  });

  test('at a door number the register does not know is passed on as no door', async () => {
    door.say('req', door.request(1, { d: 5 }));
    await door.hear('res');
    expect(rig.side.taps[0]?.doorId).toBe(0);
  });

  test('repeated while it is being decided joins it: one decision, an answer to each', async () => {
    const { verdict, release } = held();
    rig.side.decide = () => verdict;
    const request = door.request(3);
    door.say('req', request);
    door.say('req', request);
    await eventually(() => rig.side.taps.length > 0, 'asked');
    await new Promise((resolve) => setTimeout(resolve, 50));
    release();
    expect([await door.hear('res'), await door.hear('res')].map(({ n }) => n)).toEqual([3, 3]);
    expect(rig.side.taps).toHaveLength(1);
  });

  test('repeated after its answer is asked again, for the door side to find the stored one', async () => {
    const request = door.request(3);
    door.say('req', request);
    await door.hear('res');
    door.say('req', request);
    await door.hear('res');
    expect(rig.side.taps.map(({ key }) => key.seq)).toEqual([3, 3]);
  });

  test('under a sequence number another request is using is not joined to it', async () => {
    const { verdict, release } = held();
    rig.side.decide = () => verdict;
    door.say('req', door.request(3));
    door.say('req', door.request(3, { c: { w: 32, x: 'deadbeef' } }));
    await eventually(() => rig.side.taps.length === 2, 'both asked');
    expect(rig.side.taps.map(({ credential }) => credential?.hex)).toEqual(['1A2B3C4D', 'DEADBEEF']);
    release();
  });

  test('past the limit is told UNAVAILABLE at once, and honest ones go on', async () => {
    const { verdict, release } = held();
    rig.side.decide = () => verdict;
    // One segment: aedes reads no further while requests of an earlier one are undecided.
    door.raw.socket.cork();
    for (let n = 1; n <= MAX_REQUESTS + 5; n++) door.say('req', door.request(n));
    door.raw.socket.uncork();
    for (let n = 0; n < 5; n++) expect((await door.hear('res')).r).toBe('UNAVAILABLE');
    expect(rig.side.taps).toHaveLength(MAX_REQUESTS);
    release();
    for (let n = 0; n < MAX_REQUESTS; n++) expect((await door.hear('res')).r).toBe('OK');
    expect(rig.side.links.filter(({ why }) => why === 'flood')).toHaveLength(1);
  });
});

describe('a reading', () => {
  const READINGS = [
    ['of 0 bits', { w: 0, x: '' }, undefined],
    ['of 65 bits', { w: 65, x: '000000000000000000' }, undefined],
    ['of 255 bits', { w: 255, x: '00'.repeat(32) }, undefined],
    ['with fewer digits than its width', { w: 32, x: '1a2b3c' }, undefined],
    ['with more digits than its width', { w: 24, x: '001a2b3c' }, undefined],
    ['with a bit above its width', { w: 26, x: '04000000' }, undefined],
    ['of 26 bits', { w: 26, x: '03ffffff' }, { bits: 26, hex: '03FFFFFF' }],
    ['of 64 bits', { w: 64, x: 'ffffffffffffffff' }, { bits: 64, hex: 'FFFFFFFFFFFFFFFF' }],
    ['of 1 bit', { w: 1, x: '01' }, { bits: 1, hex: '01' }],
  ] as const;
  test.each(READINGS)('%s', async (_name, c, credential) => {
    door.say('req', door.request(1, { c }));
    await door.hear('res');
    expect(rig.side.taps[0]?.credential).toEqual(credential);
  });
});

describe('the age of a request', () => {
  test('is what it waited above the quickest message of this boot', async () => {
    door.say('req', door.request(1, { u: runningTime() - 700 }));
    await door.hear('res');
    expect(rig.side.taps[0]?.ageMs).toBeGreaterThanOrEqual(650);
    expect(rig.side.taps[0]?.ageMs).toBeLessThan(900);
  });

  test.each([[0], [-3_600_000], [1], [4_102_444_800_000]])('does not depend on a device clock of %i', async (t) => {
    door.say('req', door.request(1, { t: Math.max(0, t) }));
    await door.hear('res');
    expect(rig.side.taps[0]).toMatchObject({ deviceTime: Math.max(0, t) });
    expect(rig.side.taps[0]?.ageMs).toBeLessThan(200);
  });
});

describe('where a request comes from', () => {
  test('an older boot than one seen is refused and told', async () => {
    door.say('state', door.state({ b: 4, u: 100 }));
    await door.acknowledged();
    door.say('req', door.request(9, { b: 3 }));
    await door.acknowledged();
    expect(rig.side.taps).toEqual([]);
    expect(rig.side.links).toContainEqual({ controllerId: 1, what: 'refused', why: 'old-boot' });
  });

  test('a newer boot and a new instance are told', async () => {
    door.say('state', door.state({ b: 2, u: 100 }));
    door.say('state', door.state({ i: 'ffffffffffffffff', b: 1, u: 200 }));
    await eventually(() => rig.side.links.some(({ why }) => why === 'new-instance'), 'told');
    expect(rig.side.links.filter(({ what }) => what === 'boot').map(({ why }) => why)).toEqual(['started', 'new-instance']);
  });

  test('a device that was put out by its record is not heard', async () => {
    rig.records.set(door.id, { ...deviceOf(rig, 1), retired: true });
    door.say('req', door.request(1));
    await door.raw.closed();
    expect(rig.side.taps).toEqual([]);
    await expect(arrive(rig, deviceOf(rig, 1))).rejects.toThrow('CONNACK 4');
  });
});

test('cards are never written to the log', async () => {
  door.say('req', door.request(1));
  await door.hear('res');
  door.put('req', Buffer.from(JSON.stringify(door.request(2))));
  await door.acknowledged();
  expect(rig.lines.join().toLowerCase()).not.toContain(CARD.x);
});
