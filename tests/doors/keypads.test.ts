import { afterEach, beforeEach, expect, test } from 'vitest';
import { deviceOf, greet, INSTANCE, openRig, type Rig } from './harness.ts';

let rig: Rig;
beforeEach(async () => {
  rig = await openRig(1);
});
afterEach(() => rig.link.close());

test.each([
  ['minor version 1', { minor: 1 }, false],
  ['minor version 1, whatever it says besides', { minor: 1, keys: 1 }, false],
  ['minor version 2', { minor: 2 }, true],
  ['minor version 2 at this door', { minor: 2, keys: 1 }, true],
  ['minor version 2 at another door alone', { minor: 2, keys: 2 }, false],
])('a door is known to have a keypad, or none, by what its controller says of itself: %s', async (_, said, keypad) => {
  const player = await greet(rig, deviceOf(rig, 1));
  expect(rig.link.states()[0]?.keypad).toBeUndefined();
  player.say('info', { v: 1, i: INSTANCE, b: 1, model: 'm', fw: '1', doors: 1, rows: 20_000, ...said });
  await player.acknowledged();
  expect(rig.link.states()[0]?.keypad).toBe(keypad);
});
