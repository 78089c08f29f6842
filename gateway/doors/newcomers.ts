import type { ControllerId } from '../core/ids.ts';
import { FieldError } from '../wire/fields.ts';
import { type Ask, give, type Given, type Identity, type EnrolRefusal, newcomerOf, readAsk } from '../wire/mqtt/enrol.ts';
import { createLimiter } from './limiter.ts';

/** What became of an ask. `controllerId` 0: of no controller here. */
export type Trading =
  | { readonly ok: true; readonly controllerId: ControllerId | 0; readonly identity: Omit<Identity, 'list'>; readonly again: boolean }
  | { readonly ok: false; readonly controllerId: ControllerId | 0; readonly why: EnrolRefusal };

/** Trades codes for identities where the register is written. Rejects when nobody answers. */
export type TradeCodes = (ask: Ask) => Promise<Trading>;

/** What answering newcomers is made of. */
export interface NewcomerParts {
  readonly trade: TradeCodes;
  /** Monotonic ms. */
  readonly uptime: () => number;
  readonly random: (bytes: number) => Buffer;
  /** Public key that headers of lists are checked with, 64 hex digits. */
  readonly listKey: string;
  /** A code was not taken: an entry and an alarm. */
  readonly refused: (controllerId: ControllerId | 0, why: string) => void;
  /** A device has the identity of a controller now. */
  readonly enrolled: () => void;
  /** An ask that is none: for the log file. */
  readonly malformed: (detail: string) => void;
}

/** Asks a minute, all together: the register is asked for each. */
const ASKS = 30;
const MINUTE_MS = 60_000;
const PRIVATE_KEY_BYTES = 32;

const answer = (given: Given): Buffer => Buffer.from(JSON.stringify(given));

/** Answers devices that ask to be enrolled. Undefined: no answer, the ask was none. */
export function createNewcomers({
  trade,
  uptime,
  random,
  listKey,
  refused,
  enrolled,
  malformed,
}: NewcomerParts): (clientId: string, payload: Buffer) => Promise<Buffer | undefined> {
  const asks = createLimiter(ASKS, MINUTE_MS, uptime);

  function read(clientId: string, payload: Buffer): Ask | undefined {
    try {
      const ask = readAsk(payload);
      if (newcomerOf(Buffer.from(ask.k, 'hex')) === clientId) return ask;
      malformed('k: expected the key that the client id is made of');
    } catch (error) {
      if (!(error instanceof FieldError)) throw error;
      malformed(error.message);
    }
    return undefined;
  }

  return async (clientId, payload) => {
    const ask = read(clientId, payload);
    if (ask === undefined) return undefined;
    if (!asks.allow('')) return answer({ v: 1, r: 'LATER' });
    const traded = await trade(ask).catch((): Trading => ({ ok: false, controllerId: 0, why: 'LATER' }));
    if (traded.ok) {
      if (!traded.again) enrolled();
      return answer(give(ask, { ...traded.identity, list: listKey }, random(PRIVATE_KEY_BYTES)));
    }
    if (traded.why !== 'LATER') refused(traded.controllerId, `code-${traded.why.toLowerCase()}`);
    return answer({ v: 1, r: traded.why });
  };
}
