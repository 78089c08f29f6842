import type { Checkpoint, HeldCheckpoint, Judged } from './checkpoints.ts';
import type { Destroyed, Destruction } from './destroy.ts';
import type { Appended, StoredEntry } from './entry.ts';
import type { Log } from './log.ts';
import type { Staged } from './packet.ts';
import type { Reserve } from './reserve.ts';
import type { Alarm } from './writer-messages.ts';

/** Size the write-ahead log may reach before it is cut (storage.md 5, trap 5). */
const WAL_BYTES = 64 * 1024 * 1024;
/** An alarm that lasts is repeated this often, and upkeep done this often. */
const REPEAT_MS = 30_000;
const UPKEEP_MS = 1000;

/** What the committer stands on. */
export interface CommitParts {
  readonly open: () => Log;
  readonly reserve: Reserve;
  readonly alarm: (alarm: Alarm) => void;
  /** A new checkpoint is on disk. */
  readonly onCheckpoint: (checkpoint: Checkpoint) => void;
  readonly now: () => number;
}

/** Storing batches, with what must happen when the disk fails. */
export interface Committer {
  /** Throws when nothing was stored; by then the alarm is out. */
  append(batch: readonly Staged[]): Appended[];
  find(key: Uint8Array): StoredEntry | undefined;
  /** Destroys old keys, in slices between batches. */
  destroy(wish: Destruction): Promise<Destroyed>;
  last(): number;
  checkpoint(): Checkpoint | undefined;
  /** What a checkpoint from outside says of the log; an alarm when it does not agree. */
  judge(held: HeldCheckpoint): Judged;
  /** To be called about once a second: trims the write-ahead log, takes the reserve back when there is room. */
  upkeep(): void;
  close(): void;
}

const MEANT: Readonly<Record<Exclude<Judged, 'agrees' | 'lost'>, string>> = {
  differs: 'no such one was signed here: the log has another history',
  ahead: 'the log here is shorter: entries are gone',
  stranger: 'that log is not here: this journal has taken the place of another',
};

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');
const isFull = (error: unknown): boolean => /SQLITE_FULL|ENOSPC|EDQUOT/.test(codeOf(error));
/** Somebody else holds the file for a moment; the connection itself is sound. */
const isBusy = (error: unknown): boolean => codeOf(error).startsWith('SQLITE_BUSY');
const said = (error: unknown): string => (error instanceof Error ? `${codeOf(error)} ${error.message}`.trim() : String(error));

/** Raises an alarm once, repeats it while it lasts or when it says something new, and says when it is over. */
function alarmState({ alarm, now }: CommitParts): { raise(what: Alarm['what'], message: string): void; clear(what: NonNullable<Alarm['over']>): void } {
  const raised = new Map<Alarm['what'], { readonly message: string; readonly at: number }>();
  return {
    raise(what, message) {
      const before = raised.get(what);
      if (before?.message === message && now() - before.at < REPEAT_MS) return;
      raised.set(what, { message, at: now() });
      alarm({ what, message, at: now() });
    },
    clear(what) {
      if (raised.delete(what)) alarm({ what: 'recovered', over: what, message: `${what} is over`, at: now() });
    },
  };
}

function closeQuietly(log: Log | undefined): void {
  try {
    log?.close();
  } catch {
    // One that cannot even be closed is left to the end of the thread.
  }
}

type Alarms = ReturnType<typeof alarmState>;

/** Does the work; on a full disk once more without the reserve. */
function withReserve<T>(reserve: Reserve, alarms: Alarms, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!isFull(error)) throw error;
    const freed = reserve.release();
    alarms.raise('disk-full', freed ? 'The disk is full. The reserve is in use: make room now.' : 'The disk is full and the reserve is used up: the log takes no entries.');
    if (!freed) throw error;
    return work();
  }
}

/** What an open log is in need of now and then. Throws what the disk says. */
function tend(log: Log, alarms: Alarms): void {
  if (log.fault !== undefined) alarms.raise('log-forked', log.fault);
  if (log.lostKeys !== undefined) alarms.raise('keys-lost', log.lostKeys);
  log.signIfDue();
  const size = log.trimWal(WAL_BYTES);
  if (size > 2 * WAL_BYTES) alarms.raise('wal-large', `The write-ahead log has ${size} bytes and does not shrink: a reader holds it.`);
  else alarms.clear('wal-large');
}

/** Somebody outside holds proof that the log is not what it was. */
function alarmed(alarms: Alarms, { size, logId, root }: HeldCheckpoint, judged: Judged): Judged {
  const held = `A checkpoint over ${size} entries of log ${logId}, root ${root}, is held outside`;
  if (judged === 'lost') alarms.raise('log-lost', `${held}: entries between the backup and the restore are lost.`);
  else if (judged !== 'agrees') alarms.raise('log-forked', `${held}, and ${MEANT[judged]}.`);
  return judged;
}

/**
 * Storage failing (design.md 3): a full disk costs the reserve and one retry; after any other error the
 * connection is not trusted any more and the next batch opens a new one. A batch is stored whole or not at all.
 */
export function createCommitter(parts: CommitParts): Committer {
  const { reserve, now } = parts;
  const alarms = alarmState(parts);
  let log: Log | undefined = parts.open();
  let lastUpkeep = now();
  let told = log.checkpoint()?.note;

  function opened(): Log {
    log ??= parts.open();
    return log;
  }

  function tellCheckpoint(): void {
    const newest = opened().checkpoint();
    if (newest !== undefined && newest.note !== told) parts.onCheckpoint(newest);
    told = newest?.note ?? told;
  }

  /** Closing flushes nothing that counts: all that was acknowledged is in the write-ahead log. */
  function distrust(): void {
    const old = log;
    log = undefined;
    closeQuietly(old);
  }

  function upkeep(): void {
    lastUpkeep = now();
    if (reserve.restore()) alarms.clear('disk-full');
    try {
      // Also after an error, when nothing more is to be added: what is stored still waits for its checkpoint.
      tend(opened(), alarms);
      tellCheckpoint();
    } catch (error) {
      alarms.raise('storage-failing', said(error));
      if (!isBusy(error) && !isFull(error)) distrust();
    }
  }

  return {
    append(batch) {
      try {
        const answers = withReserve(reserve, alarms, () => opened().append(batch));
        alarms.clear('storage-failing');
        tellCheckpoint();
        if (now() - lastUpkeep >= UPKEEP_MS) upkeep();
        return answers;
      } catch (error) {
        if (isFull(error)) throw error;
        alarms.raise('storage-failing', said(error));
        if (!isBusy(error)) distrust();
        throw error;
      }
    },
    find: (key) => opened().find(key),
    async destroy(wish) {
      const at = opened();
      return at.destroy(wish).catch((error: unknown) => {
        // Half done: opening anew finishes it or undoes it.
        if (log === at) distrust();
        throw error;
      });
    },
    last: () => opened().last(),
    checkpoint: () => opened().checkpoint(),
    judge: (held) => alarmed(alarms, held, opened().judge(held)),
    upkeep,
    close: () => log?.close(),
  };
}
