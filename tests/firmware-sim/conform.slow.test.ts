import { describe, expect, test } from 'vitest';
import { Bench } from '../../firmware-sim/conform/bench.ts';
import { throwAwayCertificate } from '../../firmware-sim/conform/certificate.ts';
import { ownDevice } from '../../firmware-sim/conform/command.ts';
import { arrived, CLAUSES, clausesOf, type Finding, judgeAll } from '../../firmware-sim/conform/judge.ts';
import { Trial } from '../../firmware-sim/conform/trial.ts';
import type { Down } from '../../firmware-sim/model.ts';
import type { Message } from '../../gateway/wire/mqtt/messages.ts';
import { startWrong, type Wrong } from './conform-device.ts';

/**
 * What our own simulator does not do as the page says. Each is to be put right in the simulator, and then it goes from here:
 * the test fails when one of them passes.
 */
const KNOWN: readonly string[] = [];

/** Clauses in three runs at a time, for half a minute of them is waiting. */
const RUNS: readonly RegExp[] = [
  /^request\.(late|local-first|asks-again)/,
  /^(request\.(?!late|local-first|asks-again)|power)/,
  /^(list|command)/,
  /^(message\.m|message\.u|event|connection\.pin|time\.(nonce|late)|log)/,
  /^keypad/,
];
const OVERALL = /^(connection\.(?!pin)|seal|message\.(fields|keys)|time\.running|state|list\.forwards|event\.erased)/;

async function ownRun(run: RegExp): Promise<Finding[]> {
  const certificates = { own: await throwAwayCertificate(), other: await throwAwayCertificate() };
  const bench = new Bench({ doors: 2 });
  await bench.start({ host: '127.0.0.1', port: 0, tls: certificates.own, doors: 2 });
  const device = await ownDevice(bench.offer, 2);
  try {
    expect(await arrived(bench, 10_000)).toBe(true);
    const clauses = CLAUSES.filter(({ id }) => run.test(id) || OVERALL.test(id));
    return await judgeAll(new Trial(bench, device.hands, certificates), clauses, () => undefined);
  } finally {
    device.stop();
    bench.stop();
  }
}

async function wrongRun(wrong: Wrong, only: readonly string[]): Promise<string[]> {
  const bench = new Bench({ doors: 1 });
  await bench.start({ host: '127.0.0.1', port: 0, tls: undefined, doors: 1 });
  const device = await startWrong(bench.offer, wrong);
  try {
    expect(await arrived(bench, 10_000)).toBe(true);
    const findings = await judgeAll(
      new Trial(bench, device.hands, undefined),
      CLAUSES.filter(({ id }) => only.includes(id)),
      () => undefined,
    );
    return findings.filter(({ result }) => result === 'failed').map(({ id }) => id);
  } finally {
    device.stop();
    bench.stop();
  }
}

const withCommand =
  (over: (body: Message<'cmd'>) => Partial<Message<'cmd'>>) =>
  (message: Down): Down =>
    message.tail === 'cmd' ? { tail: 'cmd', body: { ...message.body, ...over(message.body) } } : message;

/** Opens again for each verdict on a request it knows already. */
function openingTwice(): Wrong {
  const answered = new Set<number>();
  return {
    hears(message, device) {
      if (message.tail !== 'res' || !message.body.g) return message;
      const again: Down = { tail: 'cmd', body: { v: 1, id: '00'.repeat(8), d: 1, a: 'unlock', o: message.body.o, b: device.image.boot, x: Number.MAX_SAFE_INTEGER } };
      const known = answered.has(message.body.n);
      answered.add(message.body.n);
      return known ? [message, again] : message;
    },
  };
}

/** Forgets which list it holds whenever another is offered, and so takes any. */
const forgetting: Wrong = {
  hears(message, { controller: { run } }) {
    if (message.tail === 'acl/want' && run !== undefined) run.list = undefined;
    return message;
  },
};

/** Lets a card in by itself at any hour. */
const deaf: Wrong = {
  hears: (message) => (message.tail === 'acl/want' ? { tail: 'acl/want', body: { ...message.body, doors: message.body.doors.map((door) => ({ ...door, p: 0 })) } } : message),
};

const FAULTS: readonly [name: string, wrong: Wrong, only: readonly string[], failed: readonly string[]][] = [
  [
    'none: nothing fails',
    {},
    [
      'request.granted',
      'request.repeat',
      'request.once',
      'request.first',
      'list.signed',
      'list.older',
      'command.expired',
      'command.boot',
      'event.kept',
      'seal.nonces',
      'message.keys',
    ],
    [],
  ],
  [
    'seals a repeat with the same nonce',
    { nonce: (tail, n) => (tail === 'req' ? Buffer.alloc(12, n) : Buffer.from(crypto.getRandomValues(new Uint8Array(12)))) },
    ['request.repeat', 'seal.nonces'],
    ['seal.nonces'],
  ],
  ['erases an event at the PUBACK', { puback: ({ i, b, n }) => ({ tail: 'evt/ack', body: { v: 1, i, b, n } }) }, ['event.kept'], ['event.kept']],
  ['opens for a second verdict', openingTwice(), ['request.granted', 'request.once', 'request.first'], ['request.once', 'request.first']],
  ['takes a list nobody signed', { unsigned: true }, ['list.signed', 'list.digest'], ['list.signed']],
  ['carries out an expired command', { hears: withCommand(() => ({ x: Number.MAX_SAFE_INTEGER })) }, ['command.done', 'command.expired', 'command.boot'], ['command.expired']],
  [
    'carries out a command of another boot',
    { hears: (message, device) => withCommand(() => ({ b: device.image.boot }))(message) },
    ['command.done', 'command.expired', 'command.boot'],
    ['command.boot'],
  ],
  [
    'repeats a request with another running time',
    { says: (body, times) => ({ ...body, u: body.u + times - 1 }) },
    ['request.repeat', 'message.keys'],
    ['request.repeat', 'message.keys'],
  ],
  ['does not know the hours of PINs', deaf, ['keypad.asks', 'keypad.offline'], ['keypad.asks', 'keypad.offline']],
  ['takes an older list', forgetting, ['list.older'], ['list.older']],
];

describe('the judge of firmware', () => {
  test('finds nothing wrong with our own simulator but what is known, and plants are found by their clause', { timeout: 60_000 }, async () => {
    const [own, wrong] = await Promise.all([Promise.all(RUNS.map(ownRun)), Promise.all(FAULTS.map(([, fault, only]) => wrongRun(fault, only)))]);
    const findings = own.flat();
    expect(wrong.map((failed, at) => [FAULTS[at]?.[0], failed])).toEqual(FAULTS.map(([name, , , failed]) => [name, failed]));
    const unlike = findings.filter(({ result, id }) => result === 'failed' && !KNOWN.includes(id));
    expect(unlike.map(({ id, saw }) => `${id}: ${saw}`)).toEqual([]);
    expect([...new Set(findings.filter(({ result }) => result === 'failed').map(({ id }) => id))].sort()).toEqual(KNOWN);
    // Each clause was judged in some run.
    const passed = new Set(findings.filter(({ result }) => result === 'passed').map(({ id }) => id));
    expect(CLAUSES.map(({ id }) => id).filter((id) => !passed.has(id) && !KNOWN.includes(id))).toEqual([]);
  });

  test('clauses are chosen by the beginning of their names, and no two have the same', () => {
    expect(clausesOf('list.de').map(({ id }) => id)).toEqual(['list.delta']);
    expect(new Set(CLAUSES.map(({ id }) => id)).size).toBe(CLAUSES.length);
  });
});
