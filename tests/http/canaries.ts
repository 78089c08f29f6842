import { checkCharacter } from '../../gateway/core/citizen-id.ts';
import type { Role } from '../../gateway/core/roles.ts';
import type { AccountRow, NewAssignment } from '../../gateway/store/accounts.ts';
import { addBuilding, NOON, type TestBuilding } from '../helpers/register.ts';
import type { World } from './fixture.ts';

/** A tenant whose every datum is a word that stands nowhere else. */
export interface Canary {
  readonly house: 'A' | 'B' | 'S';
  readonly room: string;
  readonly name: string;
  readonly document: string;
  readonly phone: string;
  readonly card: string;
  personId: number;
}

/** A citizen number with its check character. */
export const documentOf = (body: string): string => body + checkCharacter(body);
const canary = (n: number, house: Canary['house'], room: string, name: string): Canary => ({
  house,
  room,
  name,
  document: documentOf(`890101199${n}0307${(311 + 97 * n) % 1000}`),
  phone: `1200000${7391 + 113 * n}`,
  card: `C0FFE${n}A${n}`,
  personId: 0,
});

/** House A is one landlord's, B another's; in S two landlords have homes. */
export const CANARIES: readonly Canary[] = [
  canary(0, 'A', '0201', '赵鹂壹'),
  canary(1, 'A', '0503', '钱鹂贰'),
  canary(2, 'S', '0201', '孙鹂叁'),
  canary(3, 'S', '0202', '李鹂肆'),
  canary(4, 'S', '0302', '周鹂伍'),
  canary(5, 'B', '0201', '吴鹂陆'),
  canary(6, 'B', '0503', '郑鹂柒'),
];

export const HEADER = '姓名,证件类型,证件号码,手机号,房号,起租日期,退租日期,卡号,关系';
export const rowOf = ({ name, document, phone, room, card }: Pick<Canary, 'name' | 'document' | 'phone' | 'room' | 'card'>): string =>
  `${name},居民身份证,${document},${phone},${room},2026-03-01,2027-02-28,${card},本人`;

/** Everything of a tenant that tells who he is, or which his card is. */
const wholeWords = ({ name, document, phone, card }: Canary): string[] => [name.slice(1), document, phone, card];
/** What is left of it when masked. */
const maskedWords = ({ document, phone, card }: Canary): string[] => [`********${document.slice(-4)}`, `****${phone.slice(-4)}`, `"${card.slice(-4)}"`];

export type Houses = Readonly<Record<Canary['house'], TestBuilding>>;

/** Three houses with their tenants, brought in the way tenants are brought in. */
export async function furnish(here: World): Promise<Houses> {
  const houses = { A: here.building, B: here.other, S: await addBuilding(here.register, '890101001001B00044', 'yc44') };
  await here.site.doorList.refresh();
  for (const [house, { buildingId }] of Object.entries(houses)) {
    const rows = CANARIES.filter((each) => each.house === house).map(rowOf);
    const bytes = Buffer.from([HEADER, ...rows].join('\n'));
    const { rosters } = here.site.deps;
    const { id, bad } = await rosters.preview({ buildingId, within: undefined, accountId: null, fileName: 'r.csv', bytes }, NOON);
    if (bad > 0) throw new Error(`the canaries of house ${house} do not go in`);
    await rosters.apply(id, { goodRowsOnly: false, attested: true, within: undefined }, NOON);
  }
  const { read, vault } = here.register.register;
  const people = new Map((await read.person.findMany()).map((person) => [vault.open('person.name', person.nameSealed), person.id]));
  for (const each of CANARIES) each.personId = people.get(each.name) ?? 0;
  // In each house somebody works who lives there, so that this way of being listed is looked at, too.
  const rights = CANARIES.filter(({ room }) => room === '0201').map(({ house, personId }) => ({ personId, buildingId: houses[house].buildingId, purpose: 'watch', duty: true }));
  await here.register.register.write((db) =>
    db.accessGrant.createMany({ data: rights.map((right) => ({ ...right, fromAt: 0n, untilAt: BigInt(NOON + 86_400_000), createdAt: 0n })) }),
  );
  return houses;
}

/** How much of a tenant somebody may be told: his name, a masked one, nothing, or (himself) all. */
export type Told = 'all' | 'name' | 'masked' | 'nothing';

export interface Watcher {
  readonly name: string;
  readonly role: Role;
  readonly account: AccountRow;
  readonly told: (canary: Canary) => Told;
}

const at = (place: NewAssignment['place'], placeId: number): NewAssignment => ({ place, placeId, fromAt: 0, untilAt: null });

/** Three landlords, two of them with homes in one house, and everybody else who might be curious. */
export async function watchersOf(here: World, { A, B, S }: Houses): Promise<Watcher[]> {
  const watchers: Watcher[] = [];
  async function watcher(name: string, role: Role, told: Watcher['told'], assignments: readonly NewAssignment[]): Promise<void> {
    const personId = role === 'TEN' ? (CANARIES[0]?.personId ?? 0) : null;
    const account = await here.site.deps.accounts.create({ login: `watch-${name}`, passwordHash: 'unused', role, displayName: name, assignments, personId }, 0);
    watchers.push({ name, role, account, told });
  }
  const own =
    (...homes: string[]) =>
    ({ house, room }: Canary): Told =>
      homes.includes(house) || homes.includes(`${house}${room}`) ? 'name' : 'nothing';
  const masked =
    (home: string) =>
    ({ house }: Canary): Told =>
      house === home ? 'masked' : 'nothing';
  const nobody = (): Told => 'nothing';
  const unit = (room: string): NewAssignment => at('unit', S.units[room] ?? 0);
  await watcher('landlord-one', 'LL', own('A'), [at('building', A.buildingId)]);
  await watcher('landlord-two', 'LL', own('S0201', 'S0202'), [unit('0201'), unit('0202')]);
  await watcher('landlord-three', 'LL', own('B', 'S0302'), [unit('0302'), at('building', B.buildingId)]);
  await watcher('tenant', 'TEN', ({ house, room }) => (house === 'A' && room === '0201' ? 'all' : 'nothing'), []);
  await watcher('leader', 'BL', nobody, [at('building', S.buildingId)]);
  await watcher('grid-worker', 'GW', masked('B'), [at('building', B.buildingId)]);
  await watcher('officer', 'OF', masked('A'), [at('building', A.buildingId)]);
  await watcher('district', 'DA', nobody, [at('building', A.buildingId), at('building', S.buildingId)]);
  for (const role of ['SA', 'AU', 'PO'] as const) await watcher(role.toLowerCase(), role, nobody, [at('site', 0)]);
  return watchers;
}

/** Words of tenants in a text that its reader may not be told. */
export function leaks(text: string, { told }: Pick<Watcher, 'told'>): string[] {
  return CANARIES.flatMap((each) => {
    const may = told(each);
    if (may === 'all') return [];
    const [given = '', ...numbers] = wholeWords(each);
    const banned = [...numbers, ...(may === 'name' ? [] : [given]), ...(may === 'nothing' ? maskedWords(each) : [])];
    return banned.filter((word) => text.includes(word)).map((word) => `${each.house}${each.room} ${word}`);
  });
}
