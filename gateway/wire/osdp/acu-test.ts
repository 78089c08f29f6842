import type { Line, Peer } from './acu-model.ts';
import { type Command, type CommandName, type Written, writeCommand } from './messages.ts';
import { type DeviceTest, newDeviceTest } from './test-counts.ts';

/** A device may take 200 ms to answer (osdp.md 2.4); one that needs half of that, besides the time on the wire, is slow. */
const SLOW_MS = 100;
/** No test frame is longer, bytes, whatever a device takes: at 9,600 it is a quarter of a second, which an order waits for. */
const FRAME_MOST = 256;
/** Records of a lamp: of a secured frame 14 bytes each, filled up to blocks of 16, and 14 more (osdp.md 2.6, 2.8). */
const RECORD_BYTES = 14;
const BLOCK_BYTES = 16;
const FRAME_BYTES = 14;
const BITS_PER_CHARACTER = 10;

/** Asked between two polls; none of them moves or shows anything. */
const QUESTIONS = ['LSTAT', 'ISTAT', 'OSTAT', 'ID', 'LED'] as const;
type Question = (typeof QUESTIONS)[number];

/** A test that begins now, of a line without one. */
export function beginTest(line: Line, until: number): void {
  line.test = { running: true, until, devices: new Map(line.peers.map(({ record }) => [record.address, newDeviceTest()])), dropped: line.reader.dropped, answerBytes: 0 };
}

/** The test ends; what was asked last may still be answered, and is not counted. */
export function endTest(line: Line): void {
  if (line.test !== undefined) line.test.running = false;
}

/** Counts for a device while a test runs; undefined: there is none. */
export const testOf = ({ test }: Line, { record }: Peer): DeviceTest | undefined => (test?.running === true ? test.devices.get(record.address) : undefined);

/** Puts what was dropped since the last answer down to whom was asked; undefined: nobody was. */
export function countDropped(line: Line, peer: Peer | undefined): void {
  const { test, reader } = line;
  if (test === undefined) return;
  const device = peer === undefined ? undefined : testOf(line, peer);
  if (device !== undefined) device.badBytes += reader.dropped - test.dropped;
  test.dropped = reader.dropped;
}

/** A command has its answer, the whole frame that came last. `ms`: after it was sent. */
export function countAnswer(line: Line, peer: Peer, ms: number): void {
  const device = testOf(line, peer);
  if (device === undefined) return;
  const { length } = line.lastSent;
  device.answered += 1;
  device.times.add(ms);
  device.longest = Math.max(device.longest, length);
  if (ms - exchangeMs(line) - line.config.adapterMs > SLOW_MS) device.slow += 1;
}

/** What the last command and its answer take on the wire, ms, each with its mark. */
export const exchangeMs = ({ config, lastSent, test }: Line): number => ((lastSent.length + (test?.answerBytes ?? 0) + 2) * BITS_PER_CHARACTER * 1000) / config.baud;

/** Lamps that fit into one frame to this device. */
function recordsOf({ buffer }: Peer): number {
  const blocks = Math.floor((Math.min(buffer, FRAME_MOST) - FRAME_BYTES) / BLOCK_BYTES);
  return Math.max(1, Math.floor((blocks * BLOCK_BYTES - 1) / RECORD_BYTES));
}

const UNCHANGED = { code: 0, on: 0, off: 0, onColour: 0, offColour: 0 } as const;
/** So many times "this lamp as it is": the one command that any length can be given and that does nothing. */
const lamps = (count: number): Command<'LED'>['body'] => Array.from({ length: count }, () => ({ reader: 0, led: 0, temporary: { ...UNCHANGED, timer: 0 }, permanent: UNCHANGED }));

function written(device: DeviceTest, peer: Peer, name: Question): Written {
  if (name === 'ID') return writeCommand(name, { kind: 0 });
  if (name !== 'LED') return writeCommand(name, undefined);
  device.records = device.records >= Math.min(device.mostRecords, recordsOf(peer)) ? 1 : device.records + 1;
  return writeCommand(name, lamps(device.records));
}

/** What a device is asked in a test instead of being polled; undefined: polled. Every other time it is, because its cards come by polls alone. */
export function testQuestion(line: Line, peer: Peer): { readonly name: Question; readonly written: Written } | undefined {
  const device = testOf(line, peer);
  if (device === undefined || peer.repolls > 0) return undefined;
  device.turn += 1;
  const left = QUESTIONS.filter((each) => !device.refused.has(each));
  if (device.turn % 2 === 1 || left.length === 0) return undefined;
  const name = left[(device.turn / 2) % left.length];
  return name === undefined ? undefined : { name, written: written(device, peer, name) };
}

/** A question it does not take, or a frame too long for it: not asked again. */
export function refuseQuestion(line: Line, peer: Peer, name: CommandName): void {
  const device = testOf(line, peer);
  if (device === undefined) return;
  if (name === 'LED' && device.records > 1) device.mostRecords = device.records - 1;
  else device.refused.add(name);
}
