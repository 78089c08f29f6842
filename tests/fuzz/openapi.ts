import type { Data, Letter } from '../../gateway/core/matrix.ts';
import type { Random } from './random.ts';

/** Part of a JSON schema, as far as the API's schemas go. */
export interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
}

/** A parameter of an operation: in its path, its query or its header. */
interface Parameter {
  readonly in: 'path' | 'query' | 'header';
  readonly name: string;
  readonly required?: boolean;
  readonly schema: Schema;
}

/** One operation of the API document. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** Schema of the body for each media type it takes. */
  readonly bodies: readonly (readonly [type: string, schema: Schema])[];
  readonly needs: { readonly data: Data; readonly action: Letter; readonly strong: boolean; readonly roles: readonly string[] };
}

/** Every operation of an OpenAPI document. */
export function operationsOf(document: unknown): Operation[] {
  const paths: Record<string, Record<string, unknown>> = Object(Object(document).paths);
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]): Operation => {
      const { parameters = [], requestBody, 'x-doorbook': needs } = Object(raw);
      const content: Record<string, { schema?: Schema }> = Object(Object(requestBody).content);
      const roles = Array.isArray(needs.roles) ? needs.roles : [];
      return { method: method.toUpperCase(), path, parameters, bodies: Object.entries(content).map(([type, { schema = {} }]) => [type, schema]), needs: { ...needs, roles } };
    }),
  );
}

/** Texts nobody should ever be hurt by. */
export const HOSTILE = [
  ...['', ' ', '\u0000', 'a\u0000b', '\ud800', '\u202e\u202d', '\ufeff', '%00', '%2e%2e%2f', '../../../../etc/passwd', '..\\..\\x', "' OR 1=1 --", '"; DROP TABLE "Account"; --'],
  ...['<script>alert(1)</script>', '{{7*7}}', '=cmd|x', '@SUM(1)', '$(id)', '`id`', '__proto__', 'constructor', 'toString', 'hasOwnProperty', 'NaN', 'Infinity', '-0', '1e309'],
  ...[
    '9007199254740993',
    '0x10',
    'null',
    'true',
    '[]',
    '{}',
    '\r\nset-cookie: a=b',
    '🧑‍🤝‍🧑',
    '王'.repeat(60),
    'x'.repeat(300),
    'ﷺ'.repeat(50),
    '890101199003070118',
    '+8612000000001',
    'İıſK',
  ],
] as const;

/** Texts the patterns of the API ask for; of what is here, a pattern takes what fits. */
const FITTING = [
  ...['890101001001', '890101000000', '890101', '890101001001001', '890101001001B00042', '0503', '0302', '2026-07-01', '2026-07', 'abc', 'somebody.new', '123456', '00'.repeat(16)],
  ...['A-2026-0001', 'x'.repeat(43), 'dbk_abcdefgh', '1A2B3C4D', '12000000001', 'zh', 'yc42', 'yc42-d09', 'C'.repeat(22), 'a1b2c3d4', '127.0.0.1', 'https://example.org/', '"1"'],
] as const;

/** Noon of the fixtures. */
const NOON = Date.UTC(2026, 6, 1, 12);
const NUMBERS = [0, 1, 2, 3, 4, 5, 8, 13, 21, 38, 200, NOON - 86_400_000, NOON, NOON + 3_600_000, NOON + 86_400_000, NOON + 30 * 86_400_000] as const;
const WRONG = [null, true, false, 0, -1, 0.5, 1e308, 2 ** 53, '', 'x', [], [[]], {}, { a: 1 }, ['x'], 'x'.repeat(2000), [null], { __proto__: null }] as const;

function text({ minLength = 0, maxLength = 200, pattern }: Schema, random: Random): string {
  if (random.oneIn(6)) return random.any(HOSTILE) ?? '';
  const fits = (each: string): boolean => each.length >= minLength && each.length <= maxLength && (pattern === undefined || new RegExp(pattern, 'u').test(each));
  const fitting = FITTING.filter(fits);
  if (fitting.length > 0 && !random.oneIn(8)) return random.any(fitting) ?? '';
  // At the edges of the length, and one beyond.
  const length = random.pick([minLength, minLength + 1, maxLength, maxLength + 1, Math.max(0, minLength - 1)]);
  return random.pick(['x', '文', '0', 'Ａ']).repeat(Math.min(length, 4000));
}

function number({ minimum, maximum, type }: Schema, random: Random): number {
  const [least, most] = [minimum ?? 0, maximum ?? Number.MAX_SAFE_INTEGER];
  if (random.oneIn(6)) return random.pick([least, most, least - 1, most + 1, least + 0.5, -1]);
  const among = NUMBERS.filter((each) => each >= least && each <= most);
  return type === 'number' && random.oneIn(4) ? random.below(1000) / 7 : (random.any(among) ?? least);
}

function object({ properties = {}, required = [] }: Schema, random: Random, bend: number): unknown {
  const names = Object.keys(properties).filter((name) => required.includes(name) || random.oneIn(2));
  const made = Object.fromEntries(names.map((name) => [name, makeValue(properties[name] ?? {}, random, bend)]));
  if (bend === 0 || !random.oneIn(bend)) return made;
  const odd = random.pick(['__proto__', 'constructor', 'extra', 'id', 'accountId', 'role', 'buildingId']);
  const left = random.any(names);
  return random.oneIn(2) && left !== undefined ? { ...made, [left]: undefined } : { ...made, [odd]: random.any(WRONG) };
}

/** A value for a schema: valid, at its edges, and in one of `bend` places something it does not allow (0: nowhere). */
export function makeValue(schema: Schema, random: Random, bend: number): unknown {
  if (bend > 0 && random.oneIn(bend)) return random.oneIn(2) ? random.any(WRONG) : random.any(HOSTILE);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return random.any(schema.enum);
  if (schema.anyOf !== undefined) return makeValue(random.any(schema.anyOf) ?? {}, random, bend);
  if (schema.allOf !== undefined) return Object.assign({}, ...schema.allOf.map((each) => makeValue(each, random, bend)));
  if (schema.type === 'string') return text(schema, random);
  if (schema.type === 'integer' || schema.type === 'number') return number(schema, random);
  if (schema.type === 'boolean') return random.oneIn(2);
  if (schema.type === 'null') return null;
  if (schema.type === 'array') {
    const { minItems = 0, maxItems = 8, items = {} } = schema;
    const length = random.oneIn(10) ? Math.min(maxItems + 1, 300) : Math.min(maxItems, minItems + random.below(3));
    return Array.from({ length }, () => makeValue(items, random, bend));
  }
  return object(schema, random, bend);
}
