import type { Division } from './generated/client.ts';
import type { Register } from './register.ts';
import { ms, msOrNull } from './values.ts';

/** A division of the country as this site has it. Times are epoch ms. */
export interface DivisionRow {
  /** 12 digits. */
  readonly code: string;
  readonly level: string;
  readonly kind: string;
  readonly parentCode: string | null;
  readonly name: string;
  readonly nameEn: string;
  readonly validFrom: number;
  readonly validUntil: number | null;
  readonly replacedBy: string | null;
  readonly version: number;
}

export type DivisionEdit = Partial<Pick<DivisionRow, 'name' | 'nameEn' | 'validUntil' | 'replacedBy'>>;

/** The division table: as much of the country as this site has places in. */
export interface Divisions {
  /** By code; `prefixes` undefined: all. */
  list(prefixes?: readonly string[]): Promise<readonly DivisionRow[]>;
  find(code: string): Promise<DivisionRow | undefined>;
  /** False: the code is there already. */
  add(division: Omit<DivisionRow, 'version' | 'validUntil' | 'replacedBy'>): Promise<boolean>;
  /** False: it is at another version by now. */
  change(code: string, version: number, edit: DivisionEdit): Promise<boolean>;
}

const divisionRow = ({ validFrom, validUntil, ...division }: Division): DivisionRow => ({ ...division, validFrom: ms(validFrom), validUntil: msOrNull(validUntil) });

/** Divisions of the register. */
export function divisionsOf({ read, write }: Register): Divisions {
  return {
    async list(prefixes) {
      const where = prefixes === undefined ? {} : { OR: prefixes.map((prefix) => ({ code: { startsWith: prefix } })) };
      return (await read.division.findMany({ where, orderBy: { code: 'asc' } })).map(divisionRow);
    },
    async find(code) {
      const found = await read.division.findUnique({ where: { code } });
      return found === null ? undefined : divisionRow(found);
    },
    add: (division) =>
      write(async (db) => {
        if ((await db.division.count({ where: { code: division.code } })) > 0) return false;
        await db.division.create({ data: division });
        return true;
      }),
    change: async (code, version, edit) => (await write((db) => db.division.updateMany({ where: { code, version }, data: { ...edit, version: { increment: 1 } } }))).count === 1,
  };
}
