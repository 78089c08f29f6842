import { readdirSync, readFileSync } from 'node:fs';
import Schema from 'typebox/schema';
import { expect, test } from 'vitest';
import { give, readAsk, take } from '../../gateway/wire/mqtt/enrol.ts';
import { encodePacked } from '../../gateway/wire/mqtt/list-chunk.ts';
import { ROW_BYTES, ROWS_PER_CHUNK } from '../../gateway/wire/mqtt/list.ts';
import { decode, MESSAGES } from '../../gateway/wire/mqtt/messages.ts';
import { open, seal } from '../../gateway/wire/mqtt/seal.ts';

/** As much of JSON Schema as docs/schemas uses. */
interface Node {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly oneOf?: readonly Node[];
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly items?: Node;
  readonly prefixItems?: readonly Node[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Node>>;
}
type Body = Record<string, unknown>;

const folder = new URL('../../docs/schemas/', import.meta.url);
const page = readFileSync(new URL('../../docs/controller-protocol.md', import.meta.url), 'utf8');
const schemaOf = (tail: string): Node => JSON.parse(readFileSync(new URL(`${tail.replaceAll('/', '-')}.json`, folder), 'utf8'));
const isTail = (tail: string): tail is keyof typeof MESSAGES => Object.hasOwn(MESSAGES, tail);
const TAILS = Object.keys(MESSAGES).filter(isTail);
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** Letters out of which a text of any pattern here can be made. */
const LETTERS = ['—', 'f', 'A', '9'];
const TEXTS = ['4294967295.4294967295', '2026-12-31'];

function longestText({ pattern = '', maxLength = 0 }: Node): string {
  const found = [...LETTERS.map((letter) => letter.repeat(maxLength)), ...TEXTS].find((text) => new RegExp(pattern).test(text));
  if (found === undefined) throw new Error(`nothing here fits ${pattern}`);
  return found;
}

/** The longest message a schema lets through. */
function largest(node: Node): unknown {
  if (node.oneOf !== undefined) return node.oneOf.map(largest).reduce((a, b) => (bytesOf(a) > bytesOf(b) ? a : b));
  if (node.const !== undefined) return node.const;
  if (node.enum !== undefined) return node.enum.reduce((a, b) => (bytesOf(a) > bytesOf(b) ? a : b));
  if (node.type === 'boolean') return false;
  if (node.type === 'integer') return node.maximum;
  if (node.type === 'string') return longestText(node);
  if (node.prefixItems !== undefined) return node.prefixItems.map(largest);
  if (node.items !== undefined) return Array.from({ length: node.maxItems ?? 0 }, () => largest(node.items ?? {}));
  return Object.fromEntries(Object.entries(node.properties ?? {}).map(([name, field]) => [name, largest(field)]));
}

function reads(tail: keyof typeof MESSAGES, body: unknown): boolean {
  try {
    decode(tail, Buffer.from(JSON.stringify(body)));
    return true;
  } catch {
    return false;
  }
}

/** The message with a wrong value, or nothing, in each place of the uppermost two levels. */
function* bent(body: Body): Generator<Body> {
  const wrong = [undefined, null, -1, 0, 1, 2, 1.5, 9, '', 'on', 'XX', '0'.repeat(16), true, [], {}, 2 ** 53, 'a'.repeat(3000)];
  for (const [name, value] of Object.entries(body)) {
    for (const other of wrong) yield { ...body, [name]: other };
    const inner: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof inner !== 'object' || inner === null) continue;
    for (const field of Object.keys(inner))
      for (const other of wrong) yield { ...body, [name]: Array.isArray(value) ? [{ ...inner, [field]: other }] : { ...inner, [field]: other } };
  }
}

test('there is a schema for each message that is JSON, and for no other', () => {
  const names = readdirSync(folder).map((file) => file.replace('.json', ''));
  expect(names.sort()).toEqual([...TAILS.map((tail) => tail.replaceAll('/', '-')), 'enrol-ask', 'enrol-given', 'enrol-identity'].sort());
});

test('a schema and the reader of its message let the same through', () => {
  let seen = 0;
  for (const tail of TAILS) {
    const schema = schemaOf(tail);
    const check = Schema.Compile({ ...schema });
    for (const whole of (schema.oneOf ?? [schema]).map(largest)) {
      expect(reads(tail, whole), tail).toBe(true);
      expect(check.Check(whole), tail).toBe(true);
      for (const body of bent(Object(whole))) {
        const sent: unknown = JSON.parse(JSON.stringify(body));
        expect(check.Check(sent), `${tail} ${JSON.stringify(body).slice(0, 200)}`).toBe(reads(tail, sent));
        seen += 1;
      }
    }
  }
  expect(seen).toBeGreaterThan(2000);
});

test('a trade of a code is what its schemas say', () => {
  const [, k = ''] = /\| `K` \| `([0-9a-f]+)`/.exec(page) ?? [];
  const ask = { v: 1, k, c: 'ABCD-EFGH-JKMN', model: 'm', fw: '1', doors: 1 };
  const identity = { site: 'yc42', device: 'yc42-d01', secret: '0'.repeat(64), list: '1'.repeat(64) };
  const given = give(readAsk(Buffer.from(JSON.stringify(ask))), identity, Buffer.alloc(32, 0x22));
  for (const [name, body] of [
    ['enrol-ask', ask],
    ['enrol-given', given],
    ['enrol-given', { v: 1, r: 'USED' }],
    ['enrol-identity', identity],
  ] as const) {
    const check = Schema.Compile({ ...schemaOf(name) });
    expect(check.Check(body), name).toBe(true);
    for (const field of Object.keys(body)) expect(check.Check({ ...body, [field]: undefined }), `${name} ${field}`).toBe(false);
  }
  expect(take(Buffer.from(JSON.stringify(given)), { privateKey: Buffer.alloc(32, 0x11), code: ask.c })).toEqual(identity);
});

test('every example on the page is what its schema says', () => {
  const examples = [...page.matchAll(/```json [<>] (\S+)\n([\s\S]*?)\n```/g)].map(([, name = '', body = '']) => ({ name: name === 'will' ? 'state' : name, body }));
  for (const { name, body } of examples) expect(Schema.Compile({ ...schemaOf(name) }).Check(JSON.parse(body)), name).toBe(true);
  expect(examples.length).toBeGreaterThan(12);
});

test('the page says of each message how long it can be, sealed', () => {
  const said = new Map([...page.matchAll(/^\| `([a-z/]+)` \| [↑↓] \|.*\| ([0-9]+) \| [^|]+\|$/gm)].map(([, tail = '', bytes]) => [tail, Number(bytes)]));
  const SEAL = 12 + 16;
  const signature = 1 + 128;
  // A difference the gateway sends has at most half a chunk each way.
  const half = Buffer.alloc((ROWS_PER_CHUNK * ROW_BYTES) / 2);
  const top = 2 ** 32 - 1;
  const piece = encodePacked({ e: top, n: top, at: 999, rows: half, base: { e: top, n: top, gone: half } });
  const sizes = TAILS.map((tail): [string, number] => [tail, bytesOf(largest(schemaOf(tail))) + SEAL + (tail === 'acl/want' ? signature : 0)]);
  expect(Object.fromEntries(said)).toEqual(Object.fromEntries([...sizes, ['acl/c', piece.length + SEAL]]));
});

test('the vector of the seal on the page opens, and is made again from what stands beside it', () => {
  const vector = (name: string): string => new RegExp(`\\| seal: ${name} \\| \`([^\`]+)\``).exec(page)?.[1] ?? '';
  const [key, nonce, sealed] = ['key', 'nonce', 'sealed'].map((name) => Buffer.from(vector(name), 'hex'));
  if (key === undefined || nonce === undefined || sealed === undefined) throw new Error('a vector is missing');
  expect(seal(key, vector('topic'), Buffer.from(vector('plaintext')), nonce).toString('hex')).toBe(sealed.toString('hex'));
  expect(open(key, vector('topic'), sealed)?.toString()).toBe(vector('plaintext'));
  expect(open(key, vector('topic').replace('ask', ''), sealed)).toBeUndefined();
});
