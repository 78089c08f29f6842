import type { Prisma } from './generated/client.ts';
import type { Register } from './register.ts';
import { ms, msOrNull } from './values.ts';
import type { Vault } from './vault.ts';

/** Somebody living in a unit under a tenancy. Times are epoch ms. */
export interface OccupantRow {
  readonly personId: number;
  readonly role: string;
  readonly fromAt: number;
  readonly untilAt: number | null;
  readonly registrationState: string;
  readonly registrationDue: number | null;
  /** Identity document was checked (design.md 2). */
  readonly registered: boolean;
  /** Active credentials the person holds. */
  readonly keys: number;
}

export interface TenancyRow {
  readonly id: number;
  readonly kind: string;
  readonly startAt: number;
  readonly termEnd: number | null;
  readonly accessUntil: number | null;
  readonly endedBy: string;
  readonly occupants: readonly OccupantRow[];
}

export interface UnitRow {
  readonly id: number;
  readonly code: string;
  readonly buildingId: number;
  readonly floor: number;
  readonly room: string;
  readonly use: string;
  readonly tenancies: readonly TenancyRow[];
}

/** A person with everything the register knows, unsealed: for the disclosure gate alone. '' where nothing is recorded. */
export interface PersonRow {
  readonly id: number;
  readonly name: string;
  readonly documentType: string;
  readonly document: string;
  readonly phone: string;
}

export interface CredentialRow {
  readonly id: number;
  readonly tech: string;
  readonly tail: string;
  readonly kind: string;
  readonly label: string;
  readonly status: string;
  readonly personId: number | null;
  /** It has a PIN. */
  readonly pin: boolean;
  /** Building that has it in stock, or gave it out for work. */
  readonly buildingId: number | null;
}

export interface UnitSheet {
  readonly unit: UnitRow;
  readonly people: readonly PersonRow[];
  readonly credentials: readonly CredentialRow[];
}

export interface UnitPlace {
  readonly id: number;
  readonly buildingId: number;
}

/** Homes and who lives in them. */
export interface Homes {
  /** All units of a building, lowest floor first; no personal data. */
  units(buildingId: number): Promise<readonly UnitRow[]>;
  /** One unit with its tenancies, newest first, the people of them, and their credentials. */
  unitSheet(id: number): Promise<UnitSheet | undefined>;
  /** Where a unit is; undefined: there is none. */
  unitPlace(id: number): Promise<UnitPlace | undefined>;
  /** Homes a person lives or has lived in. */
  homesOfPerson(personId: number): Promise<readonly UnitPlace[]>;
}

const KEYS_HELD = { credentials: { where: { status: 'active' } } } as const;
const UNIT = {
  tenancies: {
    orderBy: [{ startAt: 'desc' }, { id: 'desc' }],
    include: { occupants: { orderBy: [{ role: 'desc' }, { id: 'asc' }], include: { person: { select: { documentCheckedBy: true, _count: { select: KEYS_HELD } } } } } },
  },
} as const satisfies Prisma.RentalUnitInclude;
const CREDENTIAL = { id: true, tech: true, tail: true, kind: true, label: true, status: true, personId: true, buildingId: true, pinVerifier: true } as const;
/** The columns of a person that `personRow` opens. */
export const PERSON = { id: true, nameSealed: true, documentType: true, documentSealed: true, phoneSealed: true } as const;

type UnitRecord = Prisma.RentalUnitGetPayload<{ include: typeof UNIT }>;
type TenancyRecord = UnitRecord['tenancies'][number];
type PersonRecord = Prisma.PersonGetPayload<{ select: typeof PERSON }>;

const occupantRow = ({ personId, role, fromAt, untilAt, registrationState, registrationDue, person }: TenancyRecord['occupants'][number]): OccupantRow => ({
  personId,
  role,
  registrationState,
  fromAt: ms(fromAt),
  untilAt: msOrNull(untilAt),
  registrationDue: msOrNull(registrationDue),
  registered: person.documentCheckedBy !== '',
  keys: person._count.credentials,
});

const tenancyRow = ({ id, kind, startAt, termEnd, accessUntil, endedBy, occupants }: TenancyRecord): TenancyRow => ({
  id,
  kind,
  endedBy,
  startAt: ms(startAt),
  termEnd: msOrNull(termEnd),
  accessUntil: msOrNull(accessUntil),
  occupants: occupants.map(occupantRow),
});

const unitRow = ({ tenancies, ...unit }: UnitRecord): UnitRow => ({ ...unit, tenancies: tenancies.map(tenancyRow) });

/** A person as the register has him, unsealed: for the disclosure gate alone. */
export const personRow = (vault: Vault, { id, nameSealed, documentType, documentSealed, phoneSealed }: PersonRecord): PersonRow => ({
  id,
  documentType,
  name: vault.open('person.name', nameSealed),
  document: documentSealed === null ? '' : vault.open('person.document', documentSealed),
  phone: phoneSealed === null ? '' : vault.open('person.phone', phoneSealed),
});

/** Homes of the register and who lives in them. */
export function homesOf({ read, vault }: Register): Homes {
  return {
    async units(buildingId) {
      const rows = await read.rentalUnit.findMany({ where: { buildingId }, include: UNIT, orderBy: [{ floor: 'asc' }, { room: 'asc' }] });
      return rows.map(unitRow);
    },
    async unitPlace(id) {
      return (await read.rentalUnit.findUnique({ where: { id }, select: { id: true, buildingId: true } })) ?? undefined;
    },
    async homesOfPerson(personId) {
      return read.rentalUnit.findMany({ where: { tenancies: { some: { occupants: { some: { personId } } } } }, select: { id: true, buildingId: true } });
    },
    async unitSheet(id) {
      const row = await read.rentalUnit.findUnique({ where: { id }, include: UNIT });
      if (row === null) return undefined;
      const unit = unitRow(row);
      const personIds = [...new Set(unit.tenancies.flatMap((tenancy) => tenancy.occupants.map((occupant) => occupant.personId)))];
      const people = await read.person.findMany({ where: { id: { in: personIds } }, select: PERSON, orderBy: { id: 'asc' } });
      const credentials = await read.credential.findMany({ where: { personId: { in: personIds } }, select: CREDENTIAL, orderBy: { id: 'asc' } });
      return {
        unit,
        people: people.map((person) => personRow(vault, person)),
        credentials: credentials.map(({ pinVerifier, ...credential }) => ({ ...credential, pin: pinVerifier !== null })),
      };
    },
  };
}
