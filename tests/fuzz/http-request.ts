import { gb18030 } from '../e2e/gb18030.ts';
import { mutate } from './mutate.ts';
import { HOSTILE, type Operation, type Schema, makeValue } from './openapi.ts';
import type { Random } from './random.ts';

/** A request as it is sent. Headers that are there twice have a list. */
export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string | string[]>;
  readonly payload: Buffer | string | undefined;
  /** What was left out or changed that no such request may be carried out without. */
  readonly lacks: 'csrf' | 'origin' | undefined;
  /** It asks for the operation it was made from; undefined after its method or path was bent. */
  readonly asks: Operation | undefined;
}

const ROSTER = '姓名,证件类型,证件号码,手机号,房号,起租日期,退租日期,卡号,关系\n王鹂捌,居民身份证,890101197803070335,12000009999,0301,2026-03-01,2027-02-28,1A2B3C4D,本人\n';
let national: Buffer | undefined;

/** A file for the import: valid, in another encoding, or damaged. */
function file(random: Random): Buffer {
  national ??= gb18030(ROSTER);
  const bytes = random.oneIn(3) ? national : Buffer.from(ROSTER);
  return random.oneIn(3) ? bytes : mutate(bytes, random, { words: [Buffer.from('"'), Buffer.from(','), Buffer.from('\n')], other: () => bytes, longest: 60_000 });
}

const shown = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** The characters an address cannot hold as they are. A lone surrogate has no form at all. */
function encoded(text: string, random: Random): string {
  const safe = encodeURIComponent(text.toWellFormed());
  return random.oneIn(20) ? `${safe}${random.pick(['%', '%zz', '%c3%28', '%00', '%ff', '%2f..%2f', ';x', '%u0041'])}` : safe;
}

/** The address, and whether its path is still the operation's. */
function address({ path, parameters }: Operation, random: Random, bend: number): { readonly url: string; readonly bent: boolean } {
  const of = (place: 'path' | 'query') => parameters.filter((each) => each.in === place);
  const value = (schema: Schema): string => encoded(shown(makeValue(schema, random, bend)), random);
  let url = path;
  for (const { name, schema } of of('path')) url = url.replace(`{${name}}`, () => value(schema) || '1');
  const asked = of('query').filter(({ required }) => required === true || random.oneIn(2));
  const parts = asked.filter(() => bend === 0 || !random.oneIn(bend * 2)).map(({ name, schema }) => `${name}=${value(schema)}`);
  if (bend > 0 && random.oneIn(bend))
    parts.push(random.pick(['limit=1&limit=2', 'x[]=1', '__proto__=1', '&&&', '%=%', parts[0] ?? '=', `after=${encoded(random.any(HOSTILE) ?? '', random)}`]));
  const bent = bend > 0 && random.oneIn(30);
  if (bent) url = random.pick([`${url}/`, url.replace('/api', '//api'), url.replace('/api', '/%61pi'), `${url}/../session`, url.toUpperCase(), `${url}%00`]);
  return { url: parts.length === 0 ? url : `${url}?${parts.join('&')}`, bent };
}

const JSON_TYPE = 'application/json';
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

function body({ bodies }: Operation, random: Random, bend: number): { type: string; payload: Buffer | string } | undefined {
  const chosen = random.any(bodies);
  if (chosen === undefined) return bend > 0 && random.oneIn(bend) ? { type: JSON_TYPE, payload: '{}' } : undefined;
  const [type, schema] = chosen;
  if (type !== JSON_TYPE) return { type, payload: file(random) };
  const payload = JSON.stringify(makeValue(schema, random, bend)) ?? '';
  if (bend === 0 || !random.oneIn(bend * 2)) return { type, payload };
  return random.pick([
    { type, payload: payload.slice(0, random.below(payload.length + 1)) },
    { type: random.pick(['text/plain', 'application/xml', 'multipart/form-data', 'application/json; charset=utf-16', '', 'text/csv']), payload },
    { type, payload: deep(random.pick([10, 1000, 30_000])) },
    { type, payload: Buffer.concat([Buffer.from(payload), random.bytes(3)]) },
    { type, payload: `${payload.slice(0, -1)}${payload.length > 2 ? ',' : ''}"__proto__":{"role":"SA"}}` },
    { type, payload: `{"x":"${'a'.repeat(66_000)}"}` },
  ]);
}

const VERSIONS = ['"1"', '"2"', '"3"', 'W/"1"', '*', '1', '""', '"x"', `"${'9'.repeat(40)}"`] as const;
const KEYS = ['key-1', 'key-2', 'k'.repeat(64), 'k'.repeat(65), '', 'ä'] as const;

/** Header fields beside those of the session. */
function headers(operation: Operation, random: Random, bend: number): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  for (const { name, in: place } of operation.parameters) {
    if (place !== 'header' || random.oneIn(3)) continue;
    if (name === 'idempotency-key') found[name] = random.oneIn(2) ? random.pick(KEYS) : `k${random.next()}`;
    else found[name] = random.pick(VERSIONS);
  }
  if (bend === 0 || !random.oneIn(bend)) return found;
  const hostile = random.any(HOSTILE.filter((each) => /^[\x20-\x7e]*$/.test(each))) ?? 'x';
  return {
    ...found,
    [random.pick(['if-match', 'if-none-match', 'range', 'accept-language', 'x-forwarded-for', 'x-forwarded-proto', 'content-encoding', 'expect', 'accept', 'if-modified-since'])]:
      hostile,
    ...(random.oneIn(3) ? { 'idempotency-key': [random.pick(KEYS), random.pick(KEYS)] } : {}),
  };
}

/** A request to an operation. `credentials`: what the sender's browser adds. */
export function makeRequest(operation: Operation, credentials: Readonly<Record<string, string>>, random: Random): Sent {
  const bend = random.pick([0, 0, 4, 12]);
  const content = body(operation, random, bend);
  const safe = operation.method === 'GET' || operation.method === 'HEAD';
  const lacks = safe || credentials['cookie'] === undefined || !random.oneIn(25) ? undefined : random.pick(['csrf', 'origin'] as const);
  const all: Record<string, string | string[]> = { host: 'localhost:8080', ...headers(operation, random, bend), ...credentials };
  if (content !== undefined && content.type !== '') all['content-type'] = content.type;
  if (lacks === 'csrf') all['x-csrf-token'] = random.pick(['', 'x', String(credentials['x-csrf-token']).toUpperCase()]);
  if (lacks === 'origin') all['origin'] = random.pick(['http://evil.example', 'null', 'http://localhost:8080.evil.example', 'https://localhost:8080']);
  const method = bend > 0 && random.oneIn(25) ? random.pick(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) : operation.method;
  const { url, bent } = address(operation, random, bend);
  return { method, url, headers: all, payload: content?.payload, lacks, asks: bent || method !== operation.method ? undefined : operation };
}
