import { type Static, Type } from 'typebox';
import { BoardCards } from './places.ts';

/** A one-time code for a controller. Told once. */
export const EnrolOffer = Type.Object({
  device: Type.String({ description: 'The device id it will have' }),
  code: Type.String({ description: 'Three groups of four letters and digits' }),
  expiresAt: Type.Integer({ description: 'Epoch ms' }),
  address: Type.String({ description: 'Where it connects, host:port' }),
  text: Type.String({ description: 'All of it, as the QR code says it: address, pin of the gateway, code' }),
});
export type EnrolOffer = Static<typeof EnrolOffer>;

/** The controller of a door, for whoever fits it. Times are epoch ms. */
export const ControllerView = Type.Object({
  device: Type.String(),
  /** When it traded a code; null: none has yet, or it was given its secret by hand. */
  enrolledAt: Type.Union([Type.Integer(), Type.Null()]),
  retiredAt: Type.Union([Type.Integer(), Type.Null()]),
  model: Type.String(),
  firmware: Type.String(),
  /** Until when a code is open; null: none is. */
  codeUntil: Type.Union([Type.Integer(), Type.Null()]),
  /** How its esp-rfid board writes card numbers; '': a native controller. */
  boardCards: Type.String(),
});
export type ControllerView = Static<typeof ControllerView>;

/** `cards`: the door is to have a board that writes card numbers so (docs/esp-rfid.md); left out: the board it has. */
export const BoardLoginWish = Type.Object({ cards: Type.Optional(BoardCards) });

/** What is entered into an esp-rfid board, told once. */
export const BoardLoginMade = Type.Object({
  user: Type.String(),
  password: Type.String(),
  topic: Type.String({ description: 'Base topic of this board alone' }),
  cards: Type.String({ description: 'How it is expected to write card numbers' }),
  host: Type.String({ description: 'Where it connects; empty while ESP_RFID_PORT is not set' }),
  port: Type.Integer({ description: '0 while ESP_RFID_PORT is not set' }),
});
export type BoardLoginMade = Static<typeof BoardLoginMade>;

/** `entry`: where the journal says so, 0 when it could not be written. */
export const ControllerRetired = Type.Object({ device: Type.String(), entry: Type.Integer() });
