import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeCode } from '../../gateway/register/enrol-controller.ts';
import { setDoorRules } from '../../gateway/register/set-door-rules.ts';
import { changeLine, retireLine } from '../../gateway/register/serial-lines.ts';
import { removeDevice } from '../../gateway/register/line-devices.ts';
import { unwireDoor, type WiringWish, wireDoor } from '../../gateway/register/wire-door.ts';
import { doorRulesOf } from '../../gateway/store/door-rules.ts';
import { openIndexSource } from '../../gateway/store/index-source.ts';
import { addBuilding, NOON } from '../helpers/register.ts';
import { type LineSite, lineSite, portOf } from './line-site.ts';

let site: LineSite;
let [line, reader, unit] = [0, 0, 0];
beforeEach(async () => {
  site = await lineSite();
  line = await site.line();
  [reader, unit] = [await site.device(line, 1), await site.device(line, 2)];
  site.noted.length = 0;
});
afterEach(() => site.close());

const door = (tail: string): number => site.building.doors[tail] ?? 0;
const wiring = (about: Partial<WiringWish> = {}): WiringWish => ({ readerId: reader, readerNumber: 0, relayId: unit, relayOutput: 0, contact: null, exit: null, ...about });
const by = () => ({ accountId: 7, now: NOON, revoke: site.revoke, note: site.note, seen: false });
const wire = (tail: string, about: Partial<WiringWish> = {}, seen = false) => wireDoor(site.held.register, { doorId: door(tail), wiring: wiring(about) }, { ...by(), seen });
const refused = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { why: string; field: string }) => `${error.why} ${error.field}`,
  );
const read = () => site.held.register.read;
const onLine = () => {
  const source = openIndexSource(site.held.file);
  const found = source.fitted().lines[0]?.doors ?? [];
  source.close();
  return found;
};

describe('a door on a serial line', () => {
  test('is made of devices of one line, under the lowest free number, and is known by their addresses', async () => {
    await wire('D01', { contact: { deviceId: unit, input: 0, activeLow: true }, exit: { deviceId: unit, input: 1, activeLow: false } });
    await wire('D02', { readerNumber: 1, relayOutput: 1 });
    expect(onLine()).toMatchObject([
      {
        doorId: door('D01'),
        number: 1,
        reader: { address: 1, number: 0 },
        relay: { address: 2, output: 0 },
        contact: { address: 2, input: 0, activeLow: true },
        exit: { address: 2, input: 1 },
      },
      { doorId: door('D02'), number: 2, reader: { address: 1, number: 1 }, relay: { address: 2, output: 1 }, contact: undefined },
    ]);
    expect(site.noted[0]).toBe(`line-1 number=1 reader=${reader}/0 relay=${unit}/0`);
    await unwireDoor(site.held.register, door('D01'), site.note);
    await wire('D03');
    expect(onLine().map(({ doorId, number }) => [doorId, number])).toEqual([
      [door('D03'), 1],
      [door('D02'), 2],
    ]);
    await wire('D02', { readerNumber: 3, relayOutput: 1 });
    expect(onLine()[1], 'wired anew it keeps its number').toMatchObject({ number: 2, reader: { number: 3 } });
  });

  test('shares neither reader, nor output, nor input with another, or with fire', async () => {
    await wire('D01', { contact: { deviceId: unit, input: 0, activeLow: false } });
    await changeLine(
      site.held.register,
      { lineId: line, name: 'x', port: portOf('a'), baud: 9600, fire: { deviceId: unit, input: 5, activeLow: false } },
      { note: site.note, samePort: () => false },
    );
    const at = (input: number) => ({ deviceId: unit, input, activeLow: false });
    expect(await refused(wire('D02'))).toBe('taken readerNumber');
    expect(await refused(wire('D02', { readerNumber: 1 }))).toBe('taken relayOutput');
    const free = { readerNumber: 1, relayOutput: 1 };
    expect(await refused(wire('D02', { ...free, exit: at(0) }))).toBe('taken exit.input');
    expect(await refused(wire('D02', { ...free, contact: at(5) }))).toBe('taken contact.input');
    expect(await refused(wire('D02', { ...free, contact: at(3), exit: at(3) }))).toBe('taken exit.input');
    expect(await refused(wire('D02', { ...free, contact: at(3), exit: at(4) }))).toBe('done');
    const fire = changeLine(site.held.register, { lineId: line, name: 'x', port: portOf('a'), baud: 9600, fire: at(3) }, { note: site.note, samePort: () => false });
    expect(await refused(fire)).toBe('taken fire.input');
    expect(await refused(removeDevice(site.held.register, unit, site.note))).toBe('used id');
  });

  test('takes devices of one line in service alone', async () => {
    const other = await site.line('b');
    const stranger = await site.device(other, 1);
    expect(await refused(wire('D01', { readerId: 999 }))).toBe('wrong readerId');
    expect(await refused(wire('D01', { relayId: stranger }))).toBe('wrong relayId');
    expect(await refused(wire('D01', { contact: { deviceId: stranger, input: 0, activeLow: false } }))).toBe('wrong contact.deviceId');
    expect(await refused(wire('D01', { exit: { deviceId: stranger, input: 0, activeLow: false } }))).toBe('wrong exit.deviceId');
    await retireLine(site.held.register, line, by());
    expect(await refused(wire('D01'))).toBe('wrong readerId');
    expect(onLine()).toEqual([]);
  });

  test('was worked by no controller that goes on: enrolled, or heard, it is retired first', async () => {
    const controllerId = site.building.controllers['yc42-d01'] ?? 0;
    expect(await refused(wire('D01', {}, true))).toBe('in-service id');
    await site.held.register.write((db) => db.doorController.update({ where: { id: controllerId }, data: { enrolledAt: 1n } }));
    expect(await refused(wire('D01'))).toBe('in-service id');
    await site.held.register.write((db) => db.doorController.update({ where: { id: controllerId }, data: { retiredAt: 1n } }));
    expect(await refused(wire('D01'))).toBe('done');
    expect(site.revoked, 'nobody had its secret any more').toEqual([]);
  });

  test('leaves a controller that waited for a device out of service, with its code, and its interlock behind', async () => {
    await makeCode(site.held.register, door('D01'), by());
    await site.held.register.write((db) => db.door.update({ where: { id: door('D01') }, data: { interlock: 2 } }));
    await wire('D01');
    const controllerId = site.building.controllers['yc42-d01'] ?? 0;
    expect(site.revoked).toEqual([{ what: 'controller-retired', controllerId }]);
    expect(await read().enrolCode.count({ where: { controllerId, cancelledAt: null } })).toBe(0);
    expect(await read().door.findUnique({ where: { id: door('D01') } })).toMatchObject({ interlock: 0 });
  });

  test('goes with its site: the first door brings the line there, others follow or stay out', async () => {
    const there = await addBuilding(site.held, '890101001001B00043', 'yc43');
    const elsewhere = (tail: string, about: Partial<WiringWish> = {}) => wireDoor(site.held.register, { doorId: there.doors[tail] ?? 0, wiring: wiring(about) }, by());
    await elsewhere('D01');
    expect(await read().doorController.findUnique({ where: { deviceId: 'line-1' } })).toMatchObject({ siteId: there.siteId });
    expect(await refused(wire('D01', { readerNumber: 1, relayOutput: 1 }))).toBe('wrong id');
    expect(await refused(elsewhere('D02', { readerNumber: 1, relayOutput: 1 }))).toBe('done');
  });

  test('is one of 31, and the last of them keeps rules and an interlock like any other', async () => {
    const { buildingId } = site.building;
    const ids = await site.held.register.write(async (db) => {
      const made: number[] = [];
      for (let n = 10; n < 42; n++)
        made.push((await db.door.create({ data: { code: `890101001001B00042D${n}`, buildingId, kind: 'gate', name: `${n}` }, select: { id: true } })).id);
      return made;
    });
    for (const [at, doorId] of ids.entries()) {
      const work = wireDoor(site.held.register, { doorId, wiring: wiring({ readerNumber: at, relayOutput: at }) }, by());
      expect(await refused(work), String(at)).toBe(at < 31 ? 'done' : 'full id');
    }
    const last = ids[30] ?? 0;
    const was = (await doorRulesOf(site.held.register).of(last))?.rules;
    if (was === undefined) throw new Error('no rules');
    await setDoorRules(site.held.register, { doorId: last, was, rules: { ...was, interlock: 3 } }, site.note);
    expect(onLine().at(-1)).toMatchObject({ number: 31, interlock: 3 });
  });

  test('taken off it waits for a controller again, under the name it had, and takes a code', async () => {
    await wire('D01');
    await unwireDoor(site.held.register, door('D01'), site.note);
    expect(onLine()).toEqual([]);
    const { device } = await makeCode(site.held.register, door('D01'), by());
    expect(device).toBe('yc42-d01');
    expect(await refused(unwireDoor(site.held.register, door('D01'), site.note))).toBe('missing id');
  });

  test('taken off it never gets a controller that works another door', async () => {
    await wire('D01');
    await site.held.register.write((db) => db.door.update({ where: { id: door('D02') }, data: { controllerId: site.building.controllers['yc42-d01'] ?? 0, number: 4 } }));
    await unwireDoor(site.held.register, door('D01'), site.note);
    expect((await makeCode(site.held.register, door('D01'), by())).device).toBe('yc42-d02');
  });
});
