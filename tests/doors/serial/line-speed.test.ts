import { afterEach, describe, expect, test } from 'vitest';
import type { LineRecord } from '../../../gateway/doors/serial/registry.ts';
import { closeRigs, isOpen, type LineRig, lineRecord, readyRig, serialDoor } from './line-rig.ts';

afterEach(closeRigs);

const [OLD, NEXT] = [115_200, 38_400];
const until = (check: () => unknown, ms = 5000) => expect.poll(check, { timeout: ms, interval: 5 });
const online = (rig: LineRig): Promise<void> => until(() => rig.link.states().every(({ online: isOnline }) => isOnline)).toBe(true);
const moving: LineRecord = lineRecord({ nextBaud: NEXT });
const news = (rig: LineRig) => rig.news.flatMap(({ row, news: each }) => (each.what === 'speed' ? [{ row, ...each.of }] : []));
const found = (rig: LineRig, at: number): Promise<void> => until(() => news(rig)).toContainEqual({ row: expect.any(Number), result: 'found', at });
const states = (rig: LineRig) => rig.link.lines()[0]?.devices.map(({ state }) => state);
const ready = (rig: LineRig) => rig.link.test(1, { act: 'speed-ready' });
const tell = (rig: LineRig) => rig.link.test(1, { act: 'speed-tell', baud: NEXT });
async function atWork() {
  const rig = await readyRig();
  await online(rig);
  return rig;
}
/** As the desk side does it: stands by, stores, tells. */
function move(rig: LineRig): void {
  expect(ready(rig)).toBe('done');
  rig.set(moving);
  expect(tell(rig)).toBe('done');
}
const speeds = (rig: Awaited<ReturnType<typeof atWork>>) => [rig.reader.peripheral.baud, rig.unit.peripheral.baud];

describe('a line that is moved to another speed', () => {
  test('tells its devices, opens its port anew, and works its door there', async () => {
    const rig = await atWork();
    move(rig);
    expect(ready(rig), 'one after the other').toBe('speed');
    await found(rig, NEXT);
    expect([speeds(rig), rig.opened()]).toEqual([[NEXT, NEXT], 2]);
    rig.set(lineRecord({ baud: NEXT }));
    await online(rig);
    expect(rig.opened(), 'what the register has is where it stands').toBe(2);
    rig.reader.play.act('card 32 1A2B3C4D');
    await until(() => isOpen(rig.unit.peripheral)).toBe(true);
    expect(rig.side.happenings.map(({ what }) => what)).not.toContain('reader-lost');
  });

  test('goes with those who heard; who did not stays behind, and is met when the line is moved back', async () => {
    const rig = await atWork();
    rig.unit.play.act('power off');
    move(rig);
    // It is waited for until it is given up.
    await until(() => rig.reader.peripheral.baud).toBe(NEXT);
    rig.skip += 5500;
    await found(rig, NEXT);
    expect(speeds(rig)).toEqual([NEXT, OLD]);
    rig.set(lineRecord({ baud: NEXT }));
    rig.unit.play.act('power on');
    await until(() => states(rig)).toEqual(['up', 'offline']);
    expect(ready(rig)).toBe('done');
    rig.set(lineRecord({ baud: NEXT, nextBaud: OLD }));
    expect(rig.link.test(1, { act: 'speed-tell', baud: OLD })).toBe('done');
    await found(rig, OLD);
    rig.set(lineRecord());
    await online(rig);
  });

  test('stays whole when the first would not go: nothing is opened anew, and the register is told at once', async () => {
    const rig = await atWork();
    rig.reader.peripheral.faults.comset = 'refuses';
    move(rig);
    await found(rig, OLD);
    expect([news(rig)[0], speeds(rig), rig.opened()]).toEqual([{ row: 11, result: 'refused' }, [OLD, OLD], 1]);
    rig.set(lineRecord());
    expect(ready(rig)).toBe('done');
  });

  test('with one that would not, after one that went, it goes all the same', async () => {
    const rig = await atWork();
    rig.unit.peripheral.faults.comset = 'refuses';
    move(rig);
    await found(rig, NEXT);
    expect([news(rig)[0], speeds(rig)]).toEqual([{ row: 12, result: 'refused' }, [NEXT, OLD]]);
  });

  test('after a stop before anybody was told is looked for at the next speed, then met where it was', async () => {
    const rig = await readyRig(moving);
    await until(() => rig.link.lines()[0]?.portUp).toBe(true);
    await until(() => rig.opened()).toBe(1);
    rig.skip += 11_000;
    await found(rig, OLD);
    expect([news(rig).map(({ result }) => result), rig.opened()]).toEqual([['found'], 2]);
    rig.set(lineRecord());
    await online(rig);
  });

  test('after a stop between telling and opening anew is met at the next speed at once', async () => {
    const rig = await readyRig(moving);
    for (const { peripheral } of [rig.reader, rig.unit]) peripheral.baud = NEXT;
    await found(rig, NEXT);
    expect(rig.opened()).toBe(1);
  });

  test('is looked for in turn until somebody comes, and the port’s turns fill no log', async () => {
    const rig = await readyRig(moving);
    rig.cut = true;
    for (let turn = 1; turn < 8; turn += 1) {
      await until(() => rig.opened()).toBe(turn);
      await until(() => rig.link.lines()[0]?.portUp).toBe(true);
      rig.skip += 11_000;
    }
    expect(rig.side.links.filter(({ why }) => why === 'osdp-port')).toHaveLength(4);
    rig.cut = false;
    await until(() => news(rig).length, 10_000).toBeGreaterThan(0);
    expect(news(rig)[0]).toMatchObject({ result: 'found', at: OLD });
  }, 30_000);

  test('is told to the register again until it knows', async () => {
    const rig = await atWork();
    move(rig);
    await found(rig, NEXT);
    rig.news.length = 0;
    rig.skip += 11_000;
    await found(rig, NEXT);
  });

  test('is not begun while a lock stands open, in a test, without a port; and a desk side that went leaves it where it was', async () => {
    const rig = await atWork();
    await rig.link.command(serialDoor().doorId, { what: 'unlock', openMs: 60_000 });
    expect(ready(rig)).toBe('open');
    await rig.link.command(serialDoor().doorId, { what: 'lock', openMs: 0 });
    expect(rig.link.test(1, { act: 'begin', forMs: 60_000 })).toBe('done');
    expect(ready(rig)).toBe('running');
    expect(rig.link.test(1, { act: 'stop' })).toBe('done');
    expect([tell(rig), rig.link.test(9, { act: 'speed-ready' })]).toEqual(['over', 'missing']);
    expect(ready(rig)).toBe('done');
    expect(rig.link.test(1, { act: 'begin', forMs: 60_000 }), 'no test meanwhile').toBe('speed');
    rig.set(moving);
    rig.skip += 16_000;
    await found(rig, OLD);
    expect([rig.opened(), speeds(rig)]).toEqual([1, [OLD, OLD]]);
  });

  test('is left off when it is called off, or a lock opened just before its devices were to be told', async () => {
    const rig = await atWork();
    expect([ready(rig), rig.link.test(1, { act: 'speed-drop' }), rig.link.test(1, { act: 'speed-drop' })]).toEqual(['done', 'done', 'done']);
    await until(() => ready(rig)).toBe('done');
    rig.set(moving);
    await rig.link.command(serialDoor().doorId, { what: 'unlock', openMs: 60_000 });
    expect(tell(rig)).toBe('open');
    await found(rig, OLD);
    expect([rig.opened(), speeds(rig), isOpen(rig.unit.peripheral)]).toEqual([1, [OLD, OLD], true]);
  });
});
