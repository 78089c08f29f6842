import type { ControllerId, DoorId } from '../../core/ids.ts';
import type { CardForm } from '../../wire/esp-rfid/cards.ts';

/** What the register says about an esp-rfid board. A new object for a changed record; never changed in place. */
export interface BoardRecord {
  readonly deviceId: string;
  readonly controllerId: ControllerId;
  /** 32 bytes the password comes from. */
  readonly secret: Uint8Array;
  /** Its one door; undefined: the register has none for it. */
  readonly doorId: DoorId | undefined;
  readonly cards: CardForm;
  /** End of the lockdown its door is in, epoch ms; 0: none. */
  readonly lockdownUntil: number;
  readonly retired: boolean;
}

/** The boards of the register, from memory. */
export interface BoardRegistry {
  board(deviceId: string): BoardRecord | undefined;
  all(): Iterable<BoardRecord>;
}

/** A credential for a board. */
export interface BoardUser {
  readonly credentialId: number;
  readonly bits: number;
  readonly hex: string;
  /** Epoch ms; 0: no end. */
  readonly until: number;
  /** May open in a lockdown, too. */
  readonly duty: boolean;
}

/** Where the users of a board come from. */
export interface BoardUserSource {
  /** Rises whenever rows of this controller change. */
  version(controllerId: ControllerId): { readonly epoch: number; readonly n: number };
  /** What may open at the door of this controller now. May take its time, in another thread. */
  users(controllerId: ControllerId): Promise<readonly BoardUser[]>;
}
