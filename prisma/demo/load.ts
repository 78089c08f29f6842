import { randomBytes } from 'node:crypto';
import { checkCharacter } from '../../gateway/core/citizen-id.ts';
import type { Register, WriteDb } from '../../gateway/store/register.ts';
import { readingBytes } from '../../gateway/store/vault.ts';
import { addDemoRegistrations } from './registrations.ts';
import { addDemoRights } from './rights.ts';
import { addDemoOffices } from './offices.ts';
import { addDemoWork } from './work.ts';
import { DEMO_BUILDING, DEMO_COMMUNITY, DEMO_DOORS, DEMO_LINE, DEMO_LINE_PORT, DEMO_SPARE, DEMO_TENANCIES, type DemoPerson, type DemoTenancy } from './building.ts';

const DAY_MS = 86_400_000;
const CARD_BITS = 32;
/** Where the tenant lives whose account the demo shows. */
const DEMO_TENANT_ROOM = '0501';

interface Loading {
  readonly db: WriteDb;
  readonly register: Register;
  readonly buildingId: number;
  /** Epoch ms. */
  readonly now: number;
  /** Local midnight of today, epoch ms. */
  readonly today: number;
}

/** A valid number of the unallocated province 89 for an invented person. */
function documentOf({ born, sex }: DemoPerson, serial: number): string {
  const sequence = String(100 + serial * 2 + (sex === 1 ? 1 : 0)).padStart(3, '0');
  const body = `${DEMO_COMMUNITY.slice(0, 6)}${born.replaceAll('-', '')}${sequence}`;
  return body + checkCharacter(body);
}

async function addCard(
  { db, register, buildingId, now }: Loading,
  hex: string,
  holder: { personId: number | null; kind: 'tenant' | 'staff' | 'spare'; label: string },
): Promise<void> {
  const reading = { bits: CARD_BITS, hex };
  await db.credential.create({
    data: {
      ...holder,
      tech: 'MIFARE_CLASSIC',
      fingerprint: register.vault.fingerprint(reading),
      valueSealed: register.vault.sealBytes('credential.value', readingBytes(reading)),
      tail: hex.slice(-4),
      buildingId: holder.kind === 'tenant' ? null : buildingId,
      createdAt: now,
    },
  });
}

async function addPerson(loading: Loading, person: DemoPerson, serial: number, kind: 'tenant' | 'staff' = 'tenant'): Promise<number> {
  const { db, now } = loading;
  const { vault } = loading.register;
  const document = documentOf(person, serial);
  const phone = `+86120${String(10_000_000 + serial).padStart(8, '0')}`;
  const { id } = await db.person.create({
    data: {
      nameSealed: vault.seal('person.name', person.name),
      createdAt: now,
      sex: person.sex,
      birthSealed: vault.seal('person.birth', person.born),
      documentType: '111',
      documentSealed: vault.seal('person.document', document),
      documentHash: vault.hash('document', `111:${document}`),
      documentTail: document.slice(-4),
      phoneSealed: vault.seal('person.phone', phone),
      phoneHash: vault.hash('phone', phone),
      phoneTail: phone.slice(-4),
      documentCheckedBy: 'landlord',
      documentCheckedAt: now,
    },
  });
  await addCard(loading, person.card, { personId: id, kind, label: '' });
  return id;
}

async function addTenancy(loading: Loading, tenancy: DemoTenancy, unitId: number, firstSerial: number): Promise<void> {
  const { db, today } = loading;
  const startAt = today - tenancy.startedDaysAgo * DAY_MS;
  const left = tenancy.movedOutDaysAgo === undefined ? null : today - tenancy.movedOutDaysAgo * DAY_MS + DAY_MS / 2;
  const made = await db.tenancy.create({
    data: { unitId, startAt, termEnd: today + tenancy.termInDays * DAY_MS, accessUntil: left, endedBy: left === null ? '' : 'movedOut', createdAt: startAt },
  });
  for (const [at, person] of tenancy.people.entries()) {
    const personId = await addPerson(loading, person, firstSerial + at);
    const open = person.registration === 'accepted' ? undefined : person.registration;
    await db.occupant.create({
      data: {
        tenancyId: made.id,
        personId,
        role: at === 0 ? 'tenant' : 'coOccupant',
        fromAt: startAt,
        registrationState: open === undefined ? 'accepted' : 'none',
        registrationDue: open === undefined ? null : today + open.dueInDays * DAY_MS,
      },
    });
  }
}

async function addUnits({ db, buildingId }: Loading): Promise<Map<string, number>> {
  const units = new Map<string, number>();
  for (const floor of DEMO_BUILDING.floors) {
    for (let number = 1; number <= DEMO_BUILDING.roomsOnFloor; number++) {
      const room = `0${floor}0${number}`;
      units.set(room, (await db.rentalUnit.create({ data: { code: `${DEMO_BUILDING.code}-${room}`, buildingId, floor, room } })).id);
    }
  }
  return units;
}

async function addDoors({ db, register, buildingId }: Loading, siteId: number, units: ReadonlyMap<string, number>): Promise<void> {
  for (const { code, device, kind, room, name, nameEn } of DEMO_DOORS) {
    const secretSealed = register.vault.sealBytes('controller.secret', randomBytes(32));
    const controller = await db.doorController.create({ data: { deviceId: device, siteId, name, secretSealed } });
    await db.door.create({ data: { code, buildingId, unitId: room === undefined ? null : (units.get(room) ?? null), controllerId: controller.id, kind, name, nameEn } });
  }
}

/** Maker, model and serial number as a device of the line says them (firmware-sim/osdp/peripheral-model.ts). */
function identityOf(serial: number): string {
  const number = Buffer.alloc(4);
  number.writeUInt32LE(serial);
  return `0db00c01${number.toString('hex')}`;
}

/** The serial line: its devices have been given keys, each its own; the one at address 0 lies in its box. */
async function addLine({ db, register, buildingId, now }: Loading, siteId: number): Promise<void> {
  const { device, name, baud, devices, door, fire } = DEMO_LINE;
  const secretSealed = register.vault.sealBytes('controller.secret', randomBytes(32));
  const controller = await db.doorController.create({ data: { deviceId: device, siteId, name, secretSealed, model: 'osdp' } });
  const line = await db.serialLine.create({ data: { controllerId: controller.id, port: DEMO_LINE_PORT, baud, adapterMs: 0 } });
  const ids = new Map<number, number>();
  for (const { address, name: called, serial } of devices) {
    if (called === '') continue;
    const keySealed = register.vault.sealBytes('line.key', randomBytes(16));
    const row = await db.lineDevice.create({ data: { lineId: line.id, address, name: called, keySealed, identity: identityOf(serial), enrolledAt: now } });
    ids.set(address, row.id);
  }
  const at = (address: number): number => ids.get(address) ?? 0;
  const { code, kind, name: doorName, nameEn, wired } = door;
  const { id: doorId } = await db.door.create({ data: { code, buildingId, controllerId: controller.id, kind, name: doorName, nameEn } });
  const { reader, relay, output, contact, exit } = wired;
  await db.doorWiring.create({
    data: {
      doorId,
      readerId: at(reader),
      relayId: at(relay),
      relayOutput: output,
      contactId: at(contact.address),
      contactInput: contact.input,
      exitId: at(exit.address),
      exitInput: exit.input,
    },
  });
  await db.serialLine.update({ where: { id: line.id }, data: { fireDeviceId: at(fire.address), fireInput: fire.input } });
}

/** Fills an empty register with the demo building. `now`, `today`: epoch ms of this moment and of its local midnight. */
export async function loadDemo(register: Register, now: number, today: number): Promise<void> {
  await register.write(async (db) => {
    const site = await db.site.create({ data: { code: DEMO_BUILDING.site, name: DEMO_BUILDING.name } });
    const { code, name, nameEn, address } = DEMO_BUILDING;
    const building = await db.building.create({ data: { code, siteId: site.id, name, nameEn, address } });
    const loading: Loading = { db, register, buildingId: building.id, now, today };
    const units = await addUnits(loading);
    await addDoors(loading, site.id, units);
    await addLine(loading, site.id);
    let serial = 1;
    for (const tenancy of DEMO_TENANCIES) {
      const unitId = units.get(tenancy.room);
      if (unitId === undefined) throw new Error(`demo: no home ${tenancy.room}`);
      await addTenancy(loading, tenancy, unitId, serial);
      serial += tenancy.people.length;
    }
    await addDemoWork(db, {
      ...loading,
      siteId: site.id,
      personOf({ person }) {
        serial += 1;
        return addPerson(loading, person, serial, 'staff');
      },
    });
    await addCard(loading, DEMO_SPARE, { personId: null, kind: 'spare', label: '备用' });
    const tenant = await db.occupant.findFirst({ where: { role: 'tenant', tenancy: { unitId: units.get(DEMO_TENANT_ROOM) ?? 0 } } });
    await addDemoOffices(db, register, { buildingId: building.id, tenantId: tenant?.personId, now });
    await addDemoRights(db, register, now);
    await addDemoRegistrations(db, now);
  });
}
