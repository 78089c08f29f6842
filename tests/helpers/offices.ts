import type { Role } from '../../gateway/core/roles.ts';
import { openOffice } from '../../gateway/register/change-office.ts';
import { cover } from '../../gateway/register/cover.ts';
import { openGrid } from '../../gateway/register/cut-grid.ts';
import { type AccountRow, accountsOf, type NewAssignment } from '../../gateway/store/accounts.ts';
import { accountDeskOf } from '../../gateway/store/account-desk.ts';
import { divisionsOf } from '../../gateway/store/divisions.ts';
import type { TestRegister } from './register.ts';

/** Nothing to write down. */
export const silent = async (): Promise<void> => undefined;
export const COMMUNITY = '890101001001';
export const VILLAGE = '890101101201';

/** The test tree of domain.md 3.3. */
export async function addDivisions({ register }: TestRegister, validFrom = 0): Promise<void> {
  const divisions = divisionsOf(register);
  const rows = [
    ['890000000000', 'province', '', null, '测试省'],
    ['890100000000', 'prefecture', '', '890000000000', '测试市'],
    ['890101000000', 'county', '', '890100000000', '样板区'],
    ['890101001000', 'township', 'street', '890101000000', '一号街道'],
    [COMMUNITY, 'community', 'residents', '890101001000', '示范社区'],
    ['890101001002', 'community', 'residents', '890101001000', '第二社区'],
    ['890101101000', 'township', 'town', '890101000000', '样板镇'],
    [VILLAGE, 'community', 'villagers', '890101101000', '样板村'],
  ] as const;
  for (const [code, level, kind, parentCode, name] of rows) await divisions.add({ code, level, kind, parentCode, name, nameEn: '', validFrom });
}

export const addOffice = ({ register }: TestRegister, name: string, parentId: number | null = null): Promise<number> =>
  openOffice(register, { parentId, kind: parentId === null ? 'bureau' : 'station', name, nameEn: '' }, silent);

export const addCover = ({ register }: TestRegister, orgId: number, wish: { divisionCode?: string; buildingId?: number; fromAt?: number; untilAt?: number }): Promise<number> =>
  cover(register, orgId, { divisionCode: wish.divisionCode ?? null, buildingId: wish.buildingId ?? null, fromAt: wish.fromAt ?? 0, untilAt: wish.untilAt ?? null }, silent);

export const addGrid = ({ register }: TestRegister, code: string, buildingIds: readonly number[], now: number): Promise<number> =>
  openGrid(register, { code, name: `网格 ${code.slice(-3)}`, nameEn: '', areaId: null, buildingIds }, now, silent);

export interface Someone {
  readonly role: Role;
  readonly login: string;
  readonly assignments?: readonly NewAssignment[];
  readonly orgId?: number;
  /** Staff number of the natural person. */
  readonly holder?: string;
  readonly state?: 'invited' | 'active';
}

export const always = (place: NewAssignment['place'], placeId: number): NewAssignment => ({ place, placeId, fromAt: 0, untilAt: null });

/** An account as the register has it, past all checks. */
export async function addAccount({ register }: TestRegister, { role, login, assignments = [], orgId, holder, state = 'active' }: Someone, now: number): Promise<AccountRow> {
  const made = await accountsOf(register).create({ role, login, passwordHash: 'unused', displayName: login, assignments, orgId: orgId ?? null, state }, now);
  if (holder !== undefined) await accountDeskOf(register).setHolder(made.id, holder);
  return made;
}
