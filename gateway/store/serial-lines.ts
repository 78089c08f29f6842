import { ControllerId } from '../core/ids.ts';
import type { LineInputPoint, LineRecord, SerialDoor } from '../doors/serial/registry.ts';
import type { ControllerRow } from './door-lists.ts';
import type { Connection } from './sqlite.ts';

/** A device with its keys sealed, as `line.key`. */
export interface LineDeviceRow {
  readonly id: number;
  readonly address: number;
  readonly nextAddress: number | null;
  readonly name: string;
  readonly keySealed: Uint8Array | null;
  readonly nextKeySealed: Uint8Array | null;
  readonly identity: string;
  readonly clearUntil: number;
}
/** A line of the register. */
export interface LineRow extends Omit<LineRecord, 'devices'> {
  readonly devices: readonly LineDeviceRow[];
}

type LineCells = Pick<LineRecord, 'id' | 'port' | 'baud' | 'nextBaud' | 'floorMs' | 'adapterMs'> & {
  controllerId: number;
  fireAddress: number | null;
  fireInput: number | null;
  fireActiveLow: number;
};
type DeviceCells = LineDeviceRow & { readonly lineId: number };
interface WiringCells {
  readonly doorId: number;
  readonly reader: number;
  readonly readerNumber: number;
  readonly relay: number;
  readonly relayOutput: number;
  readonly contact: number | null;
  readonly contactInput: number | null;
  readonly contactActiveLow: number;
  readonly exit: number | null;
  readonly exitInput: number | null;
  readonly exitActiveLow: number;
}

const LINES = `
  SELECT l."id", l."controllerId", l."port", l."baud", l."nextBaud", l."floorMs", l."adapterMs", f."address" AS fireAddress, l."fireInput", l."fireActiveLow"
  FROM "SerialLine" l LEFT JOIN "LineDevice" f ON f."id" = l."fireDeviceId" ORDER BY l."id"`;
const DEVICES = `
  SELECT "id", "lineId", "address", "nextAddress", "name", "keySealed", "nextKeySealed", "identity", coalesce("clearUntil", 0) AS clearUntil
  FROM "LineDevice" ORDER BY "lineId", "address"`;
const WIRING = `
  SELECT w."doorId", r."address" AS reader, w."readerNumber", o."address" AS relay, w."relayOutput",
    c."address" AS contact, w."contactInput", w."contactActiveLow", e."address" AS exit, w."exitInput", w."exitActiveLow"
  FROM "DoorWiring" w JOIN "LineDevice" r ON r."id" = w."readerId" JOIN "LineDevice" o ON o."id" = w."relayId"
    LEFT JOIN "LineDevice" c ON c."id" = w."contactId" LEFT JOIN "LineDevice" e ON e."id" = w."exitId"`;

const pointOf = (address: number | null, input: number | null, activeLow: number): LineInputPoint | undefined =>
  address === null || input === null ? undefined : { address, input, activeLow: activeLow !== 0 };

function wired({ doors }: ControllerRow, wiring: ReadonlyMap<number, WiringCells>): SerialDoor[] {
  return doors.flatMap((door) => {
    const cells = wiring.get(door.doorId);
    if (cells === undefined) return [];
    return [
      {
        ...door,
        reader: { address: cells.reader, number: cells.readerNumber },
        relay: { address: cells.relay, output: cells.relayOutput },
        contact: pointOf(cells.contact, cells.contactInput, cells.contactActiveLow),
        exit: pointOf(cells.exit, cells.exitInput, cells.exitActiveLow),
      },
    ];
  });
}

/** Every serial line, those of retired controllers too. A door without a reader and a relay is not among a line's doors. */
export function linesOf(connection: Connection, controllers: readonly ControllerRow[]): LineRow[] {
  const byId = new Map(controllers.map((each) => [Number(each.id), each]));
  const devices = connection.prepare<[], DeviceCells>(DEVICES).all();
  const wiring = new Map(
    connection
      .prepare<[], WiringCells>(WIRING)
      .all()
      .map((cells) => [cells.doorId, cells]),
  );
  return connection
    .prepare<[], LineCells>(LINES)
    .all()
    .flatMap(({ id, controllerId, fireAddress, fireInput, fireActiveLow, ...line }) => {
      const controller = byId.get(controllerId);
      if (controller === undefined) return [];
      return [
        {
          ...line,
          id,
          controllerId: ControllerId(controllerId),
          name: controller.deviceId,
          retired: controller.retired,
          schedules: controller.schedules,
          devices: devices.flatMap(({ lineId, ...device }) => (lineId === id ? [device] : [])),
          doors: wired(controller, wiring),
          fire: pointOf(fireAddress, fireInput, fireActiveLow),
        },
      ];
    });
}
