import type { DayCalendar } from '../core/schedule.ts';
import { freshRandom } from '../journal/random-pool.ts';
import { encodePacked } from '../wire/mqtt/list-chunk.ts';
import type { ListSigner } from '../wire/mqtt/list-header.ts';
import { encode } from '../wire/mqtt/messages.ts';
import { NONCE_BYTES, seal } from '../wire/mqtt/seal.ts';
import { deviceTopic, type DownTail } from '../wire/mqtt/topics.ts';
import { type Device, doorStates, keysOf, type LinkContext, type LinkLog } from './device.ts';
import { createLimiter } from './limiter.ts';
import type { DoorSide } from './link.ts';

/** What a context is made of. */
export interface ContextParts {
  readonly side: DoorSide;
  /** Epoch ms. */
  readonly now: () => number;
  /** Monotonic ms. */
  readonly uptime: () => number;
  readonly log: LinkLog;
  readonly random?: ((bytes: number) => Buffer) | undefined;
  /** Signs the headers of access lists. */
  readonly signer: ListSigner;
  /** Public holidays and make-up days that schedules go by. */
  readonly calendar: DayCalendar;
}

/** A context that can speak of strangers too. */
export interface FullContext extends LinkContext {
  /** Something of nobody known was turned away. */
  strangerRefused(why: string, detail?: string): void;
  /** How often something was turned away since the start, by its word. */
  readonly refusals: ReadonlyMap<string, number>;
}

const MINUTE_MS = 60_000;

/** What handlers share. Limits: one refusal entry and ten log lines a minute for a device, ten comings and goings. */
export function createContext({ side, now, uptime, log, signer, calendar, random = freshRandom }: ContextParts): FullContext {
  const told = createLimiter(1, MINUTE_MS, uptime);
  const lines = createLimiter(10, MINUTE_MS, uptime);
  const changes = createLimiter(10, MINUTE_MS, uptime);
  const refusals = new Map<string, number>();
  const count = (why: string): void => void refusals.set(why, (refusals.get(why) ?? 0) + 1);
  const record: (event: Parameters<DoorSide['link']>[0]) => void = (event) => {
    side.link(event).catch((error: unknown) => log.error({ ...event, error: String(error) }, 'a link entry was not stored'));
  };
  function sendSealed(device: Device, tail: DownTail, body: Uint8Array, sent?: () => void): boolean {
    const {
      connection,
      record: { site },
    } = device;
    connection?.send(tail, seal(keysOf(device).down, deviceTopic(site, device.id, tail), body, random(NONCE_BYTES)), sent);
    return connection !== undefined;
  }
  return {
    side,
    now,
    uptime,
    log,
    calendar,
    random,
    refusals,
    send(device, tail, message, sent) {
      const body = encode(tail, message);
      return sendSealed(device, tail, tail === 'acl/want' ? signer.sign(body) : body, sent);
    },
    sendPiece: (device, piece, sent) => sendSealed(device, 'acl/c', encodePacked(piece), sent),
    refuse(device, why, detail = '') {
      count(why);
      if (lines.allow(device.id)) log.warn({ device: device.id, why, detail }, `refused: ${why}${detail && ` (${detail})`}`);
      if (told.allow(`${device.id} ${why}`)) record({ controllerId: device.record.controllerId, what: 'refused', why, key: undefined });
    },
    strangerRefused(why, detail = '') {
      count(why);
      if (lines.allow('')) log.warn({ why, detail }, `refused: ${why}${detail && ` (${detail})`}`);
      if (told.allow(why)) record({ controllerId: 0, what: 'refused', why, key: undefined });
    },
    note(device, what, why) {
      log.info({ device: device.id, what, why }, `controller ${what}: ${why}`);
      if (changes.allow(device.id)) record({ controllerId: device.record.controllerId, what, why, key: undefined });
    },
    announce(device) {
      for (const state of doorStates(device)) {
        const text = JSON.stringify(state);
        if (device.announced.get(state.doorId) === text) continue;
        device.announced.set(state.doorId, text);
        side.state(state);
      }
    },
  };
}
