import { createECDH } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CODE_LIFE_MS, lookAt, makeCode, retireController, tradeCode } from '../../gateway/register/enrol-controller.ts';
import { replayRevocations } from '../../gateway/register/replay-revocations.ts';
import type { Revocation, Revoke } from '../../gateway/register/revocations.ts';
import { addBuilding, NOON, temporaryRegister, type TestBuilding, type TestRegister } from '../helpers/register.ts';

let held: TestRegister;
let building: TestBuilding;
let revoked: Revocation[];
const revoke: Revoke = async (_db, revocations) => void revoked.push(...revocations);
const door = (): number => building.doors['D01'] ?? 0;
const by = (now = NOON) => ({ accountId: 7, now });

/** A public key of its own for each number. */
function keyOf(number: number): Buffer {
  const keys = createECDH('prime256v1');
  keys.setPrivateKey(Buffer.alloc(32, number));
  return keys.getPublicKey();
}
const trade = (code: string, { key = 1, now = NOON + 1000, doors = 1 } = {}) =>
  tradeCode(held.register, { code, publicKey: keyOf(key), model: 'esp32-door', firmware: '2.1', doors }, { now, revoke });
const secretNow = async (): Promise<string> => {
  const { secretSealed } = await held.register.read.doorController.findUniqueOrThrow({ where: { id: building.controllers['yc42-d01'] ?? 0 } });
  return Buffer.from(held.register.vault.openBytes('controller.secret', secretSealed)).toString('hex');
};

beforeEach(async () => {
  held = await temporaryRegister();
  building = await addBuilding(held);
  revoked = [];
});
afterEach(() => held.close());

describe('a code for a controller', () => {
  test('is traded once, for an identity with a new secret, and the log hears of it first', async () => {
    const before = await secretNow();
    const { code, device, expiresAt } = await makeCode(held.register, door(), by());
    expect([device, expiresAt]).toEqual(['yc42-d01', NOON + CODE_LIFE_MS]);
    const traded = await trade(code);
    const secret = await secretNow();
    expect(traded).toEqual({ ok: true, controllerId: building.controllers['yc42-d01'], identity: { site: 'yc42', device: 'yc42-d01', secret }, again: false });
    expect([secret === before, revoked]).toEqual([false, [{ what: 'controller-enrolled', controllerId: building.controllers['yc42-d01'] }]]);
    expect(await lookAt(held.register, door(), NOON + 2000)).toEqual({
      device: 'yc42-d01',
      enrolledAt: NOON + 1000,
      retiredAt: null,
      model: 'esp32-door',
      firmware: '2.1',
      codeUntil: null,
      boardCards: '',
    });
  });

  test('is kept nowhere', async () => {
    const { code } = await makeCode(held.register, door(), by());
    const rows = JSON.stringify(await held.register.read.enrolCode.findMany({ select: { id: true, controllerId: true, createdBy: true } }));
    const [row] = await held.register.read.enrolCode.findMany();
    expect([
      rows.includes(code),
      Buffer.from(row?.codeHash ?? [])
        .toString('latin1')
        .includes(code),
      row?.createdBy,
    ]).toEqual([false, false, 7]);
  });

  test('asked for again with the same key gives the same; with another it was used', async () => {
    const { code } = await makeCode(held.register, door(), by());
    const first = await trade(code);
    expect(await trade(code, { now: NOON + 10 * CODE_LIFE_MS })).toEqual({ ...first, again: true });
    expect(await trade(code, { key: 2 })).toEqual({ ok: false, controllerId: building.controllers['yc42-d01'], why: 'USED' });
    expect(revoked).toHaveLength(1);
  });

  test('of two devices at once one gets it', async () => {
    const { code } = await makeCode(held.register, door(), by());
    const both = await Promise.all([trade(code, { key: 1 }), trade(code, { key: 2 })]);
    expect(both.map((traded) => (traded.ok ? 'ok' : traded.why)).sort()).toEqual(['USED', 'ok']);
  });

  test.each([
    [CODE_LIFE_MS - 1, true],
    [CODE_LIFE_MS, false],
  ])('%i ms after it was made it is good: %s', async (after, good) => {
    const { code } = await makeCode(held.register, door(), by());
    expect(await trade(code, { now: NOON + after })).toMatchObject(good ? { ok: true } : { ok: false, why: 'EXPIRED' });
    expect(revoked).toHaveLength(good ? 1 : 0);
  });

  test('is cancelled by a newer one; one from nowhere is not known', async () => {
    const first = await makeCode(held.register, door(), by());
    const second = await makeCode(held.register, door(), by());
    expect(await trade(first.code)).toMatchObject({ ok: false, why: 'CANCELLED' });
    expect(await trade('0000-0000-0000')).toEqual({ ok: false, controllerId: 0, why: 'UNKNOWN' });
    expect(await trade(second.code)).toMatchObject({ ok: true });
  });

  test('is not spent by a device with too few doors', async () => {
    await held.register.write((db) => db.door.update({ where: { id: building.doors['D02'] ?? 0 }, data: { controllerId: building.controllers['yc42-d01'] ?? 0, number: 2 } }));
    const { code } = await makeCode(held.register, door(), by());
    expect(await trade(code)).toMatchObject({ ok: false, why: 'DOORS' });
    expect(await trade(code, { doors: 2 })).toMatchObject({ ok: true });
  });

  test('takes the place of the device before, whose key is worth nothing from then on', async () => {
    const old = await makeCode(held.register, door(), by());
    await trade(old.code, { key: 1 });
    const before = await secretNow();
    const fresh = await makeCode(held.register, door(), by());
    expect(await secretNow()).toBe(before);
    await trade(fresh.code, { key: 2 });
    expect(await secretNow()).not.toBe(before);
    expect(await trade(old.code, { key: 1 })).toMatchObject({ ok: false, why: 'USED' });
  });

  test('is not to be had for a door without a controller', async () => {
    await held.register.write((db) => db.door.update({ where: { id: door() }, data: { controllerId: null } }));
    await expect(makeCode(held.register, door(), by())).rejects.toMatchObject({ name: 'PlaceRefused', field: 'id' });
    expect(await lookAt(held.register, door(), NOON)).toBeUndefined();
  });
});

describe('a controller taken out of service', () => {
  test('is out, with its open code, until another device is enrolled for it', async () => {
    const used = await makeCode(held.register, door(), by());
    await trade(used.code);
    const open = await makeCode(held.register, door(), by());
    expect(await retireController(held.register, door(), { ...by(NOON + 5000), revoke })).toEqual({ device: 'yc42-d01' });
    expect(revoked.at(-1)).toEqual({ what: 'controller-retired', controllerId: building.controllers['yc42-d01'] });
    expect(await lookAt(held.register, door(), NOON + 6000)).toMatchObject({ retiredAt: NOON + 5000, codeUntil: null });
    expect(await trade(open.code)).toMatchObject({ why: 'CANCELLED' });
    expect(await trade(used.code)).toMatchObject({ why: 'USED' });
    const fresh = await makeCode(held.register, door(), by(NOON + 6000));
    expect(await lookAt(held.register, door(), NOON + 6001)).toMatchObject({ retiredAt: NOON + 5000, codeUntil: NOON + 6000 + CODE_LIFE_MS });
    await trade(fresh.code, { key: 2, now: NOON + 7000 });
    expect(await lookAt(held.register, door(), NOON + 8000)).toMatchObject({ retiredAt: null, enrolledAt: NOON + 7000 });
  });
});

describe('a register from before', () => {
  test('lets neither a replaced device in again nor a retired one', async () => {
    const before = await secretNow();
    const controllerId = building.controllers['yc42-d01'] ?? 0;
    expect(await replayRevocations(held.register, [{ what: 'controller-enrolled', controllerId }], NOON)).toBe(1);
    expect(await secretNow()).not.toBe(before);
    expect(await replayRevocations(held.register, [{ what: 'controller-retired', controllerId }], NOON + 1)).toBe(1);
    expect(await replayRevocations(held.register, [{ what: 'controller-retired', controllerId }], NOON + 2)).toBe(0);
    expect(await lookAt(held.register, door(), NOON)).toMatchObject({ retiredAt: NOON + 1, enrolledAt: null });
  });
});
