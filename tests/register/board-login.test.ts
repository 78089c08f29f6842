import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newBoardLogin } from '../../gateway/register/board-login.ts';
import { makeCode, retireController, tradeCode } from '../../gateway/register/enrol-controller.ts';
import { fitDoor } from '../../gateway/register/fit-door.ts';
import type { Revocation, Revoke } from '../../gateway/register/revocations.ts';
import { openIndexSource } from '../../gateway/store/index-source.ts';
import { boardDoorsOf } from '../../gateway/store/door-lists.ts';
import { openReadOnly } from '../../gateway/store/sqlite.ts';
import { boardLogin } from '../../gateway/wire/esp-rfid/login.ts';
import { addBuilding, NOON, temporaryRegister, type TestBuilding, type TestRegister } from '../helpers/register.ts';

let held: TestRegister;
let building: TestBuilding;
let revoked: Revocation[];
const revoke: Revoke = async (_db, revocations) => void revoked.push(...revocations);
const ESP32 = { publicKey: Buffer.alloc(65, 4), model: 'esp32-door', firmware: '2.1', doors: 1 };
const by = { accountId: 7, now: NOON, revoke };
beforeEach(async () => {
  held = await temporaryRegister();
  building = await addBuilding(held);
  revoked = [];
});
afterEach(() => held.close());

const fitted = () => fitDoor(held.register, { buildingId: building.buildingId, kind: 'street', name: '后门', nameEn: 'Back door', boardCards: 'uid-short' });
const secretOf = async (deviceId: string): Promise<Uint8Array> => {
  const { secretSealed } = await held.register.read.doorController.findUniqueOrThrow({ where: { deviceId } });
  return held.register.vault.openBytes('controller.secret', secretSealed);
};

describe('a door with an esp-rfid board', () => {
  test('has a topic of its own, and a login whose password is not kept in the clear', async () => {
    const door = await fitted();
    expect(door).toMatchObject({ device: expect.stringMatching(/^yc42-d\d\d$/), topics: `doorbook/${door.device}` });
    const login = await newBoardLogin(held.register, door.id, by);
    expect(login).toEqual({ ...boardLogin(door.device, await secretOf(door.device)), cards: 'uid-short' });
    expect(login.password).toMatch(/^[0-9a-f]{24}$/);
    expect(revoked).toEqual([{ what: 'controller-enrolled', controllerId: expect.any(Number) }]);
  });

  test('gets another password each time, also after it was retired', async () => {
    const { id } = await fitted();
    const first = await newBoardLogin(held.register, id, by);
    await retireController(held.register, id, by);
    const second = await newBoardLogin(held.register, id, by);
    expect(second.password).not.toBe(first.password);
    const source = openIndexSource(held.file);
    expect(source.fitted().controllers.find(({ deviceId }) => deviceId === second.user)).toMatchObject({ boardCards: 'uid-short', retired: false });
    source.close();
    const connection = openReadOnly(held.file);
    expect(boardDoorsOf(connection)).toBe(1);
    await retireController(held.register, id, by);
    expect(boardDoorsOf(connection)).toBe(0);
    connection.close();
  });

  test('comes in the place of a controller that is not in service, and goes for one that trades a code', async () => {
    const id = building.doors['D01'] ?? 0;
    const { code, controllerId, device } = await makeCode(held.register, id, by);
    const login = await newBoardLogin(held.register, id, { ...by, cards: 'decimal' });
    expect(login).toEqual({ ...boardLogin(device, await secretOf(device)), cards: 'decimal' });
    // What was open for a native controller is not any more.
    expect(await tradeCode(held.register, { ...ESP32, code }, by)).toMatchObject({ ok: false, why: 'CANCELLED' });
    expect((await newBoardLogin(held.register, id, { ...by, cards: 'uid' })).cards).toBe('uid');
    await retireController(held.register, id, by);
    const native = await makeCode(held.register, id, by);
    expect(await tradeCode(held.register, { ...ESP32, code: native.code }, by)).toMatchObject({ ok: true, controllerId });
    expect(await held.register.read.doorController.findUnique({ where: { id: controllerId } })).toMatchObject({ boardCards: '', retiredAt: null, model: 'esp32-door' });
    // It is in service now.
    await expect(newBoardLogin(held.register, id, { ...by, cards: 'uid' })).rejects.toThrow(/cards: .*take out the one that is there first/);
  });

  test('does not come where it could not work: PIN hours, several doors, a serial line', async () => {
    const [id = 0, other = 0] = [building.doors['D01'], building.doors['D02']];
    const wish = () => newBoardLogin(held.register, id, { ...by, cards: 'uid' });
    const { controllerId } = await held.register.read.door.findUniqueOrThrow({ where: { id } });
    const set = (doorId: number, data: object) => held.register.write((db) => db.door.update({ where: { id: doorId }, data }));
    await set(id, { pinSchedule: 1 });
    await expect(wish()).rejects.toThrow(/cards: .*asks for no PIN/);
    await set(id, { pinSchedule: null });
    await set(other, { controllerId, number: 2 });
    await expect(wish()).rejects.toThrow(/cards: .*works one door/);
    await set(other, { controllerId: null });
    await held.register.write((db) => db.serialLine.create({ data: { controllerId: controllerId ?? 0, port: '/dev/serial/by-id/made-up' } }));
    await expect(wish()).rejects.toThrow(/cards: .*serial line/);
    expect(revoked).toEqual([]);
  });

  test('takes no code, and a native controller no password', async () => {
    const { id } = await fitted();
    await expect(makeCode(held.register, id, by)).rejects.toThrow(/esp-rfid board takes a password/);
    await expect(newBoardLogin(held.register, building.doors['D01'] ?? 0, by)).rejects.toThrow(/a door with an esp-rfid board/);
    await expect(newBoardLogin(held.register, 9999, by)).rejects.toThrow(/a door with an esp-rfid board/);
    expect(revoked).toEqual([]);
  });
});
