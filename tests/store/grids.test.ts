import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { holds } from '../../gateway/core/span.ts';
import { closeGrid, recutGrid } from '../../gateway/register/cut-grid.ts';
import { OfficeRefused } from '../../gateway/register/office-refused.ts';
import { type Grids, gridsOf } from '../../gateway/store/grids.ts';
import { addDivisions, addGrid, COMMUNITY, silent, VILLAGE } from '../helpers/offices.ts';
import { NOON, temporaryRegister, type TestRegister } from '../helpers/register.ts';

let made: TestRegister;
let grids: Grids;
let buildings: number[];
beforeEach(async () => {
  made = await temporaryRegister();
  grids = gridsOf(made.register);
  await addDivisions(made);
  buildings = await made.register.write(async (db) => {
    const { id: siteId } = await db.site.create({ data: { code: 's', name: 's' } });
    const ids: number[] = [];
    for (let n = 0; n < 5; n++) ids.push((await db.building.create({ data: { code: `${COMMUNITY}B0000${n}`, siteId, name: `楼 ${n}` } })).id);
    return ids;
  });
});
afterEach(() => made.close());

const code = (n: number): string => `${COMMUNITY}${String(n).padStart(3, '0')}`;
const refused = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => '',
    (error: unknown) => {
      if (error instanceof OfficeRefused) return error.code;
      throw error;
    },
  );
async function recut(id: number, buildingIds: readonly number[], fromAt: number, now: number): Promise<void> {
  const { version } = (await grids.find(id)) ?? { version: 0 };
  return recutGrid(made.register, { id, version, buildingIds, fromAt, now }, silent);
}

describe('grids', () => {
  test('a building that goes from one grid to another is in each at its own time', async () => {
    const [a = 0, b = 0] = buildings;
    const [left, right] = [await addGrid(made, code(1), [a, b], NOON), await addGrid(made, code(2), [], NOON)];
    expect(await refused(recut(right, [b], NOON + 10, NOON))).toBe('GRID_OVERLAP');
    await recut(left, [a], NOON + 10, NOON);
    await recut(right, [b], NOON + 10, NOON);
    expect([...(await grids.ofBuildings(NOON + 9))]).toEqual([
      [a, left],
      [b, left],
    ]);
    expect([...(await grids.ofBuildings(NOON + 10))]).toEqual([
      [a, left],
      [b, right],
    ]);
    expect((await grids.find(left))?.versions.map(({ n, buildingIds }) => [n, buildingIds])).toEqual([
      [2, [a]],
      [1, [a, b]],
    ]);
  });

  test('is cut from now on or later, never in the past', async () => {
    const [a = 0] = buildings;
    const id = await addGrid(made, code(1), [], NOON);
    expect(await refused(recut(id, [a], NOON + 50, NOON + 100))).toBe('GRID_PAST');
    await recut(id, [a], NOON + 200, NOON + 100);
    expect(await refused(recut(id, [], NOON + 150, NOON + 100))).toBe('GRID_PAST');
    expect([...(await grids.ofBuildings(NOON + 199))]).toEqual([]);
  });

  test('the same building twice in a list is in the grid once', async () => {
    const [a = 0] = buildings;
    const id = await addGrid(made, code(1), [a, a], NOON);
    expect((await grids.find(id))?.versions[0]?.buildingIds).toEqual([a]);
  });

  test('a code is taken once and names an existing community; a closed grid is cut no more and frees its buildings', async () => {
    const [a = 0] = buildings;
    const id = await addGrid(made, code(1), [a], NOON);
    expect(await refused(addGrid(made, code(1), [], NOON))).toBe('TAKEN');
    expect(await refused(addGrid(made, `${VILLAGE}001`, [a], NOON))).toBe('GRID_SPANS');
    await closeGrid(made.register, { id, version: 1 }, NOON + 5, silent);
    expect(await refused(recut(id, [a], NOON + 9, NOON + 6))).toBe('IS_CLOSED');
    expect((await grids.ofBuildings(NOON + 5)).size).toBe(0);
    expect(await refused(addGrid(made, code(2), [a], NOON + 5))).toBe('');
  });

  test('whatever is cut in whatever order: at no moment is a building in two grids, and what was is never changed', async () => {
    const step = fc.record({ grid: fc.nat(2), take: fc.subarray([0, 1, 2, 3, 4]), wait: fc.integer({ min: 1, max: 20 }), ahead: fc.nat(15) });
    let [now, serial] = [NOON, 10];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const mine: number[] = [];
        const begun = now;
        for (let n = 0; n < 3; n++) mine.push(await addGrid(made, code(serial++), [], now));
        for (const { grid, take, wait, ahead } of steps) {
          now += wait;
          const before = (await grids.list()).map((each) => each.versions);
          const wished = take.map((at) => buildings[at] ?? 0);
          await refused(recut(mine[grid] ?? 0, wished, now + ahead, now));
          const after = (await grids.list()).map((each) => each.versions);
          const past = (versions: typeof before, at: number) => versions.map((each) => each.filter((version) => holds(version, at)).map(({ buildingIds }) => buildingIds));
          expect(past(after, now - 1)).toEqual(past(before, now - 1));
          for (let at = begun; at <= now + 20; at++) {
            const all = after.flat().flatMap((version) => (holds(version, at) ? version.buildingIds : []));
            expect(new Set(all).size).toBe(all.length);
          }
        }
        now += 50;
        for (const id of mine) await closeGrid(made.register, { id, version: (await grids.find(id))?.version ?? 0 }, now, silent);
      }),
      { numRuns: 12 },
    );
  });
});
