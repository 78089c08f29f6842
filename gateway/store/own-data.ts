import type { Register } from './register.ts';
import { ms, msOrNull } from './values.ts';

/** Everything the register says of one person, unsealed: for his own copy and for whoever answers his request. '' where nothing is recorded; times are epoch ms. */
export interface OwnPerson {
  readonly id: number;
  readonly name: string;
  readonly documentType: string;
  readonly document: string;
  readonly documentCheckedBy: string;
  readonly phone: string;
  readonly sex: number;
  /** yyyy-mm-dd */
  readonly born: string;
  readonly createdAt: number;
  readonly anonymisedAt: number | null;
  readonly version: number;
}

/** A home somebody lives or lived in, under one tenancy. */
export interface OwnHome {
  readonly room: string;
  readonly building: string;
  readonly address: string;
  readonly role: string;
  readonly fromAt: number;
  readonly untilAt: number | null;
  readonly registrationState: string;
  readonly registrationDue: number | null;
  readonly tenancyKind: string;
  readonly termEnd: number | null;
  readonly accessUntil: number | null;
}

export interface OwnCredential {
  readonly tech: string;
  readonly tail: string;
  readonly kind: string;
  readonly label: string;
  readonly status: string;
  readonly createdAt: number;
}

/** One person's rows. For the disclosure gate alone. */
export interface OwnData {
  person(id: number): Promise<OwnPerson | undefined>;
  homes(personId: number): Promise<readonly OwnHome[]>;
  credentials(personId: number): Promise<readonly OwnCredential[]>;
}

/** One person's rows of the register. */
export function ownDataOf({ read, vault }: Register): OwnData {
  return {
    async person(id) {
      const row = await read.person.findUnique({ where: { id } });
      if (row === null) return undefined;
      const { documentType, documentCheckedBy, sex, version } = row;
      return {
        id,
        documentType,
        documentCheckedBy,
        sex,
        version,
        name: vault.open('person.name', row.nameSealed),
        document: row.documentSealed === null ? '' : vault.open('person.document', row.documentSealed),
        phone: row.phoneSealed === null ? '' : vault.open('person.phone', row.phoneSealed),
        born: row.birthSealed === null ? '' : vault.open('person.birth', row.birthSealed),
        createdAt: ms(row.createdAt),
        anonymisedAt: msOrNull(row.anonymisedAt),
      };
    },
    async homes(personId) {
      const rows = await read.occupant.findMany({ where: { personId }, include: { tenancy: { include: { unit: { include: { building: true } } } } }, orderBy: { id: 'asc' } });
      return rows.map(({ role, fromAt, untilAt, registrationState, registrationDue, tenancy }) => ({
        role,
        registrationState,
        room: tenancy.unit.room,
        building: tenancy.unit.building.name,
        address: tenancy.unit.building.address,
        fromAt: ms(fromAt),
        untilAt: msOrNull(untilAt),
        registrationDue: msOrNull(registrationDue),
        tenancyKind: tenancy.kind,
        termEnd: msOrNull(tenancy.termEnd),
        accessUntil: msOrNull(tenancy.accessUntil),
      }));
    },
    async credentials(personId) {
      const select = { tech: true, tail: true, kind: true, label: true, status: true, createdAt: true };
      return (await read.credential.findMany({ where: { personId }, select, orderBy: { id: 'asc' } })).map((row) => ({ ...row, createdAt: ms(row.createdAt) }));
    },
  };
}
