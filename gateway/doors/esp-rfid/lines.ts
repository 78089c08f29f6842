import { createHmac } from 'node:crypto';
import type { Reason } from '../../core/reasons.ts';
import type { EventKey } from '../../journal/entry.ts';
import { type BoardReading, readings } from '../../wire/esp-rfid/cards.ts';
import type { BoardMessage } from '../../wire/esp-rfid/messages.ts';
import type { Happening, Outcome, Tap } from '../link.ts';
import type { BoardRecord } from './registry.ts';

/** Before this a board's clock was never set: 1 January 2020, epoch s. */
const CLOCK_SET_S = 1_577_836_800;

const keyed = (secret: Uint8Array, text: string): Buffer => createHmac('sha256', secret).update(text).digest();

/**
 * A key for a line of a board's log, which numbers nothing: its own second, and under the board's secret the line itself.
 * The same line twice is one entry. A board without a clock is given our second.
 */
function keyOf({ controllerId, secret }: BoardRecord, time: number, line: readonly string[], now: number): EventKey {
  const boot = time < CLOCK_SET_S ? Math.floor(now / 1000) : time;
  const instance = keyed(secret, 'esp-rfid instance').toString('hex', 0, 8);
  // Even, so that the outcome of a request has the number after it.
  const seq = (keyed(secret, `esp-rfid line ${JSON.stringify([boot, ...line])}`).readUInt32BE(0) & 0x7ffffffe) >>> 0;
  return { controllerId, instance, boot, seq };
}

const deviceTime = (time: number): number => (time < CLOCK_SET_S ? 0 : time * 1000);

const REASONS: Readonly<Record<string, Reason>> = {
  always: 'OK',
  admin: 'OK',
  expired: 'EXPIRED',
  disabled: 'SUSPENDED',
  denied: 'UNKNOWN_CREDENTIAL',
  'wrong pin code': 'PIN_WRONG',
};

type Access = Extract<BoardMessage, { k: 'access' }>;

/** Why the board opened or did not. A word we do not know opened nothing that it told us of. */
function reasonOf({ known, access }: Access): Reason {
  if (!known) return 'UNKNOWN_CREDENTIAL';
  const word = access.toLowerCase();
  return (Object.hasOwn(REASONS, word) ? REASONS[word] : undefined) ?? 'DEVICE_FAULT';
}

/** Was it an order over MQTT, by no card? */
export const isRemote = ({ known, uid }: Access): boolean => known && uid.trim() === '';

/** Finds which card a text of the board stands for. */
export interface CardLookup {
  /** By what the board was told. */
  readonly told: (uid: string) => BoardReading | undefined;
  /** Does the register have a card with this reading? */
  readonly knows: (reading: { readonly bits: number; readonly hex: string }) => boolean;
}

/** The card of a line; undefined when it may be several and the register has none of them, or more than one. */
function cardOf({ cards }: BoardRecord, uid: string, { told, knows }: CardLookup): Tap['credential'] {
  const exact = told(uid) ?? told(uid.toLowerCase());
  const possible = exact === undefined ? readings(cards, uid) : [exact];
  const [only, ...more] = possible.length === 1 ? possible : possible.filter(knows);
  return only === undefined || more.length > 0 ? undefined : { bits: only.bits, hex: only.hex.toUpperCase() };
}

/** A line of the access log: the board decided by itself. `list`: what it held then, `epoch.n`. */
export function outcomeOf(record: BoardRecord, message: Access, lookup: CardLookup, at: { readonly now: number; readonly list: string }): Outcome {
  const { time, uid } = message;
  const reason = reasonOf(message);
  const granted = reason === 'OK';
  const key = keyOf(record, time, ['access', message.access, String(message.known), uid.toLowerCase()], at.now);
  const remote = isRemote(message);
  const tap: Tap = {
    key,
    doorId: record.doorId ?? 0,
    method: remote ? 'remote' : 'card',
    credential: remote ? undefined : cardOf(record, uid, lookup),
    deviceTime: deviceTime(time),
    ageMs: 0,
    budgetMs: 0,
    list: at.list,
  };
  const request = { boot: key.boot, seq: key.seq };
  // It says that the relay moved, not that anybody went in.
  return { key: { ...key, seq: key.seq + 1 }, request, tap, final: 'local', granted, reason, opened: granted ? 'unknown' : 'unopened' };
}

/** A duty card was let in and ended the lockdown at this door: the board cannot say so, its line of the card does. */
export const dutyRelease = (record: BoardRecord, { time }: Access, now: number): Happening => ({
  key: keyOf(record, time, ['event', 'duty-release'], now),
  doorId: record.doorId ?? 0,
  what: 'duty-release',
  deviceTime: deviceTime(time),
  offline: false,
});

/** Something the board noticed at its door. */
export const happeningOf = (record: BoardRecord, { what, time }: Extract<BoardMessage, { k: 'event' }>, now: number): Happening => ({
  key: keyOf(record, time, ['event', what], now),
  doorId: record.doorId ?? 0,
  what,
  deviceTime: deviceTime(time),
  offline: false,
});
