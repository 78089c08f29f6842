import type { LedgerLine, LedgerPage, LiveMessage } from '../../gateway/http/schemas/ledger.ts';
import type { DoorLive } from '../../gateway/http/schemas/places.ts';
import type { Problem } from '../../gateway/http/schemas/session.ts';
import { get, problemOf } from './api.ts';
import { alarmsCame } from './alarm-news.svelte.ts';
import { foldLines, lastIndex, mergeLines } from './ledger-fold.ts';
import { checkpointCame } from './log-news.svelte.ts';
import { LiveLink, type LinkState } from './live.svelte.ts';
import { loadSession, session } from './session.svelte.ts';

const PAGE = 60;
const MOST = 600;

export interface FeedOptions {
  readonly buildingId: number;
  /** The register changed: what is on screen about homes and people is out of date. */
  readonly onRegister: () => void;
  /** The session ended while the feed was open. */
  readonly onSignedOut: () => void;
}

/** A building's ledger, newest first, kept current by the live feed; pausing holds new lines back. Close it when the page goes. */
export class Feed {
  paused = $state(false);
  loading = $state(true);
  problem = $state.raw<Problem | undefined>();
  /** Latest known state of each door, by id; a door missing here is as the building said. */
  doors = $state.raw<ReadonlyMap<number, DoorLive>>(new Map());
  #lines = $state.raw<LedgerLine[]>([]);
  #held = $state.raw<LedgerLine[]>([]);
  #fresh = $state.raw<ReadonlySet<number>>(new Set());
  #next = $state.raw<number | null>(null);
  #live = $state.raw<LiveLink | undefined>();
  #cursor = 0;
  #closed = false;
  readonly #options: FeedOptions;
  /** The lines to show, newest first. */
  readonly lines = $derived(foldLines(this.#lines));
  /** How many lines wait behind the pause. */
  readonly heldBack = $derived(foldLines(this.#held).length);

  constructor(options: FeedOptions) {
    this.#options = options;
    void this.reload();
  }

  get link(): LinkState {
    return this.#live?.link ?? 'connecting';
  }
  get lostAt(): number {
    return this.#live?.lostAt ?? 0;
  }
  get hasOlder(): boolean {
    return this.#next !== null && this.#lines.length < MOST;
  }

  /** True for lines that came in just now: they slide in. */
  isFresh(index: number): boolean {
    return this.#fresh.has(index);
  }

  /** Fetches the newest page and, the first time, starts following. */
  async reload(): Promise<void> {
    this.loading = true;
    this.problem = undefined;
    try {
      const page = await get<LedgerPage>(`/entries?building=${this.#options.buildingId}&limit=${PAGE}`);
      this.#lines = page.lines;
      this.#held = [];
      this.#next = page.next;
    } catch (error) {
      this.problem = problemOf(error);
    }
    this.loading = false;
    if (!this.#closed && this.#live === undefined && this.problem === undefined) this.#follow();
  }

  /** Adds the next older page. */
  async older(): Promise<void> {
    if (this.#next === null) return;
    try {
      const page = await get<LedgerPage>(`/entries?building=${this.#options.buildingId}&before=${this.#next}&limit=${PAGE}`);
      this.#lines = mergeLines(this.#lines, page.lines, MOST);
      this.#next = page.next;
      this.problem = undefined;
    } catch (error) {
      this.problem = problemOf(error);
    }
  }

  retry(): void {
    this.#live?.retry();
  }
  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    this.#take(this.#held);
    this.#held = [];
  }

  close(): void {
    this.#closed = true;
    this.#live?.close();
  }

  #take(incoming: readonly LedgerLine[]): void {
    if (this.paused) {
      this.#held = mergeLines(this.#held, incoming, MOST);
      return;
    }
    this.#fresh = new Set(incoming.map((line) => line.index));
    this.#lines = mergeLines(this.#lines, incoming, MOST);
  }

  #hear(message: LiveMessage): void {
    if (message.t === 'doors') this.doors = new Map([...this.doors, ...message.doors.map((row): [number, DoorLive] => [row.doorId, row.live])]);
    else if (message.t === 'register') this.#options.onRegister();
    else if (message.t === 'alarms') alarmsCame();
    else if (message.t === 'checkpoint') checkpointCame();
    else if (message.t === 'lines') {
      this.#cursor = Math.max(this.#cursor, message.last); // beyond the lines a role is shown
      if (message.gap) void this.reload();
      else this.#take(message.lines);
    }
  }

  async #lost(): Promise<void> {
    await loadSession().catch(() => undefined); // no answer: the gateway is away, not we
    if (!this.#closed && session()?.account === null) this.#options.onSignedOut();
  }

  #follow(): void {
    this.#live = new LiveLink({
      buildingId: this.#options.buildingId,
      since: () => Math.max(this.#cursor, lastIndex(this.#lines), lastIndex(this.#held)),
      onMessage: (message) => this.#hear(message),
      onLost: () => void this.#lost(),
    });
  }
}
