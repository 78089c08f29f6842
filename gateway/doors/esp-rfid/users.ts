import { type BoardReading, type CardForm, spell } from '../../wire/esp-rfid/cards.ts';
import type { BoardAck, BoardCommand, BoardMessage } from '../../wire/esp-rfid/messages.ts';
import type { BoardUser } from './registry.ts';

/** A user as a board should have it: an opaque word, never a name, and the end, epoch s. */
interface Wanted {
  readonly user: string;
  readonly until: number;
}

/** What a board is known to hold: read from it, or acknowledged by it. */
interface Held extends Wanted {
  /** False: it opens nothing (firmware 1 forgets a user only so). */
  readonly opens: boolean;
}

/** What the users of one board are kept with. `uptime`: monotonic ms. */
export interface UsersPort {
  readonly uptime: () => number;
  /** False: the board cannot be told anything now. */
  send(command: BoardCommand): boolean;
  /** Firmware 1, which knows other words and acknowledges nothing. */
  isOld(): boolean;
  /** It now holds what it should, or no longer does. */
  settled(): void;
  /** It goes on holding something else; tried again after a while. */
  failing(): void;
}

/** The users of one board: what it should hold, what it holds, and one command at a time to make them the same. */
export interface BoardUsers {
  /** What the register wants now. True when it is something else than before. */
  want(users: readonly BoardUser[], cards: CardForm, now: number): boolean;
  /** Users the board's readers cannot tell. */
  readonly unspelled: number;
  /** What it holds is not known any more: after a start or a new connection. */
  forget(): void;
  /** Reads it anew when it has time: somebody else may have changed it. */
  recheck(): void;
  onUser(message: Extract<BoardMessage, { k: 'user' }>): void;
  onAck(of: BoardAck): void;
  /** To be called several times a second. */
  tick(): void;
  /** It holds exactly what it should. */
  readonly same: boolean;
  /** Cards it still opens for and should not; undefined while it is not known what it holds. */
  readonly unwanted: number | undefined;
  /** A user it should have. */
  wants(uid: string): boolean;
  /** The card behind a text of this board, of users wanted now or before. */
  reading(uid: string): BoardReading | undefined;
}

const DAY_S = 86_400;
/** A list that nobody renews ends by itself: 15 to 30 days, in steps, so that a board writes its memory seldom. */
const STEP_S = 15 * DAY_S;
/** Without an end; a board's clock counts to 2038. */
const LAST_S = 2 ** 31 - 1;

/** The end a board is told, epoch s: the credential's own, and never further than the list as a whole holds. */
function endOf(until: number, now: number): number {
  const whole = (Math.floor(now / 1000 / STEP_S) + 2) * STEP_S;
  return Math.min(LAST_S, whole, until === 0 ? LAST_S : Math.floor(until / 1000));
}

/** It says nothing of the end of its list: so long without another user, ms. */
const QUIET_MS = 3000;
const ACK_MS = 5000;
const TRIES = 3;
/** Between two commands to a board that acknowledges nothing. */
const PACE_MS = 500;
/** Rounds after which a board that does not become as it should is left alone for a while. */
const ROUNDS = 3;
const LEAVE_MS = 300_000;
const RECHECK_MS = 86_400_000;

type Change = Extract<BoardCommand, { cmd: 'adduser' | 'deletuid' }>;
interface Sent {
  readonly change: Change;
  readonly at: number;
  readonly tries: number;
}

class Users implements BoardUsers {
  readonly #port: UsersPort;
  #wanted: ReadonlyMap<string, Wanted> | undefined;
  readonly #readings = new Map<string, BoardReading>();
  #held: Map<string, Held> | undefined;
  /** Rows of the list that is being read; `last`: monotonic ms of the newest. */
  #read: { readonly rows: Map<string, Held>; last: number } | undefined;
  #sent: Sent | undefined;
  /** It acknowledges; undefined: not known yet. */
  #acks: boolean | undefined;
  /** Told since it was last read, without an acknowledgement. */
  #unsure = false;
  #rounds = 0;
  #restUntil = 0;
  #readAt = 0;
  #same = false;
  unspelled = 0;

  constructor(port: UsersPort) {
    this.#port = port;
  }

  get same(): boolean {
    return this.#same;
  }

  get unwanted(): number | undefined {
    const [held, wanted] = [this.#held, this.#wanted];
    if (held === undefined || wanted === undefined || this.#unsure) return undefined;
    return [...held].filter(([uid, { opens }]) => opens && !wanted.has(uid)).length;
  }

  want(users: readonly BoardUser[], cards: CardForm, now: number): boolean {
    const wanted = new Map<string, Wanted>();
    this.unspelled = 0;
    for (const { credentialId, bits, hex, until } of users) {
      const uid = spell(cards, { bits, hex });
      if (uid === undefined) {
        this.unspelled += 1;
        continue;
      }
      const user = { user: `c${credentialId}`, until: endOf(until, now) };
      // Two cards its reader writes alike are one to the board: it opens for both as long as for either.
      if ((wanted.get(uid)?.until ?? 0) < user.until) wanted.set(uid, user);
      this.#readings.set(uid, { bits, hex });
    }
    const changed = JSON.stringify([...wanted]) !== JSON.stringify([...(this.#wanted ?? [])]) || this.#wanted === undefined;
    if (!changed) return false;
    this.#wanted = wanted;
    this.#rounds = 0;
    this.#restUntil = 0;
    this.#settle(false);
    return true;
  }

  forget(): void {
    this.#settle(false);
    this.#held = undefined;
    this.#read = undefined;
    this.#sent = undefined;
    this.#unsure = false;
    this.#rounds = 0;
    this.#restUntil = 0;
  }

  recheck(): void {
    if (this.#port.uptime() - this.#readAt > QUIET_MS) this.#unsure = true;
  }

  onUser({ uid, user, kind, until }: Extract<BoardMessage, { k: 'user' }>): void {
    if (this.#read === undefined || uid === '' || this.#read.rows.size >= 5000) return;
    // An admin is no user of ours, whatever it is called: it is made one, or removed.
    this.#read.rows.set(uid, { user: kind === 1 || kind === 0 ? user : '', until, opens: kind !== 0 });
    this.#read.last = this.#port.uptime();
  }

  onAck(of: BoardAck): void {
    if (this.#sent === undefined || this.#sent.change.cmd !== of) return;
    this.#acks = true;
    // Told more than once: the next acknowledgement may still be of this, so what follows is read back.
    if (this.#sent.tries > 1) this.#unsure = true;
    this.#applied(this.#sent.change);
  }

  wants = (uid: string): boolean => this.#wanted?.has(uid) ?? false;
  reading = (uid: string): BoardReading | undefined => this.#readings.get(uid);

  tick(): void {
    const now = this.#port.uptime();
    if (this.#read !== undefined) {
      if (now - this.#read.last < QUIET_MS) return;
      this.#held = this.#read.rows;
      this.#read = undefined;
      this.#readAt = now;
      this.#unsure = false;
    }
    if (this.#sent !== undefined) return this.#wait(this.#sent, now);
    if (this.#wanted === undefined || now < this.#restUntil) return;
    if (this.#held === undefined || now - this.#readAt > RECHECK_MS) return this.#ask(now);
    const change = this.#next(this.#wanted, this.#held);
    if (change !== undefined) return void this.#tell(change, now, 1);
    // What nobody acknowledged is looked at before it is believed.
    if (this.#unsure) return this.#again(now);
    this.#settle(true);
  }

  /** Told and not acknowledged everything: reads it, and after some rounds without success leaves it alone. */
  #again(now: number): void {
    this.#rounds += 1;
    if (this.#rounds <= ROUNDS) return this.#ask(now);
    this.#rounds = 0;
    this.#restUntil = now + LEAVE_MS;
    this.#held = undefined;
    this.#port.failing();
  }

  #ask(now: number): void {
    if (this.#port.send({ cmd: this.#port.isOld() ? 'getuser' : 'getuserlist' })) this.#read = { rows: new Map(), last: now };
  }

  /** What still differs: what must no longer open comes first. */
  #next(wanted: ReadonlyMap<string, Wanted>, held: ReadonlyMap<string, Held>): Change | undefined {
    for (const [uid, { opens, user }] of held) {
      if (wanted.has(uid) || (!opens && this.#port.isOld())) continue;
      return this.#port.isOld() ? { cmd: 'adduser', uid, user: user || 'x', acctype: 0, until: 1 } : { cmd: 'deletuid', uid };
    }
    for (const [uid, { user, until }] of wanted) {
      const has = held.get(uid);
      if (has?.opens !== true || has.user !== user || has.until !== until) return { cmd: 'adduser', uid, user, acctype: 1, until };
    }
    return undefined;
  }

  #tell(change: Change, now: number, tries: number): void {
    if (this.#port.send(change)) this.#sent = { change, at: now, tries };
    this.#settle(false);
  }

  #wait({ change, at, tries }: Sent, now: number): void {
    const patience = this.#acks === true || (this.#acks === undefined && !this.#port.isOld()) ? ACK_MS : PACE_MS;
    if (now - at < patience) return;
    if (patience === ACK_MS && tries < TRIES) return this.#tell(change, now, tries + 1);
    // Nothing acknowledged so far: a board that never does. One that did and fell silent is read anew as well.
    this.#acks = false;
    this.#unsure = true;
    this.#applied(change);
  }

  #applied(change: Change): void {
    this.#sent = undefined;
    if (change.cmd === 'deletuid') this.#held?.delete(change.uid);
    else this.#held?.set(change.uid, { user: change.user, until: change.until, opens: change.acctype === 1 });
  }

  #settle(same: boolean): void {
    if (this.#same === same) return;
    this.#same = same;
    if (same) this.#rounds = 0;
    this.#port.settled();
  }
}

/** Nothing known yet of either side. */
export const createBoardUsers = (port: UsersPort): BoardUsers => new Users(port);
