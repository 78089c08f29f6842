import { describe, expect, test } from 'vitest';
import { readRoom } from '../../gateway/core/codes.ts';
import { type FloorPlan, planRooms, planTrouble } from '../../gateway/core/room-plan.ts';

const PLAN: FloorPlan = { from: 1, to: 2, perFloor: 3, digits: 2, skip: [] };
const rooms = (about: Partial<FloorPlan>): string[] => planRooms({ ...PLAN, ...about }).map(({ room }) => room);

describe('the homes of floors', () => {
  test.each<[Partial<FloorPlan>, string]>([
    [{}, '0101 0102 0103 0201 0202 0203'],
    [{ to: 1, perFloor: 1, digits: 3 }, '01001'],
    [{ from: -2, to: 1, perFloor: 1 }, 'B201 B101 0101'],
    [{ from: 3, to: 5, perFloor: 1, skip: [4] }, '0301 0501'],
    [{ from: 12, to: 15, perFloor: 1, skip: [4, 13, 14] }, '1201 1501'],
    [{ from: -9, to: -9, perFloor: 1 }, 'B901'],
  ])('%j are %s', (about, expected) => {
    expect(rooms(about).join(' ')).toBe(expected);
  });

  test('are read back from their numbers, floor and all', () => {
    const made = [...planRooms({ ...PLAN, from: -1, to: 12, perFloor: 12 }), ...planRooms({ ...PLAN, from: -1, digits: 3 })];
    expect(made.map(({ room }) => readRoom(room))).toEqual(made);
    expect(made).toHaveLength(13 * 12 + 3 * 3);
  });
});

describe('a plan that cannot be carried out names the field', () => {
  test.each<[Partial<FloorPlan>, string, string]>([
    [{ from: 0 }, 'from', '-9 到 99，没有 0 层 / -9 to 99, without 0'],
    [{ from: -10 }, 'from', '-9 到 99，没有 0 层 / -9 to 99, without 0'],
    [{ to: 100 }, 'to', '-9 到 99，没有 0 层 / -9 to 99, without 0'],
    [{ from: -1, to: 0 }, 'to', '-9 到 99，没有 0 层 / -9 to 99, without 0'],
    [{ from: 3, to: 2 }, 'to', '不低于 3 层 / not below floor 3'],
    [{ perFloor: 0 }, 'perFloor', '1 到 99 / 1 to 99'],
    [{ perFloor: 100 }, 'perFloor', '1 到 99 / 1 to 99'],
    [{ perFloor: 1000, digits: 3 }, 'perFloor', '1 到 999 / 1 to 999'],
    [{ from: 4, to: 4, skip: [4] }, 'skip', '至少留一层 / at least one floor that is there'],
    [{ to: 7, perFloor: 143, digits: 3 }, 'perFloor', '一次最多 1000 户 / at most 1000 homes at once'],
  ])('%j: %s', (about, field, expected) => {
    expect(planTrouble({ ...PLAN, ...about })).toEqual({ field, expected });
  });

  test.each<Partial<FloorPlan>>([
    {},
    { from: -9, to: 1 },
    { from: 99, to: 99, perFloor: 99 },
    { from: 5, to: 5, perFloor: 1 },
    { to: 1, perFloor: 999, digits: 3 },
    { to: 10, perFloor: 100, digits: 3 },
  ])('%j can be', (about) => {
    expect(planTrouble({ ...PLAN, ...about })).toBeUndefined();
  });
});
