import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../harness.ts';
import { type Board, boardRecord, connectBoard, NOW, openRig, type Rig, user } from './rig.ts';

let rig: Rig;
const boards: Board[] = [];
async function start(wanted: Parameters<Rig['change']>[1], over: Parameters<typeof connectBoard>[2] = {}, before: (board: Board) => void = () => undefined): Promise<Board> {
  rig = await openRig(1);
  rig.wanted.set(1, wanted);
  const board = await connectBoard(rig, boardRecord(1), over);
  before(board);
  boards.push(board);
  return board;
}
afterEach(async () => {
  await Promise.all(boards.splice(0).map(({ client }) => client.endAsync(true)));
  await rig.link.close();
});

const state = () => rig.link.states()[0];
const inStep = () => eventually(() => state()?.have !== '' && state()?.have === state()?.want, 'the board holds what it should', 8000);
/** 15 to 30 days on, in seconds. */
const HORIZON = (Math.floor(NOW / 1000 / 1_296_000) + 2) * 1_296_000;

describe('the users of an esp-rfid board', () => {
  test('are those of the register, under a word that names nobody, and end by themselves', async () => {
    const soon = NOW + 86_400_000;
    const board = await start([user(123, '1BEC07EC'), user(124, '22D3DAD6', soon)]);
    await inStep();
    expect(Object.fromEntries([...board.users].map(([uid, row]) => [uid, [row['user'], row['acctype'], row['validuntil']]]))).toEqual({
      '1bec07ec': ['c123', '1', String(HORIZON)],
      '22d3dad6': ['c124', '1', String(soon / 1000)],
    });
    expect(HORIZON - NOW / 1000).toBeGreaterThan(15 * 86_400 - 1);
    expect(rig.lines.join('\n')).not.toMatch(/1bec07ec|22d3dad6/i);
  });

  test('that it had before are removed, before anybody is added', async () => {
    const board = await start([user(1, '1BEC07EC')], {}, (one) => {
      one.users.set('deadbeef', { command: 'userfile', uid: 'deadbeef', user: 'Somebody', acctype: 99, validuntil: 2_000_000_000 });
    });
    await inStep();
    expect([...board.users.keys()]).toEqual(['1bec07ec']);
    expect(board.told.map(({ cmd }) => cmd).filter((cmd) => cmd !== 'getuserlist')).toEqual(['deletuid', 'adduser']);
  });

  test('go when they end, and the console is told only once the board has acknowledged it', async () => {
    const board = await start([user(1, '1BEC07EC'), user(2, '22D3DAD6')]);
    await inStep();
    board.deaf = true;
    rig.change(1, [user(2, '22D3DAD6')]);
    await eventually(() => board.told.at(-1)?.['cmd'] === 'deletuid', 'told to forget');
    expect(state()).toMatchObject({ have: '', want: '1.2', weak: true });
    board.deaf = false;
    await inStep();
    expect([...board.users.keys()]).toEqual(['22d3dad6']);
    expect(board.told.filter(({ cmd }) => cmd === 'deletuid').length).toBeGreaterThan(1);
  });

  test('are compared again after a start of the board, and what it lost is put back', async () => {
    const board = await start([user(1, '1BEC07EC'), user(2, '22D3DAD6')]);
    await inStep();
    board.users.clear();
    await board.say('send', { type: 'boot', time: NOW / 1000, uptime: 0, ip: '192.168.1.50', hostname: 'esp-rfid' });
    await eventually(() => state()?.have === '', 'no longer known');
    await inStep();
    expect([...board.users.keys()].sort()).toEqual(['1bec07ec', '22d3dad6']);
  });

  test('reach firmware 1 too, which acknowledges nothing and forgets nobody: it is read again, and who ended is disabled', async () => {
    const board = await start([user(1, '1BEC07EC'), user(2, '22D3DAD6')], { firmware: 1 });
    await inStep();
    rig.change(1, [user(2, '22D3DAD6')]);
    await eventually(() => state()?.have === '', 'another list');
    await inStep();
    expect([board.users.get('1bec07ec')?.['acctype'], board.users.get('22d3dad6')?.['acctype']]).toEqual(['0', '1']);
    expect(board.told.some(({ cmd }) => cmd === 'getuser')).toBe(true);
    expect(board.told.some(({ cmd }) => cmd === 'deletuid')).toBe(false);
  });

  test('of a board that goes on holding something else are said not to be there, and it is left alone for a while', async () => {
    const board = await start([user(1, '1BEC07EC')], { firmware: 1 }, (one) => {
      one.users.set = () => one.users;
    });
    await eventually(() => rig.lines.some((line) => line.includes('does not hold the users')), 'said in the log', 8000);
    const told = board.told.length;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect([board.told.length, state()?.have]).toEqual([told, '']);
    rig.skip += 300_000;
    await eventually(() => board.told.length > told, 'tried again');
  });

  test('whose cards its reader cannot tell are left out, and counted without a number', async () => {
    rig = await openRig(1);
    rig.records.set('yc42-d01', boardRecord(1, { cards: 'decimal' }));
    rig.wanted.set(1, [user(1, '04A30B1F2C0180'), user(2, '1BEC07EC')]);
    const board = await connectBoard(rig, boardRecord(1));
    boards.push(board);
    await inStep();
    expect([...board.users.keys()]).toEqual(['468453356']);
    expect(rig.lines.filter((line) => line.includes('cannot read'))).toEqual([expect.stringContaining('"users":1')]);
  });

  test('are looked at once a day, and when it opened for a card it should not hold', async () => {
    const board = await start([user(1, '1BEC07EC')]);
    await inStep();
    board.users.set('deadbeef', { command: 'userfile', uid: 'deadbeef', user: 'by hand', acctype: 1, validuntil: 2_000_000_000 });
    rig.skip += 10_000;
    await board.tap('deadbeef');
    await eventually(() => !board.users.has('deadbeef'), 'removed', 8000);
    expect(rig.side.outcomes).toMatchObject([{ granted: true, final: 'local' }]);
    await inStep();
    board.users.delete('1bec07ec');
    rig.skip += 86_400_001;
    await eventually(() => board.users.has('1bec07ec'), 'put back', 8000);
  });

  test('end when the board is retired', async () => {
    const board = await start([user(1, '1BEC07EC')]);
    await inStep();
    rig.records.set('yc42-d01', boardRecord(1, { retired: true }));
    await eventually(() => board.users.size === 0 && !board.client.connected, 'wiped and put out');
    expect(rig.link.states()).toEqual([]);
    await expect(connectBoard(rig, boardRecord(1))).rejects.toThrow(/Bad username or password|Not authorized/i);
  });
});
