import { afterEach, describe, expect, test } from 'vitest';
import type { LineRecord } from '../../../gateway/doors/serial/registry.ts';
import type { DeviceTestResult, LineTestStatus } from '../../../gateway/doors/serial/status.ts';
import { COLOUR } from '../../../gateway/wire/osdp/messages.ts';
import { GRANTED } from '../harness.ts';
import { closeRigs, DOOR, isOpen, lamp, type LineRig, lineRecord, READER_KEY, readyRig } from './line-rig.ts';

afterEach(closeRigs);

const CARD = 'card 32 1A2B3C4D';
const FIRE = { address: 2, input: 1, activeLow: false };
const until = (check: () => unknown, ms = 4000) => expect.poll(check, { timeout: ms, interval: 5 });
const testOf = (rig: LineRig): LineTestStatus | undefined => rig.link.lines()[0]?.test;
const resultOf = (rig: LineRig, id: number): DeviceTestResult | undefined => testOf(rig)?.devices.find((each) => each.id === id);
const words = (rig: LineRig): string[] => rig.side.happenings.map(({ what }) => what).filter((what) => what !== 'closed');
/** The line stands, its contact was looked at, and a test of it runs. */
async function inTest(record: LineRecord = lineRecord(), forMs = 60_000) {
  const rig = await readyRig(record);
  await until(() => rig.link.states().every(({ online }) => online)).toBe(true);
  await until(() => rig.link.states()[0]?.contact).toBe('closed');
  expect(rig.link.test(1, { act: 'begin', forMs })).toBe('done');
  return rig;
}
async function opensAgain(rig: Awaited<ReturnType<typeof inTest>>): Promise<void> {
  rig.reader.play.act('card 32 5E6F7A8B');
  await until(() => isOpen(rig.unit.peripheral)).toBe(true);
}

describe('a test of a line', () => {
  test('a card is refused down the unlock path: an entry with its reason; the reader shows it; nothing moves; after it the card opens', async () => {
    // So patient that a machine with other work loses no frame.
    const rig = await inTest(lineRecord({ adapterMs: 3000 }));
    rig.side.decide = async ({ inTest: isShut }) => (isShut === true ? { ...GRANTED, granted: false, reason: 'LINE_TEST', openMs: 0 } : GRANTED);
    const driven = [...rig.unit.peripheral.driven];
    rig.reader.play.act(CARD);
    await until(() => rig.side.outcomes.length).toBe(1);
    await until(() => rig.reader.peripheral.beeps).toBe(1);
    await until(() => lamp(rig.reader.peripheral)).toBe(COLOUR.red);
    expect(rig.side.taps).toMatchObject([{ doorId: DOOR, credential: { hex: '1A2B3C4D' } }]);
    expect(rig.side.outcomes).toMatchObject([{ tap: { doorId: DOOR }, final: 'executed', granted: false, reason: 'LINE_TEST', opened: 'unopened' }]);
    await until(() => resultOf(rig, 12)?.answered ?? 0).toBeGreaterThan(100);
    expect(rig.unit.peripheral.driven).toEqual(driven);
    expect(rig.link.test(1, { act: 'begin', forMs: 1000 })).toBe('running');
    expect(rig.link.test(1, { act: 'stop' })).toBe('done');
    expect(testOf(rig)).toMatchObject({ why: 'stopped', devices: [{ id: 11 }, { id: 12, sent: expect.any(Number), verdict: { word: 'good', oneIn: 0 } }] });
    await opensAgain(rig);
    expect(words(rig)).toEqual(['line-test', 'line-test-end']);
    expect(rig.link.test(1, { act: 'stop' })).toBe('over');
    expect(rig.link.test(7, { act: 'keep' })).toBe('missing');
  });

  test('also one that was being decided when the test began', async () => {
    const rig = await readyRig();
    await until(() => rig.link.states().every(({ online }) => online)).toBe(true);
    let decided = (): void => undefined;
    rig.side.decide = () => new Promise((resolve) => (decided = () => resolve(GRANTED)));
    rig.reader.play.act(CARD);
    await until(() => rig.side.taps.length).toBe(1);
    expect(rig.link.test(1, { act: 'begin', forMs: 60_000 })).toBe('done');
    decided();
    await until(() => rig.side.outcomes.length).toBe(1);
    expect(rig.side.taps[0]?.inTest).toBe(false);
    expect(rig.side.outcomes).toMatchObject([{ final: 'local', granted: false, reason: 'LINE_TEST', opened: 'unopened' }]);
    expect([isOpen(rig.unit.peripheral), testOf(rig)?.endedAt]).toEqual([false, undefined]);
  });

  test('ends when its time is over', async () => {
    const rig = await inTest(lineRecord(), 150);
    await until(() => testOf(rig)?.why).toBe('time');
    expect((testOf(rig)?.endedAt ?? 0) - (testOf(rig)?.since ?? 0)).toBeGreaterThanOrEqual(150);
    await opensAgain(rig);
  });

  test('ends when nobody says any more that it is wanted: the desk side is gone', async () => {
    const rig = await inTest();
    rig.skip += 8000;
    expect(rig.link.test(1, { act: 'keep' })).toBe('done');
    rig.skip += 8000;
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(testOf(rig)?.endedAt).toBeUndefined();
    rig.skip += 3000;
    await until(() => testOf(rig)?.why).toBe('desk');
    await opensAgain(rig);
  });

  test('fire ends it, and the door stands open', async () => {
    const { exit: _, ...door } = lineRecord().doors[0] ?? {};
    const rig = await inTest(lineRecord({ fire: FIRE, doors: [door as LineRecord['doors'][number]] }));
    rig.unit.play.act('input 1 on');
    await until(() => isOpen(rig.unit.peripheral), 500).toBe(true);
    expect(testOf(rig)?.why).toBe('needed');
    await until(() => words(rig)).toEqual(['line-test', 'line-test-end', 'fire']);
  });

  test('a button inside ends it: nobody is locked in by a test', async () => {
    const rig = await inTest();
    rig.unit.play.act('input 1 on');
    await until(() => isOpen(rig.unit.peripheral), 500).toBe(true);
    expect(testOf(rig)?.why).toBe('needed');
  });

  test('an operator’s order ends it, and is carried out', async () => {
    const rig = await inTest();
    expect(await rig.link.command(DOOR, { what: 'unlock', openMs: 3000 })).toBe('done');
    expect([isOpen(rig.unit.peripheral), testOf(rig)?.why]).toEqual([true, 'needed']);
  });

  test('does not begin while a lock stands open, a key is given, or there is no port', async () => {
    const rig = await inTest();
    rig.link.test(1, { act: 'stop' });
    await rig.link.command(DOOR, { what: 'unlock', openMs: 60_000 });
    expect(rig.link.test(1, { act: 'begin', forMs: 1000 })).toBe('open');
    await rig.link.command(DOOR, { what: 'lock', openMs: 0 });
    rig.link.commission(11, { act: 'begin', until: Date.now() + 60_000 });
    expect(rig.link.test(1, { act: 'begin', forMs: 1000 })).toBe('key');
    rig.link.commission(11, { act: 'cancel' });
    await until(() => rig.link.states().every(({ online }) => online), 8000).toBe(true);
    expect(rig.link.test(1, { act: 'begin', forMs: 60_000 })).toBe('done');
    rig.noPort = 'gone';
    rig.pull('pulled out');
    expect(testOf(rig)?.why).toBe('port');
    expect(rig.link.test(1, { act: 'begin', forMs: 1000 })).toBe('port');
  });

  test('giving a key ends it', async () => {
    const rig = await inTest();
    rig.link.commission(11, { act: 'begin', until: Date.now() + 60_000 });
    expect(testOf(rig)?.why).toBe('key');
  });

  test('a device that comes back in a test is told how its lock stands when that is over', async () => {
    const rig = await inTest();
    await until(() => resultOf(rig, 12)?.answered ?? 0).toBeGreaterThan(10);
    rig.unit.play.act('reboot');
    rig.unit.peripheral.outputs[0] = Number.POSITIVE_INFINITY; // a relay that came up drawn
    await until(() => rig.link.lines()[0]?.devices[1]?.state).toBe('offline');
    await until(() => rig.link.lines()[0]?.devices[1]?.state).toBe('up');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([isOpen(rig.unit.peripheral), testOf(rig)?.why]).toEqual([true, undefined]);
    rig.link.test(1, { act: 'stop' });
    await until(() => isOpen(rig.unit.peripheral)).toBe(false);
  });

  test('each device gets its own verdict: noise with its rate, one that is well, one that is not there, one without a key', async () => {
    const { devices, ...line } = lineRecord({ baud: 230_400, adapterMs: 0 });
    const missing = { id: 13, address: 3, name: 'missing', key: READER_KEY, identity: '', clearUntil: 0 };
    const rig = await inTest({ ...line, devices: [...devices, missing, { ...missing, id: 14, address: 4, key: undefined }] });
    rig.reader.play.act('noise 4');
    await until(() => resultOf(rig, 11)?.sent ?? 0, 8000).toBeGreaterThan(60);
    expect(resultOf(rig, 11)?.verdict.word).toBe('noise');
    expect(resultOf(rig, 11)?.verdict.oneIn).toBeGreaterThanOrEqual(2);
    expect(resultOf(rig, 11)?.verdict.oneIn).toBeLessThan(15);
    // How many answers there are by then is the machine's; that none of them is bad is the line's.
    expect(resultOf(rig, 12)).toMatchObject({ bent: 0, badChecks: 0, badMacs: 0, busy: 0 });
    expect(resultOf(rig, 13)?.verdict).toEqual({ word: 'silent', oneIn: 0 });
    expect(resultOf(rig, 14)?.verdict).toEqual({ word: 'not-asked', oneIn: 0 });
  });
});
