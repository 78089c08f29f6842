import { hkdfSync } from 'node:crypto';

/** What a person enters into a board's web page. */
export interface BoardLogin {
  readonly user: string;
  readonly password: string;
  /** Base of all its topics; no other board has it. */
  readonly topic: string;
}

const PASSWORD_BYTES = 12;

/** The login of a board: its device id, and a password from its secret (24 hex digits, as many as its page takes with ease). */
export const boardLogin = (deviceId: string, secret: Uint8Array): BoardLogin => ({
  user: deviceId,
  password: Buffer.from(hkdfSync('sha256', secret, new Uint8Array(0), 'doorbook/esp-rfid/1', PASSWORD_BYTES)).toString('hex'),
  topic: boardTopic(deviceId),
});

/** Base topic of a board. */
export const boardTopic = (deviceId: string): string => `doorbook/${deviceId}`;

/** What follows the base topic in what a board sends that we read; '' is the base topic itself (firmware before 1.3). */
export const BOARD_TAILS = ['', 'send', 'sync', 'accesslist'] as const;
/** One of them. */
export type BoardTail = (typeof BOARD_TAILS)[number];

/** Where a board listens: `cmd` with firmware 2, the base topic itself with firmware 1. */
export type BoardEar = 'cmd' | '';

/** What follows the base in a topic; undefined for a topic of anybody else. */
export function tailOf(base: string, topic: string): string | undefined {
  if (topic === base) return '';
  return topic.startsWith(`${base}/`) ? topic.slice(base.length + 1) : undefined;
}
