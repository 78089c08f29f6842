import { createInterface } from 'node:readline';
import type { Port, PortOpener } from '../../gateway/serial/port.ts';
import { FieldError } from '../../gateway/wire/fields.ts';
import { createMiddle, type Middle, passOn } from './middle.ts';

// What is understood of a typed line while somebody is in the middle.
const RELAY_HELP = `strip on|off · nak5 on|off · silent on|off · card BITS HEX（明文插一张卡 a card in clear）· list · quit`;

/** Carries out one typed line. Throws FieldError naming what is wrong in it. */
export function bend(middle: Middle, line: string, print: (line: string) => void): void {
  const [act = '', first, second = ''] = line.trim().split(/\s+/);
  if (act === 'list') return print(JSON.stringify({ ...middle.bending, keysSeenInClear: middle.seen.length }));
  if (act === 'card') {
    const bits = Number(first);
    if (!Number.isInteger(bits) || bits < 1 || bits > 256 || second.length !== 2 * Math.ceil(bits / 8) || !/^[0-9a-f]+$/i.test(second))
      throw new FieldError('card', 'its bits (1 to 256), and two hex digits for each eight of them');
    middle.cards.push({ bits, hex: second });
    return;
  }
  if (act !== 'strip' && act !== 'nak5' && act !== 'silent') throw new FieldError('line', `one of: ${RELAY_HELP}`);
  if (first !== 'on' && first !== 'off') throw new FieldError(act, 'on or off');
  middle.bending[act] = first === 'on';
}

/** Stands between the panel's port and the device's until its input ends or a port is gone. Rejects with a sentence. */
export async function runRelay(panel: PortOpener, device: PortOpener, print: (line: string) => void): Promise<number> {
  const middle = createMiddle();
  const terminal = createInterface({ input: process.stdin });
  const ends: { panel?: Port; device?: Port } = {};
  const gone = (why: string): void => {
    print(why);
    terminal.close();
  };
  const heard = (from: 'panel' | 'device') => (bytes: Uint8Array) => {
    const { toPanel, toDevice } = passOn(middle, from, bytes);
    for (const each of toPanel) ends.panel?.write(each);
    for (const each of toDevice) ends.device?.write(each);
  };
  try {
    ends.panel = await panel({ heard: heard('panel'), gone });
    ends.device = await device({ heard: heard('device'), gone });
    print(RELAY_HELP);
    for await (const line of terminal) {
      if (line.trim() === 'quit') break;
      try {
        if (line.trim() !== '') bend(middle, line, print);
      } catch (error) {
        if (!(error instanceof FieldError)) throw error;
        print(error.message);
      }
    }
    return 0;
  } finally {
    terminal.close();
    ends.panel?.close();
    ends.device?.close();
  }
}
