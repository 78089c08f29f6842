import { FieldError, type Reader, record, text, whole } from '../fields.ts';

/**
 * What esp-rfid boards say and understand over MQTT, both generations, from the project's public documentation
 * (README-MQTT.md for firmware 2, README-ADDON.md for 1, and public issues). Every message is JSON without a seal.
 */
const U32 = 2 ** 32 - 1;

/** Board's clock, epoch s; 0: it has none. Written as a number, as digits, or left out. */
const seconds: Reader<number> = (value, field) => {
  if (value === undefined || value === null) return 0;
  const given = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value;
  return whole(0, U32)(given, field);
};
/** Text or a number that the board keeps as text. */
const word =
  (longest: number): Reader<string> =>
  (value, field) => {
    const given = typeof value === 'number' ? String(value) : (value ?? '');
    return text(new RegExp(`^[^\\u0000-\\u001f]{0,${longest}}$`, 'u'), `text of at most ${longest} characters`)(given, field);
  };
/** Several doors on one board are told as a list: ours is the first. */
const firstOf =
  <T>(reader: Reader<T>): Reader<T> =>
  (value, field) =>
    reader(Array.isArray(value) ? value[0] : value, field);
/** "true", "false", or the same without quotes. */
const truth: Reader<boolean> = (value, field) => {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw new FieldError(field, 'true or false');
};
const IP = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/;
/** An address the board calls its own; anything else is no address, and no reason to refuse a sign of life. */
const address: Reader<string> = (value) => (typeof value === 'string' && IP.test(value) ? value : '');

const head = record({ type: word(32), command: word(32), cmd: word(32) });
const alive = record({ time: seconds, ip: address, 'Local IP': address });
const access = record({ time: seconds, isKnown: truth, access: firstOf(word(32)), username: word(64), uid: word(32) });
const user = record({ uid: word(32), user: word(64), acctype: seconds, validuntil: seconds });
const event = record({ src: word(16), desc: word(96), time: seconds });

/** What a board noticed at its door. */
export type BoardEvent = 'opened' | 'closed' | 'tamper' | 'held';
/** What a board says that it has carried out; it does not say for whom. */
export type BoardAck = 'adduser' | 'deletuid' | 'deletusers';

/** One message of a board, checked. Times are its own clock, epoch s, 0: none. */
export type BoardMessage =
  | { readonly k: 'alive'; readonly boot: boolean; readonly time: number; readonly ip: string }
  | { readonly k: 'access'; readonly time: number; readonly known: boolean; readonly access: string; readonly user: string; readonly uid: string }
  /** A user it holds. `kind`: 0 disabled, 1 always, 99 admin. `until`: epoch s. */
  | { readonly k: 'user'; readonly uid: string; readonly user: string; readonly kind: number; readonly until: number }
  | { readonly k: 'ack'; readonly of: BoardAck }
  | { readonly k: 'event'; readonly what: BoardEvent; readonly time: number }
  /** It had no memory for a message of ours. */
  | { readonly k: 'dropped' }
  | { readonly k: 'other' };

const EVENTS: Readonly<Record<string, BoardEvent>> = {
  'door/Door Open': 'opened',
  'door/Door Closed': 'closed',
  'tamper/Door was tampered!': 'tamper',
  "tamper/Door wasn't closed within max open time!": 'held',
};
const ACKS: readonly BoardAck[] = ['adduser', 'deletuid', 'deletusers'];

function eventOf(value: unknown): BoardMessage {
  const { src, desc, time } = event(value, '');
  const name = `${src}/${desc}`;
  const what = Object.hasOwn(EVENTS, name) ? EVENTS[name] : undefined;
  if (what !== undefined) return { k: 'event', what, time };
  return src === 'mqtt' && desc.startsWith('Dropping MQTT message') ? { k: 'dropped' } : { k: 'other' };
}

/** Reads a message of a board. Throws FieldError that names the field; a body that is not JSON names the field `body`. */
export function readBoard(body: Uint8Array): BoardMessage {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8'));
  } catch {
    throw new FieldError('body', 'a JSON object');
  }
  const { type, command, cmd } = head(value, '');
  const of = ACKS.find((one) => one === type);
  if (of !== undefined) return { k: 'ack', of };
  // Firmware 1 keeps a user as the very message that made it.
  if (command === 'userfile' || (type === '' && cmd === 'adduser')) {
    const { uid, user: name, acctype, validuntil } = user(value, '');
    return { k: 'user', uid, user: name, kind: acctype, until: validuntil };
  }
  switch (type) {
    case 'boot':
    case 'heartbeat':
    // So written up to firmware 1.0.
    case 'hearthbeat': {
      const { time, ip, 'Local IP': localIp } = alive(value, '');
      return { k: 'alive', boot: type === 'boot', time, ip: ip || localIp };
    }
    case 'access': {
      const { time, isKnown, access: decided, username, uid } = access(value, '');
      return { k: 'access', time, known: isKnown, access: decided, user: username, uid };
    }
    case 'INFO':
    case 'WARN':
    case 'ERRO':
      return eventOf(value);
    default:
      return { k: 'other' };
  }
}

/** Something a board is told to do. `until`: epoch s. */
export type BoardCommand =
  | { readonly cmd: 'adduser'; readonly uid: string; readonly user: string; readonly acctype: 0 | 1; readonly until: number }
  | { readonly cmd: 'deletuid'; readonly uid: string }
  | { readonly cmd: 'deletusers' | 'getuserlist' | 'getuser' | 'opendoor' };

/**
 * The bytes of a command. `doorip`: the board's own address, without which it does nothing. Only the documented fields:
 * firmware 1 reads a command into 255 bytes.
 */
export function encodeCommand(command: BoardCommand, doorip: string): Buffer {
  const { cmd } = command;
  if (cmd === 'deletuid') return Buffer.from(JSON.stringify({ cmd, doorip, uid: command.uid }));
  if (cmd !== 'adduser') return Buffer.from(JSON.stringify({ cmd, doorip }));
  const { uid, user: name, acctype, until } = command;
  return Buffer.from(JSON.stringify({ cmd, doorip, uid, user: name, acctype: String(acctype), validsince: '0', validuntil: String(until) }));
}
