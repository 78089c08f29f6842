import { StoreError } from './sqlite.ts';

/** Epoch ms of a BigInt column as a number: safe until the year 287396. */
export const ms = (value: bigint): number => Number(value);

/** As `ms`, for a column that may be empty. */
export const msOrNull = (value: bigint | null): number | null => (value === null ? null : Number(value));

/** A text column that holds one of a few words. Throws StoreError when somebody wrote another one there. */
export function wordOf<const T extends string>(column: string, words: readonly T[], value: string): T {
  const found = words.find((word) => word === value);
  if (found === undefined) throw new StoreError(`${column}: expected one of ${words.join(', ')}, found "${value}".`);
  return found;
}
