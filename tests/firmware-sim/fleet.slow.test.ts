import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Fleet, startFleet } from '../../firmware-sim/fleet.ts';
import type { FleetFile } from '../../firmware-sim/fleet-file.ts';
import { buildList } from '../../gateway/doors/access-list.ts';
import { GRANTED, LIST_SIGNER, openRig, type Rig, SITE } from '../doors/harness.ts';

const CARD = '1A2B3C4D';
const DIST = fileURLToPath(new URL('../../dist/firmware-sim/', import.meta.url));
let dir = '';
let gateway: Rig;
let settings: FleetFile;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'doorbook-sim-'));
  gateway = await openRig(2, {
    lists: { version: () => ({ epoch: 1, n: 7 }), build: ({ listKey, version }) => buildList(listKey, [{ bits: 32, hex: CARD, doors: 1, until: 0 }], version) },
  });
  const devices = [...gateway.records.values()].map(({ deviceId, secret }) => ({
    device: deviceId,
    site: SITE,
    secretHex: Buffer.from(secret).toString('hex'),
    listKeyHex: LIST_SIGNER.publicKey,
    doors: [{ number: 1, code: `B00042${deviceId.slice(-3).toUpperCase()}` }],
  }));
  settings = { mqtt: { host: '127.0.0.1', port: gateway.link.port, pin: undefined }, socket: join(dir, 'sim.sock'), storeDir: join(dir, 'sim'), devices, walk: false };
});
afterEach(async () => {
  await gateway.link.close();
  rmSync(dir, { recursive: true, force: true });
});

const until = (check: () => unknown): Promise<unknown> =>
  vi.waitFor(
    () => {
      if (check() === false) throw new Error('not yet');
    },
    { timeout: 10_000, interval: 20 },
  );

describe('a fleet and the gateway’s own broker', () => {
  let fleet: Fleet;
  const act = (what: object): Promise<Record<string, unknown>> => fleet.act({ id: 1, act: 'list', doorCode: 'D01', card: undefined, on: undefined, ...what });
  const first = async (): Promise<Record<string, unknown>> => Object((Object(await act({ act: 'list' })).doors ?? [])[0]);
  beforeEach(async () => {
    fleet = startFleet(settings);
    await until(() => gateway.link.states().every(({ online, have }) => online && have === '1.7'));
  });
  afterEach(() => fleet.stop());

  test('a tap is asked, answered and its outcome handed over', async () => {
    expect(await act({ act: 'tap', card: CARD })).toMatchObject({ granted: true, reason: 'OK', openMs: 5000, entry: 17, offline: false });
    await act({ act: 'open' });
    await until(() => gateway.side.outcomes.length === 1);
    expect(gateway.side.outcomes).toMatchObject([{ final: 'executed', granted: true, opened: 'opened', tap: { credential: { bits: 32, hex: CARD } } }]);
    await until(() => expect(gateway.link.states()[0]).toMatchObject({ queued: 0, contact: 'open' }));
  });

  test('a gateway that does not answer costs 400 ms, then the list decides', async () => {
    gateway.side.decide = () => new Promise(() => undefined);
    const answer = await act({ act: 'tap', card: CARD });
    expect(answer).toMatchObject({ granted: true, offline: true });
    expect(answer['ms']).toBeGreaterThanOrEqual(400);
    expect(answer['ms']).toBeLessThan(700);
    gateway.side.decide = async () => GRANTED;
    expect(await act({ act: 'tap', card: 'DEADBEEF' })).toMatchObject({ granted: false, reason: 'UNKNOWN_CREDENTIAL', offline: true });
  });

  test('cut off it decides by its list, and hands everything over in order, once, when it is back', async () => {
    await act({ act: 'network', on: false });
    await until(() => gateway.link.states()[0]?.online === false);
    expect(await act({ act: 'tap', card: CARD })).toMatchObject({ granted: true, offline: true });
    await act({ act: 'open' });
    expect(await act({ act: 'tap', card: '0A0B0C0D' })).toMatchObject({ granted: false, offline: true });
    await act({ act: 'push' });
    expect(await first()).toMatchObject({ network: false, queued: 3, contact: 'open', lock: 'unlocked', list: '1.7' });
    await act({ act: 'network', on: true });
    await until(() => gateway.side.outcomes.length === 2 && gateway.side.happenings.length === 1);
    await until(() => gateway.link.states()[0]?.queued === 0);
    expect(gateway.side.outcomes).toMatchObject([
      { final: 'local', granted: true, opened: 'opened' },
      { final: 'local', granted: false, reason: 'UNKNOWN_CREDENTIAL' },
    ]);
    expect(gateway.side.happenings).toMatchObject([{ what: 'exit', offline: true }]);
    expect(gateway.side.taps).toEqual([]);
  });

  test('power off loses nothing that was written; power on boots again', async () => {
    await act({ act: 'network', on: false });
    await act({ act: 'tap', card: CARD });
    await act({ act: 'power', on: false });
    await expect(act({ act: 'tap', card: CARD })).rejects.toThrow('The door has no power.');
    expect(await first()).toMatchObject({ power: false });
    await act({ act: 'power', on: true });
    await act({ act: 'network', on: true });
    await until(() => gateway.side.outcomes.length === 1 && gateway.side.happenings.length === 1);
    expect(gateway.side.outcomes).toMatchObject([{ final: 'unknown', granted: true, opened: 'unknown', request: { boot: 1, seq: 1 }, key: { boot: 2 } }]);
    expect(gateway.side.happenings).toMatchObject([{ what: 'power-back' }]);
  });

  test('a command opens, once; a restart comes back as a new boot', async () => {
    const [state] = gateway.link.states();
    if (state === undefined) throw new Error('no door');
    expect(await gateway.link.command(state.doorId, { what: 'unlock', openMs: 3000 })).toBe('done');
    expect(await first()).toMatchObject({ lock: 'unlocked' });
    expect(await gateway.link.command(state.doorId, { what: 'restart', openMs: 0 })).toBe('done');
    await until(() => gateway.side.links.some(({ what }) => what === 'boot'));
    await until(() => gateway.link.states()[0]?.online === true);
    expect(await act({ act: 'tap', card: CARD })).toMatchObject({ granted: true, offline: false });
  });

  test.each([
    [{ act: 'tap', card: '123' }, 'hex digits'],
    [{ act: 'push', doorCode: 'D09' }, 'No such door: D09'],
    [{ act: 'push', doorCode: '' }, 'No such door'],
    [{ act: 'power' }, 'on: expected'],
  ])('%j is refused in words', async (wrong, said) => {
    await expect(act(wrong)).rejects.toThrow(said);
  });
});

describe('a keypad in its PIN hours', () => {
  const PIN = '739105';
  const plan = Array.from({ length: 8 }, () => [[0, 1440] as const]);
  let fleet: Fleet;
  const act = (what: object): Promise<Record<string, unknown>> => fleet.act({ id: 1, act: 'tap', doorCode: 'D01', card: CARD, ...what });
  beforeEach(async () => {
    for (const [id, known] of gateway.records) {
      const doors = new Map([...known.doors].map(([number, door]) => [number, { ...door, pinSchedule: 4 }]));
      gateway.records.set(id, { ...known, doors, schedules: [{ number: 4, plan }] });
    }
    gateway.side.decide = async ({ pin }) => (pin === PIN ? GRANTED : { ...GRANTED, granted: false, reason: pin === undefined ? 'PIN_NEEDED' : 'PIN_WRONG', openMs: 0 });
    fleet = startFleet(settings);
    await until(() => gateway.link.states().every(({ online, have }) => online && have === '1.7'));
  });
  afterEach(() => fleet.stop());

  test('says that it asks to whoever looks, and takes the digits that are typed then for that card', async () => {
    expect(await act({ looks: true })).toEqual({ asks: true, ms: expect.any(Number) });
    expect(gateway.side.taps).toEqual([]);
    expect(await act({ act: 'type', pin: PIN })).toMatchObject({ granted: true, reason: 'OK' });
    expect(gateway.side.taps).toMatchObject([{ method: 'card', pin: PIN }]);
  });

  test('is given the digits that come with the card, right or wrong', async () => {
    expect(await act({ looks: true, pin: PIN })).toMatchObject({ granted: true });
    expect(await act({ pin: '111222' })).toMatchObject({ granted: false, reason: 'PIN_WRONG' });
    expect(gateway.side.taps.map(({ pin }) => pin)).toEqual([PIN, '111222']);
  });

  test('is not the next one’s while somebody waits for an answer', async () => {
    const waiting = act({});
    await expect(act({ act: 'type', pin: PIN })).rejects.toThrow('wait five seconds');
    fleet.stop();
    await expect(waiting).rejects.toThrow('no power');
  });
});

describe('as processes', () => {
  let child: ChildProcess;
  const start = async (file: unknown): Promise<string> => {
    writeFileSync(join(dir, 'fleet.json'), JSON.stringify(file));
    child = spawn(process.execPath, [join(DIST, 'main.js'), join(dir, 'fleet.json')], { stdio: ['pipe', 'pipe', 'pipe'] });
    if (child.stdout === null || child.stderr === null) throw new Error('no pipes');
    const lines = Promise.race([once(createInterface({ input: child.stdout }), 'line'), once(createInterface({ input: child.stderr }), 'line')]);
    return String((await lines)[0]);
  };
  const cli = (...words: string[]): Promise<{ code: unknown; out: string; said: string }> =>
    new Promise((resolve) => {
      const run = execFile(process.execPath, [join(DIST, 'cli.js'), ...words], { env: { ...process.env, DOORBOOK_DATA: dir } }, (error, out, said) =>
        resolve({ code: error?.code ?? 0, out, said }),
      );
      run.stdin?.end('tap D01 1A2B3C4D\nnonsense\nlist\nquit\n');
    });

  test('the command prints one JSON line for a tap, the prompt does the rest, and the process ends with its parent', async () => {
    expect(JSON.parse(await start(settings))).toMatchObject({ ready: true, devices: 2 });
    await until(() => gateway.link.states().every(({ online }) => online));
    const tapped = await cli('tap', 'B00042D01', CARD);
    expect(tapped.out.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(tapped.out)).toEqual({ granted: true, reason: 'OK', openMs: 5000, ms: expect.any(Number), entry: 17 });
    expect(await cli('tap', 'D01', '123')).toMatchObject({ code: 1, out: expect.stringContaining('hex digits') });
    expect(await cli('fly', 'D01')).toMatchObject({ code: 1, out: '', said: expect.stringContaining('Not understood.') });
    const prompted = await cli();
    expect(prompted.out).toContain('"granted":true');
    expect(prompted.out).toContain('Not understood.');
    expect(prompted.out).toContain('"doorCode":"B00042D02"');
    const socket = connect(settings.socket);
    socket.write('not json\n{"id":5,"act":"fly"}\n');
    const replies = createInterface({ input: socket })[Symbol.asyncIterator]();
    expect(JSON.parse(String((await replies.next()).value))).toMatchObject({ ok: false, error: 'line: expected one JSON object' });
    expect(JSON.parse(String((await replies.next()).value))).toMatchObject({ id: 5, ok: false, error: expect.stringContaining('act: expected one of') });
    socket.destroy();
    child.stdin?.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await cli('list')).toMatchObject({ code: 1, said: expect.stringContaining('not running') });
  });

  test('a bad fleet file ends it with the name of the field', async () => {
    expect(await start({ ...settings, mqtt: { host: '127.0.0.1', port: 0 } })).toBe('firmware-sim: mqtt.port: expected a whole number from 1 to 65535');
    expect(child.exitCode ?? (await once(child, 'exit'))[0]).toBe(1);
  });
});
