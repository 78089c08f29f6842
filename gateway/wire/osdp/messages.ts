import { bytesOf, type Codec, counted, group, many, nothing, octets, readAll, rest, uint, type ValueOf } from './layout.ts';

/** One kind of message: its code on the line, and how its data stand in bytes. */
interface Entry<T> {
  readonly code: number;
  readonly codec: Codec<T>;
}
const message = <T>(code: number, codec: Codec<T>): Entry<T> => ({ code, codec });

const u8 = uint(1);
const u16 = uint(2);
const u32 = uint(4);
const colour = uint(1, 0, 7);
const CARD_BITS_MAX = 256;
const ITEMS_MAX = 64;

const temporaryLed = group({ code: uint(1, 0, 2), on: u8, off: u8, onColour: colour, offColour: colour, timer: u16 });
const permanentLed = group({ code: uint(1, 0, 1), on: u8, off: u8, onColour: colour, offColour: colour });
const comset = group({ address: uint(1, 0, 0x7e), baud: u32 });

/** What a panel says (osdp.md 2.6), by name. Timers are in units of 100 ms. */
const commands = {
  POLL: message(0x60, nothing),
  ID: message(0x61, group({ kind: uint(1, 0, 1) })),
  CAP: message(0x62, group({ kind: uint(1, 0, 0) })),
  LSTAT: message(0x64, nothing),
  ISTAT: message(0x65, nothing),
  OSTAT: message(0x66, nothing),
  RSTAT: message(0x67, nothing),
  OUT: message(0x68, many(group({ output: u8, control: uint(1, 0, 6), timer: u16 }), ITEMS_MAX)),
  LED: message(0x69, many(group({ reader: u8, led: u8, temporary: temporaryLed, permanent: permanentLed }), ITEMS_MAX)),
  BUZ: message(0x6a, group({ reader: u8, tone: uint(1, 0, 2), on: u8, off: u8, count: u8 })),
  TEXT: message(
    0x6b,
    counted(group({ reader: u8, command: uint(1, 1, 4), seconds: u8, row: uint(1, 1), column: uint(1, 1), length: u8 }), ({ length }) => length),
  ),
  COMSET: message(0x6e, comset),
  KEYSET: message(
    0x75,
    counted(group({ kind: uint(1, 1, 1), length: uint(1, 16, 16) }), ({ length }) => length),
  ),
  CHLNG: message(0x76, group({ random: octets(8) })),
  SCRYPT: message(0x77, group({ cryptogram: octets(16) })),
  ACURXSIZE: message(0x7b, group({ size: u16 })),
  FILETRANSFER: message(
    0x7c,
    counted(group({ type: u8, total: u32, offset: u32, length: u16 }), ({ length }) => length),
  ),
  MFG: message(0x80, group({ vendor: octets(3), data: rest })),
  ABORT: message(0xa2, nothing),
  KEEPACTIVE: message(0xa7, group({ ms: u16 })),
} as const;

/** What a device says (osdp.md 2.7), by name. */
const replies = {
  ACK: message(0x40, nothing),
  NAK: message(0x41, group({ error: u8, more: rest })),
  PDID: message(0x45, group({ vendor: octets(3), model: u8, version: u8, serial: octets(4), firmware: octets(3) })),
  PDCAP: message(0x46, many(group({ function: u8, level: u8, count: u8 }), ITEMS_MAX)),
  LSTATR: message(0x48, group({ tamper: uint(1, 0, 1), power: uint(1, 0, 1) })),
  ISTATR: message(0x49, many(u8, ITEMS_MAX)),
  OSTATR: message(0x4a, many(uint(1, 0, 1), ITEMS_MAX)),
  RSTATR: message(0x4b, many(uint(1, 0, 2), ITEMS_MAX)),
  RAW: message(
    0x50,
    counted(group({ reader: u8, format: uint(1, 0, 1), bits: uint(2, 1, CARD_BITS_MAX) }), ({ bits }) => Math.ceil(bits / 8)),
  ),
  FMT: message(
    0x51,
    counted(group({ reader: u8, direction: u8, count: u8 }), ({ count }) => count),
  ),
  KEYPAD: message(
    0x53,
    counted(group({ reader: u8, count: u8 }), ({ count }) => count),
  ),
  COM: message(0x54, comset),
  CCRYPT: message(0x76, group({ id: octets(8), random: octets(8), cryptogram: octets(16) })),
  RMAC_I: message(0x78, group({ mac: octets(16) })),
  BUSY: message(0x79, nothing),
  FTSTAT: message(0x7a, group({ action: u8, delay: u16, status: u16, size: u16 })),
  MFGREP: message(0x90, group({ vendor: octets(3), data: rest })),
} as const;

type Bodies<T extends Readonly<Record<string, { readonly codec: unknown }>>> = { readonly [N in keyof T]: ValueOf<T[N]['codec']> };
type CommandBodies = Bodies<typeof commands>;
type ReplyBodies = Bodies<typeof replies>;
type Tables<B> = { readonly [N in keyof B]: Entry<B[N]> };
type Named<B, N extends keyof B = keyof B> = { [K in N]: { readonly name: K; readonly body: B[K] } }[N];

/** Name of something a panel says. */
export type CommandName = keyof CommandBodies;
/** Something a panel says. */
export type Command<N extends CommandName = CommandName> = Named<CommandBodies, N>;
/** Name of something a device says. */
export type ReplyName = keyof ReplyBodies;
/** Something a device says. */
export type Reply<N extends ReplyName = ReplyName> = Named<ReplyBodies, N>;

const COMMANDS: Tables<CommandBodies> = commands;
const REPLIES: Tables<ReplyBodies> = replies;

/** A message as it stands in a frame. */
export interface Written {
  readonly code: number;
  readonly data: Uint8Array;
}

function written<B, N extends keyof B>(table: Tables<B>, name: N, body: B[N]): Written {
  const { code, codec } = table[name];
  return { code, data: bytesOf(codec, body) };
}

const namesOf = <B>(table: Tables<B>): ReadonlyMap<number, keyof B> => {
  const names = Object.keys(table) as (keyof B)[];
  return new Map(names.map((name) => [table[name].code, name]));
};
const COMMAND_NAMES = namesOf(COMMANDS);
const REPLY_NAMES = namesOf(REPLIES);

/** The code and data of a command. Throws FieldError naming the field that does not fit. */
export const writeCommand = <N extends CommandName>(name: N, body: CommandBodies[N]): Written => written(COMMANDS, name, body);
/** The code and data of a reply. Throws FieldError naming the field that does not fit. */
export const writeReply = <N extends ReplyName>(name: N, body: ReplyBodies[N]): Written => written(REPLIES, name, body);

/** Reads a command; undefined: a code that is none of ours. Throws FieldError naming the field. */
export function readCommand({ code, data }: Written): Command | undefined {
  const name = COMMAND_NAMES.get(code);
  return name === undefined ? undefined : ({ name, body: readAll<unknown>(COMMANDS[name].codec, data) } as Command);
}

/** Reads a reply; undefined: a code that is none of ours. Throws FieldError naming the field. */
export function readReply({ code, data }: Written): Reply | undefined {
  const name = REPLY_NAMES.get(code);
  return name === undefined ? undefined : ({ name, body: readAll<unknown>(REPLIES[name].codec, data) } as Reply);
}

/** Why a device refuses (osdp.md 2.7). */
export const NAK = { check: 1, length: 2, unknown: 3, sequence: 4, block: 5, security: 6, record: 9 } as const;
/** Functions a device names in PDCAP (osdp.md 2.7). */
export const FUNCTION = { inputs: 1, outputs: 2, cards: 3, led: 4, buzzer: 5, text: 6, check: 8, security: 9, buffer: 10, readers: 13 } as const;
/** What an output is told (osdp.md 2.6). A door is unlocked with `timedOn` only: it locks again by itself. */
export const OUTPUT = { off: 1, on: 2, timedOn: 5 } as const;
/** Colours of a lamp. */
export const COLOUR = { black: 0, red: 1, green: 2, amber: 3 } as const;
