import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline';
import { FieldError } from '../../gateway/wire/fields.ts';
import { wordsOf } from '../options.ts';
import { runRelay } from './relay-command.ts';
import { createPeripheral } from './peripheral-model.ts';
import { PLAY_HELP, PlayedPeripheral, readKey } from './play.ts';
import { BAUDS, serialPort } from '../../gateway/serial/port.ts';

/** What is typed for a device on a serial line. */
export const OSDP_HELP =
  'osdp PATH --address 1 [--key HEX] [--mode full|install|clear] [--baud 9600] [--serial N] [--inputs 2] [--outputs 2] [--fault noise=10,lost=20,busy=3,strip] · osdp PATH --relay PATH2 [--baud 9600]（中间人 somebody in the middle）';
const ADDRESS_MAX = 0x7e;
const COUNT_MAX = 16;

const modeOf = (text: string | undefined, hasKey: boolean): 'full' | 'install' | 'clear' => {
  if (text === undefined) return hasKey ? 'full' : 'install';
  if (text !== 'full' && text !== 'install' && text !== 'clear') throw new FieldError('--mode', 'full, install or clear');
  if (text === 'full' && !hasKey) throw new FieldError('--key', 'a key, for a device in full security');
  return text;
};

/** `noise=10,busy=3,strip`: as they are typed while it plays. Throws FieldError naming the option. */
function faultsOf(text: string | undefined): string[] {
  if (text === undefined) return [];
  return text.split(',').map((each) => {
    const [name = '', value] = each.split('=');
    if (value === undefined && name === 'strip') return 'strip on';
    if (!/^(noise|lost|middle|busy)$/.test(name) || !/^\d+$/.test(value ?? ''))
      throw new FieldError('--fault', `noise=N, lost=N, middle=N, busy=N or strip, with commas between, got ${each}`);
    return `${name} ${value}`;
  });
}

/** Plays a device on a serial port or pty until its input ends or the port is gone. Rejects with a sentence. */
export async function runOsdp(args: readonly string[], print: (line: string) => void): Promise<number> {
  const words = wordsOf(args, { values: ['address', 'key', 'mode', 'baud', 'serial', 'inputs', 'outputs', 'fault', 'relay'], flags: [] });
  const [path] = words.plain;
  if (path === undefined) throw new FieldError('PATH', `a serial port (npm run sim -- ${OSDP_HELP})`);
  const baud = words.number('baud', [9600, 230_400]) ?? 9600;
  if (!BAUDS.some((each) => each === baud)) throw new FieldError('--baud', `one of ${BAUDS.join(', ')}`);
  const other = words.text('relay');
  if (other !== undefined) return runRelay(serialPort(path, baud), serialPort(other, baud), print);
  const text = words.text('key');
  const key = text === undefined ? undefined : readKey(text, '--key');
  const faults = faultsOf(words.text('fault'));
  const peripheral = createPeripheral({
    address: words.number('address', [0, ADDRESS_MAX]) ?? 0,
    key,
    mode: modeOf(words.text('mode'), key !== undefined),
    serial: words.number('serial', [0, 2 ** 32 - 1]) ?? 1,
    inputs: words.number('inputs', [0, COUNT_MAX]) ?? 2,
    outputs: words.number('outputs', [0, COUNT_MAX]) ?? 2,
    random: randomBytes,
  });
  const played = new PlayedPeripheral(peripheral, print);
  for (const line of faults) played.act(line);
  const terminal = createInterface({ input: process.stdin });
  try {
    await played.start(serialPort(path, baud), (why) => {
      print(why);
      terminal.close();
    });
    print(`${path} · ${baud} · ${peripheral.address}\n${PLAY_HELP}`);
    for await (const line of terminal) {
      if (line.trim() === 'quit') break;
      try {
        if (line.trim() !== '') played.act(line);
      } catch (error) {
        if (!(error instanceof FieldError)) throw error;
        print(error.message);
      }
    }
    return 0;
  } finally {
    terminal.close();
    played.stop();
  }
}
