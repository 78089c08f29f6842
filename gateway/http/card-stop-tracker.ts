import { acknowledges, neededList } from '../core/list-version.ts';
import { BuildingId, CredentialId, DoorId, PersonId } from '../core/ids.ts';
import type { DoorState } from '../doors/link.ts';
import { eventOf, type NewEntry, NO_PERSON } from '../journal/entry.ts';
import { undoneEntry } from '../register/revocations.ts';
import type { CardStops, Confirmation, OpenDoor, Untold } from '../store/card-stops.ts';
import type { Deps, JournalReads } from './deps.ts';
import type { DoorList } from './door-list.ts';

/** Says that a door acknowledged a list without a card that was stopped. */
const CONFIRMED = 'card-stop-confirmed';
/** Entries written in one go. */
const BATCH = 50;
/** Entries of one door looked through for one that was written before a crash. */
const LOOK_BACK = 200;

/** Waits for the doors of stopped cards, and writes down what they acknowledge: in the register, then once in the log. */
export interface CardStopTracker {
  /** How doors stand now; quick, and never rejects. */
  heard(states: readonly DoorState[]): void;
  /** A card was stopped: its doors are waited for from now on. */
  begin(stopId: number): Promise<void>;
  /** The stop was undone: nothing is waited for, and the log is told. */
  end(stopId: number): Promise<void>;
  /** Writes what could not be written before; at the start everything that is open. */
  catchUp(): Promise<void>;
}

export interface TrackerParts {
  readonly stops: CardStops;
  readonly doorSide: Pick<Deps['doorSide'], 'append' | 'states'>;
  readonly journal: Pick<JournalReads, 'before'>;
  readonly doorList: Pick<DoorList, 'of'>;
  /** Epoch ms. */
  readonly clock: () => number;
  readonly onError: (error: unknown, where: string) => void;
}

interface Waiting extends OpenDoor {
  /** First list that lacks the card; '' while none is made. */
  needed: string;
  until: number;
}

const keyOf = ({ stopId, doorId }: Pick<OpenDoor, 'stopId' | 'doorId'>): string => `${stopId}/${doorId}`;

/** What became of a stop, as an entry of the log. */
function entryOf(untold: Untold, doorList: TrackerParts['doorList']): NewEntry {
  const { what, credentialId, personId, stoppedAt, stoppedBy, doorId, at, list, stopId } = untold;
  if (what === 'undone') return undoneEntry({ credentialId, at: stoppedAt }, { personId, by: stoppedBy, now: at });
  const buildingId = BuildingId(doorList.of(doorId)?.buildingId ?? 0);
  const whom = { credentialId: CredentialId(credentialId), ...(personId === null ? {} : { personId: PersonId(personId) }) };
  return {
    event: eventOf({ kind: 'register', what: CONFIRMED, doorId: DoorId(doorId), buildingId, list, gatewayTime: at }),
    person: { ...NO_PERSON, ...whom, words: `stop=${stopId} at=${stoppedAt}` },
  };
}

/** The entry when it is in the log already: the power went between the log and the register's note of it. */
function writtenBefore({ event, person }: NewEntry, { accountId, doorId }: { accountId: number; doorId: number }, journal: TrackerParts['journal']): number | undefined {
  const where = doorId === 0 ? { accountId } : { doorId };
  const earlier = journal.before({ kinds: ['register'], from: event.gatewayTime, until: event.gatewayTime + 1, ...where }, LOOK_BACK);
  return earlier.find((entry) => entry.event.what === event.what && entry.person.words === person.words && entry.person.credentialId === person.credentialId)?.index;
}

/** Tells the log; what it does not take stays untold. `again`: some of it may have been written before. */
async function tellLog({ stops, journal, doorSide, doorList }: TrackerParts, again: boolean): Promise<void> {
  async function tell(untold: Untold): Promise<{ untold: Untold; entry: number }> {
    const entry = entryOf(untold, doorList);
    const before = again ? writtenBefore(entry, { accountId: untold.stoppedBy, doorId: untold.doorId }, journal) : undefined;
    return { untold, entry: before ?? (await doorSide.append(entry)).index };
  }
  for (let left = await stops.untold(BATCH); left.length > 0; left = await stops.untold(BATCH)) await stops.told(await Promise.all(left.map(tell)));
}

/** One door after a look at it: what it acknowledged, or the later end it was told of a list that still has the card. On a serial line the index is all there is. */
function look(waiting: Waiting, { have, want, covers = 0, listUntil = 0 }: DoorState): 'acknowledged' | 'prolonged' | 'nothing' {
  if (waiting.byGateway) return covers >= waiting.changeN ? 'acknowledged' : 'nothing';
  const standing = { have, want, covers };
  waiting.needed = neededList(standing, waiting.changeN, waiting.needed);
  if (acknowledges(standing, waiting.needed)) return 'acknowledged';
  if (covers >= waiting.changeN || listUntil <= waiting.until) return 'nothing';
  waiting.until = listUntil;
  return 'prolonged';
}

/** The doors that are waited for. */
function waitingDoors() {
  const doors = new Map<number, Waiting[]>();
  return {
    none: (): boolean => doors.size === 0,
    at: (doorId: number): readonly Waiting[] => doors.get(doorId) ?? [],
    add(open: readonly OpenDoor[]): void {
      for (const door of open) {
        const here = doors.get(door.doorId) ?? [];
        if (!here.some(({ stopId }) => stopId === door.stopId)) doors.set(door.doorId, [...here, { ...door, needed: '', until: door.latestAt ?? 0 }]);
      }
    },
    remove(isOver: (door: OpenDoor) => boolean): void {
      for (const [doorId, here] of doors) {
        const left = here.filter((door) => !isOver(door));
        if (left.length === 0) doors.delete(doorId);
        else if (left.length < here.length) doors.set(doorId, left);
      }
    },
  };
}

/** A tracker that waits for no door yet: `catchUp` reads which. */
export function createCardStopTracker(parts: TrackerParts): CardStopTracker {
  const { stops, doorSide, clock, onError } = parts;
  const waiting = waitingDoors();
  const acknowledged = new Map<string, Confirmation>();
  const prolonged = new Map<string, { stopId: number; doorId: number; latestAt: number }>();
  // What is left from before this start, or from a log that took nothing, may be half written.
  let doubtful = true;
  let turn: Promise<void> = Promise.resolve();
  let [loaded, queued] = [false, false];

  /** Register first, then the log: a door is shown as stopped only when that will stay. */
  async function write(): Promise<void> {
    const [confirmed, later] = [[...acknowledged.values()], [...prolonged.values()]];
    if (later.length > 0) await stops.prolong(later);
    for (const each of later) prolonged.delete(keyOf(each));
    if (confirmed.length > 0) await stops.confirm(confirmed);
    const done = new Set(confirmed.map(keyOf));
    waiting.remove((door) => done.has(keyOf(door)));
    for (const key of done) acknowledged.delete(key);
    const again = doubtful;
    doubtful = true;
    await tellLog(parts, again);
    doubtful = false;
  }

  /** One turn after the other; many wishes are one. */
  function schedule(): Promise<void> {
    if (queued) return turn;
    queued = true;
    turn = turn
      .then(() => {
        queued = false;
        return write();
      })
      .catch((error: unknown) => onError(error, 'card stops'));
    return turn;
  }

  function heard(states: readonly DoorState[]): void {
    if (waiting.none()) return;
    for (const state of states) {
      for (const door of waiting.at(state.doorId)) {
        const key = keyOf(door);
        const seen = acknowledged.has(key) ? 'nothing' : look(door, state);
        if (seen === 'acknowledged') acknowledged.set(key, { stopId: door.stopId, doorId: door.doorId, at: clock(), list: state.have });
        if (seen === 'prolonged') prolonged.set(key, { stopId: door.stopId, doorId: door.doorId, latestAt: door.until });
      }
    }
    if (acknowledged.size > 0 || prolonged.size > 0) void schedule();
  }

  return {
    heard,
    async begin(stopId) {
      waiting.add(await stops.open(stopId));
      heard(doorSide.states());
    },
    async end(stopId) {
      waiting.remove((door) => door.stopId === stopId);
      await schedule();
    },
    async catchUp() {
      if (!loaded) waiting.add(await stops.open());
      loaded = true;
      heard(doorSide.states());
      if (doubtful) void schedule();
      await turn;
    },
  };
}
