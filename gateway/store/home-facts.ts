import type { Register } from './register.ts';
import { wordOf } from './values.ts';

const USES = ['let', 'self', 'lent', 'vacant'] as const;
const FACTS = { id: true, buildingId: true, code: true, floor: true, room: true, use: true, version: true } as const;

/** A home without its people. */
export interface HomeFactsRow {
  readonly id: number;
  readonly buildingId: number;
  readonly code: string;
  /** Signed floor number. */
  readonly floor: number;
  readonly room: string;
  readonly use: (typeof USES)[number];
  /** Counts changes. */
  readonly version: number;
}

/** A home of the register as a fact of its building; undefined: there is none. */
export async function homeFacts({ read }: Register, id: number): Promise<HomeFactsRow | undefined> {
  const row = await read.rentalUnit.findUnique({ where: { id }, select: FACTS });
  return row === null ? undefined : { ...row, use: wordOf('RentalUnit.use', USES, row.use) };
}
