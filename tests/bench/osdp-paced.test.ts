import { expect, test } from 'vitest';
import { createPeripheral } from '../../firmware-sim/osdp/peripheral-model.ts';
import { encodeFrame } from '../../gateway/wire/osdp/frame.ts';
import { PacedLine } from './osdp-paced.ts';

const CHARACTER = 10_000 / 9600;
const poll = encodeFrame({ address: 1, reply: false, sequence: 0, crc: true, code: 0x60, data: new Uint8Array() });
const written = Buffer.concat([Buffer.from([0xff]), poll]);

function line() {
  const came: { at: number; bytes: Buffer }[] = [];
  let now = 0;
  const device = createPeripheral({ address: 1, mode: 'clear', serial: 1, random: (length) => new Uint8Array(length) });
  const paced = new PacedLine(9600, [device], (bytes) => void came.push({ at: now, bytes }));
  return {
    paced,
    came,
    /** Runs to the moment at which nothing is on the line. */
    run() {
      for (now = paced.dueAt; Number.isFinite(now); now = paced.dueAt) paced.run(now, () => undefined);
    },
  };
}

test('a frame takes the time of its characters, and its answer that and the silence before it', () => {
  const { paced, came, run } = line();
  paced.heard(written.subarray(0, 4), 100);
  paced.heard(written.subarray(4), 103);
  run();
  expect(came).toHaveLength(1);
  // Nine characters there, two of silence, nine back.
  expect(came[0]?.at).toBeCloseTo(100 + 20 * CHARACTER, 6);
  expect(paced.takeTraffic()).toMatchObject({ exchanges: 1, polls: 0 });
  expect(paced.takeTraffic()).toEqual({ wireMs: 0, exchanges: 0, polls: 0 });
});

test('what is written while the line is busy waits for its silence', () => {
  const { paced, came, run } = line();
  paced.heard(written, 0);
  paced.heard(written, 1);
  run();
  expect(came.map(({ at }) => at / CHARACTER)[0]).toBeGreaterThan(19);
  expect(paced.takeTraffic().wireMs).toBeCloseTo(4 * 11 * CHARACTER, 6);
});
