import { resolve } from 'node:path';

import { isFault, readFault } from './faults.ts';
import { isLineFault, lineFault } from './osdp/line-faults.ts';

/** The fault of typed words. Throws FieldError when its number is none. */
function faultOf(name: string, number: string | undefined): Record<string, unknown> | undefined {
  const given = number === undefined ? undefined : Number(number);
  if (!isFault(name) && !isLineFault(name)) return undefined;
  if (!isFault(name)) {
    lineFault(name, given);
    return { fault: name, ...(given === undefined ? {} : { value: given }) };
  }
  const { value } = readFault(name, given);
  return { fault: name, ...(number === undefined ? {} : { value }) };
}

/** `tap DOOR CARD` or `tap DOOR CARD --pin DIGITS`. */
function tapOf(doorCode: string, card: string, flag: string | undefined, pin: string | undefined): Record<string, unknown> | undefined {
  if (flag === undefined) return { act: 'tap', doorCode, card };
  return flag === '--pin' && pin !== undefined ? { act: 'tap', doorCode, card, pin } : undefined;
}

function withThird(act: string, doorCode: string, [third, fourth, fifth]: readonly string[]): Record<string, unknown> | undefined {
  if (third === undefined) return undefined;
  if (act === 'type') return fourth === undefined ? { act, doorCode, pin: third } : undefined;
  if (act === 'tap') return tapOf(doorCode, third, fourth, fifth);
  if (act === 'record') return { act, doorCode, ...(third === 'stop' ? {} : { file: resolve(third) }) };
  if (act === 'fault') {
    const fault = faultOf(third, fourth);
    return fault && { act, doorCode, ...fault };
  }
  return (act === 'power' || act === 'fire') && (third === 'on' || third === 'off') ? { act, doorCode, on: third === 'on' } : undefined;
}

/** The socket request a typed line asks for, or undefined when it asks for nothing known. Throws FieldError for a number that is none. */
export function requestOf([act = '', doorCode, ...more]: readonly string[]): Record<string, unknown> | undefined {
  if (act === 'list') return { act };
  if (doorCode === undefined) return undefined;
  if (act === 'push' || act === 'open' || act === 'close') return { act, doorCode };
  if (act === 'cut' || act === 'join') return { act: 'network', doorCode, on: act === 'join' };
  return withThird(act, doorCode, more);
}
