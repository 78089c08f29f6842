import { PLACE_KINDS, type PlaceKind, ROLES, type Role } from '../core/roles.ts';
import { holds, type Span } from '../core/span.ts';
import type { Sentence } from '../core/reasons.ts';
import type { Assignment } from './generated/client.ts';
import type { Register } from './register.ts';
import { ms, msOrNull, wordOf } from './values.ts';

/** A place an account works in, from a moment to another. */
export interface AssignmentRow extends Span {
  readonly id: number;
  readonly accountId: number;
  readonly place: PlaceKind;
  readonly placeId: number;
}

/** Somebody on a post now. */
export interface PostRow extends AssignmentRow {
  readonly displayName: string;
  readonly role: Role;
}

/** Who works where, and since when. */
export interface Assignments {
  /** Newest first. */
  ofAccount(accountId: number): Promise<readonly AssignmentRow[]>;
  find(id: number): Promise<AssignmentRow | undefined>;
  /** Who is assigned to places of this kind at `now` (epoch ms). */
  posts(place: PlaceKind, now: number): Promise<readonly PostRow[]>;
  /** What a place is called; a place that is gone has no name. */
  placeName(place: PlaceKind, placeId: number): Promise<Sentence>;
}

const assignmentRow = ({ id, accountId, place, placeId, fromAt, untilAt }: Assignment): AssignmentRow => ({
  id,
  accountId,
  place: wordOf('Assignment.place', PLACE_KINDS, place),
  placeId,
  fromAt: ms(fromAt),
  untilAt: msOrNull(untilAt),
});

const both = (row: { readonly name: string; readonly nameEn: string } | null): Sentence => ({ zh: row?.name ?? '', en: row?.nameEn || (row?.name ?? '') });

/** Assignments of the register. */
export function assignmentsOf({ read, vault }: Register): Assignments {
  const NAME = { name: true, nameEn: true } as const;
  return {
    ofAccount: async (accountId) => (await read.assignment.findMany({ where: { accountId }, orderBy: { id: 'desc' } })).map(assignmentRow),
    async find(id) {
      const found = await read.assignment.findUnique({ where: { id } });
      return found === null ? undefined : assignmentRow(found);
    },
    async posts(place, now) {
      const rows = await read.assignment.findMany({
        where: { place, fromAt: { lte: now }, OR: [{ untilAt: null }, { untilAt: { gt: now } }] },
        include: { account: { select: { login: true, nameSealed: true, role: true } } },
        orderBy: { id: 'asc' },
      });
      return rows.map(({ account: { login, nameSealed, role }, ...row }) => ({
        ...assignmentRow(row),
        displayName: nameSealed === null ? login : vault.open('account.name', nameSealed),
        role: wordOf('Account.role', ROLES, role),
      }));
    },
    async placeName(place, id) {
      if (place === 'site') return { zh: '整个系统', en: 'The whole site' };
      if (place === 'org') return both(await read.orgUnit.findUnique({ where: { id }, select: NAME }));
      if (place === 'area') return both(await read.area.findUnique({ where: { id }, select: NAME }));
      if (place === 'grid') return both(await read.grid.findUnique({ where: { id }, select: NAME }));
      if (place === 'building') return both(await read.building.findUnique({ where: { id }, select: NAME }));
      const unit = await read.rentalUnit.findUnique({ where: { id }, select: { room: true, building: { select: NAME } } });
      const { zh, en } = both(unit?.building ?? null);
      return { zh: `${zh} ${unit?.room ?? ''}`.trim(), en: `${en} ${unit?.room ?? ''}`.trim() };
    },
  };
}

/** Where an assignment stands at `now`, epoch ms. */
export const standing = (span: Span, now: number): 'coming' | 'running' | 'ended' =>
  holds(span, now) ? 'running' : span.fromAt > now && (span.untilAt ?? span.fromAt + 1) > span.fromAt ? 'coming' : 'ended';
