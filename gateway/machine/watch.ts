import type { Alarms } from '../alarms.ts';
import type { AlarmKind } from '../alarm-words.ts';
import { type DiskSpace, usedShare } from './disk.ts';

/** What the watch looks at, and whom it tells. */
export interface WatchParts {
  readonly alarms: Alarms;
  /** Epoch ms. */
  readonly now: () => number;
  /** Monotonic ms. */
  readonly uptime: () => number;
  readonly disk: () => Promise<DiskSpace>;
  /** How backups stand at this moment; `fresh` where nobody expects any. */
  readonly backup: (now: number) => 'fresh' | 'old' | 'none' | 'failed';
  /** Puts a system entry in the log. */
  readonly note: (what: AlarmKind) => void;
}

/** The computer's own state, seen from time to time. */
export interface MachineWatch {
  tick(): Promise<void>;
}

/** Shares of the disk at which people are told (IEC 62443-4-2 CR 2.9), and how far below it is over. */
const FULLNESS = [
  ['disk-80', 0.8],
  ['disk-95', 0.95],
] as const;
const SLACK = 0.02;
/** With so much free the log has taken its reserve back. */
const ROOM_BYTES = 32e6;
const DAY_MS = 86_400_000;
/** The clock may be set by this much without a word (design.md 6.1). */
export const JUMP_MS = 5 * 60_000;

/** Disk, clock and backups. An alarm that lasts is written into the log again each day. */
export function watchMachine(parts: WatchParts): MachineWatch {
  const { alarms, now, uptime } = parts;
  const noted = new Map<AlarmKind, number>();
  let offset = now() - uptime();
  let jumpedAt = 0;

  function raise(what: AlarmKind, detail: string): void {
    const due = uptime() - (noted.get(what) ?? Number.NEGATIVE_INFINITY) >= DAY_MS;
    if (!alarms.isRaised(what) || due) {
      alarms.raise(what, detail);
      noted.set(what, uptime());
      parts.note(what);
    }
  }

  /** Over: told anew when it comes back. */
  function clear(what: AlarmKind): void {
    alarms.clear(what);
    noted.delete(what);
  }

  async function lookAtDisk(): Promise<void> {
    const space = await parts.disk();
    const share = usedShare(space);
    if (space.free > ROOM_BYTES) alarms.clear('disk-full');
    for (const [what, from] of FULLNESS) {
      if (share >= from) raise(what, `${Math.round(share * 100)} % used, ${Math.round(space.free / 1e6)} MB free`);
      else if (share < from - SLACK) clear(what);
    }
  }

  /** Set right again within a day, it is over; after a day the new time is taken for the right one. */
  function lookAtClock(): void {
    const jump = now() - uptime() - offset;
    if (Math.abs(jump) > JUMP_MS) {
      if (!alarms.isRaised('clock-jump')) jumpedAt = uptime();
      raise('clock-jump', `by ${Math.round(jump / 1000)} s`);
      if (uptime() - jumpedAt < DAY_MS) return;
      offset += jump;
    }
    clear('clock-jump');
  }

  function lookAtBackups(): void {
    const state = parts.backup(now());
    if (state === 'failed') raise('backup-failed', '');
    else clear('backup-failed');
    if (state === 'old' || state === 'none') raise('backup-overdue', '');
    else clear('backup-overdue');
  }

  return {
    async tick() {
      lookAtClock();
      lookAtBackups();
      await lookAtDisk();
    },
  };
}

/** Looks at once and then every `ms`, never twice at a time: a file system may take its time to answer. Returns what stops it. */
export function keepWatching(watch: MachineWatch, ms: number, onError: (error: unknown) => void): () => void {
  let looking = false;
  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    await watch.tick().catch(onError);
    looking = false;
  }
  const timer = setInterval(() => void look(), ms);
  void look();
  return () => clearInterval(timer);
}
