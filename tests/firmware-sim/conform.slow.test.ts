import { describe, expect, test } from 'vitest';
import { Bench } from '../../firmware-sim/conform/bench.ts';
import { throwAwayCertificate } from '../../firmware-sim/conform/certificate.ts';
import { ownDevice } from '../../firmware-sim/conform/command.ts';
import { arrived, CLAUSES, clausesOf, type Finding, judgeAll } from '../../firmware-sim/conform/judge.ts';
import { randomId, Trial } from '../../firmware-sim/conform/trial.ts';
import type { Down } from '../../firmware-sim/model.ts';
import type { DoorSettings } from '../../gateway/wire/mqtt/list-header.ts';
import type { Message } from '../../gateway/wire/mqtt/messages.ts';
import { startWrong, type Wrong } from './conform-device.ts';

/**
 * What our own simulator does not do as the page says. Each is to be put right in the simulator, and then it goes from here:
 * the test fails when one of them passes.
 */
const KNOWN: readonly string[] = [];

/** Clauses in as many runs at a time, for most of them is waiting. What takes half a minute or hours is judged of a device whose clock can be moved. */
const RUNS: readonly RegExp[] = [
  /^(request\.(?!asks-again))/,
  /^(power|log|command)/,
  /^list\.(signed|own|older|have-again)/,
  /^list\.(digest|any|asks|delta|wrong|rules)/,
  /^(message\.m|message\.u|event\.(kept|order)|connection\.pin)/,
  /^time\.(nonce|late)/,
  /^time\.floor/,
  /^connection\.pause/,
  /^(lockdown\.(?!always)|fire)/,
  /^(interlock|passback|hours)/,
  /^keypad/,
];
const MOVED: readonly string[] = ['request.late', 'request.asks-again', 'lockdown.always-ends', 'passback.hard'];
const OVERALL = /^(connection\.(?!pin|pause)|seal|message\.(fields|keys)|time\.running|state|list\.forwards|event\.erased)/;

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

async function wrongRun(wrong: Wrong, only: readonly string[]): Promise<Finding[]> {
  const bench = new Bench({ doors: 2 });
  await bench.start({ host: '127.0.0.1', port: 0, tls: undefined, doors: 2 });
  const device = await startWrong(bench.offer, wrong);
  try {
    expect(await arrived(bench, 10_000)).toBe(true);
    return await judgeAll(
      new Trial(bench, device.hands, undefined),
      CLAUSES.filter(({ id }) => only.includes(id)),
      () => undefined,
    );
  } finally {
    device.stop();
    bench.stop();
  }
}

/** So many wrong devices at a time: more would be late for no fault of theirs. */
const AT_ONCE = 9;

async function inTurns<T>(jobs: readonly (() => Promise<T>)[]): Promise<T[]> {
  const [done, waiting] = [new Map<number, T>(), [...jobs.entries()]];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) done.set(next[0], await next[1]());
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return [...done].sort(([one], [other]) => one - other).map(([, made]) => made);
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
      const again: Down = { tail: 'cmd', body: { v: 1, id: randomId(), d: 1, a: 'unlock', o: message.body.o, b: device.image.boot, x: Number.MAX_SAFE_INTEGER } };
      const known = answered.has(message.body.n);
      answered.add(message.body.n);
      return known ? [message, again] : message;
    },
  };
}

/** Goes by other settings of its first two doors than the header says. */
const goingBy = (over: (door: DoorSettings) => Partial<DoorSettings>): Wrong => ({
  hears: (message) =>
    message.tail === 'acl/want' ? { tail: 'acl/want', body: { ...message.body, doors: message.body.doors.map((door) => ({ ...door, ...over(door) })) } } : message,
});

const HOURS_MS = 10 * 3_600_000;
/** Takes every list for one that has just come, so that its two hours never end. */
const locksForEver: Wrong = {
  feels(input, { controller: { run } }) {
    if (run?.list !== undefined) run.list = { ...run.list, u: run.u };
    return input;
  },
};
/** After one duty card no lockdown counts. */
const releasedForGood: Wrong = {
  hears(message, { controller: { run } }) {
    if (message.tail === 'acl/want' && run !== undefined && run.released.size > 0) run.released.set(1, message.body.doors[0]?.k ?? 0);
    return message;
  },
};
/** Once it has decided by itself it never asks again. */
const neverAsks: Wrong = {
  feels(input, { controller: { run } }) {
    if (run !== undefined && run.localUntil > 0) run.localUntil = Number.POSITIVE_INFINITY;
    return input;
  },
};

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
    ['request.granted', 'request.once', 'request.first', 'list.signed', 'list.older', 'command.expired', 'command.boot', 'event.kept', 'seal.nonces', 'message.keys'],
    [],
  ],
  [
    'seals a repeat with the same nonce',
    { nonce: (tail, n) => (tail === 'req' ? Buffer.alloc(12, n) : Buffer.from(crypto.getRandomValues(new Uint8Array(12)))) },
    ['request.late', 'seal.nonces'],
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
  ['knows no lockdown', goingBy(() => ({ k: 0 })), ['lockdown.holds'], ['lockdown.holds']],
  ['is in lockdown for hours longer', goingBy(({ k }) => ({ k: k === 0 ? 0 : k + HOURS_MS })), ['lockdown.holds', 'lockdown.ends'], ['lockdown.ends']],
  ['is in lockdown for ever', locksForEver, ['lockdown.always-ends'], ['lockdown.always-ends']],
  ['ends every lockdown for one duty card', releasedForGood, ['lockdown.duty'], ['lockdown.duty']],
  [
    'keeps people in during a lockdown',
    { feels: (input, { controller: { run } }) => (input.t === 'exit' && run?.doors[0]?.lockdown === true ? undefined : input) },
    ['lockdown.holds', 'lockdown.exit'],
    ['lockdown.exit'],
  ],
  ['knows no interlock', goingBy(() => ({ i: 0 })), ['interlock.one'], ['interlock.one']],
  ['takes a hard anti-passback for a soft one', goingBy(() => ({ x: 0 })), ['passback.hard', 'passback.soft'], ['passback.hard']],
  ['takes a soft anti-passback for a hard one', goingBy(() => ({ x: 1 })), ['passback.soft'], ['passback.soft']],
  ['stands open without its first card', goingBy(() => ({ f: 0 })), ['hours.first-card'], ['hours.first-card']],
  ['does not look at its fire input', { feels: (input) => (input.t === 'fire' ? undefined : input) }, ['fire.releases'], ['fire.releases']],
  ['never asks again after a missed budget', neverAsks, ['request.late', 'request.asks-again'], ['request.asks-again']],
  [
    'never goes by less than its floor',
    { hears: (message, { image }) => (message.tail === 'time' ? { tail: 'time', body: { ...message.body, t: Math.max(message.body.t, image.floor) } } : message) },
    ['time.floor'],
    ['time.floor'],
  ],
  ['comes back at once', { backMs: 1 }, ['connection.pause'], ['connection.pause']],
];

describe('the judge of firmware', () => {
  test('finds nothing wrong with our own simulator but what is known, and plants are found by their clause', { timeout: 60_000 }, async () => {
    const planted = inTurns(
      FAULTS.map(
        ([, fault, only]) =>
          () =>
            wrongRun(fault, only),
      ),
    );
    const [own, moved, wrong] = await Promise.all([Promise.all(RUNS.map(ownRun)), wrongRun({}, MOVED), planted]);
    const findings = [...own.flat(), ...moved];
    const failures = (of: readonly Finding[]): string[] => of.flatMap(({ result, id }) => (result === 'failed' ? [id] : []));
    expect(wrong.map((found, at) => [FAULTS[at]?.[0], failures(found)])).toEqual(FAULTS.map(([name, , , failed]) => [name, failed]));
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
