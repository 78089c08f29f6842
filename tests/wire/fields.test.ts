import { describe, expect, test } from 'vitest';
import { FieldError, list, oneOf, optional, record, text, whole } from '../../gateway/wire/fields.ts';

/** The error of a reader that must refuse. */
function refusal(read: () => unknown): FieldError {
  try {
    read();
  } catch (error) {
    if (error instanceof FieldError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const shape = record({
  n: whole(1, 9),
  name: text(/^[a-z]+$/, 'small letters'),
  kind: oneOf<'a' | 2 | true>('a', 2, true),
  items: list(record({ at: whole(0, 3) }), 2),
  maybe: optional(whole(0, 1)),
});
const good = { n: 1, name: 'door', kind: 2, items: [{ at: 3 }], maybe: 0 };

describe('a record', () => {
  test('returns its fields and drops the ones it does not know', () => {
    expect(shape({ ...good, newer: 'field' }, '')).toEqual(good);
  });

  test('lets an optional field be absent', () => {
    const { maybe: _left, ...rest } = good;
    expect(shape(rest, '').maybe).toBeUndefined();
  });

  test.each([
    [{ n: 0 }, 'n', 'a whole number from 1 to 9'],
    [{ n: 10 }, 'n', 'a whole number from 1 to 9'],
    [{ n: 1.5 }, 'n', 'a whole number from 1 to 9'],
    [{ n: '1' }, 'n', 'a whole number from 1 to 9'],
    [{ n: Number.NaN }, 'n', 'a whole number from 1 to 9'],
    [{ n: undefined }, 'n', 'a whole number from 1 to 9'],
    [{ name: 'Door' }, 'name', 'small letters'],
    [{ name: 7 }, 'name', 'small letters'],
    [{ kind: '2' }, 'kind', 'one of a, 2, true'],
    [{ kind: false }, 'kind', 'one of a, 2, true'],
    [{ items: {} }, 'items', 'a list of at most 2'],
    [{ items: [{ at: 0 }, { at: 0 }, { at: 0 }] }, 'items', 'a list of at most 2'],
    [{ items: [{ at: 0 }, { at: 4 }] }, 'items[1].at', 'a whole number from 0 to 3'],
    [{ items: [7] }, 'items[0]', 'an object'],
    [{ maybe: null }, 'maybe', 'a whole number from 0 to 1'],
  ])('names the field that does not fit: %o', (over, field, expected) => {
    expect(refusal(() => shape({ ...good, ...over }, ''))).toMatchObject({ name: 'FieldError', field, expected, message: `${field}: expected ${expected}` });
  });

  test.each([[null], [undefined], [[]], ['{}'], [3]])('is not %o', (value) => {
    expect(refusal(() => shape(value, 'body')).message).toBe('body: expected an object');
  });

  test('takes nothing from a prototype', () => {
    expect(refusal(() => shape(Object.create(good), '')).field).toBe('n');
    expect(refusal(() => record({ constructor: text(/./, 'text') })({}, '')).field).toBe('constructor');
  });
});
