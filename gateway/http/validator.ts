import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import type { FastifySchemaCompiler } from 'fastify';
import { Type, type TSchema } from 'typebox';
import { Value } from 'typebox/value';

/** Written as one, and within what JavaScript counts exactly. */
const isWhole = (text: string): boolean => /^-?\d{1,16}$/.test(text) && Number.isSafeInteger(Number(text));

const entriesOf = (value: unknown): [string, unknown][] => (typeof value === 'object' && value !== null ? Object.entries(value) : []);

/** Names of the parts of an address that are whole numbers by this schema. */
const wholeNumbers = (schema: TSchema): ReadonlySet<string> =>
  new Set(Type.IsObject(schema) ? Object.entries(schema.properties).flatMap(([name, property]) => (Type.IsInteger(property) ? name : [])) : []);

/** What this schema knows of a value that it found good. By the schema's depth, never the value's: a body may be as deep as it is long. */
function known(schema: TSchema, value: unknown): unknown {
  if (Type.IsUnion(schema)) {
    const meant = schema.anyOf.find((each) => Value.Check(each, value));
    return meant === undefined ? value : known(meant, value);
  }
  if (Type.IsArray(schema) && Array.isArray(value)) return value.map((each) => known(schema.items, each));
  if (!Type.IsObject(schema)) return value;
  const { properties } = schema;
  return Object.fromEntries(
    entriesOf(value).flatMap(([name, each]) => {
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
      return property === undefined ? [] : [[name, known(property, each)]];
    }),
  );
}

/**
 * The check of the schemas, and two things it does not do. In an address 1.5 is not 1, nor 1e308 a whole number: what is
 * not written as one is left as text, which the schema then refuses by name. Of a body only what its schema knows goes on:
 * whatever else it brought would reach whoever is handed the body whole.
 */
export const validatorCompiler: FastifySchemaCompiler<TSchema> = (route) => {
  const check = TypeBoxValidatorCompiler(route);
  const { schema, httpPart } = route;
  if (httpPart === 'body')
    return (value) => {
      const checked = Object(check(value));
      return 'error' in checked ? checked : { value: known(schema, value) };
    };
  const whole = wholeNumbers(schema);
  return (value) => {
    const given = entriesOf(value).map(([name, text]) => [name, whole.has(name) && typeof text === 'string' && !isWhole(text) ? `no whole number: ${text}` : text]);
    return check(Object.fromEntries(given));
  };
};
