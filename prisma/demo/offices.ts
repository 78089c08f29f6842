import { readDivisionCode } from '../../gateway/core/division-code.ts';
import type { PlaceKind, Role } from '../../gateway/core/roles.ts';
import { DEMO_LOGINS } from '../../gateway/http/demo-logins.ts';
import { holderText } from '../../gateway/store/account-people.ts';
import type { Register, WriteDb } from '../../gateway/store/register.ts';
import { DEMO_COMMUNITY } from './building.ts';

const DAY_MS = 86_400_000;
/** The offices are older than the oldest tenancy. */
const SINCE_MS = 500 * DAY_MS;

/** The test divisions of domain.md 3.3. */
const DIVISIONS = [
  ['890000000000', '测试省', 'Test Province'],
  ['890100000000', '测试市', 'Test City'],
  ['890101000000', '样板区', 'Model District'],
  ['890101001000', '一号街道', 'First Street'],
  [DEMO_COMMUNITY, '示范社区', 'Model Community'],
  ['890101101000', '样板镇', 'Model Town'],
  ['890101101201', '样板村', 'Model Village'],
] as const;

/** Four levels (S12.05), each with what it looks after. */
const OFFICES = [
  { kind: 'bureau', name: '样板区公安分局', nameEn: 'Model District Bureau', divisionCode: '890101000000' },
  { kind: 'station', name: '一号街道派出所', nameEn: 'First Street Station', divisionCode: '890101001000' },
  { kind: 'workPoint', name: '示范社区工作点', nameEn: 'Model Community Work Point', divisionCode: DEMO_COMMUNITY },
  { kind: 'group', name: '迎春路小组', nameEn: 'Yingchun Road Group', divisionCode: null },
] as const;

const NAMES: Readonly<Record<Role, string>> = {
  TEN: '演示租客 Demo tenant',
  LL: '演示房东 Demo landlord',
  BL: '演示楼长 Demo building leader',
  GW: '演示网格员 Demo grid worker',
  CL: '演示窗口 Demo clerk',
  OF: '演示民警 Demo officer',
  DA: '演示区管理 Demo district',
  SA: '演示管理员 Demo operator',
  AU: '演示审计 Demo auditor',
  PO: '演示隐私专员 Demo privacy officer',
};

/** Where the demo's people and places are, by row number. */
export interface DemoPlaces {
  readonly buildingId: number;
  /** The tenant who has an account; undefined: nobody lives there yet. */
  readonly tenantId: number | undefined;
  /** Epoch ms. */
  readonly now: number;
}

async function addTree(db: WriteDb, buildingId: number, fromAt: number): Promise<number[]> {
  const chain: number[] = [];
  for (const [at, { divisionCode, ...office }] of OFFICES.entries()) {
    const covers = { create: [divisionCode === null ? { buildingId, fromAt } : { divisionCode, fromAt }] };
    chain.push((await db.orgUnit.create({ data: { ...office, depth: at + 1, parentId: chain.at(-1) ?? null, covers } })).id);
  }
  return chain;
}

/** Two grids of the community, the first one with the demo building. */
async function addGrids(db: WriteDb, { buildingId, orgId, fromAt }: { buildingId: number; orgId: number; fromAt: number }): Promise<number> {
  const area = await db.area.create({ data: { code: 'YC-E', orgId, name: '东片', nameEn: 'East Area' } });
  const grid = async (serial: string, name: string, nameEn: string, buildings: number[]): Promise<number> => {
    const first = { n: 1, fromAt, buildings: { create: buildings.map((id) => ({ buildingId: id })) } };
    const made = { code: `${DEMO_COMMUNITY}${serial}`, communityCode: DEMO_COMMUNITY, areaId: area.id, name, nameEn, versions: { create: [first] } };
    return (await db.grid.create({ data: made })).id;
  };
  const first = await grid('001', '第一网格', 'Grid 1', [buildingId]);
  await grid('002', '第二网格', 'Grid 2', []);
  return first;
}

/** Fills in divisions, offices, grids and the ten accounts of the demo, one for each role. */
export async function addDemoOffices(db: WriteDb, { vault }: Register, { buildingId, tenantId, now }: DemoPlaces): Promise<void> {
  const fromAt = now - SINCE_MS;
  for (const [code, name, nameEn] of DIVISIONS) {
    const read = readDivisionCode(code);
    if (read !== undefined) await db.division.create({ data: { code, name, nameEn, level: read.level, kind: read.kind, parentCode: read.parent, validFrom: fromAt } });
  }
  const [bureau = 0, station = 0] = await addTree(db, buildingId, fromAt);
  const grid = await addGrids(db, { buildingId, orgId: station, fromAt });
  const whole = [['site', 0]] as const;
  const places: Readonly<Record<Role, readonly (readonly [PlaceKind, number])[]>> = {
    TEN: [],
    LL: [['building', buildingId]],
    BL: [['building', buildingId]],
    GW: [['grid', grid]],
    CL: [['org', station]],
    OF: [
      ['org', station],
      ['grid', grid],
    ],
    DA: [['org', bureau]],
    SA: whole,
    AU: whole,
    PO: whole,
  };
  const office: Readonly<Partial<Record<Role, number>>> = { GW: station, CL: station, OF: station, DA: bureau };
  for (const role of Object.keys(DEMO_LOGINS).filter((key): key is Role => key in places)) {
    const assignments = { create: places[role].map(([place, placeId]) => ({ place, placeId, fromAt, createdAt: fromAt })) };
    const person = { nameSealed: vault.seal('account.name', NAMES[role]), holderHash: vault.hash('holder', holderText(DEMO_LOGINS[role])) };
    const account = { login: DEMO_LOGINS[role], role, passwordHash: '', personId: role === 'TEN' ? (tenantId ?? null) : null, orgId: office[role] ?? null };
    await db.account.create({ data: { ...account, ...person, createdAt: fromAt, assignments } });
  }
}
