import type { LiveMessage } from '../../gateway/http/schemas/ledger.ts';
import { nextWait } from './back-off.ts';

const SPEAK_WITHIN_MS = 8_000;

/** `live`: lines come as they happen. `waiting`: the connection is gone and a new attempt is on its way. */
export type LinkState = 'connecting' | 'live' | 'waiting';

export interface LiveOptions {
  /** Left out: whatever this role is told. */
  readonly buildingId?: number;
  /** Highest ledger index already here: the gateway sends what came after it. Left out: nothing that was missed. */
  readonly since?: () => number;
  readonly onMessage: (message: LiveMessage) => void;
  /** A new attempt failed or the connection went: a chance to find out that the session is over. */
  readonly onLost: () => void;
}

function parse(data: unknown): LiveMessage | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}

/** Follows the live feed of a building, or all of it, over WebSocket until `close`, through restarts of the gateway and gaps in the network. */
export class LiveLink {
  link = $state<LinkState>('connecting');
  /** When the connection was last lost, epoch ms; 0: never. */
  lostAt = $state(0);
  readonly #options: LiveOptions;
  #socket: WebSocket | undefined;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  readonly #hurry = (): void => this.retry();

  constructor(options: LiveOptions) {
    this.#options = options;
    addEventListener('online', this.#hurry);
    this.#connect();
  }

  /** Tries at once instead of at the next turn. */
  retry(): void {
    if (this.link !== 'waiting') return;
    this.#attempt = 0;
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    removeEventListener('online', this.#hurry);
    this.#socket?.close();
  }

  #connect(): void {
    clearTimeout(this.#timer);
    if (this.#closed || this.#socket !== undefined) return;
    const { buildingId, since } = this.#options;
    const scheme = location.protocol === 'https:' ? 'wss:' : 'ws:';
    const query = [...(buildingId === undefined ? [] : [`building=${buildingId}`]), ...(since === undefined ? [] : [`since=${since()}`])];
    const mine = new WebSocket(`${scheme}//${location.host}/api/v1/live?${query.join('&')}`);
    this.#socket = mine;
    this.#timer = setTimeout(() => mine.close(), SPEAK_WITHIN_MS); // a gateway that takes the connection and says nothing
    mine.addEventListener('message', (event: MessageEvent<unknown>) => {
      if (this.#socket === mine) this.#hear(event.data);
    });
    mine.addEventListener('close', () => {
      if (this.#socket === mine) this.#lost();
    });
  }

  #hear(data: unknown): void {
    const message = parse(data);
    if (message === undefined) return;
    clearTimeout(this.#timer);
    this.#attempt = 0;
    this.link = 'live';
    this.#options.onMessage(message);
  }

  #lost(): void {
    this.#socket = undefined;
    if (this.#closed) return;
    if (this.link === 'live') this.lostAt = Date.now();
    this.link = 'waiting';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#connect(), nextWait(this.#attempt, Math.random()));
    this.#attempt += 1;
    this.#options.onLost();
  }
}
