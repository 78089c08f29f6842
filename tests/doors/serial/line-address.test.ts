import { afterEach, describe, expect, test } from 'vitest';
import type { LineDevice, LineRecord } from '../../../gateway/doors/serial/registry.ts';
import { closeRigs, isOpen, type LineRig, lineRecord, READER_KEY, readyRig, serialDoor, UNIT_KEY } from './line-rig.ts';

afterEach(closeRigs);

const until = (check: () => unknown, ms = 5000) => expect.poll(check, { timeout: ms, interval: 5 });
const online = (rig: LineRig): Promise<void> => until(() => rig.link.states().every(({ online: isOnline }) => isOnline)).toBe(true);
const reader = { id: 11, address: 1, name: 'reader', key: READER_KEY, identity: '', clearUntil: 0 } satisfies LineDevice;
const unit = { id: 12, address: 2, name: 'unit', key: UNIT_KEY, identity: '', clearUntil: 0 } satisfies LineDevice;
const CARD = 'card 32 1A2B3C4D';
/** Nobody hears of a key that was put in by hand here: only addresses are asked about. */
const addressNews = (rig: LineRig) => rig.news.flatMap(({ row, news }) => (news.what === 'address' ? [[row, news.of]] : []));
const found = (rig: LineRig, row: number, at: number): Promise<void> => until(() => addressNews(rig)).toContainEqual([row, { result: 'found', at }]);

const unitAt = (address: number): LineRecord =>
  lineRecord({
    devices: [reader, { ...unit, address }],
    doors: [serialDoor({ relay: { address, output: 0 }, contact: { address, input: 0, activeLow: false }, exit: { address, input: 1, activeLow: false } })],
  });
const moving = (nextAddress: number): LineRecord => lineRecord({ devices: [reader, { ...unit, nextAddress }] });
async function atWork() {
  const rig = await readyRig();
  await online(rig);
  await until(() => rig.link.states()[0]?.contact).toBe('closed');
  return rig;
}
const tell = (rig: LineRig, row: number, to: number): void => rig.link.commission(row, { act: 'move', to, until: Date.now() + 10_000 });

describe('a device that is given another address', () => {
  test('takes its door with it: a lock that stands open, its contact and its button', async () => {
    const rig = await atWork();
    await rig.link.command(serialDoor().doorId, { what: 'unlock', openMs: 60_000 });
    await until(() => isOpen(rig.unit.peripheral)).toBe(true);
    rig.set(moving(7));
    tell(rig, 12, 7);
    await found(rig, 12, 7);
    expect([rig.unit.peripheral.address, addressNews(rig)[0]]).toEqual([7, [12, { result: 'sent' }]]);
    rig.set(unitAt(7));
    await online(rig);
    // How its inputs stand is asked first: what changes before that is no push of a button.
    await until(() => rig.link.states()[0]?.contact).toBe('closed');
    expect([rig.link.states()[0]?.lock, isOpen(rig.unit.peripheral)]).toEqual(['unlocked', true]);
    await rig.link.command(serialDoor().doorId, { what: 'lock', openMs: 0 });
    await until(() => isOpen(rig.unit.peripheral)).toBe(false);
    rig.unit.play.act('input 1 on');
    await until(() => isOpen(rig.unit.peripheral)).toBe(true);
    rig.unit.play.act('input 0 on');
    await until(() => rig.link.states()[0]?.contact).toBe('open');
    expect(
      rig.side.happenings.map(({ what }) => what),
      'nobody at the door noticed',
    ).not.toContain('reader-lost');
  });

  test('a card that waits for the log meanwhile holds nothing up', async () => {
    const rig = await atWork();
    let stored = (): void => undefined;
    const { decide } = rig.side;
    rig.side.decide = async (tap) => {
      await new Promise<void>((resolve) => (stored = resolve));
      return decide(tap);
    };
    rig.reader.play.act(CARD);
    await until(() => rig.side.taps.length).toBe(1);
    rig.set(lineRecord({ devices: [{ ...reader, nextAddress: 9 }, unit] }));
    tell(rig, 11, 9);
    await found(rig, 11, 9);
    rig.set(lineRecord({ devices: [{ ...reader, address: 9 }, unit], doors: [serialDoor({ reader: { address: 9, number: 0 } })] }));
    stored();
    await online(rig);
    rig.side.decide = decide;
    rig.reader.play.act(CARD);
    await until(() => rig.side.taps.length).toBe(2);
    await until(() => isOpen(rig.unit.peripheral)).toBe(true);
  });

  test('is told to the register again until it knows', async () => {
    const rig = await atWork();
    rig.set(moving(7));
    tell(rig, 12, 7);
    await found(rig, 12, 7);
    rig.news.length = 0;
    rig.skip += 11_000;
    await found(rig, 12, 7);
  });

  test('after a start it is found where it is, and told nothing', async () => {
    const rig = await readyRig(moving(7));
    await found(rig, 12, 2);
    expect(addressNews(rig)).toEqual([[12, { result: 'found', at: 2 }]]);
    expect(rig.unit.peripheral.address).toBe(2);
  });

  test('not on any line: said to be untold; entered at another address by hand it counts as away until it is met there', async () => {
    const rig = await atWork();
    tell(rig, 99, 7);
    expect(addressNews(rig)).toEqual([[99, { result: 'unsent' }]]);
    rig.set(unitAt(8));
    expect(rig.link.lines()[0]?.devices.map(({ id, state }) => [id, state])).toEqual([
      [11, 'up'],
      [12, 'offline'],
    ]);
    rig.unit.peripheral.address = 8;
    await online(rig);
  });
});
