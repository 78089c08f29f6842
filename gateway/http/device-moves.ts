import type { AddressNews } from '../doors/serial/status.ts';
import type { Note } from '../register/lock-down.ts';
import { addressTaken, dropNextAddress, lookAtAddress, storeNextAddress } from '../register/move-device.ts';
import type { DeviceActParts } from './key-giving.ts';
import { refusal } from './problem.ts';
import type { AddressMove } from './schemas/serial-lines.ts';

/** A device that cannot be told within this stays where it is, ms. */
export const MOVE_MS = 20_000;
/** The door side answers within this, ms; after it the move waits for the device alone. */
const ANSWER_MS = 30_000;
/** How one ended is shown for so long, ms. */
const SHOWN_MS = 15 * 60_000;
const BY_ITSELF = { accountId: 0 } as const;

/** Giving devices other addresses: in memory only how far each is, both addresses in the register. */
export interface DeviceMoves {
  /** How far it is with a device; undefined: nobody gave it an address lately. */
  of(deviceId: number): AddressMove | undefined;
  /** Stores the next address, noted, then has the device told. Rejects with ADDRESS_SENT and LineRefused. */
  begin(deviceId: number, address: number, note: Note): Promise<void>;
  /** Looks at the new address no more, noted. Rejects with ADDRESS_SENT and LineRefused. */
  drop(deviceId: number, note: Note): Promise<void>;
  /** Throws ADDRESS_SENT while a device is being told. */
  checkIdle(deviceId: number): void;
  /** What the door side tells; also of a move that was begun long ago. */
  heard(deviceId: number, news: AddressNews): Promise<void>;
}

interface Move {
  state: AddressMove['state'];
  readonly address: number;
  readonly began: number;
  said: AddressMove['said'];
}

export function createDeviceMoves({ register, doorSide, audit, clock, onError, changed }: DeviceActParts): DeviceMoves {
  const moves = new Map<number, Move>();
  const checkIdle = (deviceId: number): void => {
    const move = moves.get(deviceId);
    if (move?.state === 'asked' && clock() < move.began + ANSWER_MS) throw refusal('ADDRESS_SENT');
  };

  /** The device is at this address, or was not told to leave it. The register first: it is so, whether the log can be written or not. */
  async function settled(deviceId: number, at: number | 'old'): Promise<void> {
    const taken = await addressTaken(register, deviceId, at);
    if (taken === undefined) return;
    await changed('register');
    await audit.acted(BY_ITSELF, taken.what, { words: taken.words }).catch((error: unknown) => onError(error, taken.what));
  }

  async function found(deviceId: number, at: number): Promise<void> {
    const move = moves.get(deviceId);
    // Told before it could have been said to the device: what comes of that counts.
    if (move?.state === 'asked' && clock() < move.began + ANSWER_MS) return;
    await settled(deviceId, at);
    if (move?.state === 'asked' || move?.state === 'sent' || move?.state === 'elsewhere') move.state = at === move.address || at === move.said?.address ? 'done' : 'kept';
  }

  return {
    checkIdle,
    of(deviceId) {
      const move = moves.get(deviceId);
      if (move === undefined || clock() >= move.began + SHOWN_MS) return undefined;
      const { state, address, said } = move;
      return { state: state === 'asked' && clock() >= move.began + ANSWER_MS ? 'sent' : state, address, said };
    },
    async begin(deviceId, address, note) {
      checkIdle(deviceId);
      const before = moves.get(deviceId);
      const move: Move = { state: 'asked', address, began: clock(), said: null };
      // From here on what the door side found before does not count.
      moves.set(deviceId, move);
      try {
        await storeNextAddress(register, { deviceId, address }, note);
      } catch (error) {
        if (before === undefined) moves.delete(deviceId);
        else moves.set(deviceId, before);
        throw error;
      }
      doorSide.commission(deviceId, { act: 'move', to: address, until: clock() + MOVE_MS });
      await changed('register');
    },
    async drop(deviceId, note) {
      checkIdle(deviceId);
      await dropNextAddress(register, deviceId, note);
      moves.delete(deviceId);
      await changed('register');
    },
    async heard(deviceId, news) {
      if (news.result === 'found') return found(deviceId, news.at);
      const move = moves.get(deviceId);
      if (news.result === 'unsent' || news.result === 'refused' || news.result === 'occupied') await settled(deviceId, 'old');
      if (news.result === 'elsewhere') await lookAtAddress(register, deviceId, news.to);
      if (move !== undefined) {
        move.state = news.result;
        move.said = news.result === 'elsewhere' ? { address: news.to, baud: news.baud } : null;
      }
      await changed('register');
    },
  };
}
