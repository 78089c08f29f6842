import { ControllerId } from '../core/ids.ts';
import type { Trading } from '../doors/newcomers.ts';
import { type BoardWish, newBoardLogin } from '../register/board-login.ts';
import { type By, lookAt, makeCode, retireController, tradeCode } from '../register/enrol-controller.ts';
import type { Revoke } from '../register/revocations.ts';
import { type Ask, offerText } from '../wire/mqtt/enrol.ts';
import type { Deps } from './deps.ts';
import { reachableAt } from '../reachable.ts';
import { refusal } from './problem.ts';
import type { BoardLoginMade, ControllerView, EnrolOffer } from './schemas/enrolment.ts';

/** New controllers coming in, and old ones going out. */
export interface Enrolment {
  /** A one-time code for the controller of a door, with all a device needs to use it. Rejects with PlaceRefused, or DOORS_SILENT while the port for controllers is not open. */
  offer(doorId: number, by: By): Promise<EnrolOffer>;
  /** A new password for the esp-rfid board of a door, or with `cards` for one that comes there, and where it connects. Rejects with PlaceRefused. */
  boardLogin(doorId: number, by: Omit<BoardWish, 'revoke'>): Promise<BoardLoginMade>;
  /** Takes the controller of a door out of service. Rejects with PlaceRefused. */
  retire(doorId: number, by: By): Promise<{ readonly device: string }>;
  /** The controller of a door; undefined when it has none. */
  look(doorId: number, now: number): Promise<ControllerView | undefined>;
  /** What a device asks under a code. */
  trade(ask: Ask): Promise<Trading>;
}

export interface EnrolmentParts {
  readonly deps: Pick<Deps, 'register' | 'doorSide' | 'clock' | 'config'>;
  readonly revoke: Revoke;
  /** After a device came in: consoles show it. */
  readonly changed: () => Promise<void>;
}

export function createEnrolment({ deps: { register, doorSide, clock, config }, revoke, changed }: EnrolmentParts): Enrolment {
  return {
    async offer(doorId, by) {
      const at = doorSide.doorsAt();
      if (at === undefined) throw refusal('DOORS_SILENT');
      const { device, code, expiresAt } = await makeCode(register, doorId, by);
      return { device, code, expiresAt, address: `${at.host}:${at.port}`, text: offerText({ ...at, code }) };
    },
    async boardLogin(doorId, by) {
      const made = await newBoardLogin(register, doorId, { ...by, revoke });
      const { boards } = config;
      return { ...made, host: boards === undefined ? '' : reachableAt(boards.host), port: boards?.port ?? 0 };
    },
    retire: (doorId, by) => retireController(register, doorId, { ...by, revoke }),
    look: (doorId, now) => lookAt(register, doorId, now),
    async trade({ c: code, k, model, fw: firmware, doors }) {
      const traded = await tradeCode(register, { code, publicKey: Buffer.from(k, 'hex'), model, firmware, doors }, { now: clock(), revoke });
      if (traded.ok && !traded.again) await changed();
      return { ...traded, controllerId: traded.controllerId === 0 ? 0 : ControllerId(traded.controllerId) };
    },
  };
}
