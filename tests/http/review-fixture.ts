import { CredentialId, DoorId, PersonId, UnitId } from '../../gateway/core/ids.ts';
import type { Reason } from '../../gateway/core/reasons.ts';
import type { Role } from '../../gateway/core/roles.ts';
import { NO_PERSON, type StoredEntry } from '../../gateway/journal/entry.ts';
import { addTenant, DAY, NOON } from '../helpers/register.ts';
import { assignmentsFor, type Browser, browser, building, WHOLE_SESSION, type World, world } from './fixture.ts';

/** A tenant of the review's building, with the surname by which his masked name is known. */
export interface Lodger {
  readonly personId: number;
  readonly unitId: number;
  readonly masked: string;
}

export interface ReviewWorld extends World {
  /** By room; every surname is there once. */
  readonly lodgers: Readonly<Record<string, Lodger>>;
  /** Somebody of the other building. */
  readonly stranger: Lodger;
  /** The building, its last day: what most tests open a purpose on. */
  readonly wish: { readonly purpose: string; readonly reason: string; readonly buildingId: number; readonly from: number; readonly until: number };
}

const NAMES = { '0201': '赵一鸣', '0202': '钱多多', '0203': '孙晓', '0302': '李小明', '0503': '周全' } as const;

/** A world with five lodgers in one building and one in the other. */
export async function reviewWorld(): Promise<ReviewWorld> {
  const here = await world();
  const lodgers: Record<string, Lodger> = {};
  const add = async (unitId: number, name: string): Promise<Lodger> => ({
    unitId,
    personId: (await addTenant(here.register, { unitId, name })).personId,
    masked: `${name.slice(0, 1)}*`,
  });
  for (const [room, name] of Object.entries(NAMES)) lodgers[room] = await add(here.building.units[room] ?? 0, name);
  const stranger = await add(here.other.units['0201'] ?? 0, '吴边');
  await findable(here);
  const wish = { purpose: 'incident', reason: '核对楼道纠纷', buildingId: here.building.buildingId, from: NOON - DAY, until: NOON };
  return { ...here, lodgers, stranger, wish };
}

/** Makes the search terms of whoever was added. */
export async function findable({ site }: World): Promise<void> {
  while ((await site.people.catchUp()) > 0);
}

export interface Being {
  readonly login: string;
  readonly role: Role;
  readonly buildings?: readonly number[];
  /** Staff number of the natural person. */
  readonly holder?: string;
  readonly personId?: number;
  readonly office?: string;
}

/** Somebody signed in, with an office and a natural person behind the account; the same account again when it is there. */
export async function enter(
  here: World,
  { login, role, buildings = [here.building.buildingId], holder, personId, office }: Being,
): Promise<Browser & { readonly accountId: number }> {
  const { register } = here.register;
  const orgId =
    office === undefined ? null : (await register.write((db) => db.orgUnit.create({ data: { depth: 1, kind: 'station', name: office, nameEn: 'Yingchun station' } }))).id;
  const about = { login, role, displayName: `${login}的名字`, assignments: role === 'TEN' ? [] : assignmentsFor(role, buildings), personId: personId ?? null, orgId };
  const { accounts } = here.site.deps;
  const account = (await accounts.byLogin(login)) ?? (await accounts.create({ ...about, passwordHash: 'unused' }, here.time.now));
  if (holder !== undefined) await register.write((db) => db.account.update({ where: { id: account.id }, data: { holderHash: register.vault.hash('holder', holder) } }));
  const me = await browser(here);
  me.cookie = `doorbook=${await here.site.sessions.open(account, { ...WHOLE_SESSION, strongAt: here.time.now }, undefined)}`;
  await me.ask('GET', 'session');
  return Object.assign(me, { accountId: account.id });
}

/** A tap of a lodger at the street door, `ago` ms before noon. */
export function tap(here: World, { personId, unitId }: Lodger, about: { ago?: number; granted?: boolean; reason?: Reason; door?: string } = {}): StoredEntry {
  const { ago = 3_600_000, granted = true, reason = granted ? 'OK' : 'WRONG_DOOR', door = 'D01' } = about;
  const at = { ...building(here), doorId: DoorId(here.building.doors[door] ?? 0), gatewayTime: NOON - ago };
  return here.journal.add(
    { kind: 'access', granted, reason, method: 'card', ...at },
    { ...NO_PERSON, personId: PersonId(personId), unitId: UnitId(unitId), credentialId: CredentialId(7) },
  );
}

/** Audit entries with this word. */
export const noted = (here: World, what: string): StoredEntry[] => here.journal.entries.filter(({ event }) => event.kind === 'audit' && event.what === what);

/** Opens a purpose and does the second act; its row number. */
export async function openForPeople(here: ReviewWorld, officer: Browser): Promise<number> {
  const { json } = await officer.ask('POST', 'purposes', here.wish);
  const id = Number(json['id']);
  await officer.ask('POST', `purposes/${id}/people`, { reason: '需要看到是谁' });
  return id;
}
