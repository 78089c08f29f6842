import { randomBytes } from 'node:crypto';
import type { Register } from '../store/register.ts';
import { type CardForm, isCardForm } from '../wire/esp-rfid/cards.ts';
import { type BoardLogin, boardLogin } from '../wire/esp-rfid/login.ts';
import type { By } from './enrol-controller.ts';
import { PlaceRefused } from './place-refused.ts';
import type { Revoke } from './revocations.ts';

const SECRET_BYTES = 32;

/** What a person enters into an esp-rfid board, told once. */
export interface MadeLogin extends BoardLogin {
  readonly cards: CardForm;
}

/** How the board writes card numbers; undefined: as it did. A door whose controller is of another kind gets a board so. */
export interface BoardWish extends By {
  readonly revoke: Revoke;
  readonly cards?: CardForm | undefined;
}

const BOX = { id: true, deviceId: true, boardCards: true, enrolledAt: true, retiredAt: true, line: { select: { id: true } }, doors: { select: { pinSchedule: true } } } as const;

interface Box {
  readonly enrolledAt: bigint | null;
  readonly retiredAt: bigint | null;
  readonly line: { readonly id: number } | null;
  readonly doors: readonly { readonly pinSchedule: number | null }[];
}

/** May a board come in the place of this native controller? Throws PlaceRefused. */
function checkPlace({ enrolledAt, retiredAt, line, doors }: Box): void {
  const wrong = (expected: string): PlaceRefused => new PlaceRefused('wrong', 'cards', expected);
  if (line !== null) throw wrong('不在串口线上的门 / a door that is not on a serial line');
  if (doors.length !== 1) throw wrong('只管一扇门的控制器；esp-rfid 板只管一扇门 / a controller of one door; an esp-rfid board works one door');
  if (doors.some(({ pinSchedule }) => pinSchedule !== null))
    throw wrong('没有“刷卡加密码”时段的门；esp-rfid 板不会问密码 / a door without card-and-PIN hours; an esp-rfid board asks for no PIN');
  if (enrolledAt !== null && retiredAt === null)
    throw new PlaceRefused('taken', 'cards', '已停用的控制器；先停用现在的 / a controller that is out of service; take out the one that is there first');
}

/**
 * Gives the esp-rfid board of a door a new password; the one before ends at once, and a retired board may come back. The
 * log says so before the register does, so that a register from a backup does not take the old one again. Throws
 * PlaceRefused when the door has no such board, or with `cards` cannot have one.
 */
export async function newBoardLogin({ write, vault }: Register, doorId: number, { accountId, now, revoke, cards }: BoardWish): Promise<MadeLogin> {
  const secret = randomBytes(SECRET_BYTES);
  return write(async (db) => {
    const box = (await db.door.findUnique({ where: { id: doorId }, select: { controller: { select: BOX } } }))?.controller;
    const form = cards ?? box?.boardCards ?? '';
    if (box === null || box === undefined || !isCardForm(form)) throw new PlaceRefused('wrong', 'id', '装 esp-rfid 板的门 / a door with an esp-rfid board');
    const { id, deviceId } = box;
    if (box.boardCards === '') checkPlace(box);
    await revoke(db, [{ what: 'controller-enrolled', controllerId: id }], accountId ?? 0);
    const fitted = { retiredAt: null, enrolledAt: BigInt(now), enrolCodeId: null, model: 'esp-rfid', firmware: '', boardCards: form };
    await db.$transaction([
      db.enrolCode.updateMany({ where: { controllerId: id, usedAt: null, cancelledAt: null }, data: { cancelledAt: BigInt(now) } }),
      db.doorController.update({ where: { id }, data: { secretSealed: vault.sealBytes('controller.secret', secret), ...fitted } }),
    ]);
    return { ...boardLogin(deviceId, secret), cards: form };
  });
}
