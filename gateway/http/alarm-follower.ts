import { setTimeout as pause } from 'node:timers/promises';
import type { DoorState } from '../doors/link.ts';
import { type AlarmChange, alarmsRaisedTo, followAlarmsFrom, raiseAlarms, raiseOffline } from '../register/raise-door-alarms.ts';
import type { Register } from '../store/register.ts';
import type { JournalReads } from './deps.ts';

/** Entries looked at in one go; beyond that other work gets its turn. */
const ROWS = 500;
/** Without anything for an alarm, how far it has read is written down no more often than this. */
const ROWS_UNNOTED = 10_000;
/** Between two looks for new entries, ms: what a street does when its power comes back is a few writes, not one for each door. */
const PAUSE_MS = 250;

export interface FollowerParts {
  readonly register: Register;
  readonly journal: Pick<JournalReads, 'last' | 'happened'>;
  readonly states: () => readonly DoorState[];
  readonly clock: () => number;
  readonly changed: (changes: readonly AlarmChange[]) => void;
  readonly onError: (error: unknown, where: string) => void;
}

/** Raises the alarms of doors while entries come in. */
export interface AlarmFollower {
  /** There are new entries on disk: a hint to read them. */
  onDurable(): void;
  /** To be called every few seconds: reads on, and sees who has been offline for long. */
  tick(): Promise<void>;
}

/** Follows the journal by index. Where it was is in the register, so nothing is raised twice or left out when the desk side starts anew. */
export function createAlarmFollower({ register, journal, states, clock, changed, onError }: FollowerParts): AlarmFollower {
  const watching = clock();
  let read: number | undefined;
  let noted = 0;
  let hinted = false;
  let running: Promise<void> | undefined;
  let following = false;

  async function begin(): Promise<number> {
    const [known, last] = [await alarmsRaisedTo(register.read), journal.last()];
    // A log that is shorter than it was read comes from an older backup; a new follower begins at the end.
    const from = known === undefined || known > last ? last : known;
    if (from !== known) await followAlarmsFrom(register, from);
    noted = from;
    return from;
  }

  /** Reads to the end. */
  async function readOn(): Promise<void> {
    let from = read ?? (await begin());
    for (let more = true; more; ) {
      const { entries, upTo } = journal.happened(from, ROWS);
      if (entries.length > 0 || upTo - noted >= ROWS_UNNOTED) {
        const changes = await raiseAlarms(register, { entries, upTo });
        noted = upTo;
        if (changes.length > 0) changed(changes);
      }
      more = upTo - from >= ROWS;
      from = read = upTo;
      if (more) await new Promise((done) => setImmediate(done));
    }
  }

  const once = (): Promise<void> => {
    running ??= readOn().finally(() => {
      running = undefined;
    });
    return running;
  };

  async function follow(): Promise<void> {
    following = true;
    while (hinted) {
      hinted = false;
      // A run that began before the hint may have read too early.
      await running?.catch(() => undefined);
      await once().catch((error: unknown) => onError(error, 'door alarms'));
      await pause(PAUSE_MS, undefined, { ref: false });
    }
    following = false;
  }

  return {
    onDurable() {
      hinted = true;
      if (!following) void follow();
    },
    async tick() {
      await once();
      const online = new Set<number>(states().flatMap((state) => (state.online ? [state.doorId] : [])));
      const changes = await raiseOffline(register, { now: clock(), watching, online });
      if (changes.length > 0) changed(changes);
    },
  };
}
