import type { Prisma } from './generated/client.ts';
import type { Register } from './register.ts';
import { msOrNull } from './values.ts';

/** An input of a device. */
export interface PointRow {
  readonly deviceId: number;
  readonly input: number;
  readonly activeLow: boolean;
}

/** A device without its keys. Times are epoch ms. */
export interface ListedDevice {
  readonly id: number;
  readonly address: number;
  /** The address it is being given; null: none. */
  readonly nextAddress: number | null;
  readonly name: string;
  readonly hasKey: boolean;
  /** 16 hex digits; '': none. */
  readonly identity: string;
  readonly keyExposed: boolean;
  readonly enrolledAt: number | null;
  readonly clearUntil: number | null;
}

/** A door of a line, and what it is made of; null: it is wired to nothing. */
export interface ListedDoor {
  readonly id: number;
  readonly code: string;
  readonly name: string;
  readonly nameEn: string;
  readonly buildingId: number;
  readonly unitId: number | null;
  readonly wiring: {
    readonly readerId: number;
    readonly readerNumber: number;
    readonly relayId: number;
    readonly relayOutput: number;
    readonly contact: PointRow | null;
    readonly exit: PointRow | null;
  } | null;
}

/** A line in service, for whoever looks after it. */
export interface ListedLine {
  readonly id: number;
  readonly name: string;
  readonly port: string;
  readonly baud: number;
  /** The speed it is being moved to; null: none. */
  readonly nextBaud: number | null;
  readonly floorMs: number;
  readonly adapterMs: number;
  readonly fire: PointRow | null;
  readonly devices: readonly ListedDevice[];
  readonly doors: readonly ListedDoor[];
}

/** Serial lines of the register. */
export interface SerialLines {
  /** Those in service, in the order they were added. */
  all(): Promise<readonly ListedLine[]>;
  /** Undefined: there is none, or it is retired. */
  find(id: number): Promise<ListedLine | undefined>;
  /** The line a device is on. */
  ofDevice(deviceId: number): Promise<ListedLine | undefined>;
  /** The line a door is wired to. */
  ofDoor(doorId: number): Promise<ListedLine | undefined>;
  /** Ports of all lines, retired ones too. */
  ports(): Promise<readonly string[]>;
}

const DOOR = { id: true, code: true, name: true, nameEn: true, buildingId: true, unitId: true, wiring: true } as const;
const LINE = {
  devices: { orderBy: { address: 'asc' } },
  controller: { select: { name: true, doors: { select: DOOR, orderBy: { number: 'asc' } } } },
} as const satisfies Prisma.SerialLineInclude;
type Whole = Prisma.SerialLineGetPayload<{ include: typeof LINE }>;
type Wiring = NonNullable<Whole['controller']['doors'][number]['wiring']>;

const pointOf = (deviceId: number | null, input: number | null, activeLow: boolean): PointRow | null =>
  deviceId === null || input === null ? null : { deviceId, input, activeLow };

const wiringOf = ({ readerId, readerNumber, relayId, relayOutput, ...inputs }: Wiring): ListedDoor['wiring'] => ({
  ...{ readerId, readerNumber, relayId, relayOutput },
  contact: pointOf(inputs.contactId, inputs.contactInput, inputs.contactActiveLow),
  exit: pointOf(inputs.exitId, inputs.exitInput, inputs.exitActiveLow),
});

function lineRow({ id, port, baud, nextBaud, floorMs, adapterMs, fireDeviceId, fireInput, fireActiveLow, devices, controller }: Whole): ListedLine {
  return {
    ...{ id, name: controller.name, port, baud, nextBaud, floorMs, adapterMs },
    fire: pointOf(fireDeviceId, fireInput, fireActiveLow),
    devices: devices.map((device) => ({
      ...{ id: device.id, address: device.address, nextAddress: device.nextAddress, name: device.name, identity: device.identity, keyExposed: device.keyExposed },
      hasKey: device.keySealed !== null,
      enrolledAt: msOrNull(device.enrolledAt),
      clearUntil: msOrNull(device.clearUntil),
    })),
    doors: controller.doors.map(({ wiring, ...door }) => ({ ...door, wiring: wiring === null ? null : wiringOf(wiring) })),
  };
}

const IN_SERVICE = { controller: { retiredAt: null } } as const;

/** Serial lines, keys left out. */
export function serialLinesOf({ read }: Pick<Register, 'read'>): SerialLines {
  async function first(where: Prisma.SerialLineWhereInput): Promise<ListedLine | undefined> {
    const row = await read.serialLine.findFirst({ where: { AND: [IN_SERVICE, where] }, include: LINE });
    return row === null ? undefined : lineRow(row);
  }
  return {
    all: async () => (await read.serialLine.findMany({ where: IN_SERVICE, include: LINE, orderBy: { id: 'asc' } })).map(lineRow),
    find: (id) => first({ id }),
    ofDevice: (id) => first({ devices: { some: { id } } }),
    ofDoor: (id) => first({ controller: { doors: { some: { id } } } }),
    ports: async () => (await read.serialLine.findMany({ select: { port: true } })).map(({ port }) => port),
  };
}
