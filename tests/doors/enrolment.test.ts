import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectPlain, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ControllerId } from '../../gateway/core/ids.ts';
import { givenCertificate, ownCertificate } from '../../gateway/doors/certificate.ts';
import type { Trading } from '../../gateway/doors/newcomers.ts';
import { ownDoorKey } from '../../gateway/store/door-ca.ts';
import { enrolTopic, type Offer } from '../../gateway/wire/mqtt/enrol.ts';
import { enrol, type Newcomer } from '../../firmware-sim/enrol.ts';
import { openPinned } from '../../firmware-sim/pinned.ts';
import { selfSigned } from '../helpers/self-signed.ts';
import { LIST_SIGNER, greet, openRig, record, type Rig } from './harness.ts';
import { connectPacket, openRaw, publishPacket, subscribePacket } from './raw-mqtt.ts';

const CODE = 'ABCD-EFGH-JKMN';
const IDENTITY = { site: 'yc42', device: 'yc42-d01', secret: Buffer.from(record(1).secret).toString('hex') };
const ME: Newcomer = { privateKey: Buffer.alloc(32, 0x11), model: 'esp32-door', fw: '1.0', doors: 1 };
const CLIENT = 'new-2bad0fd610d99eae';

let rig: Rig;
let asked: unknown[];
let outcome: () => Promise<Trading>;
let told: string[];
let dir = '';
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'doorbook-enrol-'));
  asked = [];
  told = [];
  outcome = async () => ({ ok: true, controllerId: ControllerId(1), identity: IDENTITY, again: false });
  rig = await openRig(1, {
    enrolment: {
      trade(ask) {
        asked.push(ask);
        return outcome();
      },
      refused: (why) => void told.push(why),
      enrolled: () => void told.push('enrolled'),
    },
    limits: { handshakeMs: 300, loginMs: 1500 },
  });
});
afterEach(async () => {
  await rig.link.close();
  rmSync(dir, { recursive: true, force: true });
});

const plain = (code = CODE): Offer => ({ host: '127.0.0.1', port: rig.link.port, pin: '', code });

/** The link with a TLS port, and how to find it. */
async function secure(): Promise<Offer> {
  const { pin, context } = await ownCertificate(ownDoorKey(dir), ['127.0.0.1', 'localhost'], Date.now());
  return { host: '127.0.0.1', port: await rig.link.listen({ host: '127.0.0.1', port: 0, context: () => context }), pin, code: CODE };
}

describe('a stranger at the port with TLS', () => {
  const open = (socket: Socket, event: string): Promise<number> =>
    new Promise((resolve) => {
      const began = performance.now();
      socket.once(event, () => resolve(performance.now() - began));
    });

  test('who never shakes hands is put out by then, and who did has his time to log in from there', async () => {
    const { host, port } = await secure();
    const silent = connectPlain({ host, port });
    expect(await open(silent, 'close')).toBeGreaterThan(250);
    const shaken = connect({ host, port, rejectUnauthorized: false });
    await open(shaken, 'secureConnect');
    expect(await open(shaken, 'close')).toBeGreaterThan(1000);
    expect(rig.link.halfOpen()).toBe(0);
  });
});

describe('a device that is not enrolled', () => {
  test('trades its code for an identity, and gets in with it', async () => {
    expect(await enrol(plain(), ME)).toEqual({ ...IDENTITY, list: LIST_SIGNER.publicKey });
    expect(asked).toEqual([expect.objectContaining({ c: CODE, model: 'esp32-door', fw: '1.0', doors: 1 })]);
    expect(told).toEqual(['enrolled']);
    const player = await greet(rig, { ...record(1), secret: Buffer.from(IDENTITY.secret, 'hex') });
    await expect.poll(() => rig.side.links.some(({ what }) => what === 'online')).toBe(true);
    player.raw.socket.destroy();
  });

  test.each(['UNKNOWN', 'USED', 'EXPIRED', 'CANCELLED', 'DOORS'] as const)('is told %s in words, and so are the log and whoever runs the gateway', async (why) => {
    outcome = async () => ({ ok: false, controllerId: why === 'UNKNOWN' ? 0 : ControllerId(1), why });
    await expect(enrol(plain(), ME)).rejects.toThrow(/\p{Script=Han}.+[a-z]/u);
    expect(told).toEqual([`code-${why.toLowerCase()}`]);
    await expect.poll(() => rig.side.links).toEqual([{ controllerId: why === 'UNKNOWN' ? 0 : 1, what: 'refused', why: `code-${why.toLowerCase()}` }]);
    // The same again is a line, not another entry.
    await expect(enrol(plain(), ME)).rejects.toThrow();
    expect([told.length, rig.side.links.length]).toEqual([2, 1]);
  });

  test('is told to come later when nobody can store it, without an alarm', async () => {
    outcome = () => Promise.reject(new Error('the register is locked'));
    await expect(enrol(plain(), ME)).rejects.toThrow('Try again in a minute');
    expect([told, rig.side.links]).toEqual([[], []]);
  });

  test('asks once a connection, and the gateway thirty times a minute', async () => {
    outcome = async () => ({ ok: false, controllerId: 0, why: 'UNKNOWN' });
    for (let tries = 0; tries < 30; tries += 1) await expect(enrol(plain(), ME)).rejects.toThrow('does not know this code');
    await expect(enrol(plain(), ME)).rejects.toThrow('Try again in a minute');
    expect(asked).toHaveLength(30);
    rig.skip += 60_000;
    await expect(enrol(plain(), ME)).rejects.toThrow('does not know this code');
  });
});

describe('a newcomer by hand', () => {
  async function newcomer(id = CLIENT, user = 'enrol') {
    const raw = await openRaw(rig.link.port);
    raw.send(connectPacket({ id, user, password: '' }));
    return { raw, connack: (await raw.next(2))[3] };
  }

  test.each([
    ['another user name', CLIENT, 'admin', 4],
    ['the id of a device', 'yc42-d01', 'enrol', 4],
    ['an id that is none', 'new-1', 'enrol', 4],
  ])('with %s is not let in', async (_, id, user, code) => {
    expect((await newcomer(id, user)).connack).toBe(code);
  });

  test('hears its own answer and nothing else', async () => {
    const { raw, connack } = await newcomer();
    expect(connack).toBe(0);
    const filters = ['#', '+/+/#', '$SYS/#', 'ac/1/yc42/d/yc42-d01/res', enrolTopic(CLIENT, 'ask'), enrolTopic('new-0000000000000000', 'given'), `ac/1/enrol/d/${CLIENT}/#`];
    raw.send(subscribePacket([...filters, enrolTopic(CLIENT, 'given')]));
    expect([...(await raw.next(9)).subarray(4)]).toEqual([...filters.map(() => 0x80), 1]);
    raw.socket.destroy();
  });

  test.each([
    ['a topic of a device', 'ac/1/yc42/d/yc42-d01/state', {}],
    ['the topic of another newcomer', enrolTopic('new-0000000000000000', 'ask'), {}],
    ['its own answer', enrolTopic(CLIENT, 'given'), {}],
    ['something to keep', enrolTopic(CLIENT, 'ask'), { retain: true }],
  ])('that publishes %s is put out', async (_, topic, how) => {
    const { raw } = await newcomer();
    raw.send(publishPacket(topic, Buffer.from('{}'), how));
    await raw.closed();
    expect([asked, rig.side.links]).toEqual([[], [{ controllerId: 0, what: 'refused', why: 'enrol-topic' }]]);
  });

  test('with a will is not let in', async () => {
    const raw = await openRaw(rig.link.port);
    raw.send(connectPacket({ id: CLIENT, user: 'enrol', password: '', will: { topic: `ac/1/enrol/d/${CLIENT}/state`, payload: Buffer.from('x') } }));
    expect((await raw.next(2))[3]).toBe(5);
  });

  test('that asks nonsense gets no answer and is named in one line; one that stays is put out', async () => {
    const { raw } = await newcomer();
    raw.send(publishPacket(enrolTopic(CLIENT, 'ask'), Buffer.from('{"v":1}')));
    await raw.next(4);
    await raw.closed(4000);
    expect([asked, rig.lines.filter((line) => line.includes('enrol-ask'))]).toEqual([[], [expect.stringContaining('k: expected 130 lower-case hex digits')]]);
  });

  test('that asks under the id of another key gets no answer', async () => {
    const { raw } = await newcomer('new-0000000000000000');
    const k = '040217e617f0b6443928278f96999e69a23a4f2c152bdf6d6cdf66e5b80282d4ed194a7debcb97712d2dda3ca85aa8765a56f45fc758599652f2897c65306e5794';
    raw.send(publishPacket(enrolTopic('new-0000000000000000', 'ask'), Buffer.from(JSON.stringify({ v: 1, k, c: CODE, model: 'm', fw: '1', doors: 1 }))));
    await raw.next(4);
    raw.socket.destroy();
    expect(asked).toEqual([]);
  });
});

describe('the port with TLS', () => {
  test('is known by the pinned key, also when its certificate is a new one', async () => {
    const offer = await secure();
    expect(await enrol(offer, ME)).toEqual({ ...IDENTITY, list: LIST_SIGNER.publicKey });
    const again = await ownCertificate(ownDoorKey(dir), ['127.0.0.1'], Date.now());
    expect(again.pin).toBe(offer.pin);
  });

  test('has a certificate that loads, of whatever length its signature makes it', async () => {
    // One in 48 ends exactly at the end of a line.
    for (let made = 0; made < 60; made += 1) await ownCertificate(ownDoorKey(dir), ['127.0.0.1', `d${'x'.repeat(made % 3)}.example.cn`], Date.now());
  });

  test('may show the operator’s own certificate, which is pinned in its place', async () => {
    const now = Date.now();
    const given = givenCertificate(selfSigned(dir, { host: 'doors.example.cn', from: now - 1000, until: now + 86_400_000 }));
    const port = await rig.link.listen({ host: '127.0.0.1', port: 0, context: () => given.context });
    expect(await enrol({ host: '127.0.0.1', port, pin: given.pin, code: CODE }, ME)).toEqual({ ...IDENTITY, list: LIST_SIGNER.publicKey });
    const own = await ownCertificate(ownDoorKey(dir), ['127.0.0.1'], now);
    await expect(enrol({ host: '127.0.0.1', port, pin: own.pin, code: CODE }, ME)).rejects.toThrow('is not the gateway');
  });

  test('with a certificate and a key that do not belong together is not opened', () => {
    const at = { from: Date.now() - 1000, until: Date.now() + 86_400_000 };
    const [one, two] = [selfSigned(dir, { host: 'a.example.cn', ...at }), selfSigned(dir, { host: 'b.example.cn', ...at })];
    expect(() => givenCertificate({ cert: one.cert, key: two.key })).toThrow(/^MQTTS_CERT: expected a certificate and, in MQTTS_KEY, the key that belongs to it/);
    expect(() => givenCertificate({ cert: one.key, key: one.key })).toThrow(/^MQTTS_CERT: expected/);
  });

  test('of somebody else is told nothing', async () => {
    const offer = await secure();
    await expect(enrol({ ...offer, pin: 'A'.repeat(43) }, ME)).rejects.toThrow('is not the gateway this controller was fitted for');
    expect(asked).toEqual([]);
  });

  test('speaks TLS 1.3 only, and a plain client is put out', async () => {
    const { host, port } = await secure();
    const older = connect({ host, port, maxVersion: 'TLSv1.2', rejectUnauthorized: false });
    await expect(new Promise((resolve, reject) => older.once('secureConnect', resolve).once('error', reject))).rejects.toThrow();
    const raw = await openRaw(port);
    raw.send(connectPacket({ id: CLIENT, user: 'enrol', password: '' }));
    await raw.closed();
  });

  test('carries devices too, and counts who has not logged in', async () => {
    const { host, port, pin } = await secure();
    const socket = await openPinned({ host, port, pin });
    await expect.poll(() => rig.link.halfOpen()).toBe(1);
    socket.destroy();
    await expect.poll(() => rig.link.halfOpen()).toBe(0);
  });
});
