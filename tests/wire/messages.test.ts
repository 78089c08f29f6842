import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FieldError } from '../../gateway/wire/fields.ts';
import { decode, encode, type Message, MESSAGES } from '../../gateway/wire/mqtt/messages.ts';

const I = '00112233445566aa';
const HEAD = `"v":1,"i":"${I}","b":3,"n":41,"u":15250,"t":1795000000000`;
const DIG = '199b594d29915108d4b8d46ac854ac932cbd97bbd0421e3e314373201be42117';

/** One body of each kind, written by hand from docs/controller-protocol.md. */
const VECTORS: { readonly [T in keyof typeof MESSAGES]: readonly string[] } = {
  info: [`{"v":1,"i":"${I}","b":3,"model":"DB-1","fw":"1.0","minor":0,"doors":1,"rows":20000}`],
  state: [`{"v":1,"i":"${I}","b":3,"u":12000,"s":"on","d":[{"d":1,"c":"closed","l":"locked"}],"p":true,"q":0,"l":"1.7"}`],
  req: [`{${HEAD},"d":1,"k":"card","c":{"w":32,"x":"1A2B3C4D"},"ms":400,"l":""}`],
  evt: [
    `{${HEAD},"k":"outcome","d":1,"rb":3,"rn":40,"c":{"w":32,"x":"1a2b3c4d"},"m":"pin","rt":0,"f":"not-executed","g":false,"r":"LEASE_ENDED","o":"unopened","l":""}`,
    `{${HEAD},"k":"door","d":8,"w":"power-lost","off":true}`,
  ],
  'cmd/ack': ['{"v":1,"id":"a5a5a5a5a5a5a5a5","st":"done"}'],
  'acl/have': [`{"v":1,"i":"${I}","b":3,"l":"1.7"}`],
  'acl/get': [`{"v":1,"i":"${I}","b":3,"e":1,"n":7,"f":"1.6"}`],
  'time/ask': ['{"v":1,"no":"0123456789abcdef"}'],
  res: [`{"v":1,"i":"${I}","b":3,"n":41,"g":true,"r":"OK","o":5000,"e":17}`],
  'evt/ack': [`{"v":1,"i":"${I}","b":3,"n":42}`],
  cmd: ['{"v":1,"id":"a5a5a5a5a5a5a5a5","d":1,"a":"unlock","o":3000,"b":3,"x":20250}'],
  'acl/want': [
    `{"v":1,"d":"yc42-d01","e":1,"n":7,"until":1797592000000,"count":1,"of":1,"dig":"${DIG}","doors":[{"o":5000,"h":0,"u":0,"f":0,"p":0,"i":0,"a":0,"x":0,"k":0}],"tz":480,"sched":[],"hol":[],"work":[]}`,
  ],
  'log/have': [`{"v":1,"i":"${I}","b":3,"o":"${'0a'.repeat(16)}","s":64,"h":"${DIG}"}`],
  log: [`{"v":1,"o":"${'0a'.repeat(16)}","s":64,"h":"${DIG}","note":"doorbook/log\\n64\\n\\n— doorbook/log AA==\\n"}`],
  time: ['{"v":1,"no":"0123456789abcdef","t":1795000000000}'],
};
const isTail = (name: string): name is keyof typeof MESSAGES => Object.hasOwn(MESSAGES, name);
const each = Object.entries(VECTORS).flatMap(([tail, bodies]) => bodies.map((body) => [tail, body] as const));

describe('each message', () => {
  test.each(each)('%s is read as it is written, and written as it is read', (tail, body) => {
    if (!isTail(tail)) throw new Error(tail);
    const message = decode(tail, Buffer.from(body));
    expect(message).toEqual(JSON.parse(body));
    expect(encode(tail, message).toString()).toBe(body);
  });

  test.each(each)('%s misses every one of its fields by name', (tail, body) => {
    if (!isTail(tail)) throw new Error(tail);
    for (const field of Object.keys(JSON.parse(body))) {
      const { [field]: _left, ...rest } = JSON.parse(body);
      expect(() => decode(tail, Buffer.from(JSON.stringify(rest))), field).toThrow(new RegExp(`^${field}: expected `));
    }
  });

  test.each(each)('%s of a version to come is refused', (tail, body) => {
    if (!isTail(tail)) throw new Error(tail);
    expect(() => decode(tail, Buffer.from(body.replace('"v":1', '"v":2')))).toThrow('v: expected one of 1');
  });
});

/** A change to a request, and what is said of it. */
const WRONG: readonly (readonly [Record<string, unknown>, string])[] = [
  [{ i: I.toUpperCase() }, 'i: expected 16 lower-case hex digits'],
  [{ b: 0 }, 'b: expected a whole number from 1 to 4294967295'],
  [{ n: 2 ** 32 }, 'n: expected a whole number from 1 to 4294967295'],
  [{ u: -1 }, 'u: expected'],
  [{ t: -1 }, 't: expected'],
  [{ t: '1970-01-01' }, 't: expected'],
  [{ d: 9 }, 'd: expected a whole number from 1 to 8'],
  [{ k: 'face' }, 'k: expected one of card, pin, qr'],
  [{ c: { w: 256, x: '' } }, 'c.w: expected a whole number from 0 to 255'],
  [{ c: { w: 32, x: '1a2b3c4g' } }, 'c.x: expected up to 64 hex digits'],
  [{ c: { w: 255, x: '0'.repeat(65) } }, 'c.x: expected up to 64 hex digits'],
  [{ c: '1a2b3c4d' }, 'c: expected an object'],
  [{ ms: 49 }, 'ms: expected a whole number from 50 to 10000'],
  [{ l: '1' }, 'l: expected an access list version'],
];
describe('a request', () => {
  test.each(WRONG)('with %o is refused', (over, said) => {
    const body = { ...JSON.parse(VECTORS.req[0] ?? ''), ...over };
    expect(() => decode('req', Buffer.from(JSON.stringify(body)))).toThrow(said);
  });

  test.each([
    ['a clock of 1970', 1],
    ['no clock', 0],
    ['a clock of 2100', 4_102_444_800_000],
    ['a clock at the end of numbers', Number.MAX_SAFE_INTEGER],
  ])('with %s is read', (_name, t) => {
    const body = { ...JSON.parse(VECTORS.req[0] ?? ''), t };
    expect(decode('req', Buffer.from(JSON.stringify(body))).t).toBe(t);
  });

  test.each([
    [0, ''],
    [65, '000000000000000000'],
    [32, '1A2B'],
  ])('with an impossible reading of %i bits is read: it is for the decision to refuse', (w, x) => {
    const body = { ...JSON.parse(VECTORS.req[0] ?? ''), c: { w, x } };
    expect(decode('req', Buffer.from(JSON.stringify(body))).c).toEqual({ w, x });
  });
});

test.each([
  ['nothing', ''],
  ['half an object', '{"v":1'],
  ['not UTF-8', '\xff'],
  ['a list', '[]'],
  ['null', 'null'],
  ['a number', '7'],
])('a body that is %s is refused', (_name, body) => {
  expect(() => decode('req', Buffer.from(body, 'latin1'))).toThrow(FieldError);
});

test('an event of a kind to come is refused by name', () => {
  expect(() => decode('evt', Buffer.from('{"v":1,"k":"later"}'))).toThrow('k: expected one of outcome, door');
});

test('no body of a stranger does anything but read or name a field', () => {
  const tails = Object.keys(MESSAGES).filter(isTail);
  fc.assert(
    fc.property(fc.constantFrom(...tails), fc.oneof(fc.json(), fc.string()), (tail, body) => {
      try {
        decode(tail, Buffer.from(body));
      } catch (error) {
        expect(error).toBeInstanceOf(FieldError);
      }
    }),
    { numRuns: 500 },
  );
});

test('whatever a request may say survives the way through', () => {
  const requests: fc.Arbitrary<Message<'req'>> = fc.record({
    v: fc.constant(1),
    i: fc.constant(I),
    b: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    n: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
    u: fc.maxSafeNat(),
    t: fc.maxSafeNat(),
    d: fc.integer({ min: 1, max: 8 }),
    k: fc.constantFrom('card', 'pin', 'qr'),
    c: fc.record({ w: fc.nat(255), x: fc.stringMatching(/^[0-9A-Fa-f]{0,64}$/) }),
    ms: fc.integer({ min: 50, max: 10_000 }),
    l: fc.constantFrom('', '1.7'),
  });
  fc.assert(
    fc.property(requests, (request) => {
      expect(decode('req', encode('req', request))).toEqual(request);
    }),
    { numRuns: 200 },
  );
});
