import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openIndexSource } from '../../gateway/store/index-source.ts';
import type { WriteDb } from '../../gateway/store/register.ts';
import { addBuilding, addCard, addTenant, NOON, type TestBuilding, type TestRegister, temporaryRegister } from '../helpers/register.ts';

let made: TestRegister;
let building: TestBuilding;
let personId: number;
let tenancyId: number;
let cardId: number;
const unitId = (): number => building.units['0201'] ?? 0;
const doorId = (): number => building.doors['D01'] ?? 0;
const controllerId = (): number => building.controllers['yc42-d01'] ?? 0;

beforeEach(async () => {
  made = await temporaryRegister();
  building = await addBuilding(made);
  ({ personId, tenancyId } = await addTenant(made, { unitId: unitId() }));
  cardId = await addCard(made, { personId, hex: '1A2B3C4D' });
});
afterEach(() => made.close());

/** What a write put into Change, as `entity row`. */
async function changesOf(write: (db: WriteDb) => Promise<unknown>): Promise<string[]> {
  const before = (await made.register.read.change.findFirst({ orderBy: { n: 'desc' } }))?.n ?? 0;
  await made.register.write(write);
  const rows = await made.register.read.change.findMany({ where: { n: { gt: before } }, orderBy: { n: 'asc' } });
  return rows.map((row) => `${row.entity} ${row.rowId}`);
}

type Case = readonly [what: string, write: (db: WriteDb) => Promise<unknown>, expected: () => string[]];

const person = (data: object) => (db: WriteDb) => db.person.update({ where: { id: personId }, data });
const credential = (data: object) => (db: WriteDb) => db.credential.update({ where: { id: cardId }, data });
const tenancy = (data: object) => (db: WriteDb) => db.tenancy.update({ where: { id: tenancyId }, data });
const occupant = (data: object) => (db: WriteDb) => db.occupant.updateMany({ where: { personId }, data });
const door = (data: object) => (db: WriteDb) => db.door.update({ where: { id: doorId() }, data });
const inBuilding = (data: object) => (db: WriteDb) => db.building.update({ where: { id: building.buildingId }, data });
const controller = (data: object) => (db: WriteDb) => db.doorController.update({ where: { id: controllerId() }, data });
const bytes = new Uint8Array([1, 2, 3]);

const CHANGES: readonly Case[] = [
  ['a card revoked', credential({ status: 'revoked' }), () => [`credential ${cardId}`]],
  ['a card given a last day', credential({ validUntil: NOON }), () => [`credential ${cardId}`]],
  ['a card given a first day', credential({ validFrom: NOON }), () => [`credential ${cardId}`]],
  ['a card handed to nobody', credential({ personId: null }), () => [`credential ${cardId}`]],
  ['a card given a PIN', credential({ pinVerifier: bytes }), () => [`credential ${cardId}`]],
  ['a card read anew', credential({ fingerprint: bytes, valueSealed: bytes }), () => [`credential ${cardId}`]],
  ['a card deleted', (db) => db.credential.delete({ where: { id: cardId } }), () => [`credential ${cardId}`]],
  ['a document found unchecked', person({ documentCheckedBy: '' }), () => [`person ${personId}`]],
  ['somebody who needs longer', person({ slow: true }), () => [`person ${personId}`]],
  ['a tenancy ended', tenancy({ accessUntil: NOON, endedBy: 'movedOut' }), () => [`tenancy ${tenancyId}`]],
  ['a contract extended', tenancy({ termEnd: NOON }), () => [`tenancy ${tenancyId}`]],
  ['a tenancy begun earlier', tenancy({ startAt: 1 }), () => [`tenancy ${tenancyId}`]],
  ['a tenancy moved to another home', tenancy({ unitId: 2 }), () => [`tenancy ${tenancyId}`]],
  ['one occupant moved out', occupant({ untilAt: NOON }), () => [`tenancy ${tenancyId}`, `person ${personId}`]],
  ['a registration accepted', occupant({ registrationState: 'pending' }), () => [`tenancy ${tenancyId}`, `person ${personId}`]],
  ['a registration put off', occupant({ registrationDue: NOON }), () => [`tenancy ${tenancyId}`, `person ${personId}`]],
  ['an occupant struck out', (db) => db.occupant.deleteMany({ where: { personId } }), () => [`tenancy ${tenancyId}`, `person ${personId}`]],
  ['a door in lockdown', door({ lockdownUntil: NOON }), () => [`door ${doorId()}`]],
  ['a door that stands open by a schedule', door({ openSchedule: 1 }), () => [`door ${doorId()}`]],
  ['a door that does so after the first card', door({ firstCard: true }), () => [`door ${doorId()}`]],
  ['a door that asks for PINs', door({ pinSchedule: 1 }), () => [`door ${doorId()}`]],
  ['a door of an interlock', door({ interlock: 1 }), () => [`door ${doorId()}`]],
  ['a door that notes who goes in twice', door({ passbackMinutes: 5 }), () => [`door ${doorId()}`]],
  ['a door that refuses them', door({ passbackHard: true }), () => [`door ${doorId()}`]],
  ['a door that may stand open longer', door({ heldMs: 90_000 }), () => [`door ${doorId()}`]],
  ['a new schedule', (db) => db.accessSchedule.create({ data: { siteId: 1, number: 1, name: 'day', week: '[]' } }), () => ['schedule 1']],
  ['a right of somebody who works here', (db) => db.accessGrant.create({ data: { personId, buildingId: building.buildingId, fromAt: NOON, createdAt: NOON } }), () => ['grant 1']],
  ['a door that opens longer', door({ openMs: 7000 }), () => [`door ${doorId()}`]],
  ['a door moved to another controller', door({ controllerId: null }), () => [`door ${doorId()}`]],
  ['a building with hold-over days', inBuilding({ holdoverDays: 0 }), () => [`building ${building.buildingId}`]],
  ['a controller retired', controller({ retiredAt: NOON }), () => [`controller ${controllerId()}`]],
  ['a controller with a new secret', controller({ secretSealed: bytes }), () => [`controller ${controllerId()}`]],
  ['a site with a new code', (db) => db.site.updateMany({ data: { code: 'yc43' } }), () => Object.values(building.controllers).map((id) => `controller ${id}`)],
];

const SILENT: readonly Case[] = [
  ['a label on a card', credential({ label: 'blue' }), () => []],
  ['a card set to what it was', credential({ status: 'active' }), () => []],
  ['a new phone number', person({ phoneTail: '0002', phoneSealed: bytes }), () => []],
  ['who checked the document', person({ documentCheckedBy: 'landlord' }), () => []],
  ['a note how a tenancy ended', tenancy({ endedBy: 'decision' }), () => []],
  ['a door by another name', door({ name: '前门' }), () => []],
  ['a building by another name', inBuilding({ name: '42' }), () => []],
  ['a controller by another name', controller({ name: 'x' }), () => []],
  ['a new account', (db) => db.account.create({ data: { login: 'a', passwordHash: '', role: 'SA', createdAt: NOON } }), () => []],
];

describe('the change table', () => {
  test.each(CHANGES)('%s is written down', async (_what, write, expected) => {
    expect(await changesOf(write)).toEqual(expected());
  });

  test.each(SILENT)('%s is not', async (_what, write, expected) => {
    expect(await changesOf(write)).toEqual(expected());
  });

  test('a home that goes to another building takes its tenancies along', async () => {
    const other = await addBuilding(made, '890101001001B00043', 'yc43');
    const moved = await changesOf((db) => db.rentalUnit.update({ where: { id: unitId() }, data: { buildingId: other.buildingId, room: '0901' } }));
    expect(moved).toEqual([`unit ${unitId()}`, `tenancy ${tenancyId}`]);
  });

  test('an occupant put under another tenancy changes both', async () => {
    const other = await addTenant(made, { unitId: building.units['0202'] ?? 0 });
    const moved = await changesOf((db) => db.occupant.updateMany({ where: { personId }, data: { tenancyId: other.tenancyId } }));
    expect(moved.sort()).toEqual([`person ${personId}`, `tenancy ${tenancyId}`, `tenancy ${other.tenancyId}`].sort());
  });

  test('a change that is rolled back leaves no number, and raw SQL writes changes like any other', async () => {
    const source = openIndexSource(made.file);
    const before = source.lastN();
    const failing = made.register.write((db) =>
      db.$transaction([db.$executeRawUnsafe(`UPDATE "Credential" SET "status" = 'revoked'`), db.$executeRawUnsafe('INSERT INTO "Site" ("id") VALUES (1)')]),
    );
    await expect(failing).rejects.toThrow();
    expect(source.lastN()).toBe(before);
    expect(await changesOf((db) => db.$executeRawUnsafe(`UPDATE "Credential" SET "status" = 'revoked'`))).toEqual([`credential ${cardId}`]);
    expect(source.lastN()).toBe(before + 1);
    source.close();
  });

  test('a number is never used twice, also after all rows were cleared', async () => {
    const source = openIndexSource(made.file);
    const before = source.lastN();
    await made.register.write((db) => db.change.deleteMany());
    expect(source.lastN()).toBe(before);
    await made.register.write(credential({ status: 'revoked' }));
    expect(source.lastN()).toBe(before + 1);
    source.close();
  });
});
