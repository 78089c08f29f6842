import { type Command, NAK, OUTPUT, type Reply, type Written, writeReply } from '../../gateway/wire/osdp/messages.ts';
import { isOn, type Peripheral } from './peripheral-model.ts';

/** Timers of outputs and lamps are in units of this, ms (osdp.md 2.4). */
const TIMER_MS = 100;
const BUFFER_MIN = 128;
const FOREVER = Number.POSITIVE_INFINITY;

const acknowledge = (): Written => writeReply('ACK', undefined);
const refuse = (error: number): Written => writeReply('NAK', { error, more: new Uint8Array() });
const written = <N extends Reply['name']>({ name, body }: Reply<N>): Written => writeReply(name, body);

function capabilities({ inputs, outputs, faults, buffer }: Peripheral): Written {
  const all = [
    { function: 1, level: 1, count: inputs.length },
    { function: 2, level: 4, count: outputs.length },
    { function: 3, level: 1, count: 0 },
    { function: 4, level: 2, count: 1 },
    { function: 5, level: 2, count: 1 },
    { function: 8, level: 1, count: 0 },
    { function: 9, level: 1, count: 0 },
    ...(buffer > BUFFER_MIN ? [{ function: 10, level: buffer % 256, count: Math.floor(buffer / 256) }] : []),
    { function: 13, level: 0, count: 1 },
  ];
  return writeReply('PDCAP', faults.stripped ? all.filter((each) => each.function !== 8 && each.function !== 9) : all);
}

const outputsNow = (peripheral: Peripheral, now: number): Written =>
  writeReply(
    'OSTATR',
    peripheral.outputs.map((_, output) => Number(isOn(peripheral, output, now))),
  );

function drive(peripheral: Peripheral, orders: Command<'OUT'>['body'], now: number): Written {
  if (orders.some(({ output }) => output >= peripheral.outputs.length)) return refuse(NAK.record);
  for (const { output, control, timer } of orders) {
    if (control === OUTPUT.on || control === OUTPUT.timedOn) peripheral.driven[output] = (peripheral.driven[output] ?? 0) + 1;
    if (control === OUTPUT.off) peripheral.outputs[output] = 0;
    else if (control === OUTPUT.on) peripheral.outputs[output] = FOREVER;
    else if (control === OUTPUT.timedOn) peripheral.outputs[output] = now + timer * TIMER_MS;
    else if (control !== 0) return refuse(NAK.record);
  }
  return outputsNow(peripheral, now);
}

function light({ lamp }: Peripheral, orders: Command<'LED'>['body'], now: number): Written {
  for (const { temporary, permanent } of orders) {
    const dark = (temporary.code === 2 && temporary.on + temporary.off === 0) || (permanent.code === 1 && permanent.on + permanent.off === 0);
    if (dark) return refuse(NAK.record);
    if (permanent.code === 1) lamp.steady = permanent.onColour;
    if (temporary.code === 1) lamp.until = 0;
    if (temporary.code === 2) {
      lamp.colour = temporary.onColour;
      lamp.until = now + temporary.timer * TIMER_MS;
    }
  }
  return acknowledge();
}

/** Does what the panel says; what the device answers. A report that was handed over is gone: the panel asks for it again by the same sequence. */
export function carryOut(peripheral: Peripheral, command: Command, now: number): Written {
  switch (command.name) {
    case 'POLL': {
      const next = peripheral.reports.shift();
      return next === undefined ? acknowledge() : written(next);
    }
    case 'ID':
      return writeReply('PDID', peripheral.identity);
    case 'CAP':
      return capabilities(peripheral);
    case 'LSTAT':
      return writeReply('LSTATR', { tamper: Number(peripheral.tamper), power: 0 });
    case 'ISTAT':
      return peripheral.inputs.length === 0 ? refuse(NAK.unknown) : writeReply('ISTATR', peripheral.inputs);
    case 'OSTAT':
      return peripheral.outputs.length === 0 ? refuse(NAK.unknown) : outputsNow(peripheral, now);
    case 'RSTAT':
      return writeReply('RSTATR', [0]);
    case 'OUT':
      return drive(peripheral, command.body, now);
    case 'LED':
      return light(peripheral, command.body, now);
    case 'BUZ':
      peripheral.beeps += 1;
      return acknowledge();
    case 'KEYSET':
      peripheral.key = Buffer.from(command.body.data);
      peripheral.mode = 'full';
      return acknowledge();
    case 'COMSET': {
      const { comset } = peripheral.faults;
      if (comset === 'refuses') return refuse(NAK.record);
      // What will apply is answered from where it is: it goes when that is on the line.
      peripheral.next = comset ?? command.body;
      return writeReply('COM', peripheral.next);
    }
    case 'TEXT':
    case 'ABORT':
    case 'ACURXSIZE':
    case 'KEEPACTIVE':
      return acknowledge();
    default:
      return refuse(NAK.unknown);
  }
}
