import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runFaults } from '../../firmware-sim/fault-command.ts';
import type { FleetFile } from '../../firmware-sim/fleet-file.ts';
import { type Fleet, type SocketRequest, startFleet } from '../../firmware-sim/fleet.ts';
import { readRecording } from '../../firmware-sim/recording.ts';
import { replay } from '../../firmware-sim/replay.ts';
import { listenOn } from '../../firmware-sim/socket.ts';
import { connectTo } from '../../firmware-sim/socket-client.ts';
import { buildList } from '../../gateway/doors/access-list.ts';
import { GRANTED, LIST_SIGNER, openRig, type Rig, SITE } from '../doors/harness.ts';

const CARD = '1A2B3C4D';
let dir = '';
let gateway: Rig;
let fleet: Fleet;
let settings: FleetFile;
const act = (what: Omit<SocketRequest, 'id'>): Promise<Record<string, unknown>> => fleet.act({ id: 1, doorCode: 'D01', ...what });
const status = async (): Promise<Record<string, unknown>> => Object((Object(await act({ act: 'list' })).doors ?? [])[0]);
const until = (check: () => void | Promise<void>): Promise<void> => vi.waitFor(check, { timeout: 12_000, interval: 25 });
const online = (): void => expect(gateway.link.states()[0]).toMatchObject({ online: true, have: '1.7' });

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'doorbook-live-'));
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
  settings = {
    mqtt: { host: '127.0.0.1', port: gateway.link.port, pin: undefined },
    socket: join(dir, 'sim.sock'),
    storeDir: join(dir, 'sim'),
    devices: devices.slice(0, 1),
    walk: false,
  };
  fleet = startFleet(settings);
  await until(online);
});
afterEach(async () => {
  fleet.stop();
  await gateway.link.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('faults of a running door', () => {
  test('nothing gets through: the door decides by itself, and all is handed over when the line is well', async () => {
    await act({ act: 'fault', fault: 'drop', value: 100 });
    expect(await act({ act: 'tap', card: CARD })).toMatchObject({ granted: true, offline: true });
    await act({ act: 'push' });
    await act({ act: 'open' });
    expect(gateway.side.taps).toEqual([]);
    await act({ act: 'fault', fault: 'none' });
    await until(() => expect([gateway.side.outcomes.length, gateway.side.happenings.length]).toEqual([1, 1]));
    expect(gateway.side.outcomes).toMatchObject([{ final: 'local', granted: true }]);
  });

  test('a slow disk makes everybody wait, and still writes before the lock moves', async () => {
    await act({ act: 'fault', fault: 'disk', value: 150 });
    const tapped = await act({ act: 'tap', card: CARD });
    expect(tapped).toMatchObject({ granted: true });
    expect(tapped['ms']).toBeGreaterThanOrEqual(300);
  });

  test('power lost in the middle of a write comes back by itself, a new boot of the same store', async () => {
    await act({ act: 'fault', fault: 'tear', seed: 3 });
    await expect(act({ act: 'tap', card: CARD })).rejects.toThrow('The door has no power.');
    expect(await status()).toMatchObject({ power: false });
    await until(() => expect(gateway.side.happenings).toMatchObject([{ what: 'power-back' }]));
    expect(gateway.side.links.map(({ why }) => why)).not.toContain('new-instance');
    expect(await act({ act: 'tap', card: CARD })).toMatchObject({ granted: true });
  });

  test('a store that is lost makes another instance of the device', async () => {
    await act({ act: 'fault', fault: 'flash' });
    await until(() => expect(gateway.side.links.map(({ why }) => why)).toContain('new-instance'));
    await until(online);
  });

  test('a schedule does what it prints, and leaves the door well', async () => {
    const server = await listenOn(settings.socket, fleet);
    const client = await connectTo(settings.socket);
    const lines: string[] = [];
    const running = runFaults(['D01', '--seed', '5', '--minutes', '1'], client, (line) => void lines.push(line));
    await until(() => expect(lines.length).toBeGreaterThanOrEqual(2));
    process.emit('SIGINT');
    expect(await running).toBe(0);
    expect(lines[0]).toBe('npm run sim -- faults D01 --seed 5 --minutes 1');
    expect(lines.at(-1)).toContain('power on · join · fault none');
    expect(await status()).toMatchObject({ power: true, network: true });
    client.close();
    server.close();
  });

  test.each([
    [{ act: 'fault', fault: 'melt' }, 'fault: expected one of delay, drop'],
    [{ act: 'fault', fault: 'drop', value: 101 }, 'drop: expected a whole number from 0 to 100'],
    [{ act: 'record', file: '/nowhere/at/all' }, 'no such file or directory'],
  ] as const)('%j is refused in words', async (wrong, said) => {
    await expect(act(wrong)).rejects.toThrow(said);
  });
});

describe('a recording', () => {
  /** A session of taps, an exit, a cut line; the file it is in. */
  async function recordSession(): Promise<string> {
    const file = join(dir, 'session.jsonl');
    await act({ act: 'record', file });
    await until(() => expect(readFileSync(file, 'utf8')).toContain('"tail":"acl/have"'));
    expect(await act({ act: 'tap', card: CARD })).toMatchObject({ granted: true, offline: false });
    await act({ act: 'open' });
    await act({ act: 'push' });
    await act({ act: 'network', on: false });
    await act({ act: 'tap', card: 'DEADBEEF' });
    await act({ act: 'network', on: true });
    await until(online);
    await until(() => expect(readFileSync(file, 'utf8').match(/"tail":"evt\/ack"/g)).toHaveLength(3));
    await act({ act: 'record' });
    fleet.stop();
    return file;
  }
  /** The second device of the gateway plays it. */
  const another = (): FleetFile => {
    const [, record] = gateway.records.values();
    if (record === undefined) throw new Error('no second device');
    return { ...settings, devices: [{ device: record.deviceId, site: SITE, secretHex: Buffer.from(record.secret).toString('hex'), listKeyHex: LIST_SIGNER.publicKey, doors: [] }] };
  };

  test('holds what was said both ways, unsealed, with the connection; it is not overwritten', async () => {
    const file = await recordSession();
    const { head, lines } = readRecording(file);
    expect(head).toMatchObject({ recording: 1, device: 'yc42-d01', doors: 1 });
    expect(lines.filter(({ dir: way }) => way === 'link')).toMatchObject([{ up: false }, { up: true }, { up: false }, { up: true }]);
    expect(lines).toContainEqual(expect.objectContaining({ dir: 'up', tail: 'req', body: expect.objectContaining({ c: { w: 32, x: CARD } }) }));
    expect(lines).toContainEqual(expect.objectContaining({ dir: 'down', tail: 'res', body: expect.objectContaining({ g: true, r: 'OK', e: 17 }) }));
    await expect(fleet.act({ id: 1, act: 'record', doorCode: 'D01', file })).rejects.toThrow('exist');
  });

  test('plays again without a difference, and finds a verdict, an open time and an acknowledgement that are others now', async () => {
    const recording = readRecording(await recordSession());
    expect(await replay(recording, another())).toEqual([]);
    expect(gateway.side.taps).toHaveLength(2);
    expect(gateway.side.taps[1]).toMatchObject({ credential: { hex: CARD } });
    gateway.side.decide = async () => ({ ...GRANTED, granted: false, reason: 'REVOKED', openMs: 0 });
    const { key } = gateway.side.taps[0] ?? { key: { boot: 0, seq: 0 } };
    const what = `res ${key.boot}.${key.seq}`;
    expect(await replay(recording, another())).toEqual([
      { what, field: 'g', was: true, is: false },
      { what, field: 'r', was: 'OK', is: 'REVOKED' },
      { what, field: 'o', was: 5000, is: 0 },
    ]);
    gateway.side.decide = async () => GRANTED;
    gateway.side.keep = () => Promise.reject(new Error('the disk is full'));
    const lost = await replay(recording, another());
    expect(lost.map(({ what: name, is }) => [name.split(' ')[0], is])).toEqual([
      ['evt/ack', undefined],
      ['evt/ack', undefined],
      ['evt/ack', undefined],
    ]);
  });
});
