import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Keys, loadKeys } from '../../gateway/store/keys.ts';
import { migrateRegister } from '../../gateway/store/migrate.ts';
import { openRegister, type Register } from '../../gateway/store/register.ts';

/** Noon of 1 July 2026 in UTC: "now" of the fixtures. */
export const NOON = Date.UTC(2026, 6, 1, 12);
export const DAY = 86_400_000;
export const BUILDING_CODE = '890101001001B00042';
const U64 = 2n ** 64n;

export interface TestRegister {
  readonly dir: string;
  readonly file: string;
  readonly keys: Keys;
  readonly register: Register;
  /** Closes the register and removes the folder. */
  close(): Promise<void>;
}

/** An empty register of its own in a temporary folder, with fresh keys. */
export async function temporaryRegister(): Promise<TestRegister> {
  const dir = mkdtempSync(path.join(tmpdir(), 'doorbook-register-'));
  const file = path.join(dir, 'register.sqlite');
  const keys = loadKeys(path.join(dir, 'keys'));
  migrateRegister(file);
  const register = await openRegister({ file, keys });
  async function close(): Promise<void> {
    await register.close();
    rmSync(dir, { recursive: true, force: true });
  }
  return { dir, file, keys, register, close };
}

export interface TestBuilding {
  readonly siteId: number;
  readonly buildingId: number;
  /** Row numbers by room: '0201' … '0503'. */
  readonly units: Readonly<Record<string, number>>;
  /** Row numbers by the end of the code: D01 street, D02 roof, D03 home 0302, D04 home 0503. */
  readonly doors: Readonly<Record<string, number>>;
  /** Row numbers by device id: yc42-d01 … yc42-d04. */
  readonly controllers: Readonly<Record<string, number>>;
}

const DOORS = [
  { tail: 'D01', kind: 'street', name: '大门', nameEn: 'Street door', room: undefined },
  { tail: 'D02', kind: 'roof', name: '天台', nameEn: 'Roof', room: undefined },
  { tail: 'D03', kind: 'unit', name: '0302', nameEn: '0302', room: '0302' },
  { tail: 'D04', kind: 'unit', name: '0503', nameEn: '0503', room: '0503' },
] as const;

/** The building of the demo: 4 floors of 3 rooms, four doors, one controller each; nobody lives there yet. */
export async function addBuilding({ register }: TestRegister, code = BUILDING_CODE, site = 'yc42'): Promise<TestBuilding> {
  return register.write(async (db) => {
    const { id: siteId } = await db.site.create({ data: { code: site, name: '迎春路 42 号' } });
    const { id: buildingId } = await db.building.create({ data: { code, siteId, name: '迎春路 42 号', nameEn: '42 Yingchun Road', address: '测试省测试市样板区迎春路 42 号' } });
    const units: Record<string, number> = {};
    for (const floor of [2, 3, 4, 5]) {
      for (const number of [1, 2, 3]) {
        const room = `0${floor}0${number}`;
        units[room] = (await db.rentalUnit.create({ data: { code: `${code}-${room}`, buildingId, floor, room } })).id;
      }
    }
    const [doors, controllers]: Record<string, number>[] = [{}, {}];
    for (const { tail, room, ...door } of DOORS) {
      const deviceId = `${site}-${tail.toLowerCase()}`;
      const secretSealed = register.vault.sealBytes('controller.secret', new Uint8Array(32).fill(Number(tail.slice(1))));
      const controllerId = (await db.doorController.create({ data: { deviceId, siteId, name: door.name, secretSealed } })).id;
      if (controllers) controllers[deviceId] = controllerId;
      const made = await db.door.create({ data: { code: `${code}${tail}`, buildingId, controllerId, unitId: room === undefined ? null : (units[room] ?? null), ...door } });
      if (doors) doors[tail] = made.id;
    }
    return { siteId, buildingId, units, doors: doors ?? {}, controllers: controllers ?? {} };
  });
}

export interface Stay {
  readonly unitId: number;
  readonly name?: string;
  /** '' for somebody whose document nobody saw. */
  readonly checkedBy?: string;
  readonly startAt?: number;
  readonly termEnd?: number;
  readonly accessUntil?: number;
  readonly registrationState?: string;
  readonly registrationDue?: number;
}

/** A person with a tenancy in a unit. Registered, moved in a month before NOON, for a year, unless said otherwise. */
export async function addTenant({ register }: TestRegister, stay: Stay): Promise<{ personId: number; tenancyId: number }> {
  const { vault } = register;
  const startAt = stay.startAt ?? NOON - 30 * DAY;
  return register.write(async (db) => {
    const person = await db.person.create({
      data: {
        nameSealed: vault.seal('person.name', stay.name ?? '李小明'),
        createdAt: NOON,
        documentType: '111',
        documentSealed: vault.seal('person.document', '890101199003070118'),
        documentHash: vault.hash('document', '111:890101199003070118'),
        documentTail: '0118',
        phoneSealed: vault.seal('person.phone', '+8612000000001'),
        phoneHash: vault.hash('phone', '+8612000000001'),
        phoneTail: '0001',
        documentCheckedBy: stay.checkedBy ?? 'landlord',
        documentCheckedAt: NOON,
      },
    });
    const tenancy = await db.tenancy.create({
      data: { unitId: stay.unitId, startAt, termEnd: stay.termEnd ?? startAt + 365 * DAY, accessUntil: stay.accessUntil ?? null, createdAt: NOON },
    });
    await db.occupant.create({
      data: { tenancyId: tenancy.id, personId: person.id, fromAt: startAt, registrationState: stay.registrationState ?? 'accepted', registrationDue: stay.registrationDue ?? null },
    });
    return { personId: person.id, tenancyId: tenancy.id };
  });
}

export interface Card {
  /** Null: a stock card. */
  readonly personId: number | null;
  readonly hex: string;
  readonly bits?: number;
  readonly status?: string;
}

/** A card in the register; of 32 bits unless said otherwise. Returns its row number. */
export async function addCard({ register }: TestRegister, card: Card): Promise<number> {
  const reading = { bits: card.bits ?? 32, hex: card.hex };
  const value = Buffer.alloc(9);
  value.writeUInt8(reading.bits);
  value.writeBigUInt64BE(BigInt(`0x${reading.hex}`) % U64, 1);
  const bytes = Buffer.concat([value.subarray(0, 1), value.subarray(9 - Math.ceil(reading.bits / 8))]);
  const data = {
    fingerprint: register.vault.fingerprint(reading),
    valueSealed: register.vault.sealBytes('credential.value', bytes),
    tail: card.hex.slice(-4).toUpperCase(),
    personId: card.personId,
    status: card.status ?? 'active',
    createdAt: NOON,
  };
  return (await register.write((db) => db.credential.create({ data }))).id;
}
