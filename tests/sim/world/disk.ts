import type { CheckpointRow, LogRow } from '../../../gateway/store/journal-proofs.ts';
import type { EntryRow } from '../../../gateway/store/journal-store.ts';
import type { Image } from '../../../gateway/journal/slot-image.ts';
import { current, hostNow, hostOf } from '../engine/current.ts';
import type { Random } from '../engine/random.ts';
import type { Host } from '../engine/scheduler.ts';
import { newSlotImage } from './slots.ts';

/** What a transaction adds. */
export interface Added {
  readonly rows: EntryRow[];
  readonly logs: LogRow[];
  readonly signers: [log: number, key: Buffer][];
  readonly tiles: [name: string, hash: Buffer][];
  readonly checkpoints: CheckpointRow[];
}

/** A transaction that was committed. `until`: when its commit returned; before, a crash may lose it. */
interface Commit {
  readonly added: Added;
  readonly until: number;
  readonly by: Host;
}

/** How the disk behaves now; faults change it. */
export interface DiskMood {
  full: boolean;
  /** Somebody else holds the database until then. */
  lockedUntil: number;
  /** The next commit hangs until then. */
  hangsUntil: number;
  /** Chance that a commit fails: half of them before anything was written, half at the sync. */
  failing: number;
  /** Longest usual commit, ms. */
  slow: number;
}

/** The journal's disk: what is on it outlives every crash. */
export interface Disk extends DiskMood {
  readonly slots: Image;
  readonly reserve: { held: boolean; left: number };
  readonly rows: EntryRow[];
  readonly byDedup: Map<string, EntryRow>;
  readonly logs: LogRow[];
  readonly signers: Map<number, Buffer>;
  readonly tiles: Map<string, Buffer>;
  readonly checkpoints: CheckpointRow[];
  /** Throws when nothing can be written now. */
  touch(): void;
  /** Waits for the lock as SQLite does, at most a second. Throws SQLITE_BUSY. */
  lock(): void;
  /** Makes a transaction durable, which takes its time. Throws, with nothing kept, or with something a later opening may find. */
  commit(added: Added): void;
  /** Whoever opens the file finds what a failed sync left, or not. */
  opened(): void;
  /** A thread is gone in whatever it was doing. */
  crashed(host: Host): void;
  /** Rows that are on disk for certain. */
  durable(): number;
}

/** As better-sqlite3 throws them. */
class DiskError extends Error {
  readonly code: string;
  constructor(code: string) {
    super(`simulated ${code}`);
    this.code = code;
  }
}

const BUSY_MS = 1000;
/** Entries the reserve holds. */
const RESERVE_ROWS = 40;

let running: Disk | undefined;

/** The disk of the world that runs. */
export function disk(): Disk {
  if (running === undefined) throw new Error('simulation: no disk');
  return running;
}

export const useDisk = (made: Disk): void => {
  running = made;
};

function put(on: Disk, { rows, logs, signers, tiles, checkpoints }: Added): void {
  for (const row of rows) {
    on.rows.push(row);
    if (row.dedup !== null) on.byDedup.set(row.dedup.toString('hex'), row);
  }
  on.logs.push(...logs);
  on.checkpoints.push(...checkpoints);
  for (const [log, key] of signers) on.signers.set(log, key);
  for (const [name, hash] of tiles) on.tiles.set(name, hash);
}

function takeBack(on: Disk, { rows, logs, signers, tiles, checkpoints }: Added): void {
  for (const row of rows) if (row.dedup !== null) on.byDedup.delete(row.dedup.toString('hex'));
  on.rows.length -= rows.length;
  on.logs.length -= logs.length;
  on.checkpoints.length -= checkpoints.length;
  for (const [log] of signers) on.signers.delete(log);
  for (const [name] of tiles) on.tiles.delete(name);
}

/** An empty disk. `random`: the stream of the store. */
export function createDisk(random: Random): Disk {
  let newest: Commit | undefined;
  let limbo: Added | undefined;
  const mood: DiskMood = { full: false, lockedUntil: 0, hangsUntil: 0, failing: 0, slow: 4 };
  const busy = (until: number): void => {
    hostOf().busyUntil = Math.max(hostOf().busyUntil, until);
  };
  const made: Disk = Object.assign(mood, {
    slots: newSlotImage(),
    reserve: { held: true, left: RESERVE_ROWS },
    rows: [],
    byDedup: new Map<string, EntryRow>(),
    logs: [],
    signers: new Map<number, Buffer>(),
    tiles: new Map<string, Buffer>(),
    checkpoints: [],
    touch() {
      if (!made.full) made.reserve.left = RESERVE_ROWS;
      else if (made.reserve.held || made.reserve.left <= 0) throw new DiskError('SQLITE_FULL');
    },
    lock() {
      const from = hostNow();
      if (made.lockedUntil <= from) return;
      busy(Math.min(made.lockedUntil, from + BUSY_MS));
      if (made.lockedUntil > from + BUSY_MS) throw new DiskError('SQLITE_BUSY');
    },
    commit(added: Added) {
      made.touch();
      const fails = random.chance(made.failing);
      if (fails && random.chance(0.5)) throw new DiskError('SQLITE_IOERR_WRITE');
      busy(Math.max(hostNow() + random.whole(0, made.slow), made.hangsUntil));
      if (fails) {
        limbo = added;
        throw new DiskError('SQLITE_IOERR_FSYNC');
      }
      made.reserve.left -= added.rows.length;
      put(made, added);
      newest = { added, until: hostNow(), by: hostOf() };
    },
    opened() {
      if (limbo !== undefined && random.chance(0.5)) put(made, limbo);
      limbo = undefined;
    },
    crashed(host: Host) {
      // What a real file has committed it keeps.
      if (current().dir === undefined && newest !== undefined && newest.by === host && newest.until > current().scheduler.now && random.chance(0.5)) takeBack(made, newest.added);
      newest = undefined;
    },
    durable: () => made.rows.length - (newest !== undefined && newest.until > current().scheduler.now ? newest.added.rows.length : 0),
  });
  return made;
}
