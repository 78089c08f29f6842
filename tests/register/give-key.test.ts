import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { allowClear, dropNextKey, endClear, enterKey, forgetKey, keyTaken, storeNextKey } from '../../gateway/register/give-key.ts';
import { retireLine } from '../../gateway/register/serial-lines.ts';
import { weakness } from '../../gateway/wire/osdp/keys.ts';
import { NOON } from '../helpers/register.ts';
import { type LineSite, lineSite } from './line-site.ts';

let site: LineSite;
let [line, device] = [0, 0];
beforeEach(async () => {
  site = await lineSite();
  line = await site.line();
  device = await site.device(line, 1);
  site.noted.length = 0;
});
afterEach(() => site.close());

const WHO = '00123405000000aa';
const OTHER = '00123405000000bb';
const KEY = Buffer.from('8f1c5a0e77d3429bb6e0c4d1f2a39857', 'hex');
const row = async (id = device) => {
  const { keySealed, nextKeySealed, ...rest } = await site.held.register.read.lineDevice.findUniqueOrThrow({ where: { id } });
  const open = (sealed: Uint8Array | null) => (sealed === null ? null : Buffer.from(site.held.register.vault.openBytes('line.key', sealed)).toString('hex'));
  return { ...rest, key: open(keySealed), next: open(nextKeySealed) };
};
const store = (id = device, identity = WHO) => storeNextKey(site.held.register, { deviceId: id, identity }, site.note);
const taken = (identity = WHO, id = device) => keyTaken(site.held.register, id, { identity, now: NOON });
const enter = (key: Uint8Array, id = device) => enterKey(site.held.register, { deviceId: id, key }, site.note);
const clear = (about: { hours?: number; reason?: string } = {}) =>
  allowClear(site.held.register, { deviceId: device, hours: 24, reason: '等新读卡器', now: NOON, ...about }, site.note);
const refused = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { why: string; field: string }) => `${error.why} ${error.field}`,
  );

describe('a key given over the line', () => {
  test('is fresh and random, waits beside the old one, and is the device’s once it has proved it', async () => {
    await enter(KEY);
    const given = Buffer.from(await store()).toString('hex');
    expect(await row()).toMatchObject({ key: KEY.toString('hex'), next: given, nextIdentity: WHO, identity: '' });
    expect([given.length, weakness(Buffer.from(given, 'hex')), given === KEY.toString('hex')]).toEqual([32, undefined, false]);
    expect(await taken()).toEqual({ what: 'line-key-given', words: `line-1 device=${device} address=1 ${WHO}` });
    expect(await row()).toMatchObject({ key: given, next: null, identity: WHO, nextIdentity: '', enrolledAt: BigInt(NOON), keyExposed: false });
    expect(await taken(), 'told twice, nothing changes').toBeUndefined();
  });

  test('is another one each time', async () => {
    expect(Buffer.from(await store())).not.toEqual(Buffer.from(await store()));
  });

  test('is pinned to the identity that was confirmed, whatever answers with it', async () => {
    await store();
    expect(await taken(OTHER)).toMatchObject({ words: expect.stringContaining(`${WHO} answered=${OTHER}`) });
    expect(await row()).toMatchObject({ identity: WHO });
  });

  test('may have been overheard by others on the line, unless it went under a key that is secret', async () => {
    const second = await site.device(line, 2);
    await store();
    expect(await taken()).toMatchObject({ words: expect.stringContaining('exposed') });
    expect(await row()).toMatchObject({ keyExposed: true });
    // Whoever heard the first one reads the next one, too.
    await store();
    await taken();
    expect(await row()).toMatchObject({ keyExposed: true });
    await enter(KEY);
    await store();
    await taken();
    expect(await row()).toMatchObject({ keyExposed: false });
    await site.held.register.write((db) => db.lineDevice.delete({ where: { id: second } }));
    await forgetKey(site.held.register, device, site.note);
    await store();
    await taken();
    expect(await row(), 'alone on a bench').toMatchObject({ keyExposed: false });
  });

  test('that was never sent is dropped, and the old one stays', async () => {
    await enter(KEY);
    await store();
    await dropNextKey(site.held.register, device);
    expect(await row()).toMatchObject({ key: KEY.toString('hex'), next: null, nextIdentity: '' });
    expect(await taken(), 'the key by hand is proved').toEqual({ what: 'line-key-proved', words: expect.stringContaining(WHO) });
  });

  test('is not made without the log, nor for what is gone or out of service', async () => {
    const broken = storeNextKey(site.held.register, { deviceId: device, identity: WHO }, () => Promise.reject(new Error('no log')));
    await expect(broken).rejects.toThrow('no log');
    expect(await row()).toMatchObject({ next: null });
    expect(await refused(store(99))).toBe('missing id');
    await retireLine(site.held.register, line, { accountId: 0, now: NOON, revoke: site.revoke, note: site.note });
    expect(await refused(store())).toBe('missing id');
    expect(await taken(WHO, 99)).toBeUndefined();
  });
});

describe('a key entered by hand', () => {
  test('takes the place of every other, and is pinned to whoever proves it first', async () => {
    await store();
    await enter(KEY);
    expect(await row()).toMatchObject({ key: KEY.toString('hex'), next: null, identity: '', enrolledAt: null });
    await taken(OTHER);
    expect(await row()).toMatchObject({ identity: OTHER, enrolledAt: BigInt(NOON) });
    await taken(WHO);
    expect(await row(), 'nobody else is pinned later').toMatchObject({ identity: OTHER });
  });

  test.each([
    ['the public one', '303132333435363738393a3b3c3d3e3f'],
    ['one byte over and over', 'aa'.repeat(16)],
    ['a rising run', '404142434445464748494a4b4c4d4e4f'],
    ['a falling run', '0f0e0d0c0b0a09080706050403020100'],
    ['a run of tens', '00112233445566778899aabbccddeeff'],
    ['two equal halves', '1122334455667788'.repeat(2)],
    ['a sample', '2b7e151628aed2a6abf7158809cf4f3c'],
  ])('is refused when it is %s', async (_, hex) => {
    expect(await refused(enter(Buffer.from(hex, 'hex')))).toBe('weak key');
    expect(await row()).toMatchObject({ key: null });
  });

  test('is refused when another device has it, or is being given it; its own may be entered again', async () => {
    const other = await site.device(await site.line('b'), 1);
    await enter(KEY, other);
    expect(await refused(enter(KEY))).toBe('taken key');
    const waiting = await store(other);
    expect(await refused(enter(waiting))).toBe('taken key');
    expect(await refused(enter(KEY, other))).toBe('done');
  });
});

describe('a device that was stolen or swapped', () => {
  test('is forgotten with its keys', async () => {
    await enter(KEY);
    await taken();
    await store();
    await forgetKey(site.held.register, device, site.note);
    expect(await row()).toMatchObject({ key: null, next: null, identity: '', nextIdentity: '', enrolledAt: null });
    expect(await taken(), 'a proof that comes late changes nothing').toBeUndefined();
  });
});

describe('an exception to speak in clear', () => {
  test('ends by itself, is for a device without a key, and goes when it gets one', async () => {
    expect(await clear()).toBe(NOON + 24 * 3_600_000);
    expect(site.noted).toEqual([`line-1 device=${device} address=1 24h 等新读卡器`]);
    await store();
    await taken();
    expect(await row()).toMatchObject({ clearUntil: null });
    expect(await refused(clear())).toBe('wrong id');
    await forgetKey(site.held.register, device, site.note);
    for (const reason of ['   ', 'two\nlines']) expect(await refused(clear({ reason }))).toBe('wrong reason');
    await clear({ hours: 1 });
    await endClear(site.held.register, device, site.note);
    expect(await row()).toMatchObject({ clearUntil: null });
  });
});

test('no key is among the words of any entry', async () => {
  await enter(KEY);
  const given = [KEY, await store(), await store()].map((key) => Buffer.from(key).toString('hex'));
  const told = await taken();
  await forgetKey(site.held.register, device, site.note);
  const words = JSON.stringify([site.noted, told]);
  expect(words).toContain(WHO);
  for (const key of given) expect(words.toLowerCase()).not.toContain(key);
});
