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

/**
 * Gives the esp-rfid board of a door a new password; the one before ends at once, and a retired board may come back. The
 * log says so before the register does, so that a register from a backup does not take the old one again. Throws
 * PlaceRefused when the door has no such board.
 */
export async function newBoardLogin({ write, vault }: Register, doorId: number, { accountId, now, revoke }: By & { readonly revoke: Revoke }): Promise<MadeLogin> {
  const secret = randomBytes(SECRET_BYTES);
  return write(async (db) => {
    const door = await db.door.findUnique({ where: { id: doorId }, select: { controller: { select: { id: true, deviceId: true, boardCards: true } } } });
    const { id = 0, deviceId = '', boardCards: cards = '' } = door?.controller ?? {};
    if (!isCardForm(cards)) throw new PlaceRefused('wrong', 'id', '装 esp-rfid 板的门 / a door with an esp-rfid board');
    await revoke(db, [{ what: 'controller-enrolled', controllerId: id }], accountId ?? 0);
    await db.doorController.update({
      where: { id },
      data: { secretSealed: vault.sealBytes('controller.secret', secret), retiredAt: null, enrolledAt: BigInt(now), model: 'esp-rfid' },
    });
    return { ...boardLogin(deviceId, secret), cards };
  });
}
