import { keysOf, readingOf } from '../../serial/reading.ts';
import type { DeviceRecord, LineInput } from '../../wire/osdp/acu-model.ts';
import type { Reply } from '../../wire/osdp/messages.ts';
import type { LineDoors } from './line-doors.ts';
import type { LineDevice } from './registry.ts';
import type { CommissionAct, LineDeviceStatus } from './status.ts';

/** What a reader says of itself when it is tampered with (osdp.md 2.7). */
const READER_TAMPER = 2;

/** When the gateway starts, a device has so long to come before it counts as away, ms. */
const START_MS = 10_000;

/** A device in RAM. */
export interface Live {
  device: LineDevice;
  state: LineDeviceStatus['state'];
  identity: string;
  /** Where it answered last: at its address, or at the next one. */
  at: number;
  alarm: LineDeviceStatus['alarm'];
  /** Which of its keys is tried. */
  tries: 'key' | 'nextKey';
  /** Since when it is away, in `uptime`; undefined: it is there, or its doors were told. */
  lostAt: number | undefined;
  lost: boolean;
  /** Its case is open; a reader of its own says so of itself. */
  caseOpen: boolean;
  readerOpen: boolean;
  unpowered: boolean;
  /** Polls answered: at the last look, and a second since then. */
  polls: number;
  rate: number;
}

/** How a device is when it has no session. */
export const restingState = ({ key, nextKey }: LineDevice): LineDeviceStatus['state'] => (key === undefined && nextKey === undefined ? 'waiting' : 'offline');

/** A device nothing has been heard of yet. `now`: `uptime`. */
export const createLive = (device: LineDevice, now: number): Live => ({
  device,
  state: restingState(device),
  identity: '',
  at: device.address,
  alarm: undefined,
  tries: 'key',
  lostAt: now + START_MS,
  lost: false,
  caseOpen: false,
  readerOpen: false,
  unpowered: false,
  polls: 0,
  rate: 0,
});

/** A fresh look at how often a device answers. `answered`: so far; `seconds`: since the last look. */
export function rateNow(live: Live, answered: number, seconds: number): void {
  live.rate = Math.max(0, Math.round((10 * (answered - live.polls)) / seconds) / 10);
  live.polls = answered;
}

/** What the line goes by. `now`: epoch ms. */
export const recordOf = ({ device, tries }: Live, now: number): DeviceRecord => ({
  address: device.address,
  nextAddress: device.nextAddress ?? undefined,
  key: tries === 'nextKey' ? device.nextKey : (device.key ?? device.nextKey),
  clear: device.clearUntil > now,
  identity: tries === 'nextKey' || device.identity === '' ? undefined : device.identity,
});

/** What a line is told of an operator's act at a device. `until`: of the line's clock. */
export function inputOf({ address, key }: LineDevice, given: CommissionAct, until: number): LineInput {
  if (given.act === 'begin') return { t: 'commission', address, from: key, until };
  if (given.act === 'move') return { t: 'move', address, to: given.to, until };
  return given.act === 'confirm' ? { t: 'confirm', address, key: given.key } : { t: 'cancel', address };
}

/** What the line is to go by, so that it is not told twice. Keys are compared, and kept nowhere else. */
export const speakersOf = (records: readonly DeviceRecord[]): string =>
  JSON.stringify(records.map(({ key, ...record }) => ({ ...record, key: key === undefined ? '' : Buffer.from(key).toString('base64') })));

/** What the console is shown. `now`: epoch ms. */
export const statusOf = ({ device, state, identity, rate, alarm }: Live, now: number): LineDeviceStatus => ({
  id: device.id,
  address: device.address,
  state,
  secured: (state === 'up' || state === 'degraded') && device.clearUntil <= now,
  identity,
  pollsPerSecond: rate,
  alarm,
});

/** What a device said of people and of itself, for its doors. A promise: it may be forgotten there once that is kept. */
export function report(live: Live, reply: Reply, doors: LineDoors, warn: (what: string) => void): Promise<unknown> | undefined {
  const { address } = live.device;
  switch (reply.name) {
    case 'RAW': {
      const reading = readingOf(reply.body);
      if (reading !== undefined) return doors.card(address, reply.body.reader, reading);
      warn('a card was read with a wrong parity bit');
      return undefined;
    }
    case 'KEYPAD':
      return keysOf(reply.body.data).reduce<Promise<void>>((before, key) => before.then(() => doors.key(address, reply.body.reader, key)), Promise.resolve());
    case 'ISTATR':
      doors.inputs(address, reply.body);
      return undefined;
    case 'LSTATR':
      sensed(live, doors, { caseOpen: reply.body.tamper === 1, unpowered: reply.body.power === 1 });
      return undefined;
    case 'RSTATR':
      sensed(live, doors, { readerOpen: reply.body.includes(READER_TAMPER) });
      return undefined;
    default:
      return undefined;
  }
}

function sensed(live: Live, doors: LineDoors, now: Partial<Pick<Live, 'caseOpen' | 'readerOpen' | 'unpowered'>>): void {
  const { address } = live.device;
  const [tampered, unpowered] = [live.caseOpen || live.readerOpen, live.unpowered];
  Object.assign(live, now);
  const tampers = live.caseOpen || live.readerOpen;
  if (tampers !== tampered) doors.note(address, tampers ? 'tamper' : 'tamper-end');
  if (live.unpowered !== unpowered) doors.note(address, live.unpowered ? 'power-lost' : 'power-back');
}
