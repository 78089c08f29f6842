import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Tap } from '../../../gateway/doors/link.ts';
import type { LineRecord } from '../../../gateway/doors/serial/registry.ts';
import type { LineStep, Loss, Peer } from '../../../gateway/wire/osdp/acu-model.ts';
import { fakeSide, GRANTED } from '../harness.ts';
import { lineRecord, NO_HOURS, READER_KEY, UNIT_KEY } from './line-rig.ts';
import { movingOperator } from './moving-operator.ts';
import { createLineWorld, type LineWorld, type SerialWire, serialWire } from './line-world.ts';

const BAUD = 38_400;
const SEEDS = 20;
const FAULTY_MS = 40_000;
const CALM_MS = 20_000;
/** Each grant opens a tenth of a second longer than the one before: by that it is known at the lock. */
const SHORTEST_TENTHS = 25;
const openMs = (tenths: number): number => 100 * tenths - 50;
const REFUSED = { ...GRANTED, granted: false, reason: 'LEASE_ENDED', openMs: 0 } as const;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.doUnmock('../../../gateway/wire/osdp/acu-session.ts');
  vi.doUnmock('../../../gateway/doors/serial/live-device.ts');
});
beforeEach(() => vi.resetModules());

const cardOf = ({ credential }: Tap): string => (credential !== undefined && 'hex' in credential ? String(credential.hex) : '');
const isLet = (card: string): boolean => Number.parseInt(card, 16) % 2 === 0;

/** People at the reader, and what goes wrong: until it ends. */
function trouble(world: LineWorld, wire: SerialWire, held: string[]): void {
  const [reader, unit] = wire.devices;
  const person = (): void => {
    if (world.now() > FAULTY_MS) return;
    const card = (held.length + 1).toString(16).toUpperCase().padStart(8, '0');
    held.push(card);
    wire.hold(reader, card);
    world.later(200 + world.below(2500), person);
  };
  const fault = (): void => {
    if (world.now() > FAULTY_MS) return;
    const what = world.below(8);
    if (what === 0) wire.powerOff(reader, 50 + world.below(2000));
    else if (what === 1) wire.powerOff(unit, 50 + world.below(2000));
    else if (what === 2) wire.pull();
    else Object.assign(wire, { lostIn: what === 3 ? 3 : 10 + world.below(50), bentIn: 10 + world.below(50) });
    world.later(1000 + world.below(5000), fault);
  };
  world.later(3000, person);
  world.later(4000, fault);
}

/** Told where each device is, the register has it there. */
const strayed = (wire: SerialWire, { devices }: LineRecord): string[] =>
  devices.flatMap(({ address, nextAddress }, at) => {
    const is = wire.devices[at]?.peripheral.address;
    return nextAddress == null && address === is ? [] : [`device ${at} is at ${is}, and the register has ${address} and ${nextAddress ?? 'no other'}`];
  });

/** One history of a door on a line of two devices; what went wrong in it. `everyMs`: an operator gives one another address so often. */
async function history(seed: number, everyMs = 0): Promise<string[]> {
  const { openLineLink } = await import('../../../gateway/doors/serial/link.ts');
  const world = createLineWorld(seed);
  const wire = serialWire(world, BAUD, [READER_KEY, UNIT_KEY]);
  const side = fakeSide();
  const wrong: string[] = [];
  const [held, inLog]: [string[], Set<string>] = [[], new Set()];
  const [granted, driven]: [number[], number[]] = [[], []];
  side.decide = (tap) =>
    new Promise((resolve) => {
      const card = cardOf(tap);
      world.later(1 + world.below(120), () => {
        if (inLog.has(card)) wrong.push(`${card} came twice`);
        inLog.add(card);
        const tenths = SHORTEST_TENTHS + granted.length;
        if (isLet(card)) granted.push(tenths);
        // Often just while the lock is told.
        if (isLet(card) && world.now() < FAULTY_MS && world.below(3) === 0) world.later(world.below(30), () => wire.powerOff(wire.devices[1], 20 + world.below(800)));
        resolve(isLet(card) ? { ...GRANTED, openMs: openMs(tenths) } : REFUSED);
      });
    });
  wire.forgot = (card) => void (inLog.has(card) || wrong.push(`${card} was forgotten and is not in the log`));
  wire.drove = (tenths) => {
    if (!granted.includes(tenths)) wrong.push(`the lock opened for ${tenths} tenths, which nobody was granted`);
    if (driven.includes(tenths)) wrong.push('the lock opened twice for one grant');
    driven.push(tenths);
  };
  const operator = movingOperator(world, lineRecord({ baud: BAUD }));
  const link = openLineLink({
    registry: { all: () => [operator.record()] },
    side,
    log: { info: () => undefined, warn: () => undefined, error: (fields, message) => void wrong.push(`${message} ${JSON.stringify(fields)}`) },
    calendar: NO_HOURS,
    openPort: () => wire.open,
    now: world.wall,
    uptime: world.now,
    random: world.bytes,
    covers: () => 1,
    commissioned: (row, news) => operator.heard(link, row, news),
  });
  trouble(world, wire, held);
  for (let at = everyMs; everyMs > 0 && at < FAULTY_MS; at += everyMs) world.later(at, () => operator.move(link));
  await world.run(FAULTY_MS);
  Object.assign(wire, { lostIn: 0, bentIn: 0 });
  await world.run(CALM_MS / 2);
  const last = ['FFFFFF00', 'FFFFFF01'];
  for (const card of last) wire.hold(wire.devices[0], card);
  await world.run(CALM_MS);
  await link.close();
  wrong.push(...strayed(wire, operator.record()));
  for (const card of last) if (!inLog.has(card)) wrong.push(`${card} was held when all was well, and is not in the log`);
  const of = (final: string): number => side.outcomes.filter((outcome) => outcome.granted && outcome.final === final).length;
  const [executed, unknown] = [of('executed'), of('unknown')];
  if (side.outcomes.length !== side.taps.length) wrong.push(`${side.taps.length} cards have ${side.outcomes.length} outcomes`);
  if (driven.length < executed || driven.length > executed + unknown) wrong.push(`the lock opened ${driven.length} times: ${executed} by the log, and perhaps ${unknown}`);
  if (driven.length === 0) wrong.push(`of ${held.length} cards none opened: nothing is shown`);
  return wrong;
}

test(`${SEEDS} histories of trouble on a line: no opening without a grant or twice for one, no card forgotten that is not in the log`, async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) expect(await history(seed), `seed ${seed}`).toEqual([]);
});

test(`${SEEDS} more, while an operator goes on giving the devices other addresses: each is where the register has it in the end`, async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) expect(await history(seed, 3500), `seed ${seed}`).toEqual([]);
});

/** The first seed that finds something. */
async function found(everyMs = 0): Promise<string | undefined> {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const [first] = await history(seed, everyMs);
    if (first !== undefined) return first;
  }
  return undefined;
}

test('an engine that says again in a new session what it had said in the old one is found', async () => {
  vi.doMock('../../../gateway/wire/osdp/acu-session.ts', async (original) => {
    const real = await original<typeof import('../../../gateway/wire/osdp/acu-session.ts')>();
    const endSession = (c: LineStep, peer: Peer, why: Loss): void => {
      const action = peer.pending?.action;
      real.endSession(c, peer, why);
      if (action !== undefined) peer.queue.push({ ...action, until: c.now + 60_000 });
    };
    return { ...real, endSession };
  });
  expect(await found()).toBe('the lock opened twice for one grant');
});

test('a link that lets a reader forget a card at once is found', async () => {
  vi.doMock('../../../gateway/doors/serial/live-device.ts', async (original) => {
    const real = await original<typeof import('../../../gateway/doors/serial/live-device.ts')>();
    const report = (...parts: Parameters<typeof real.report>): undefined => void real.report(...parts);
    return { ...real, report };
  });
  expect(await found()).toMatch(/was forgotten and is not in the log/);
});

test('an engine that looks for a device at one of its two addresses alone is found', async () => {
  vi.doMock('../../../gateway/wire/osdp/acu-session.ts', async (original) => ({
    ...(await original<typeof import('../../../gateway/wire/osdp/acu-session.ts')>()),
    lookElsewhere: () => undefined,
  }));
  expect(await found(3500)).toMatch(/^device \d is at \d+, and the register has/);
});
