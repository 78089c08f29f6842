import { describe, expect, test } from 'vitest';
import { FrameReader, isSecured } from '../../../gateway/wire/osdp/frame.ts';
import { KEY, type Medium, pair } from './medium.ts';

const COMSET = 0x6e;
const frames = (m: Medium) => m.sent.flatMap(({ bytes }) => new FrameReader().push(bytes).flatMap((heard) => (heard.t === 'frame' ? [heard.frame] : [])));
const results = (m: Medium) => m.of('moved').map(({ of }) => of);
const tell = (m: Medium, ms = 10_000): void => m.do({ t: 'move', address: 1, to: 1, baud: 19_200, until: m.now + ms });
function ready(): Medium {
  const m = pair();
  expect(m.until(() => m.of('up').length > 0, 12_000)).toBe(true);
  m.run(500);
  return m;
}
function peripheral(m: Medium) {
  const [device] = m.devices;
  if (device === undefined) throw new Error('no device');
  return device.peripheral;
}

describe('a device that is told another speed', () => {
  test('is told once, under its key, at its address, nobody else asked for; then nothing is said to it', () => {
    const m = ready();
    tell(m);
    m.run(1000);
    expect([results(m), peripheral(m).baud, peripheral(m).address]).toEqual([[{ result: 'sent' }], 19_200, 1]);
    expect(frames(m).flatMap((frame) => (frame.code === COMSET ? [[isSecured(frame.block), frame.address]] : []))).toEqual([[true, 1]]);
    expect(m.line.peers[0]?.phase).toBe('barred');
    const { length } = m.sent;
    m.run(3000);
    expect(m.sent.length).toBe(length);
  });

  test('whose answer is lost counts as told, and nothing more is said to it either', () => {
    const m = ready();
    m.trouble.middle = (bytes) => (peripheral(m).baud === 19_200 ? undefined : bytes);
    tell(m);
    m.run(3000);
    expect([results(m), m.line.peers[0]?.phase]).toEqual([[{ result: 'sent' }], 'barred']);
  });

  test('that would not stays as it is, its session too', () => {
    const m = ready();
    peripheral(m).faults.comset = 'refuses';
    tell(m);
    m.run(1000);
    expect([results(m), m.of('down'), m.line.peers[0]?.phase]).toEqual([[{ result: 'refused' }], [], 'up']);
  });

  test('that goes elsewhere says so, and is looked for where it was', () => {
    const m = ready();
    peripheral(m).faults.comset = { address: 1, baud: 38_400 };
    tell(m);
    m.run(1000);
    expect([results(m), m.line.peers[0]?.phase]).toEqual([[{ result: 'elsewhere', to: 1, baud: 38_400 }], expect.not.stringMatching('barred')]);
  });

  test('is not told without a key, nor while it is away when its time is over', () => {
    const m = ready();
    m.do({ t: 'devices', devices: [{ address: 1, clear: true }] });
    tell(m);
    m.do({ t: 'devices', devices: [{ address: 1, key: KEY }] });
    m.trouble.middle = () => undefined;
    tell(m, 100);
    m.run(1000);
    expect(results(m)).toEqual([{ result: 'unsent' }, { result: 'unsent' }]);
  });
});
