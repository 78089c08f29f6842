import { randomBytes } from 'node:crypto';
import { readDoorCode, readRoom } from '../core/codes.ts';
import type { Register, WriteDb } from '../store/register.ts';
import { devicePrefix } from '../wire/mqtt/topics.ts';
import type { CardForm } from '../wire/esp-rfid/cards.ts';
import { boardTopic } from '../wire/esp-rfid/login.ts';
import { PlaceRefused, placeText } from './place-refused.ts';

/** A door that gets a controller. */
export interface NewDoor {
  readonly buildingId: number;
  readonly kind: 'street' | 'roof' | 'gate' | 'unit';
  readonly name: string;
  readonly nameEn: string;
  /** The home behind a door of kind unit; no other kind has one. */
  readonly room?: string | undefined;
  /** The door has an esp-rfid board that writes card numbers so; absent: a native controller. */
  readonly boardCards?: CardForm | undefined;
}

/** A door, and what its controller will be called once a device is enrolled for it (`enrol-controller.ts`). */
export interface FittedDoor {
  readonly id: number;
  readonly code: string;
  readonly site: string;
  readonly device: string;
  /** What every topic of the controller begins with. */
  readonly topics: string;
}

interface Building {
  readonly id: number;
  readonly code: string;
  readonly siteId: number;
  readonly site: { readonly code: string };
}

const SECRET_BYTES = 32;
const MOST_DOORS = 99;

/** The next number neither a door of the building nor a controller of its site has. */
async function nextNumber(db: WriteDb, { id, siteId }: Building): Promise<number> {
  const doors = await db.door.findMany({ where: { buildingId: id }, select: { code: true } });
  const devices = await db.doorController.findMany({ where: { siteId }, select: { deviceId: true } });
  const used = [...doors.map(({ code }) => readDoorCode(code)?.number ?? 0), ...devices.map(({ deviceId }) => Number(/-d(\d{2})$/.exec(deviceId)?.[1] ?? 0))];
  const next = Math.max(0, ...used) + 1;
  if (next > MOST_DOORS) throw new PlaceRefused('taken', 'id', `一栋楼最多 ${MOST_DOORS} 扇门 / a building with fewer than ${MOST_DOORS} doors`);
  return next;
}

/** The home a door leads to, null for a shared door. */
async function unitBehind(db: WriteDb, { id, code }: Building, { kind, room = '' }: NewDoor): Promise<number | null> {
  if (kind !== 'unit') {
    if (room.trim() === '') return null;
    throw new PlaceRefused('wrong', 'room', '留空：只有房门才属于一户 / nothing: only a door of kind unit belongs to a home');
  }
  const number = readRoom(room)?.room;
  if (number === undefined) throw new PlaceRefused('wrong', 'room', '房号，如 0302 / the number of a home, such as 0302');
  const unit = await db.rentalUnit.findUnique({ where: { buildingId_room: { buildingId: id, room: number } }, select: { id: true } });
  if (unit === null)
    throw new PlaceRefused('missing', 'room', `${code} 里已有的房号，没有 ${number}；房间随名单导入 / a home of ${code}; ${number} is not there. Homes come in with a roster`);
  return unit.id;
}

/**
 * Files a door with a controller of its own, which waits for a device to be enrolled. Throws PlaceRefused: no such
 * building or home, a wrong name, or 99 doors already.
 */
export async function fitDoor({ write, vault }: Register, wish: NewDoor): Promise<FittedDoor> {
  const [name, nameEn] = [placeText('name', wish.name), placeText('nameEn', wish.nameEn)];
  return write(async (db) => {
    const building = await db.building.findUnique({ where: { id: wish.buildingId }, select: { id: true, code: true, siteId: true, site: { select: { code: true } } } });
    if (building === null) throw new PlaceRefused('missing', 'id', '已登记的楼 / a building that is there');
    const unitId = await unitBehind(db, building, wish);
    const digits = String(await nextNumber(db, building)).padStart(2, '0');
    const code = `${building.code}D${digits}`;
    const device = `${building.site.code}-d${digits}`;
    // Nobody has it: the device that is enrolled gets another.
    const secretSealed = vault.sealBytes('controller.secret', randomBytes(SECRET_BYTES));
    // One statement, so that no controller is left behind without its door.
    const data = {
      code,
      kind: wish.kind,
      name,
      nameEn,
      building: { connect: { id: building.id } },
      controller: { create: { deviceId: device, siteId: building.siteId, name, secretSealed, boardCards: wish.boardCards ?? '' } },
      ...(unitId === null ? {} : { unit: { connect: { id: unitId } } }),
    };
    const { id } = await db.door.create({ data, select: { id: true } });
    const site = building.site.code;
    return { id, code, site, device, topics: wish.boardCards === undefined ? devicePrefix(site, device) : boardTopic(device) };
  });
}
