/**
 * Branded row numbers of the register. A raw number is not accepted where an id is expected, and one
 * kind of id is not accepted for another. 0 never names a row; it stands for "none" in the typed index.
 */
declare const brand: unique symbol;
type Id<K extends string> = number & { readonly [brand]: K };

/** A building in the register. */
export type BuildingId = Id<'building'>;
/** A rental unit: one home in the register. */
export type UnitId = Id<'unit'>;
/** A door in the register. */
export type DoorId = Id<'door'>;
/** A door controller in the register. */
export type ControllerId = Id<'controller'>;
/** A person in the register. */
export type PersonId = Id<'person'>;
/** A tenancy of a unit in the register. */
export type TenancyId = Id<'tenancy'>;
/** A credential: a card or phone key in the register. */
export type CredentialId = Id<'credential'>;

const isRow = (value: number): boolean => Number.isSafeInteger(value) && value >= 0 && value < 2 ** 32;

/** Checks a row number once, at the edge where it enters the program. Throws RangeError otherwise. */
function row<K extends string>(kind: K, value: number): Id<K> {
  if (!isRow(value)) throw new RangeError(`${kind} id: expected a whole number from 0 to 4294967295, got ${value}`);
  return value as Id<K>;
}

export const BuildingId = (value: number): BuildingId => row('building', value);
export const UnitId = (value: number): UnitId => row('unit', value);
export const DoorId = (value: number): DoorId => row('door', value);
export const ControllerId = (value: number): ControllerId => row('controller', value);
export const PersonId = (value: number): PersonId => row('person', value);
export const TenancyId = (value: number): TenancyId => row('tenancy', value);
export const CredentialId = (value: number): CredentialId => row('credential', value);
