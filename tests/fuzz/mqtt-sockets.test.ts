import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deviceOf, eventually, greet, openRig, type Rig } from '../doors/harness.ts';
import { openRaw, type Raw } from '../doors/raw-mqtt.ts';
import { LIMITS, runSockets } from './sockets.ts';

const SEED = 20_261_123;
const PACKETS = 100_000;

describe('the broker on real sockets', () => {
  test('takes 100,000 packets before and after login, good and damaged, while an honest door is answered', async () => {
    const report = await runSockets({ seed: SEED, packets: PACKETS });
    console.info(JSON.stringify(report));
    expect(report.packets).toBeGreaterThanOrEqual(PACKETS);
    expect(report.reached).toBeGreaterThan(PACKETS / 10);
    expect(report.taps).toBeGreaterThan(20);
    expect(report.slowestMs).toBeLessThan(2000);
    expect(report.mostHalfOpen).toBeLessThanOrEqual(LIMITS.halfOpen);
    expect(report.grewMb).toBeLessThan(150);
  }, 300_000);
});

describe('strangers who say nothing', () => {
  let rig: Rig;
  beforeEach(async () => {
    rig = await openRig(2, { limits: { ...LIMITS, loginMs: 60_000 } });
  });
  afterEach(() => rig.link.close());

  test('four times as many as may wait: no more than the cap stay, and a door still logs in and opens', async () => {
    const crowd: Raw[] = [];
    for (let n = 0; n < 4 * LIMITS.halfOpen; n += 1) crowd.push(await openRaw(rig.link.port));
    await eventually(() => rig.link.halfOpen() === LIMITS.halfOpen, 'as many as may wait');
    const door = await greet(rig, deviceOf(rig, 1));
    door.say('req', door.request(1));
    expect((await door.hear('res')).g).toBe(true);
    expect(rig.link.halfOpen()).toBeLessThanOrEqual(LIMITS.halfOpen);
    for (const { socket } of [...crowd, door.raw]) socket.destroy();
  });
});
