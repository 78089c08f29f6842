import { type Static, Type } from 'typebox';

/** Left out: one is made. */
export const PinWish = Type.Object({ pin: Type.Optional(Type.String({ pattern: '^[0-9]{4,8}$', maxLength: 8, description: '4 to 8 digits that the holder chose' })) });
export type PinWish = Static<typeof PinWish>;

/** The PIN of a card; shown this once. */
export const PinMade = Type.Object({ pin: Type.String() });
export type PinMade = Static<typeof PinMade>;

/** A code that opens without a card, where the door is online; shown this once. */
export const CodeMade = Type.Object({ credentialId: Type.Integer(), code: Type.String() });
export type CodeMade = Static<typeof CodeMade>;

export const PinDropped = Type.Object({ dropped: Type.Boolean() });
export type PinDropped = Static<typeof PinDropped>;
