import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import { validatorCompiler } from '../../gateway/http/validator.ts';

const Address = Type.Object({ id: Type.Integer({ minimum: 1 }), limit: Type.Optional(Type.Integer()), share: Type.Optional(Type.Number()), q: Type.Optional(Type.String()) });
const Body = Type.Object({ name: Type.String(), inner: Type.Optional(Type.Object({ kept: Type.Boolean() })), list: Type.Optional(Type.Array(Type.Object({ a: Type.Integer() }))) });
const check = (schema: typeof Address | typeof Body, httpPart: string) => validatorCompiler({ schema, method: 'POST', url: '/x', httpPart });

describe('a number in an address', () => {
  test.each(['1.5', '1e3', '1e308', '0x1f', ' 7', '7 ', '', '+7', '9007199254740993', 'NaN', 'true'])('%s is no whole one', (id) => {
    expect(check(Address, 'params')({ id })).toMatchObject({ error: [expect.objectContaining({ instancePath: '/id' })] });
    expect(check(Address, 'querystring')({ id: '7', limit: id })).toMatchObject({ error: [expect.objectContaining({ instancePath: '/limit' })] });
  });

  test('is read as it is written, and others are what their schema says', () => {
    expect(check(Address, 'querystring')({ id: '7', limit: '-20', share: '1.5', q: '1.5' })).toEqual({ value: { id: 7, limit: -20, share: 1.5, q: '1.5' } });
    expect(check(Address, 'params')({ id: '0' })).toHaveProperty('error');
  });
});

describe('a body', () => {
  test('goes on without what its schema does not know, at any depth', () => {
    const given = JSON.parse('{"name":"x","role":"SA","__proto__":{"id":1},"constructor":1,"inner":{"kept":true,"more":2},"list":[{"a":1,"b":2}]}');
    const { value } = Object(check(Body, 'body')(given));
    expect(JSON.stringify(value)).toBe('{"name":"x","inner":{"kept":true},"list":[{"a":1}]}');
    expect(Object.getOwnPropertyNames(value)).toEqual(['name', 'inner', 'list']);
  });

  test('may be as deep as it is long, known or not', () => {
    const deep = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`);
    expect(check(Body, 'body')(deep)).toHaveProperty('error');
    expect(check(Body, 'body')({ name: 'x', more: deep })).toEqual({ value: { name: 'x' } });
  });

  test('of one of several shapes goes on by the one it is', () => {
    const either = Type.Object({ what: Type.Union([Type.Object({ a: Type.Integer() }), Type.Object({ b: Type.String() }), Type.Null()]) });
    const of = (what: unknown) => validatorCompiler({ schema: either, method: 'POST', url: '/x', httpPart: 'body' })({ what });
    expect(of({ b: 'x', c: 1 })).toEqual({ value: { what: { b: 'x' } } });
    expect(of(null)).toEqual({ value: { what: null } });
    expect(of({ c: 1 })).toHaveProperty('error');
  });

  test('is converted in nothing: a number in words is none', () => {
    expect(check(Body, 'body')({ name: 'x', list: [{ a: '1' }] })).toMatchObject({ error: [expect.objectContaining({ instancePath: '/list/0/a' })] });
    expect(check(Body, 'body')(undefined)).toHaveProperty('error');
  });
});
