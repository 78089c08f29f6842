import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { GIVING_MS } from '../../gateway/http/key-giving.ts';
import { type Answer, type Browser, signedIn, type World, world } from './fixture.ts';

let here: World;
let operator: Browser;
let device: number;
let address = 0;
let lineId: number;
beforeAll(async () => {
  here = await world();
  operator = await signedIn(here, 'SA', []);
  lineId = Number((await operator.ask('POST', 'lines', { name: '一号线', port: '/dev/ttyTEST1', baud: 9600 })).json['id']);
});
afterAll(() => here.close());
beforeEach(async () => {
  address += 1;
  const devices = (await operator.ask('POST', `lines/${lineId}/devices`, { address, name: `设备 ${address}` })).json['devices'];
  device = Number(Object(devices).find((each: { address: number }) => each.address === address).id);
  here.commissions.length = 0;
  here.journal.entries.length = 0;
});

const WHO = '00123405000000aa';
const SHOWN = '001234-05-000000aa';
/** Another key for each device. */
const ownKey = (): string => createHash('sha256').update(`key ${device}`).digest('hex').slice(0, 32).toUpperCase();
const begin = (headers = {}): Promise<Answer> => operator.ask('POST', `line-devices/${device}/key-giving`, {}, headers);
const confirm = (identity = SHOWN, headers = {}): Promise<Answer> => operator.ask('POST', `line-devices/${device}/key-giving/confirm`, { identity }, headers);
const cancel = (): Promise<Answer> => operator.ask('DELETE', `line-devices/${device}/key-giving`);
const enter = (key = ownKey()): Promise<Answer> => operator.ask('PUT', `line-devices/${device}/key`, { key });
const heard = (...news: Parameters<World['site']['serial']['givings']['heard']>[1][]) =>
  news.reduce((before, each) => before.then(() => here.site.serial.givings.heard(device, each)), Promise.resolve());
const identity = { what: 'identity', identity: WHO } as const;

/** The device as the console is shown it. */
async function shown(): Promise<Record<string, unknown>> {
  const { json } = await operator.ask('GET', 'lines');
  return Object(Object(json['lines'])[0].devices.find(({ id }: { id: number }) => id === device));
}
const rows = () => here.register.register.read.lineDevice.findUniqueOrThrow({ where: { id: device } });
const sentKey = (): string => {
  const act = here.commissions.map((each) => each.act).findLast((each) => each.act === 'confirm');
  return act?.act === 'confirm' ? Buffer.from(act.key).toString('hex') : '';
};
const whats = () => here.journal.entries.map(({ event }) => event.what);

describe('giving a device a key', () => {
  test('is begun, waits for a yes to who the device is, stores the key before it is sent, and is done when it is proved', async () => {
    expect((await begin()).status).toBe(200);
    const until = here.time.now + GIVING_MS;
    expect(here.commissions).toEqual([{ deviceRow: device, act: { act: 'begin', until } }]);
    expect(await shown()).toMatchObject({ giving: { state: 'begun', until, identity: '' }, hasKey: false });
    await heard(identity);
    expect(await shown()).toMatchObject({ giving: { state: 'identity', identity: SHOWN } });
    expect((await rows()).nextKeySealed, 'no key exists before the yes').toBeNull();
    const { json } = await confirm();
    expect(json).toMatchObject({ devices: expect.arrayContaining([expect.objectContaining({ id: device, giving: expect.objectContaining({ state: 'sent' }) })]) });
    const { nextKeySealed, nextIdentity } = await rows();
    expect([Buffer.from(here.register.register.vault.openBytes('line.key', nextKeySealed ?? new Uint8Array())).toString('hex'), nextIdentity]).toEqual([sentKey(), WHO]);
    await heard({ what: 'done', identity: WHO });
    expect(await shown()).toMatchObject({ giving: { state: 'done' }, hasKey: true, identity: SHOWN, enrolledAt: here.time.now });
    expect(whats()).toEqual(['line-key-begun', 'line-key-sent', 'line-key-given']);
  });

  test('nothing is sent when the log or the register did not take it, and the yes may be said again', async () => {
    await begin();
    await heard(identity);
    here.log.broken = true;
    expect((await confirm()).status).toBe(503);
    here.log.broken = false;
    expect([sentKey(), (await rows()).nextKeySealed]).toEqual(['', null]);
    expect((await confirm()).status).toBe(200);
    expect(sentKey()).toMatch(/^[0-9a-f]{32}$/);
  });

  test('takes no yes to another device, before it said who it is, twice, or after its time', async () => {
    expect((await confirm()).json['code']).toBe('KEY_NOT_ASKED');
    await begin();
    expect((await confirm()).json['code']).toBe('KEY_NOT_ASKED');
    await heard(identity);
    expect((await confirm('001234-05-000000ab')).json).toMatchObject({ code: 'BAD_INPUT', field: 'identity', expected: SHOWN });
    here.time.now += GIVING_MS;
    expect([(await confirm()).json['code'], Object(await shown())['giving'].state]).toEqual(['KEY_NOT_ASKED', 'late']);
    here.time.now -= GIVING_MS;
    const both = await Promise.all([confirm(WHO), confirm()]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(here.commissions.filter(({ act }) => act.act === 'confirm')).toHaveLength(1);
  });

  test('a key that was stored too late is not sent, and does not wait', async () => {
    await begin();
    await heard(identity);
    const confirmed = here.site.serial.givings.confirm(device, SHOWN, () => heard({ what: 'late' }));
    await expect(confirmed).rejects.toThrow('KEY_NOT_ASKED');
    expect([sentKey(), (await rows()).nextKeySealed]).toEqual(['', null]);
  });

  test('while the key is on its way nothing else is done to the device’s keys', async () => {
    await begin();
    await heard(identity);
    await confirm();
    for (const answer of [
      await begin(),
      await cancel(),
      await enter(),
      await operator.ask('DELETE', `line-devices/${device}/key`),
      await operator.ask('DELETE', `line-devices/${device}`),
      await operator.ask('PUT', `line-devices/${device}`, { address: 99, name: 'x' }),
    ])
      expect(answer.json['code']).toBe('KEY_SENT');
    expect((await rows()).nextKeySealed).not.toBeNull();
  });

  test.each(['late', 'unproven', 'cancelled'] as const)('ended by %s after the key was sent: both keys stay, and a proof that comes by itself is taken', async (what) => {
    await enter();
    await begin();
    await heard(identity);
    await confirm();
    await heard({ what });
    expect(await shown()).toMatchObject({ giving: { state: what } });
    const { keySealed, nextKeySealed } = await rows();
    expect([keySealed === null, nextKeySealed === null]).toEqual([false, false]);
    await heard({ what: 'done', identity: WHO });
    const after = await rows();
    expect(Buffer.from(here.register.register.vault.openBytes('line.key', after.keySealed ?? new Uint8Array())).toString('hex')).toBe(sentKey());
    expect(after.nextKeySealed).toBeNull();
  });

  test.each(['weak-key', 'same-key', 'not-ready'] as const)('refused by %s: no key was sent, so the one that waits goes', async (what) => {
    await enter();
    await begin();
    await heard(identity);
    await confirm();
    await heard({ what });
    const { keySealed, nextKeySealed } = await rows();
    expect([keySealed === null, nextKeySealed]).toEqual([false, null]);
  });

  test('begun again while an older key waits: that one stays until a device has answered under the old key and was confirmed', async () => {
    await enter();
    await begin();
    await heard(identity);
    await confirm();
    const first = sentKey();
    await heard({ what: 'unproven' });
    await begin();
    const open = async () => Buffer.from(here.register.register.vault.openBytes('line.key', (await rows()).nextKeySealed ?? new Uint8Array())).toString('hex');
    expect(await open()).toBe(first);
    await heard({ what: 'not-ready' });
    expect(await open(), 'a begin that failed drops nothing').toBe(first);
    await begin();
    await heard(identity);
    await confirm();
    expect([await open(), sentKey() === first]).toEqual([sentKey(), false]);
  });

  test('is not begun again while a key waits that a first device may have: it comes up by itself, or is forgotten', async () => {
    await begin();
    await heard(identity);
    await confirm();
    await heard({ what: 'unproven' });
    here.commissions.length = 0;
    expect((await begin()).json['code']).toBe('KEY_WAITING');
    expect([here.commissions, (await rows()).nextKeySealed === null]).toEqual([[], false]);
    await operator.ask('DELETE', `line-devices/${device}/key`);
    expect((await begin()).status).toBe(200);
  });

  test('is called off by whatever else is done to the device’s key', async () => {
    await begin();
    await heard(identity);
    await enter();
    expect(here.commissions.at(-1)).toEqual({ deviceRow: device, act: { act: 'cancel' } });
    expect((await confirm()).json['code']).toBe('KEY_NOT_ASKED');
  });

  test('may be called off before the key is sent, and is shown no more after a while', async () => {
    expect((await cancel()).json['code']).toBe('KEY_NOT_ASKED');
    await begin();
    await cancel();
    expect(here.commissions.at(-1)).toEqual({ deviceRow: device, act: { act: 'cancel' } });
    await heard({ what: 'cancelled' });
    expect(await shown()).toMatchObject({ giving: { state: 'cancelled' } });
    here.time.now += GIVING_MS + 15 * 60_000;
    expect(await shown()).toMatchObject({ giving: null });
  });

  test('a proof is taken although the log is down, and the log’s trouble is told', async () => {
    await enter();
    here.log.broken = true;
    here.errors.length = 0;
    await heard({ what: 'done', identity: WHO });
    here.log.broken = false;
    expect([await shown(), here.errors.length]).toMatchObject([{ identity: SHOWN }, 1]);
    here.errors.length = 0;
  });
});

describe('a key by hand', () => {
  test('is stored and never shown; weak ones and those of others are refused; forgotten, nothing is left', async () => {
    const { status, json } = await enter();
    expect([status, json]).toMatchObject([200, { devices: expect.arrayContaining([expect.objectContaining({ id: device, hasKey: true, identity: '' })]) }]);
    expect((await enter('303132333435363738393A3B3C3D3E3F')).json).toMatchObject({ code: 'WEAK_KEY', field: 'key' });
    const [other] = Object((await operator.ask('GET', 'lines')).json['lines'])[0].devices;
    expect((await operator.ask('PUT', `line-devices/${other.id}/key`, { key: ownKey() })).json).toMatchObject({ code: 'TAKEN', field: 'key' });
    for (const key of ['00', 'x'.repeat(32), ownKey().slice(1), `${ownKey()}0`])
      expect((await enter(key)).json, key).toMatchObject({ code: 'BAD_INPUT', field: 'key', expected: expect.stringContaining('32 hex digits') });
    expect((await enter(ownKey().replace(/..(?!$)/g, '$& '))).status, 'as tools show it').toBe(200);
    expect((await operator.ask('DELETE', `line-devices/${device}/key`)).status).toBe(200);
    expect(await shown()).toMatchObject({ hasKey: false });
    expect(whats()).toEqual(['line-key-entered', 'line-key-entered', 'line-key-forgotten']);
  });
});

describe('an exception to speak in clear', () => {
  const allow = (body: object) => operator.ask('PUT', `line-devices/${device}/clear`, body);

  test('is shown with its end, ends by itself or by hand, and has a reason in the audit', async () => {
    expect((await allow({ hours: 2, reason: '等新读卡器到货' })).status).toBe(200);
    expect(await shown()).toMatchObject({ clearUntil: here.time.now + 2 * 3_600_000 });
    expect(here.journal.entries.at(-1)).toMatchObject({ event: { kind: 'audit', what: 'line-clear-begun' }, person: { words: expect.stringContaining('2h 等新读卡器到货') } });
    expect((await operator.ask('DELETE', `line-devices/${device}/clear`)).status).toBe(200);
    expect(await shown()).toMatchObject({ clearUntil: null });
    await allow({ hours: 1, reason: '再等一会儿' });
    here.time.now += 3_600_000;
    operator = await signedIn(here, 'SA', []);
    expect(await shown()).toMatchObject({ clearUntil: null });
    for (const body of [
      { hours: 0, reason: 'long enough' },
      { hours: 169, reason: 'long enough' },
      { hours: 1, reason: 'no' },
    ])
      expect((await allow(body)).status).toBe(400);
  });
});

test('no key is in any answer, entry, kept answer, error or notice, under an Idempotency-Key neither', async () => {
  const mine = '7B1C5A0E77D3429BB6E0C4D1F2A39857';
  const once = (key: string) => ({ 'idempotency-key': key });
  const answers = [await enter(mine), await begin(once('b')), await begin(once('b'))];
  await heard(identity);
  answers.push(await confirm(SHOWN, once('c')), await confirm(SHOWN, once('c')), await operator.ask('GET', 'lines'));
  expect(answers[4]?.headers['idempotent-replayed']).toBe('true');
  const given = sentKey();
  await heard({ what: 'done', identity: WHO });
  answers.push(await operator.ask('GET', 'lines'), await operator.ask('GET', 'entries?limit=200'));
  const kept = await here.register.register.read.idempotentAnswer.findMany();
  const bodies = kept.map(({ bodySealed }) => (bodySealed === null ? '' : here.register.register.vault.open('answer.body', bodySealed)));
  expect(bodies.join('')).toContain(SHOWN);
  const all = JSON.stringify([answers, here.journal.entries, bodies, here.errors, here.notices, kept.map(({ route }) => route)]).toLowerCase();
  for (const key of [mine.toLowerCase(), given, Buffer.from(given, 'hex').toString('base64').toLowerCase(), [...Buffer.from(given, 'hex')].join(',')]) {
    expect(key.length).toBeGreaterThan(20);
    expect(all.includes(key)).toBe(false);
  }
});
