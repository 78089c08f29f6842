import { createPeripheral } from '../../../../firmware-sim/osdp/peripheral-model.ts';
import { ControllerId, DoorId } from '../../../../gateway/core/ids.ts';
import { weakness } from '../../../../gateway/wire/osdp/keys.ts';
import { stream, type Random } from '../../engine/random.ts';
import type { LineDevice, LineOfRegister, Register } from '../register.ts';
import type { Site } from '../site.ts';
import { SimLine, type SimLineParts, SimPeripheral } from './wire.ts';

/** One seed in seven has serial lines: 3, 10 (sealed), 17 … 150 (sealed, on a real file). Polls are half of what happens in such a world. */
const LINES_EVERY = 7;
const LINES_AT = 3;
/** Does a seed have serial lines? All others are the worlds they were before there were any. */
export const hasLines = (seed: number): boolean => seed % LINES_EVERY === LINES_AT;

/** Rows of lines, their controllers and doors begin after those of other doors. */
const FIRST = 101;
interface Shape {
  readonly devices: number;
  /** By address; `output` of the unit. */
  readonly doors: readonly { readonly reader: number; readonly unit: number; readonly output: number }[];
}
/** Devices and doors of a line: reader and lock in one; reader and door unit; two readers and a unit with two locks; two of each. */
const SHAPES: readonly Shape[] = [
  { devices: 1, doors: [{ reader: 1, unit: 1, output: 0 }] },
  { devices: 2, doors: [{ reader: 1, unit: 2, output: 0 }] },
  {
    devices: 3,
    doors: [
      { reader: 1, unit: 3, output: 0 },
      { reader: 2, unit: 3, output: 1 },
    ],
  },
  {
    devices: 4,
    doors: [
      { reader: 1, unit: 2, output: 0 },
      { reader: 3, unit: 4, output: 0 },
    ],
  },
];

const [INPUTS, OUTPUTS] = [5, 2];
/** Inputs of a unit: the contact and the button of each of two doors, then the fire panel. */
const contactOf = (output: number): number => 2 * output;
const exitOf = (output: number): number => 2 * output + 1;
const FIRE = 4;
/** So often all devices of a world together are polled, ms: each poll costs the seed as much as anything else that happens. */
const POLLED_MS = 900;
const FLOOR_MAX_MS = 4000;

function key(random: Random): Buffer {
  for (;;) {
    const made = Buffer.from(random.hex(16), 'hex');
    if (weakness(made) === undefined) return made;
  }
}

function addDevices(line: SimLine, count: number, { random, firstRow }: { readonly random: Random; readonly firstRow: number }): LineDevice[] {
  const bytes = (length: number): Buffer => Buffer.from(random.hex(length), 'hex');
  return Array.from({ length: count }, (_, at) => {
    const [address, id, given] = [at + 1, firstRow + at, key(random)];
    const peripheral = createPeripheral({ address, key: given, mode: 'full', serial: id, inputs: INPUTS, outputs: OUTPUTS, random: bytes });
    line.devices.push(new SimPeripheral(line, id, peripheral));
    const { vendor, model, serial } = peripheral.identity;
    const identity = random.chance(0.5) ? Buffer.concat([vendor, Buffer.of(model), serial]).toString('hex') : '';
    return { id, address, nextAddress: null, name: `device ${address}`, keySealed: given, nextKeySealed: null, identity, nextIdentity: '', clearUntil: 0, keyExposed: false };
  });
}

function addDoors(line: SimLine, { doors }: Shape, firstDoor: number): LineOfRegister['wiring'] {
  const at = (address: number): SimPeripheral => {
    const found = line.devices[address - 1];
    if (found === undefined) throw new Error('simulation: no such device');
    return found;
  };
  return doors.map(({ reader, unit, output }, place) => {
    const [contact, exit, id] = [contactOf(output), exitOf(output), DoorId(firstDoor + place)];
    line.doors.push({ id, reader: at(reader), unit: at(unit), output, contact, exit });
    return {
      doorId: id,
      number: place + 1,
      reader: { address: reader, number: 0 },
      relay: { address: unit, output },
      contact: { address: unit, input: contact, activeLow: false },
      exit: { address: unit, input: exit, activeLow: false },
    };
  });
}

/** Puts one or two serial lines into a world and its register. `site`: the homes that are there. */
export function buildLines(seed: number, parts: Omit<SimLineParts, 'random'>, { register, site }: { readonly register: Register; readonly site: Site }): SimLine[] {
  const random = stream(seed, 'serial site');
  const shapes = Array.from({ length: random.whole(1, 2) }, () => random.pick(SHAPES));
  const floorMs = Math.min(FLOOR_MAX_MS, POLLED_MS * shapes.reduce((sum, { devices }) => sum + devices, 0));
  let [nextRow, nextDoor] = [FIRST, FIRST];
  return shapes.map((shape, place) => {
    const [id, controllerId] = [place + 1, ControllerId(FIRST + place)];
    const baud = random.pick([9600, 9600, 38_400, 115_200]);
    const line = new SimLine({ ...parts, random: stream(seed, `wire ${id}`) }, { name: `line-${id}`, port: `/dev/sim-${id}`, baud });
    const devices = addDevices(line, shape.devices, { random: stream(seed, `devices ${id}`), firstRow: nextRow });
    const wiring = addDoors(line, shape, nextDoor);
    nextRow += shape.devices;
    nextDoor += shape.doors.length;
    const [first] = line.doors;
    const fire = first === undefined || random.chance(0.3) ? undefined : { address: first.unit.peripheral.address, input: FIRE, activeLow: false };
    line.fireAt = fire === undefined || first === undefined ? undefined : { unit: first.unit, input: FIRE };
    register.write((put) => {
      const home = random.pick(site.units);
      put('controller', { id: controllerId, deviceId: line.name, site: 'sim', secretSealed: Buffer.from(random.hex(32), 'hex'), retired: false, schedules: [], boardCards: '' });
      for (const { doorId, number } of wiring) {
        const unitId = random.chance(0.6) ? 0 : home.id;
        const openMs = random.pick([3000, 5000, 8000]);
        put('door', { id: doorId, buildingId: home.buildingId, unitId, openMs, lockdownUntil: 0, passbackMs: 0, passbackHard: false, controllerId, number });
      }
      put('line', { id, controllerId, port: line.port, baud, floorMs, adapterMs: random.pick([0, 16]), devices, wiring, fire });
    });
    return line;
  });
}
