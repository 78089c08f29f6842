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

/** A card of his that was stopped, or a right of his to work in a building that was ended. */
export interface OwnStop {
  readonly tail: string;
  readonly reason: string;
  readonly stoppedAt: number;
  readonly undoneAt: number | null;
  readonly doors: number;
  /** Doors that acknowledged a list without it. */
  readonly confirmed: number;
}

/** A right to work in a building. */
export interface OwnWork {
  readonly building: string;
  readonly address: string;
  readonly purpose: string;
  readonly fromAt: number;
  readonly untilAt: number | null;
  /** Name of the schedule; '' for all hours. */
  readonly hours: string;
  readonly duty: boolean;
}

/** One person's rows. For the disclosure gate alone. */
export interface OwnData {
  person(id: number): Promise<OwnPerson | undefined>;
  homes(personId: number): Promise<readonly OwnHome[]>;
  credentials(personId: number): Promise<readonly OwnCredential[]>;
  stops(personId: number): Promise<readonly OwnStop[]>;
  work(personId: number): Promise<readonly OwnWork[]>;
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
    async stops(personId) {
      const rows = await read.cardStop.findMany({ where: { personId }, include: { doors: { select: { confirmedAt: true } } }, orderBy: { id: 'asc' } });
      return rows.map(({ tail, reason, stoppedAt, undoneAt, doors }) => ({
        tail,
        reason,
        stoppedAt: ms(stoppedAt),
        undoneAt: msOrNull(undoneAt),
        doors: doors.length,
        confirmed: doors.filter(({ confirmedAt }) => confirmedAt !== null).length,
      }));
    },
    async work(personId) {
      const rows = await read.accessGrant.findMany({ where: { personId }, include: { building: true, schedule: true }, orderBy: { id: 'asc' } });
      return rows.map(({ building, purpose, fromAt, untilAt, schedule, duty }) => ({
        ...{ building: building.name, address: building.address, purpose, hours: schedule?.name ?? '', duty },
        ...{ fromAt: ms(fromAt), untilAt: msOrNull(untilAt) },
      }));
    },
  };
}
