import { type Static, Type } from 'typebox';
import { Sentence } from './places.ts';

/** The demo's card tray: what a newcomer can press on a simulated door. */
const DemoCard = Type.Object({ card: Type.String(), label: Sentence, expect: Type.String() });
export const DemoTray = Type.Object({
  cards: Type.Array(DemoCard),
  doors: Type.Array(Type.Object({ doorCode: Type.String(), doorId: Type.Integer(), network: Type.Boolean(), power: Type.Boolean() })),
});
export type DemoTray = Static<typeof DemoTray>;

/** Keys of a keypad. */
const Digits = Type.String({ pattern: '^[0-9]{1,12}$' });

export const DemoAct = Type.Union([
  Type.Object({ act: Type.Literal('tap'), doorCode: Type.String(), card: Type.String({ maxLength: 32 }), pin: Type.Optional(Digits) }),
  Type.Object({ act: Type.Literal('type'), doorCode: Type.String(), pin: Digits }),
  Type.Object({ act: Type.Union([Type.Literal('push'), Type.Literal('open'), Type.Literal('close')]), doorCode: Type.String() }),
  Type.Object({ act: Type.Union([Type.Literal('network'), Type.Literal('power')]), doorCode: Type.String(), on: Type.Boolean() }),
]);
export type DemoAct = Static<typeof DemoAct>;

/** Answer to a tap: what the reader's lamp and the lock did. `ms`: from tap to lamp. `asks`: the keypad waits for digits, for ten seconds. */
export const DemoResult = Type.Object({
  ok: Type.Boolean(),
  granted: Type.Optional(Type.Boolean()),
  reason: Type.Optional(Type.String()),
  why: Type.Optional(Sentence),
  openMs: Type.Optional(Type.Integer()),
  ms: Type.Optional(Type.Number()),
  entry: Type.Optional(Type.Integer()),
  offline: Type.Optional(Type.Boolean()),
  asks: Type.Optional(Type.Boolean()),
});
export type DemoResult = Static<typeof DemoResult>;
