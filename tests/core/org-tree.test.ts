import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { divisionPrefix, isCommunityCode, readDivisionCode } from '../../gateway/core/division-code.ts';
import { below, MOST_LEVELS, type OrgNode, placed } from '../../gateway/core/org-tree.ts';
import { holds, overlap } from '../../gateway/core/span.ts';

/** A tree grown by putting each new office under an earlier one or on top, as far as that is allowed. */
const trees = fc.array(fc.nat(30), { maxLength: 25, size: 'max' }).map((parents) => {
  const nodes: OrgNode[] = [];
  for (const [at, wish] of parents.entries()) {
    const parent = nodes[wish - 1];
    const depth = (parent?.depth ?? 0) + 1;
    if (depth <= MOST_LEVELS) nodes.push({ id: at + 1, parentId: parent?.id ?? null, depth });
  }
  return nodes;
});

/** What holds of a tree by its definition, told without the code under test. */
function sound(nodes: readonly OrgNode[]): boolean {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return nodes.every((node) => {
    let [depth, at]: [number, OrgNode | undefined] = [0, node];
    for (; at !== undefined && depth <= MOST_LEVELS; depth++) at = at.parentId === null ? undefined : byId.get(at.parentId);
    return at === undefined && depth === node.depth && depth <= MOST_LEVELS;
  });
}

describe('the tree of offices', () => {
  test('stays a tree of four levels whatever is moved where', () => {
    fc.assert(
      fc.property(trees, fc.array(fc.tuple(fc.nat(25), fc.option(fc.nat(25))), { maxLength: 20, size: 'max' }), (tree, moves) => {
        let nodes = tree;
        expect(sound(nodes)).toBe(true);
        for (const [which, where] of moves) {
          const [moving, parent] = [nodes[which], where === null ? undefined : nodes[where]];
          if (moving === undefined) continue;
          const depths = placed(nodes, moving.id, parent?.id ?? null);
          if (typeof depths === 'string') continue;
          nodes = nodes.map((node) => ({ ...node, depth: depths.get(node.id) ?? node.depth, parentId: node.id === moving.id ? (parent?.id ?? null) : node.parentId }));
          expect(sound(nodes)).toBe(true);
        }
      }),
    );
  });

  test('a move is refused exactly when it makes a circle or a fifth level', () => {
    fc.assert(
      fc.property(trees, fc.nat(25), fc.nat(25), (nodes, which, where) => {
        const [moving, parent] = [nodes[which], nodes[where]];
        if (moving === undefined || parent === undefined) return;
        const mine = below(nodes, [moving.id]);
        const height = Math.max(...nodes.filter(({ id }) => mine.has(id)).map(({ depth }) => depth)) - moving.depth + 1;
        const expected = mine.has(parent.id) ? 'cycle' : parent.depth + height > MOST_LEVELS ? 'deep' : 'fine';
        const result = placed(nodes, moving.id, parent.id);
        expect(typeof result === 'string' ? result : 'fine').toBe(expected);
      }),
    );
  });

  test('what is below an office is found, also in a tree somebody damaged', () => {
    const nodes = [
      { id: 1, parentId: 2, depth: 1 },
      { id: 2, parentId: 1, depth: 2 },
      { id: 3, parentId: null, depth: 1 },
    ];
    expect([...below(nodes, [1])]).toEqual([1, 2]);
    expect([...below(nodes, [3])]).toEqual([3]);
    expect(placed(nodes, undefined, 3)).toEqual(new Map([[0, 2]]));
  });

  test('a new office goes under one of the third level, and not under one of the fourth', () => {
    const line: OrgNode[] = [1, 2, 3, 4].map((depth) => ({ id: depth, parentId: depth === 1 ? null : depth - 1, depth }));
    expect([placed(line, undefined, 3), placed(line, undefined, 4)]).toEqual([new Map([[0, 4]]), 'deep']);
    expect(placed(line, undefined, null)).toEqual(new Map([[0, 1]]));
    expect(placed(line, 99, 1)).toEqual(new Map());
    const other: OrgNode[] = [...line, { id: 5, parentId: null, depth: 1 }, { id: 6, parentId: 5, depth: 2 }];
    expect([placed(other, 5, 3), placed(other, 6, 3), placed(other, 5, 2)]).toEqual([
      'deep',
      new Map([[6, 4]]),
      new Map([
        [5, 3],
        [6, 4],
      ]),
    ]);
  });
});

describe('spans', () => {
  test('one that ends when the other begins shares no moment with it; an empty one with none', () => {
    const span = (fromAt: number, untilAt: number | null) => ({ fromAt, untilAt });
    expect([overlap(span(0, 5), span(5, null)), overlap(span(0, 6), span(5, null)), overlap(span(5, 5), span(0, null))]).toEqual([false, true, false]);
    expect([holds(span(5, 9), 4), holds(span(5, 9), 5), holds(span(5, 9), 9), holds(span(5, null), 1e15)]).toEqual([false, true, false, true]);
  });

  test('overlap is what sharing a moment means', () => {
    const span = fc.record({ fromAt: fc.nat(12), untilAt: fc.option(fc.nat(12)) });
    fc.assert(
      fc.property(span, span, (one, other) => {
        const moments = Array.from({ length: 14 }, (_, now) => now);
        expect(overlap(one, other)).toBe(moments.some((now) => holds(one, now) && holds(other, now)));
      }),
    );
  });
});

describe('division codes', () => {
  test.each([
    ['890000000000', 'province', '', null, '89'],
    ['890100000000', 'prefecture', '', '890000000000', '8901'],
    ['890101000000', 'county', '', '890100000000', '890101'],
    ['890101001000', 'township', 'street', '890101000000', '890101001'],
    ['890101101000', 'township', 'town', '890101000000', '890101101'],
    ['890101201000', 'township', 'township', '890101000000', '890101201'],
    ['890101401000', 'township', '', '890101000000', '890101401'],
    ['890101001001', 'community', 'residents', '890101001000', '890101001001'],
    ['890101101201', 'community', 'villagers', '890101101000', '890101101201'],
    ['890101001401', 'community', 'residents', '890101001000', '890101001401'],
    ['890101001501', 'community', 'villagers', '890101001000', '890101001501'],
    ['890101099000', 'township', 'street', '890101000000', '890101099'],
    ['890101199000', 'township', 'town', '890101000000', '890101199'],
    ['890101399000', 'township', 'township', '890101000000', '890101399'],
    ['890101599000', 'township', '', '890101000000', '890101599'],
    ['890101001199', 'community', 'residents', '890101001000', '890101001199'],
    ['890101001399', 'community', 'villagers', '890101001000', '890101001399'],
    ['890101001499', 'community', 'residents', '890101001000', '890101001499'],
    ['890101001599', 'community', 'villagers', '890101001000', '890101001599'],
    ['901010010010', 'community', 'residents', '901010010000', '901010010010'],
  ])('%s is a %s', (...[code, level, kind, parent, prefix]) => {
    expect(readDivisionCode(code)).toEqual({ level, kind, parent, warnings: [] });
    expect(divisionPrefix(code)).toBe(prefix);
    expect(isCommunityCode(code)).toBe(level === 'community');
  });

  test('what is outside the usual ranges, or has no county, is warned of and taken', () => {
    const outside = { zh: expect.stringMatching(/^末几位.+。$/), en: expect.stringMatching(/^The last digits .+\.$/) };
    const gap = { zh: expect.stringMatching(/^中间有一级是 0.+。$/), en: expect.stringMatching(/^A level in the middle is 0\..+\.$/) };
    expect(readDivisionCode('890101600000')).toMatchObject({ level: 'township', kind: '', warnings: [outside] });
    expect(readDivisionCode('890101001600')).toMatchObject({ level: 'community', kind: '', warnings: [outside] });
    expect(readDivisionCode('890100003000')).toMatchObject({ level: 'township', parent: '890100000000', warnings: [gap] });
    expect(readDivisionCode('890000001601')?.warnings).toEqual([outside, gap]);
  });

  test.each(['', '89010100100', '8901010010011', '8901010000000', '89010100100X', '000000000000', '００'])('%j is none', (code) => {
    expect(readDivisionCode(code)).toBeUndefined();
    expect(isCommunityCode(code)).toBe(false);
  });
});
