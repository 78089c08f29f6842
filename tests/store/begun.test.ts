import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ControllerId } from '../../gateway/core/ids.ts';
import { noteBegun } from '../../gateway/store/begun.ts';
import { type IndexSource, openIndexSource } from '../../gateway/store/index-source.ts';
import { addBuilding, addCard, addTenant, DAY, NOON, type TestBuilding, type TestRegister, temporaryRegister } from '../helpers/register.ts';

const HOUR = 3_600_000;
let made: TestRegister;
let building: TestBuilding;
let source: IndexSource;
let before: number;

const unit = (room: string): number => building.units[room] ?? 0;
const noted = (): string[] => {
  const { changes } = source.changesSince(before, 5000);
  return changes.map(({ entity, id }) => `${entity} ${id}`);
};
const begin = (from: number, upTo: number): Promise<number> => noteBegun(made.register, { from, upTo });

beforeEach(async () => {
  made = await temporaryRegister();
  building = await addBuilding(made);
  source = openIndexSource(made.file);
});
afterEach(async () => {
  source.close();
  await made.close();
});

describe('what time alone began', () => {
  test('is noted once, when it has begun, and the door’s list then has it', async () => {
    const { personId, tenancyId } = await addTenant(made, { unitId: unit('0302'), startAt: NOON + HOUR });
    await addCard(made, { personId, hex: '1A2B3C4D' });
    before = source.lastN();
    const controller = ControllerId(Object.values(building.controllers)[0] ?? 0);
    expect(await begin(NOON, NOON + HOUR - 1)).toBe(0);
    expect(noted()).toEqual([]);
    expect(source.listRows(controller, NOON + HOUR - 1)).toEqual([]);
    expect(await begin(NOON + HOUR - 1, NOON + HOUR)).toBeGreaterThan(0);
    expect(noted()).toEqual([`tenancy ${tenancyId}`]);
    expect(source.listRows(controller, NOON + HOUR)).toHaveLength(1);
    expect(await begin(NOON + HOUR, NOON + 2 * HOUR)).toBe(0);
  });

  test('is also an occupant who joins later, and a card booked ahead', async () => {
    const { personId, tenancyId } = await addTenant(made, { unitId: unit('0302') });
    const card = await addCard(made, { personId, hex: '1A2B3C4D' });
    await made.register.write(async (db) => {
      await db.occupant.updateMany({ where: { tenancyId }, data: { fromAt: BigInt(NOON + 5) } });
      await db.credential.update({ where: { id: card }, data: { validFrom: BigInt(NOON + 6) } });
    });
    before = source.lastN();
    await begin(NOON, NOON + DAY);
    expect(noted().sort()).toEqual([`credential ${card}`, `tenancy ${tenancyId}`]);
  });

  test('is also the right of somebody who will work here', async () => {
    const { personId } = await addTenant(made, { unitId: unit('0302'), accessUntil: NOON - 1 });
    await addCard(made, { personId, hex: '1A2B3C4D' });
    const { id } = await made.register.write((db) => db.accessGrant.create({ data: { personId, buildingId: building.buildingId, fromAt: NOON + 5, createdAt: NOON } }));
    before = source.lastN();
    await begin(NOON, NOON + DAY);
    expect(noted()).toEqual([`grant ${id}`]);
  });

  test('a clock that was set back, and more than can be named, is everything', async () => {
    before = source.lastN();
    expect(await begin(NOON, NOON - 1)).toBe(1);
    expect(noted()).toEqual(['tenancy 0']);
    expect(await begin(NOON, NOON)).toBe(0);
    await addTenant(made, { unitId: unit('0302'), startAt: NOON + 1 });
    const { personId } = await addTenant(made, { unitId: unit('0402'), startAt: NOON + 1 });
    await made.register.write((db) =>
      db.credential.createMany({
        data: Array.from({ length: 1000 }, (_, n) => ({
          personId,
          fingerprint: Buffer.from(`print ${n}`.padEnd(12)),
          valueSealed: Buffer.of(1),
          tail: '0000',
          validFrom: BigInt(NOON + 1),
          createdAt: BigInt(NOON),
        })),
      }),
    );
    before = source.lastN();
    expect(await begin(NOON, NOON + HOUR)).toBe(1);
    expect(noted()).toEqual(['tenancy 0']);
  });
});
