import { timingSafeEqual } from 'node:crypto';
import { deviceTopic, isWireId } from '../wire/mqtt/topics.ts';

/** A CONNECT packet, as far as the rules read it (MQTT 3.1.1, 3.1). */
export interface ConnectAsked {
  readonly clientId: string;
  readonly protocolVersion?: number;
  readonly clean?: boolean;
  readonly keepalive?: number;
  readonly will?: { readonly topic: string; readonly payload: Buffer | string; readonly qos?: number; readonly retain?: boolean };
}

/** What must be known of a device to let it in. */
export interface Login {
  readonly site: string;
  /** 64 hex digits; undefined: a device that asks to be enrolled, which has none yet. */
  readonly password: string | undefined;
}

/** CONNACK return code of MQTT 3.1.1, table 3.1, and a stable lower-case word for the log. */
export interface ConnectRefusal {
  readonly code: 2 | 4 | 5;
  readonly why: string;
}

const MAX_KEEPALIVE_S = 120;
const MAX_WILL_BYTES = 1024;

/** The first rule a CONNECT breaks, or undefined. `login` is undefined for an id the register does not hold. */
export function connectRefusal(asked: ConnectAsked, login: Login | undefined): ConnectRefusal | undefined {
  if (!isWireId(asked.clientId)) return { code: 2, why: 'client-id' };
  if (login === undefined) return { code: 4, why: 'unknown-device' };
  if (asked.protocolVersion !== 4) return { code: 5, why: 'protocol' };
  // A kept session would queue unlock commands for a device that is away, and deliver them when it returns.
  if (asked.clean !== true) return { code: 5, why: 'session' };
  const keepalive = asked.keepalive ?? 0;
  if (keepalive === 0 || keepalive > MAX_KEEPALIVE_S) return { code: 5, why: 'keepalive' };
  const { will } = asked;
  if (will === undefined) return undefined;
  const allowed = login.password !== undefined && will.topic === deviceTopic(login.site, asked.clientId, 'state') && will.qos !== 2 && will.payload.length <= MAX_WILL_BYTES;
  return allowed ? undefined : { code: 5, why: 'will' };
}

/** Compares a password in constant time. A wrong length takes as long as a right one. */
export function passwordMatches(expected: string, given: Uint8Array | undefined): boolean {
  const right = Buffer.from(expected);
  const sameLength = given !== undefined && given.length === right.length;
  return timingSafeEqual(right, sameLength ? given : Buffer.alloc(right.length)) && sameLength;
}
