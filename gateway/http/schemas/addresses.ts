import { type Static, Type } from 'typebox';

const Part = Type.String({ maxLength: 64 });

/** The parts of a building's address below its community, as typed. */
const AddressParts = Type.Object({
  group: Type.Optional(Part),
  street: Type.Optional(Part),
  doorNumber: Type.Optional(Part),
  compound: Type.Optional(Part),
  block: Type.Optional(Part),
  entrance: Type.Optional(Part),
});
export const AddressBody = Type.Intersect([
  AddressParts,
  Type.Object({ unlisted: Type.Optional(Type.Boolean({ description: 'It is right although the street dictionary does not have it' })) }),
]);

/** The address of a building. `parts` null: nobody filled them in yet, the text is as it was written. */
export const AddressView = Type.Object({
  text: Type.String(),
  /** Names of its divisions, from the province down. */
  divisions: Type.Array(Type.String()),
  parts: Type.Union([
    Type.Object({
      group: Type.String(),
      street: Type.String(),
      doorNumber: Type.String(),
      compound: Type.String(),
      block: Type.String(),
      entrance: Type.String(),
      listed: Type.Boolean(),
    }),
    Type.Null(),
  ]),
  version: Type.Integer(),
});
export type AddressView = Static<typeof AddressView>;

/** Where a number of a street lies, by the dictionary: none, one, or many, and then a person is asked. */
export const StreetQuery = Type.Object({ street: Type.String({ minLength: 1, maxLength: 64 }), no: Type.Integer({ minimum: 0, maximum: 99_999 }) });
export const StreetFound = Type.Object({
  found: Type.Union([Type.Literal('none'), Type.Literal('one'), Type.Literal('many')]),
  communities: Type.Array(Type.Object({ code: Type.String(), name: Type.String(), streetCode: Type.String(), stationCode: Type.String() })),
});
export type StreetFound = Static<typeof StreetFound>;

/** A dictionary file as text: CSV with the columns streetCode, street, fromNo, toNo, side, communityCode, stationCode. */
export const StreetsBody = Type.Object({ text: Type.String({ minLength: 1, maxLength: 2_000_000 }) });
/** Nothing is taken over while there are faults; of many, the first. */
export const StreetsImported = Type.Object({
  streets: Type.Integer(),
  rows: Type.Integer(),
  faults: Type.Array(Type.Object({ row: Type.Integer(), field: Type.String(), expected: Type.String() })),
});
export type StreetsImported = Static<typeof StreetsImported>;
