/** Part of a JSON schema that a smallest value is made by. */
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly minLength?: number;
  readonly minimum?: number;
  readonly pattern?: string;
}

/** Texts that some patterns of the API ask for. */
const TEXTS = ['890101001001', '890101001001001', '2026-07-01', 'abc', '123456', '00'.repeat(16)];

function text({ minLength = 1, pattern }: Schema): string {
  if (pattern !== undefined) return TEXTS.find((each) => each.length >= minLength && new RegExp(pattern, 'u').test(each)) ?? 'x'.repeat(minLength);
  return 'x'.repeat(minLength);
}

/** The smallest value a schema takes: required fields only, the first of several forms. */
export function sample(schema: Schema): unknown {
  const { anyOf, allOf, properties = {}, required = [], items } = schema;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (anyOf?.[0] !== undefined) return sample(anyOf[0]);
  if (allOf !== undefined) return Object.assign({}, ...allOf.map(sample));
  if (schema.type === 'string') return text(schema);
  if (schema.type === 'integer' || schema.type === 'number') return schema.minimum ?? 1;
  if (schema.type === 'boolean') return false;
  if (schema.type === 'null') return null;
  if (schema.type === 'array') return Array.from({ length: schema.minItems ?? 0 }, () => sample(items ?? {}));
  return Object.fromEntries(required.map((name) => [name, sample(properties[name] ?? {})]));
}
