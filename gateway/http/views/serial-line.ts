import type { LineDeviceStatus, LineStatus, LineTestStatus } from '../../doors/serial/status.ts';
import type { ListedDevice, ListedLine } from '../../store/line-list.ts';
import type { DeviceMoves } from '../device-moves.ts';
import { type KeyGivings, shownIdentity } from '../key-giving.ts';
import type { LineSpeeds } from '../line-speeds.ts';
import type { LineDeviceView, LineTestView, LineView } from '../schemas/serial-lines.ts';

/** What a line is shown with besides its rows. `now`: epoch ms. */
export interface LineParts {
  readonly statuses: readonly LineStatus[];
  readonly givings: Pick<KeyGivings, 'of'>;
  readonly moves: Pick<DeviceMoves, 'of'>;
  readonly speeds: Pick<LineSpeeds, 'of'>;
  readonly now: number;
}

const NO_COUNTS = { sent: 0, answered: 0, repeated: 0, badChecks: 0, stray: 0 } as const;

function deviceView(device: ListedDevice, status: LineDeviceStatus | undefined, { givings, moves, now }: LineParts): LineDeviceView {
  const { id, address, nextAddress, name, identity, hasKey, keyExposed, enrolledAt, clearUntil } = device;
  const { secured = false, identity: reported = '', pollsPerSecond = 0, alarm }: Partial<LineDeviceStatus> = status ?? {};
  return {
    ...{ id, address, nextAddress, name, state: status?.state ?? 'unknown', secured, hasKey, keyExposed, enrolledAt, pollsPerSecond },
    identity: shownIdentity(identity),
    reported: reported === identity ? '' : shownIdentity(reported),
    clearUntil: clearUntil !== null && clearUntil > now ? clearUntil : null,
    alarm: alarm === undefined ? null : { what: alarm.what, at: alarm.at },
    giving: givings.of(id) ?? null,
    moving: moves.of(id) ?? null,
  };
}

function testView({ since, until, endedAt, why, devices }: LineTestStatus): LineTestView {
  return { since, until, endedAt: endedAt ?? null, why: why ?? null, devices: devices.map((device) => ({ ...device, verdict: { ...device.verdict } })) };
}

/** A line as whoever looks after it is shown it; what the door side has not told of yet is unknown. */
export function lineView(line: ListedLine, parts: LineParts): LineView {
  const { id, name, port, baud, nextBaud, floorMs, adapterMs, fire, devices, doors } = line;
  const status = parts.statuses.find((each) => each.id === id);
  const { sent, answered, repeated, badChecks, stray } = status?.counts ?? NO_COUNTS;
  const live = new Map(status?.devices.map((device) => [device.id, device]));
  return {
    ...{ id, name, port, baud, nextBaud, floorMs, adapterMs, fire },
    portUp: status?.portUp ?? false,
    why: status?.why ?? '',
    counts: { sent, answered, repeated, badChecks, stray },
    devices: devices.map((device) => deviceView(device, live.get(device.id), parts)),
    test: status?.test === undefined ? null : testView(status.test),
    moving: parts.speeds.of(id) ?? null,
    doors: doors.map((door) => ({ id: door.id, code: door.code, name: door.name, nameEn: door.nameEn, wiring: door.wiring })),
  };
}
