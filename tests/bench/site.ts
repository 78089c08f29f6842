import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadKeys } from '../../gateway/store/keys.ts';
import { ownListKey } from '../../gateway/store/list-key.ts';
import { migrateRegister } from '../../gateway/store/migrate.ts';
import { openRegister, type Register, type WriteDb } from '../../gateway/store/register.ts';
import { readingBytes } from '../../gateway/store/vault.ts';
import { listSigner } from '../../gateway/wire/mqtt/list-header.ts';

/** A real site made for the bench: one building, many doors with a controller each, tenants with a card each. */
export interface BenchSite {
  readonly data: string;
  readonly buildingCode: string;
  readonly devices: readonly { readonly device: string; readonly site: string; readonly secretHex: string /** Public key that signs its lists. */; readonly listKeyHex: string }[];
  readonly cards: readonly string[];
}

const SITE = 'bench';
const buildingCode = (building: number): string => `890101001001B${String(building).padStart(5, '0')}`;
const DAY_MS = 86_400_000;
/** Of a building in a district. */
const DOORS_A_BUILDING = 10;
const TENANTS_A_BUILDING = 30;

/** One building of a bench site. */
interface BuildingPlan {
  readonly siteId: number;
  /** From 1 on. */
  readonly building: number;
  readonly doors: number;
  readonly tenants: number;
  readonly listKeyHex: string;
}

/** A district made for the bench: buildings of ten doors, and one person who lives in several. */
export interface BenchDistrict extends BenchSite {
  /** Opens the first `roamed` doors. */
  readonly roamer: string;
  readonly roamed: number;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);
const cardOf = (building: number, at: number): string => (0x10000000 + building * 0x100000 + at * 7919).toString(16).toUpperCase();

async function addTenants({ register, db, unitId }: { register: Register; db: WriteDb; unitId: number }, cards: readonly string[]): Promise<void> {
  const now = Date.now();
  const { vault } = register;
  const tenancy = await db.tenancy.create({ data: { unitId, startAt: now - DAY_MS, createdAt: now } });
  const people = await db.person.createManyAndReturn({
    data: cards.map((_, at) => ({ nameSealed: vault.seal('person.name', `测试${at}`), createdAt: now, documentCheckedBy: 'landlord' })),
  });
  await db.occupant.createMany({ data: people.map(({ id: personId }) => ({ tenancyId: tenancy.id, personId, fromAt: now - DAY_MS, registrationState: 'accepted' })) });
  await db.credential.createMany({
    data: cards.map((hex, at) => {
      const reading = { bits: 32, hex };
      const valueSealed = vault.sealBytes('credential.value', readingBytes(reading));
      return { fingerprint: vault.fingerprint(reading), valueSealed, tail: hex.slice(-4), personId: people[at]?.id ?? null, createdAt: now };
    }),
  });
}

/** Adds a building whose every door has a controller of its own, and whose every tenant may use them all. */
async function addBuilding(register: Register, db: WriteDb, { siteId, building, doors, tenants, listKeyHex }: BuildingPlan): Promise<Pick<BenchSite, 'devices' | 'cards'>> {
  const code = buildingCode(building);
  const { id: buildingId } = await db.building.create({ data: { code, siteId, name: `Bench ${building}` } });
  const { id: unitId } = await db.rentalUnit.create({ data: { code: `${code}-0101`, buildingId, floor: 1, room: '0101' } });
  const devices = numbers(doors).map((at) => ({ device: `bench-d${(building - 1) * DOORS_A_BUILDING + at}`, site: SITE, secretHex: randomBytes(32).toString('hex'), listKeyHex }));
  const controllers = await db.doorController.createManyAndReturn({
    data: devices.map(({ device, secretHex }) => ({
      deviceId: device,
      siteId,
      name: device,
      secretSealed: register.vault.sealBytes('controller.secret', Buffer.from(secretHex, 'hex')),
    })),
  });
  const ids = new Map(controllers.map(({ deviceId, id }) => [deviceId, id]));
  await db.door.createMany({
    data: devices.map(({ device }, at) => ({
      code: `${code}D${String(at + 1).padStart(2, '0')}`,
      buildingId,
      controllerId: ids.get(device) ?? null,
      kind: 'street',
      name: device,
    })),
  });
  const cards = numbers(tenants).map((at) => cardOf(building, at));
  await addTenants({ register, db, unitId }, cards);
  return { devices, cards };
}

/** Makes the data directory of a site with such buildings; the first tenant lives in as many of them as `homes`. Nothing in it is running. */
async function fillSite(data: string, plans: readonly Pick<BuildingPlan, 'doors' | 'tenants'>[], homes = 1): Promise<BenchSite> {
  const file = path.join(data, 'register.sqlite');
  const keysDir = path.join(data, 'keys');
  const keys = loadKeys(keysDir);
  const listKeyHex = listSigner(ownListKey(keysDir)).publicKey;
  migrateRegister(file);
  const register = await openRegister({ file, keys });
  const siteId = await register.write(async (db) => (await db.site.create({ data: { code: SITE, name: 'Bench' } })).id);
  const made: Pick<BenchSite, 'devices' | 'cards'>[] = [];
  for (const [at, plan] of plans.entries()) made.push(await register.write((db) => addBuilding(register, db, { siteId, building: at + 1, listKeyHex, ...plan })));
  await register.write(async (db) => {
    const [first] = await db.occupant.findMany({ orderBy: { id: 'asc' }, take: 1 });
    const others = await db.tenancy.findMany({ orderBy: { id: 'asc' }, skip: 1, take: homes - 1 });
    if (first !== undefined)
      await db.occupant.createMany({ data: others.map(({ id }) => ({ tenancyId: id, personId: first.personId, fromAt: first.fromAt, registrationState: 'accepted' })) });
  });
  await register.close();
  return { data, buildingCode: buildingCode(1), devices: made.flatMap(({ devices }) => devices), cards: made.flatMap(({ cards }) => cards) };
}

const scratch = (): string => mkdtempSync(path.join(tmpdir(), 'doorbook-bench-'));

/** Makes the data directory of a site of one building. Nothing in it is running. */
export const makeSite = (doors: number, tenants: number, data = scratch()): Promise<BenchSite> => fillSite(data, [{ doors, tenants }]);

/** Makes the data directory of a district with so many controllers, a door each, of which one person opens `roamed`. Nothing in it is running. */
export async function makeDistrict(controllers: number, roamed: number, data = scratch()): Promise<BenchDistrict> {
  const plans = numbers(Math.ceil(controllers / DOORS_A_BUILDING)).map((at) => ({
    doors: Math.min(DOORS_A_BUILDING, controllers - (at - 1) * DOORS_A_BUILDING),
    tenants: TENANTS_A_BUILDING,
  }));
  const homes = Math.min(plans.length, Math.ceil(roamed / DOORS_A_BUILDING));
  const site = await fillSite(data, plans, homes);
  return { ...site, roamer: site.cards[0] ?? '', roamed: Math.min(controllers, homes * DOORS_A_BUILDING) };
}
