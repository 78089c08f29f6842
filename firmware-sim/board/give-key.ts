import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { FieldError } from '../../gateway/wire/fields.ts';
import { KEY_BYTES } from '../../gateway/wire/osdp/keys.ts';
import { OsdpBus, type Told } from '../../gateway/serial/bus.ts';
import { type PortOpener, serialPort } from '../../gateway/serial/port.ts';
import type { BoardDevice, BoardFile } from './board-file.ts';

/** An operator's act on one device lasts so long, ms (osdp.md 4, attack 3). */
const WINDOW_MS = 300_000;

type Result = Extract<Told, { t: 'commissioned' }>['result'];
const SENTENCES: Readonly<Record<Result, string>> = {
  done: '✓ 钥匙已换。 The device has its key.',
  late: '五分钟过了。 The five minutes are over.',
  'weak-key': '这把钥匙太弱。 That key is too weak.',
  'same-key': '设备已有这把钥匙。 The device has that key already.',
  unproven: '设备没有用上新钥匙。 The device did not take the key: it still has its old one.',
  'not-ready': '设备还没准备好。 The device is not ready.',
  cancelled: '没有换。 Nothing was changed.',
};

function writeWhole(file: string, text: string): void {
  const handle = openSync(file, 'w', 0o600);
  writeSync(handle, text);
  fsyncSync(handle);
  closeSync(handle);
}

/** How a key is given: where the device is, and who says yes. */
export interface KeyGiving {
  readonly board: BoardFile;
  readonly name: string;
  readonly openPort: (port: string, baud: number) => PortOpener;
  /** Shows the identity the device reports; true: it is the one. */
  readonly confirm: (identity: string) => Promise<boolean>;
  readonly windowMs: number;
}

function placeOf({ board, name }: KeyGiving): { readonly port: string; readonly baud: number; readonly device: BoardDevice & { readonly keyFile: string } } {
  for (const { port, baud, devices } of board.lines) {
    const device = devices.find((each) => each.name === name);
    if (device?.keyFile !== undefined) return { port, baud, device: { ...device, keyFile: device.keyFile } };
    if (device !== undefined) throw new FieldError(`${name}.key`, 'the file its key is to be in');
  }
  throw new FieldError('NAME', `one of ${board.lines.flatMap(({ devices }) => devices.map((each) => each.name)).join(', ')}`);
}

/**
 * Gives one device a fresh random key: under the key of its file, or the public one where it has none. The new key is
 * on disk, beside the old one, before it is sent; it takes the old one's place when a handshake has proved it. Resolves
 * with what became of it, and the identity; undefined: somebody said no. Rejects with a sentence when the port cannot be had.
 */
export function changeKey(giving: KeyGiving): Promise<{ readonly result: Result; readonly identity: string } | undefined> {
  const { port, baud, device } = placeOf(giving);
  const fresh = randomBytes(KEY_BYTES);
  const waiting = `${device.keyFile}.new`;
  if (existsSync(waiting)) throw new Error(`${waiting} 还在：上次没有做完，先试试那把钥匙。 is still there: the last time did not end. Try that key first.`);
  let identity = '';
  return new Promise((resolve, reject) => {
    const done = (result: Result | undefined): void => {
      bus.stop();
      resolve(result === undefined ? undefined : { result, identity });
    };
    const told = (output: Told): void => {
      if (output.t === 'commissioned') {
        if (output.result === 'done') renameSync(waiting, device.keyFile);
        return done(output.result);
      }
      if (output.t !== 'identity') return;
      identity = output.identity;
      giving.confirm(identity).then((yes) => {
        if (!yes) return done(undefined);
        writeWhole(waiting, `${fresh.toString('hex')}\n`);
        bus.do({ t: 'confirm', address: device.address, key: fresh });
      }, reject);
    };
    const bus = new OsdpBus({
      open: giving.openPort(port, baud),
      config: { baud, floorMs: 100, adapterMs: 20, random: randomBytes },
      devices: [{ address: device.address }],
      told,
      port(up, why) {
        if (up) return bus.do({ t: 'commission', address: device.address, from: device.key, until: bus.now() + giving.windowMs });
        bus.stop();
        reject(new Error(why));
      },
    });
    bus.start();
  });
}

async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^(y|是)/i.test(await terminal.question(question));
  } finally {
    terminal.close();
  }
}

/** `npm run door -- key`: asks whoever stands there. */
export async function giveKey(board: BoardFile, name: string, print: (line: string) => void): Promise<void> {
  const confirm = (identity: string): Promise<boolean> => ask(`${name}: ${identity} · 是它吗？ Is it this one? [y/N] `);
  const changed = await changeKey({ board, name, openPort: serialPort, confirm, windowMs: WINDOW_MS });
  if (changed === undefined) return print('没有换。 Nothing was changed.');
  print(SENTENCES[changed.result]);
  if (changed.result !== 'done') return;
  print(`"identity": "${changed.identity}"`);
  if (board.lines.some(({ devices }) => devices.length > 1 && devices.some((each) => each.name === name)))
    print('线上还有别的设备：钥匙可能被偷听。 Other devices were on the line: the key may have been overheard. Give it again on a bench.');
}
