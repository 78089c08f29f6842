import { accessEnd } from '../core/decide.ts';
import { WORK_PURPOSES, type WorkPurpose } from '../core/work.ts';
import { PERSON, type PersonRow, personRow } from './homes.ts';
import type { Register } from './register.ts';
import { msOrNull, wordOf } from './values.ts';

/** A home somebody lives in or has lived in. */
export interface PersonHome {
  readonly personId: number;
  readonly unitId: number;
  readonly room: string;
  readonly buildingId: number;
  readonly building: string;
  readonly buildingEn: string;
  /** He lives there at the moment that was asked about. */
  readonly current: boolean;
}

/** A building somebody works in, or worked in. */
export interface PersonWork extends Pick<PersonHome, 'personId' | 'buildingId' | 'building' | 'buildingEn' | 'current'> {
  readonly purpose: WorkPurpose;
}

/** A home as it is named beside a line. */
export interface Room {
  readonly id: number;
  readonly room: string;
  readonly floor: number;
  readonly buildingId: number;
  readonly building: string;
  readonly buildingEn: string;
}

/** People and rooms by row number, for whoever has entries or search results to name. Unsealed: for the disclosure gate alone. */
export interface Persons {
  byIds(ids: readonly number[]): Promise<ReadonlyMap<number, PersonRow>>;
  /** Homes of these people, each home of a person once. */
  homes(personIds: readonly number[], now: number): Promise<readonly PersonHome[]>;
  /** Buildings these people work or worked in, each right by itself. */
  works(personIds: readonly number[], now: number): Promise<readonly PersonWork[]>;
  rooms(unitIds: readonly number[]): Promise<ReadonlyMap<number, Room>>;
  /** Homes of a building, lowest floor first. */
  roomsOf(buildingId: number): Promise<readonly Room[]>;
}

const ROOM = { id: true, room: true, floor: true, buildingId: true, building: { select: { name: true, nameEn: true } } } as const;

interface RoomRecord extends Pick<Room, 'id' | 'room' | 'floor' | 'buildingId'> {
  readonly building: { readonly name: string; readonly nameEn: string };
}
const roomRow = ({ building, ...room }: RoomRecord): Room => ({ ...room, building: building.name, buildingEn: building.nameEn || building.name });

/** People and rooms of the register. */
export function personsOf({ read, vault }: Register): Persons {
  return {
    async byIds(ids) {
      const rows = await read.person.findMany({ where: { id: { in: [...new Set(ids)] } }, select: PERSON });
      return new Map(rows.map((row) => [row.id, personRow(vault, row)]));
    },
    async homes(personIds, now) {
      const lived = await read.occupant.findMany({
        where: { personId: { in: [...new Set(personIds)] } },
        select: {
          personId: true,
          untilAt: true,
          tenancy: { select: { accessUntil: true, termEnd: true, unit: { select: { ...ROOM, building: { select: { name: true, nameEn: true, holdoverDays: true } } } } } },
        },
        orderBy: { id: 'asc' },
      });
      const homes = new Map<string, PersonHome>();
      for (const { personId, untilAt, tenancy } of lived) {
        const { unit } = tenancy;
        const access = { accessUntil: msOrNull(tenancy.accessUntil) ?? 0, termEnd: msOrNull(tenancy.termEnd) ?? 0 };
        const end = Math.min(msOrNull(untilAt) ?? Number.POSITIVE_INFINITY, accessEnd(access, unit.building.holdoverDays));
        const name = `${personId}/${unit.id}`;
        const { id: unitId, room, buildingId, building, buildingEn } = roomRow(unit);
        homes.set(name, { personId, unitId, room, buildingId, building, buildingEn, current: now < end || homes.get(name)?.current === true });
      }
      return [...homes.values()];
    },
    async works(personIds, now) {
      const rows = await read.accessGrant.findMany({
        where: { personId: { in: [...new Set(personIds)] } },
        select: { personId: true, purpose: true, untilAt: true, building: { select: { id: true, name: true, nameEn: true } } },
        orderBy: { id: 'asc' },
      });
      return rows.map(({ personId, purpose, untilAt, building: { id: buildingId, name, nameEn } }) => ({
        personId,
        buildingId,
        building: name,
        buildingEn: nameEn || name,
        purpose: wordOf('AccessGrant.purpose', WORK_PURPOSES, purpose),
        current: now < (msOrNull(untilAt) ?? Number.POSITIVE_INFINITY),
      }));
    },
    async rooms(unitIds) {
      const rows = await read.rentalUnit.findMany({ where: { id: { in: [...new Set(unitIds)] } }, select: ROOM });
      return new Map(rows.map((row) => [row.id, roomRow(row)]));
    },
    roomsOf: async (buildingId) => (await read.rentalUnit.findMany({ where: { buildingId }, select: ROOM, orderBy: [{ floor: 'asc' }, { room: 'asc' }] })).map(roomRow),
  };
}
