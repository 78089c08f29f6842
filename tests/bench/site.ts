import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadKeys } from '../../gateway/store/keys.ts';
import { migrateRegister } from '../../gateway/store/migrate.ts';
import { openRegister, type Register, type WriteDb } from '../../gateway/store/register.ts';
import { readingBytes } from '../../gateway/store/vault.ts';

/** A real site made for the bench: one building, many doors with a controller each, tenants with a card each. */
export interface BenchSite {
  readonly data: string;
  readonly buildingCode: string;
  readonly devices: readonly { readonly device: string; readonly site: string; readonly secretHex: string }[];
  readonly cards: readonly string[];
}

const SITE = 'bench';
const BUILDING = '890101001001B00001';

async function addTenants({ register, db, unitId }: { register: Register; db: WriteDb; unitId: number }, count: number): Promise<string[]> {
  const now = Date.now();
  const { vault } = register;
  const tenancy = await db.tenancy.create({ data: { unitId, startAt: now - 86_400_000, createdAt: now } });
  const cards: string[] = [];
  for (let at = 0; at < count; at++) {
    const hex = (0x10000000 + at * 7919).toString(16).toUpperCase();
    const person = await db.person.create({ data: { nameSealed: vault.seal('person.name', `测试${at}`), createdAt: now, documentCheckedBy: 'landlord' } });
    await db.occupant.create({ data: { tenancyId: tenancy.id, personId: person.id, fromAt: now - 86_400_000, registrationState: 'accepted' } });
    const reading = { bits: 32, hex };
    const valueSealed = vault.sealBytes('credential.value', readingBytes(reading));
    await db.credential.create({ data: { fingerprint: vault.fingerprint(reading), valueSealed, tail: hex.slice(-4), personId: person.id, createdAt: now } });
    cards.push(hex);
  }
  return cards;
}

/** Makes the data directory of such a site. Nothing in it is running. */
export async function makeSite(doors: number, tenants: number, data = mkdtempSync(path.join(tmpdir(), 'doorbook-bench-'))): Promise<BenchSite> {
  const file = path.join(data, 'register.sqlite');
  const keys = loadKeys(path.join(data, 'keys'));
  migrateRegister(file);
  const register = await openRegister({ file, keys });
  const made = await register.write(async (db) => {
    const site = await db.site.create({ data: { code: SITE, name: 'Bench' } });
    const building = await db.building.create({ data: { code: BUILDING, siteId: site.id, name: 'Bench' } });
    const unit = await db.rentalUnit.create({ data: { code: `${BUILDING}-0101`, buildingId: building.id, floor: 1, room: '0101' } });
    const devices: BenchSite['devices'][number][] = [];
    for (let at = 1; at <= doors; at++) {
      const device = `bench-d${at}`;
      const secret = randomBytes(32);
      const controller = await db.doorController.create({
        data: { deviceId: device, siteId: site.id, name: device, secretSealed: register.vault.sealBytes('controller.secret', secret) },
      });
      await db.door.create({ data: { code: `${BUILDING}D${String(at).padStart(2, '0')}`, buildingId: building.id, controllerId: controller.id, kind: 'street', name: device } });
      devices.push({ device, site: SITE, secretHex: secret.toString('hex') });
    }
    return { devices, cards: await addTenants({ register, db, unitId: unit.id }, tenants) };
  });
  await register.close();
  return { data, buildingCode: BUILDING, ...made };
}
