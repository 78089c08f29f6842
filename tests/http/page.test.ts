import { describe, expect, test } from 'vitest';
import { MOST_ROWS, pageAsked, pageOf } from '../../gateway/http/page.ts';

interface Row {
  readonly at: number;
  readonly id: number;
}
// Several rows of the same moment: a cursor of the time alone would skip or repeat some.
const ROWS: readonly Row[] = Array.from({ length: 23 }, (_none, id) => ({ at: 1_000 + Math.floor(id / 4), id }));
const placeOf = ({ at, id }: Row): [number, number] => [at, id];

function read(query: { limit?: number; after?: string }): { rows: Row[]; next: string | null } {
  const { limit, after } = pageAsked(query, ['number', 'number']);
  const rest = after === undefined ? ROWS : ROWS.filter(({ at, id }) => at > after[0] || (at === after[0] && id > after[1]));
  return pageOf(rest.slice(0, limit + 1), limit, placeOf);
}

describe('pages of a list', () => {
  test.each([1, 4, 5, 22, 23, 24, MOST_ROWS])('of %i rows give every row once, in order, and then end', (limit) => {
    const seen: Row[] = [];
    let after: string | null | undefined;
    let pages = 0;
    do {
      const page: ReturnType<typeof read> = read({ limit, ...(typeof after === 'string' ? { after } : {}) });
      seen.push(...page.rows);
      after = page.next;
      pages += 1;
    } while (after !== null);
    expect(seen).toEqual(ROWS);
    expect(pages).toBe(Math.ceil(ROWS.length / limit));
  });

  test('hold fifty rows unless said otherwise, and an empty list has no next page', () => {
    expect(pageAsked({}, ['number'])).toEqual({ limit: 50, after: undefined });
    expect(pageOf([], 50, () => [1])).toEqual({ rows: [], next: null });
  });
});

describe('a cursor', () => {
  const made = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  test.each([
    ['no base64', '%%%'],
    ['no JSON', Buffer.from('{').toString('base64url')],
    ['no list', made({ 0: 1, 1: 2, length: 2 })],
    ['of another length', made([1])],
    ['of another kind', made([1, '2'])],
    ['a fraction', made([1, 2.5])],
    ['not safe', made([1, 2 ** 60])],
    ['nothing', ''],
  ])('that is %s is refused by name', (_what, after) => {
    expect(() => pageAsked({ after }, ['number', 'number'])).toThrow(expect.objectContaining({ problem: expect.objectContaining({ code: 'BAD_INPUT', field: 'after' }) }));
  });

  test('carries text columns too', () => {
    const { next } = pageOf(
      [
        { code: '0302', id: 7 },
        { code: '0303', id: 8 },
      ],
      1,
      ({ code, id }) => [code, id],
    );
    expect(pageAsked({ after: next ?? '' }, ['string', 'number']).after).toEqual(['0302', 7]);
  });
});
