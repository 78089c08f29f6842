import { afterEach, describe, expect, test } from 'vitest';
import { codeReading } from '../../../gateway/wire/mqtt/pin.ts';
import { COLOUR } from '../../../gateway/wire/osdp/messages.ts';
import { DoorId } from '../../../gateway/core/ids.ts';
import { GRANTED } from '../harness.ts';
import { closeRigs, DOOR, isOpen, lamp, type LineRig, lineRecord, openLineRig, READER_KEY, readyRig, serialDoor, UNIT_KEY } from './line-rig.ts';

afterEach(closeRigs);

const REFUSED = { ...GRANTED, granted: false, reason: 'LEASE_ENDED', openMs: 0 } as const;
/** 32 bits of a card, and its reading. */
const CARD = 'card 32 1A2B3C4D';
const READING = { bits: 32, hex: '1A2B3C4D' };

const until = (check: () => unknown, ms = 2500) => expect.poll(check, { timeout: ms, interval: 5 });
/** All devices at work. */
const online = (rig: LineRig): Promise<void> => until(() => rig.link.states().every(({ online: isOnline }) => isOnline)).toBe(true);
async function atWork(record = lineRecord()) {
  const rig = await readyRig(record);
  await online(rig);
  // Its first look at the inputs: before that a change is how they are.
  if (record.doors.some(({ contact }) => contact !== undefined)) await until(() => rig.link.states()[0]?.contact).toBe('closed');
  return rig;
}

describe('a card at a reader on a line', () => {
  test('goes down the unlock path; granted, the relay runs on its own timer and the lamp is green', async () => {
    const rig = await atWork();
    rig.reader.play.act(CARD);
    await until(() => isOpen(rig.unit.peripheral)).toBe(true);
    await until(() => lamp(rig.reader.peripheral)).toBe(COLOUR.green);
    expect(rig.side.taps).toMatchObject([{ doorId: DOOR, method: 'card', credential: READING, pin: undefined, ageMs: 0 }]);
    await until(() => rig.link.states()[0]?.lock).toBe('unlocked');
    rig.unit.play.act('input 0 on');
    await until(() => rig.side.outcomes.length).toBe(1);
    expect(rig.side.outcomes).toMatchObject([{ final: 'executed', granted: true, reason: 'OK', opened: 'opened' }]);
    expect(rig.side.outcomes[0]?.request.seq).toBe(rig.side.taps[0]?.key.seq);
    expect(rig.logged.join('\n'), 'no card stands in a log').not.toContain('1A2B3C4D');
  });

  test('refused, nothing moves and the lamp is red', async () => {
    const rig = await atWork();
    rig.side.decide = async () => REFUSED;
    rig.reader.play.act(CARD);
    await until(() => rig.side.outcomes.length).toBe(1);
    await until(() => rig.reader.peripheral.beeps).toBe(1);
    expect(rig.side.outcomes).toMatchObject([{ final: 'executed', granted: false, reason: 'LEASE_ENDED', opened: 'unopened' }]);
    expect(isOpen(rig.unit.peripheral)).toBe(false);
  });

  test('the reader is polled again only when the card is in the log; a second card waits in the reader meanwhile', async () => {
    const rig = await atWork();
    let stored = (): void => undefined;
    rig.side.decide = () => new Promise((resolve) => (stored = () => resolve(REFUSED)));
    rig.reader.play.act(CARD);
    await until(() => rig.side.taps.length).toBe(1);
    rig.reader.play.act('card 32 00000002');
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(rig.side.taps.length).toBe(1);
    expect(rig.reader.peripheral.reports.length, 'it still has the second').toBe(1);
    stored();
    await until(() => rig.side.taps.length).toBe(2);
  });

  test('whose verdict comes too late opens nothing', async () => {
    const rig = await atWork();
    rig.side.decide = async () => {
      rig.skip += 2500;
      return GRANTED;
    };
    rig.reader.play.act(CARD);
    await until(() => rig.side.outcomes.length).toBe(1);
    expect(rig.side.outcomes).toMatchObject([{ final: 'not-executed', granted: true, opened: 'unopened' }]);
    expect(isOpen(rig.unit.peripheral)).toBe(false);
  });

  test('when the log takes nothing is refused, and a fault of the door side opens nothing either', async () => {
    const rig = await atWork();
    rig.side.decide = async () => {
      throw new Error('made up');
    };
    rig.reader.play.act(CARD);
    await until(() => rig.side.outcomes.length).toBe(1);
    expect(rig.side.outcomes).toMatchObject([{ granted: false, reason: 'UNAVAILABLE' }]);
    expect(isOpen(rig.unit.peripheral)).toBe(false);
  });

  test('at a door whose lock cannot be told is refused, and the log says that nobody was let in', async () => {
    const rig = await atWork();
    rig.unit.play.act('power off');
    await new Promise((resolve) => setTimeout(resolve, 50));
    rig.skip += 8500;
    await until(() => rig.link.states()[0]?.online).toBe(false);
    rig.reader.play.act(CARD);
    await until(() => rig.side.outcomes.length).toBe(1);
    expect(rig.side.outcomes).toMatchObject([{ final: 'not-executed', opened: 'unopened' }]);
    rig.unit.play.act('power on');
    await online(rig);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(isOpen(rig.unit.peripheral), 'what it missed is not said again').toBe(false);
  });

  test('a parity that is wrong is no card', async () => {
    const rig = await atWork();
    rig.reader.play.act('card 26 00000000');
    await until(() => rig.logged.filter((line) => line.includes('parity')).length).toBe(1);
    expect(rig.side.taps).toEqual([]);
  });
});

describe('digits', () => {
  test('alone go as a code; with a card that needs them, as its PIN', async () => {
    const rig = await atWork();
    rig.side.decide = async () => REFUSED;
    rig.reader.play.act('keys 704193#');
    await until(() => rig.side.taps.length).toBe(1);
    expect(rig.side.taps[0]).toMatchObject({ method: 'pin', credential: codeReading('704193') });
    rig.side.decide = async (tap) => (tap.pin === undefined ? { ...REFUSED, reason: 'PIN_NEEDED' } : GRANTED);
    rig.reader.play.act(CARD);
    await until(() => rig.side.taps.length).toBe(2);
    await until(() => lamp(rig.reader.peripheral)).toBe(COLOUR.amber);
    rig.reader.play.act('keys 5381#');
    await until(() => isOpen(rig.unit.peripheral)).toBe(true);
    expect(rig.side.taps[2]).toMatchObject({ method: 'card', credential: READING, pin: '5381' });
    expect(JSON.stringify(rig.logged)).not.toMatch(/704193|5381/);
  });

  test('that stop coming in PIN hours refuse the card after ten seconds', async () => {
    const plan = Array.from({ length: 8 }, () => [[0, 1440]] as const);
    const rig = await atWork(lineRecord({ doors: [serialDoor({ pinSchedule: 1 })], schedules: [{ number: 1, plan }] }));
    rig.reader.play.act(CARD);
    await until(() => lamp(rig.reader.peripheral)).toBe(COLOUR.amber);
    expect(rig.side.taps).toEqual([]);
    rig.skip += 10_001;
    await until(() => rig.side.taps.length).toBe(1);
    expect(rig.side.taps[0]?.pin).toBeUndefined();
  });
});

describe('what the devices notice', () => {
  test('forced, exit, tamper and power are told at the door, and what was wrong ends', async () => {
    const rig = await atWork();
    const told = (): string[] => rig.side.happenings.map(({ what }) => what);
    rig.unit.play.act('input 0 on');
    await until(told).toEqual(['forced']);
    rig.unit.play.act('input 0 off');
    rig.unit.play.act('input 1 on');
    await until(told).toEqual(['forced', 'closed', 'exit']);
    await until(() => isOpen(rig.unit.peripheral)).toBe(true);
    rig.reader.play.act('tamper on');
    rig.reader.play.act('tamper off');
    await until(told).toEqual(['forced', 'closed', 'exit', 'tamper', 'tamper-end']);
    expect(rig.side.happenings.every(({ doorId }) => doorId === DOOR)).toBe(true);
    expect(new Set(rig.side.happenings.map(({ key }) => key.seq)).size, 'each under a key of its own').toBe(5);
  });

  test('what the log does not take is told again, in order', async () => {
    const rig = await atWork();
    let full = true;
    rig.side.keep = async () => {
      if (full) throw new Error('disk full');
    };
    rig.unit.play.act('input 0 on');
    await until(() => rig.side.happenings.length).toBe(1);
    rig.unit.play.act('input 0 off');
    await until(() => rig.link.states()[0]?.queued).toBe(2);
    full = false;
    await until(() => rig.side.happenings.map(({ what }) => what)).toEqual(['forced', 'forced', 'closed']);
    await until(() => rig.link.states()[0]?.queued).toBe(0);
  });

  test('a reader that stays away is lost, and then back; a short break is neither', async () => {
    const rig = await atWork();
    const told = (): string[] => rig.side.happenings.map(({ what }) => what);
    rig.reader.play.act('power off');
    rig.reader.play.act('power on');
    await until(() => rig.side.links.filter(({ why }) => why.startsWith('osdp-1')).length, 4000).toBeGreaterThanOrEqual(1);
    await online(rig);
    expect(told()).toEqual([]);
    rig.reader.play.act('power off');
    await new Promise((resolve) => setTimeout(resolve, 50));
    rig.skip += 8500;
    await until(() => rig.link.states()[0]?.online).toBe(false);
    rig.skip += 3000;
    await until(told).toEqual(['reader-lost']);
    rig.reader.play.act('power on');
    await until(told, 4000).toEqual(['reader-lost', 'reader-back']);
  });
});

describe('who may speak on a line', () => {
  test('a device without a key is not spoken to, and a card in clear is nothing', async () => {
    const rig = await openLineRig(
      lineRecord({
        devices: [{ id: 11, address: 1, name: 'reader', identity: '', clearUntil: 0 }],
        doors: [serialDoor({ relay: { address: 1, output: 0 }, contact: undefined, exit: undefined })],
      }),
    );
    const { play } = rig.add({ address: 1, mode: 'clear', serial: 7 });
    play.act(CARD);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(rig.side.taps).toEqual([]);
    expect(rig.link.lines()[0]).toMatchObject({ counts: { sent: 0 }, devices: [{ state: 'waiting', secured: false }] });
  });

  test('an exception lets it speak in clear until it ends', async () => {
    const devices = [{ id: 11, address: 1, name: 'reader', identity: '', clearUntil: Date.now() + 60_000 }];
    const rig = await openLineRig(lineRecord({ devices, doors: [serialDoor({ relay: { address: 1, output: 0 }, contact: undefined, exit: undefined })] }));
    const { play } = rig.add({ address: 1, mode: 'clear', serial: 7 });
    await online(rig);
    expect(rig.link.lines()[0]?.devices).toMatchObject([{ state: 'up', secured: false }]);
    play.act(CARD);
    await until(() => rig.side.taps.length).toBe(1);
    rig.skip += 61_000;
    await until(() => rig.link.lines()[0]?.devices[0]?.state).not.toBe('up');
    play.act(CARD);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(rig.side.taps.length).toBe(1);
  });

  test('another device with the right key stays out, and that is told', async () => {
    const rig = await readyRig(lineRecord({ devices: [{ id: 11, address: 1, name: 'reader', key: READER_KEY, identity: '0db00c0100000000', clearUntil: 0 }] }));
    await until(() => rig.side.links.map(({ what, why }) => `${what} ${why}`)).toContain('refused osdp-swapped');
    expect(rig.link.lines()[0]?.devices).toMatchObject([{ state: 'waiting', alarm: { what: 'swapped' } }]);
    rig.reader.play.act(CARD);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(rig.side.taps).toEqual([]);
  });
});

describe('giving a device a key', () => {
  const waiting = lineRecord({ devices: [{ id: 11, address: 1, name: 'reader', identity: '', clearUntil: 0 }], doors: [] });
  const FRESH = Buffer.from('c90d63f1b2477e8850a1d4e93f06bb1c', 'hex');

  test('it says who it is, gets the key after a yes, and is at work under it', async () => {
    const rig = await openLineRig(waiting);
    const { peripheral } = rig.add({ address: 1, mode: 'install', serial: 7 });
    rig.link.commission(11, { act: 'begin', until: Date.now() + 60_000 });
    await until(() => rig.news.map(({ news }) => news.what)).toEqual(['identity']);
    expect(rig.link.lines()[0]?.devices[0]?.state).toBe('commissioning');
    rig.set(lineRecord({ devices: [{ id: 11, address: 1, name: 'reader', identity: '', clearUntil: 0, nextKey: FRESH }], doors: [] }));
    rig.link.commission(11, { act: 'confirm', key: FRESH });
    await until(() => rig.news.map(({ news }) => news.what)).toEqual(['identity', 'done']);
    expect(Buffer.from(peripheral.key ?? []).equals(FRESH)).toBe(true);
    const identity = rig.link.lines()[0]?.devices[0]?.identity ?? '';
    expect(identity).toMatch(/^0db00c01/);
    rig.set(lineRecord({ devices: [{ id: 11, address: 1, name: 'reader', identity, clearUntil: 0, key: FRESH }], doors: [] }));
    await until(() => rig.link.lines()[0]?.devices[0]?.state).toBe('up');
    expect(rig.news.length).toBe(2);
  });

  test('the key stored before the gateway died is found to be the device’s', async () => {
    const rig = await openLineRig(lineRecord({ devices: [{ id: 11, address: 1, name: 'reader', identity: '', clearUntil: 0, key: UNIT_KEY, nextKey: FRESH }], doors: [] }));
    rig.add({ address: 1, key: FRESH, mode: 'full', serial: 7 });
    await until(() => rig.news.map(({ news }) => news.what), 5000).toEqual(['done']);
  });

  test('one that was at work is being given a key, and not away', async () => {
    const rig = await readyRig();
    await until(() => rig.link.lines()[0]?.devices[0]?.state).toBe('up');
    rig.link.commission(11, { act: 'begin', until: Date.now() + 60_000 });
    expect(rig.link.lines()[0]?.devices[0]?.state).toBe('commissioning');
    await until(() => rig.news.some(({ news }) => news.what === 'identity')).toBe(true);
    expect(rig.link.lines()[0]?.devices[0]?.state).toBe('commissioning');
  });

  test('left off, and of a device that is on no line, it says so', async () => {
    const rig = await openLineRig(waiting);
    rig.add({ address: 1, mode: 'install', serial: 7 });
    rig.link.commission(11, { act: 'begin', until: Date.now() + 60_000 });
    await until(() => rig.news.length).toBe(1);
    rig.link.commission(11, { act: 'cancel' });
    await until(() => rig.news.map(({ news }) => news.what)).toEqual(['identity', 'cancelled']);
    expect(rig.link.lines()[0]?.devices[0]?.state).toBe('waiting');
    rig.link.commission(99, { act: 'cancel' });
    expect(rig.news.at(-1)).toEqual({ row: 99, news: { what: 'not-ready' } });
  });
});

describe('orders, and the line itself', () => {
  test('unlock, lock and identify are done at the device; restart is none of its words', async () => {
    const rig = await atWork();
    expect(await rig.link.command(DOOR, { what: 'unlock', openMs: 3000 })).toBe('done');
    expect(isOpen(rig.unit.peripheral)).toBe(true);
    expect(await rig.link.command(DOOR, { what: 'lock', openMs: 0 })).toBe('done');
    expect(isOpen(rig.unit.peripheral)).toBe(false);
    expect(await rig.link.command(DOOR, { what: 'identify', openMs: 0 })).toBe('done');
    expect(lamp(rig.reader.peripheral)).toBe(COLOUR.amber);
    expect(await rig.link.command(DOOR, { what: 'restart', openMs: 0 })).toBe('refused');
    expect(await rig.link.command(DoorId(999), { what: 'unlock', openMs: 0 })).toBe('offline');
  });

  test('doors of one interlock are open one at a time, whoever is let in', async () => {
    const doors = [
      serialDoor({ interlock: 1 }),
      serialDoor({ doorId: DoorId(502), number: 2, reader: { address: 2, number: 0 }, relay: { address: 1, output: 0 }, contact: undefined, exit: undefined, interlock: 1 }),
    ];
    const rig = await atWork(lineRecord({ doors }));
    rig.reader.play.act(CARD);
    await until(() => isOpen(rig.unit.peripheral)).toBe(true);
    rig.unit.play.act(CARD);
    await until(() => rig.side.outcomes.length).toBe(1);
    expect(rig.side.outcomes).toMatchObject([{ tap: { doorId: 502 }, final: 'local', granted: false, reason: 'INTERLOCK' }]);
    expect(isOpen(rig.reader.peripheral)).toBe(false);
    expect(await rig.link.command(DoorId(502), { what: 'unlock', openMs: 0 })).toBe('refused');
  });

  test('an adapter that is pulled out is found again without a restart, and why it is away is said', async () => {
    const rig = await atWork();
    rig.noPort = '/dev/made-up: 没有这个串口。 There is no such port.';
    rig.pull('/dev/made-up: 串口断开。 The port is gone.');
    await until(() => rig.link.lines()[0]).toMatchObject({ portUp: false, why: expect.stringMatching(/gone|no such port/) });
    expect(await rig.link.command(DOOR, { what: 'unlock', openMs: 0 })).toBe('offline');
    rig.noPort = '';
    await online(rig);
    expect(rig.opened()).toBe(2);
    expect(rig.link.lines()[0]).toMatchObject({ portUp: true, why: '' });
  });

  test('a device that is added or taken away leaves the others at work', async () => {
    const rig = await atWork();
    const sessionOf = (): string | undefined => rig.link.lines()[0]?.devices[0]?.state;
    const third = { id: 13, address: 3, name: 'third', key: UNIT_KEY, identity: '', clearUntil: 0 };
    const before = rig.side.links.length;
    rig.set(lineRecord({ devices: [...lineRecord().devices, third] }));
    rig.add({ address: 3, key: UNIT_KEY, mode: 'full', serial: 1003 });
    await until(() => rig.link.lines()[0]?.devices[2]?.state).toBe('up');
    expect(sessionOf()).toBe('up');
    rig.set(lineRecord());
    await until(() => rig.link.lines()[0]?.devices.length).toBe(2);
    rig.reader.play.act(CARD);
    await until(() => isOpen(rig.unit.peripheral)).toBe(true);
    expect(rig.side.links.slice(before).filter(({ what }) => what === 'offline')).toEqual([]);
  });

  test('a line that is retired, or has another port, is closed', async () => {
    const rig = await atWork();
    rig.set(lineRecord({ port: '/dev/other' }));
    await until(() => rig.opened()).toBe(2);
    rig.set(lineRecord({ retired: true }));
    expect(rig.link.lines()).toEqual([]);
    expect(rig.link.states()).toEqual([]);
  });
});
