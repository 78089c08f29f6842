import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CheckpointSource } from '../../gateway/doors/checkpoints.ts';
import type { Checkpoint, HeldCheckpoint, Judged } from '../../gateway/journal/checkpoints.ts';
import { deviceOf, eventually, greet, INSTANCE, openRig, type Player, type Rig } from './harness.ts';

const LOG = '00112233445566778899aabbccddeeff';
const checkpoint = (size: number, byte = 1): Checkpoint => ({ origin: `doorbook/log/${LOG}`, size, root: Buffer.alloc(32, byte), at: 1, note: `note ${size}`, first: 0 });

let rig: Rig;
let newest: Checkpoint | undefined;
let judged: Judged;
let held: HeldCheckpoint[];

const source: CheckpointSource = {
  newest: () => newest,
  async judge(given) {
    held.push(given);
    return judged;
  },
};

async function withMinor(minor: number): Promise<Player> {
  const player = await greet(rig, deviceOf(rig, 1));
  player.say('info', { v: 1, i: INSTANCE, b: 1, model: 'm', fw: '1', minor, doors: 1, rows: 20_000 });
  await player.acknowledged();
  return player;
}

beforeEach(async () => {
  [newest, judged, held] = [undefined, 'agrees', []];
  rig = await openRig(2, { checkpoints: source });
});
afterEach(() => rig.link.close());

test('a device that keeps checkpoints gets the newest, and a newer one ten seconds later', async () => {
  newest = checkpoint(64);
  const player = await withMinor(1);
  expect(await player.hear('log')).toEqual({ v: 1, o: LOG, s: 64, h: '01'.repeat(32), note: 'note 64' });
  newest = checkpoint(128);
  await expect(player.hear('log', 1500)).rejects.toThrow();
  rig.skip += 10_000;
  expect(await player.hear('log')).toMatchObject({ s: 128 });
});

test('a device of minor version 0 gets none', async () => {
  newest = checkpoint(64);
  const player = await withMinor(0);
  await expect(player.hear('log', 2500)).rejects.toThrow();
});

test('what a device holds is shown with its doors', async () => {
  newest = checkpoint(64);
  const player = await withMinor(1);
  player.say('log/have', { v: 1, i: INSTANCE, b: 1, o: LOG, s: 64, h: '01'.repeat(32) });
  await eventually(() => rig.link.states().some(({ heldLog }) => heldLog !== undefined), 'shown');
  expect(held).toEqual([{ logId: LOG, size: 64, root: '01'.repeat(32) }]);
  expect(rig.link.states()[0]?.heldLog).toEqual({ size: 64, at: rig.wall, agrees: true });
  expect(rig.side.links.filter(({ what }) => what === 'refused')).toEqual([]);
});

test('one that does not agree with the log is shown and recorded', async () => {
  newest = checkpoint(64);
  judged = 'ahead';
  const player = await withMinor(1);
  player.say('log/have', { v: 1, i: INSTANCE, b: 1, o: LOG, s: 640, h: '02'.repeat(32) });
  await eventually(() => rig.side.links.some(({ why }) => why === 'log-ahead'), 'recorded');
  expect(rig.link.states()[0]?.heldLog).toEqual({ size: 640, at: rig.wall, agrees: false });
});
