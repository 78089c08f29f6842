import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../harness.ts';
import { type Board, boardRecord, connectBoard, NOW, openRig, type Rig, user } from './rig.ts';

const HOUR = 3_600_000;
const [RESIDENT, WATCH] = ['1bec07ec', '22d3dad6'];
let rig: Rig;
let board: Board;

beforeEach(async () => {
  rig = await openRig(1);
  rig.wanted.set(1, [user(1, RESIDENT), user(2, WATCH, 0, true)]);
  board = await connectBoard(rig, boardRecord(1));
  await holds(RESIDENT, WATCH);
});
afterEach(async () => {
  await board.client.endAsync(true);
  await rig.link.close();
});

const state = () => rig.link.states()[0];
const lockDown = (until: number): void => void rig.records.set('yc42-d01', boardRecord(1, { lockdownUntil: until }));
async function holds(...uids: readonly string[]): Promise<void> {
  await eventually(() => [...board.users.keys()].sort().join() === [...uids].sort().join(), `the board holds ${uids.join()}`, 8000);
  await eventually(() => state()?.have !== '' && state()?.have === state()?.want, 'acknowledged', 8000);
}

describe('a lockdown at a door with an esp-rfid board', () => {
  test('leaves it with those on duty, and the others come back when it is ended', async () => {
    expect(state()).not.toHaveProperty('unwanted');
    lockDown(NOW + HOUR);
    await holds(WATCH);
    expect(state()?.unwanted).toBe(0);
    lockDown(0);
    await holds(RESIDENT, WATCH);
    expect(state()).not.toHaveProperty('unwanted');
  });

  test('is said to be in force only as far as the board has taken the list', async () => {
    board.deaf = true;
    lockDown(NOW + HOUR);
    await eventually(() => state()?.unwanted === 1, 'one card still opens');
    expect(state()).toMatchObject({ have: '', weak: true });
    board.deaf = false;
    await eventually(() => state()?.unwanted === 0, 'taken off', 8000);
  });

  test('ends by itself though the register says nothing more', async () => {
    lockDown(NOW + HOUR);
    await holds(WATCH);
    rig.wall += HOUR;
    await holds(RESIDENT, WATCH);
  });

  test('ends after two hours of running time, whatever the clock shows', async () => {
    lockDown(NOW + HOUR);
    await holds(WATCH);
    rig.wall -= 24 * HOUR;
    rig.skip += HOUR;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect([...board.users.keys()]).toEqual([WATCH]);
    rig.skip += HOUR;
    await holds(RESIDENT, WATCH);
  });

  test('is ended by a duty card, which the log and the register are told of once', async () => {
    lockDown(NOW + HOUR);
    await holds(WATCH);
    await board.tap(WATCH);
    await holds(RESIDENT, WATCH);
    expect(rig.side.happenings).toMatchObject([{ what: 'duty-release', doorId: boardRecord(1).doorId }]);
    await board.tap(RESIDENT);
    await eventually(() => rig.side.outcomes.length === 2, 'both lines');
    expect(rig.side.happenings).toHaveLength(1);
    // Another lockdown is another matter.
    lockDown(NOW + 2 * HOUR);
    await holds(WATCH);
  });

  test('is ended neither by an order over the network nor by a card that should not be on the board', async () => {
    lockDown(NOW + HOUR);
    await holds(WATCH);
    await board.say('send', { type: 'access', time: NOW / 1000, uid: ' ', username: 'MQTT', isKnown: 'true', access: 'Always' });
    board.users.set('deadbeef', { command: 'userfile', uid: 'deadbeef', user: 'by hand', acctype: 1, validuntil: 2_000_000_000 });
    await board.tap('deadbeef');
    await eventually(() => rig.side.outcomes.length === 2, 'both lines');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(rig.side.happenings).toEqual([]);
    expect(board.users.has(RESIDENT)).toBe(false);
  });

  test('takes in who is given duty rights while it lasts, and leaves out who moves in', async () => {
    lockDown(NOW + HOUR);
    await holds(WATCH);
    rig.change(1, [user(1, RESIDENT), user(2, WATCH, 0, true), user(3, '0a0b0c0d'), user(4, '0a0b0c0e', 0, true)]);
    await holds(WATCH, '0a0b0c0e');
  });
});
