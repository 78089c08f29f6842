import { Worker } from 'node:worker_threads';
import type { NightlyBackup } from '../config.ts';
import { dateAt, startOfDay } from '../core/local-date.ts';
import type { BackupState, LastBackup } from '../http/schemas/backups.ts';
import { lastBackup } from '../machine/backups.ts';
import type { Register } from '../store/register.ts';
import type { BackupWish } from './make.ts';
import type { FromBackup, ToBackup } from './messages.ts';
import { dropPartials } from './copy-keys.ts';
import { recordBackup } from './record.ts';

/** Backups of the running gateway, one at a time. */
export interface Backups {
  state(): BackupState;
  /** Begins one; one that is under way is left to it. */
  start(wish: Omit<BackupWish, 'data'>): BackupState;
  /** Called every minute: begins the nightly one when its time has come. */
  tick(now: number): void;
  /** Stops one that is under way; nothing of it stays. */
  close(): Promise<void>;
}

export interface BackupsParts {
  readonly data: string;
  readonly register: Pick<Register, 'write'>;
  readonly nightly: NightlyBackup | undefined;
  /** Writes into the journal that one was made. */
  readonly made: (words: string) => Promise<unknown>;
  readonly onError: (error: unknown, where: string) => void;
  /** Epoch ms. */
  readonly clock: () => number;
  readonly worker?: URL;
}

/** Desks wait this long for a snapshot at most; it takes a millisecond. */
const HOLD_MS = 5000;
/** A night that was missed (the computer was off) is made up for within so long. */
const LATE_MS = 12 * 3_600_000;
const IDLE: Omit<BackupState, 'last'> = { running: false, step: 'done', copied: 0, total: 0 };

type End = Extract<FromBackup, { t: 'made' | 'failed' }>;

/** Holds the register's writes until the thread has its snapshot, or has waited too long. */
function hold({ register, onError }: BackupsParts, worker: Worker, pinned: (done: () => void) => void): void {
  const held = register.write(
    () =>
      new Promise<void>((resolve) => {
        const late = setTimeout(resolve, HOLD_MS);
        pinned(() => {
          clearTimeout(late);
          resolve();
        });
        worker.postMessage({ t: 'still' } satisfies ToBackup);
      }),
  );
  held.catch((error: unknown) => onError(error, 'backup'));
}

/** Runs the thread to its end. */
function runThread(
  parts: BackupsParts,
  wish: BackupWish,
  { began, told }: { began: (worker: Worker) => void; told: (at: Extract<FromBackup, { t: 'at' }>) => void },
): Promise<End> {
  return new Promise((resolve) => {
    const worker = new Worker(parts.worker ?? new URL('./worker.js', import.meta.url), { workerData: wish });
    let release: () => void = () => undefined;
    began(worker);
    worker.on('message', (message: FromBackup) => {
      if (message.t === 'hold')
        hold(parts, worker, (done) => {
          release = done;
        });
      else if (message.t === 'pinned') release();
      else if (message.t === 'at') told(message);
      else resolve(message);
    });
    worker.on('error', (error) => resolve({ t: 'failed', message: String(error) }));
    worker.on('exit', () => {
      release();
      resolve({ t: 'failed', message: 'The backup was interrupted.' });
    });
  });
}

const lastOf = (end: End, { dir, keysDir }: BackupWish, began: number): LastBackup =>
  end.t === 'made' ? { at: end.at, dir: end.folder, keysDir: end.keysFolder, bytes: end.bytes, ok: true } : { at: began, dir, keysDir, bytes: 0, ok: false, error: end.message };

/** The job, idle. */
export function createBackups(parts: BackupsParts): Backups {
  const { data, nightly, made, onError, clock } = parts;
  let running: { readonly wish: BackupWish; worker: Worker | undefined; readonly done: Promise<void> } | undefined;
  let at = IDLE;
  let [last, lastNight]: [LastBackup | undefined, string] = [lastBackup(data), ''];

  async function toTheEnd(wish: BackupWish): Promise<void> {
    const began = clock();
    const end = await runThread(parts, wish, {
      began(worker) {
        if (running !== undefined) running.worker = worker;
      },
      told({ step, copied, total }) {
        at = { running: true, step, copied, total };
      },
    });
    last = lastOf(end, wish, began);
    if (end.t === 'failed') onError(new Error(end.message), 'backup');
    else await made(`change ${end.n}, entry ${end.last}, ${Math.ceil(end.bytes / 1e6)} MB`).catch((error: unknown) => onError(error, 'backup'));
    recordBackup(data, last);
  }

  function start(wish: Omit<BackupWish, 'data'>): BackupState {
    if (running === undefined) {
      const whole = { ...wish, data };
      at = { ...IDLE, running: true, step: 'waiting' };
      // The thread begins in a later turn, when `running` is there for it.
      const done = Promise.resolve()
        .then(() => toTheEnd(whole))
        .catch((error: unknown) => onError(error, 'backup'))
        .finally(() => {
          running = undefined;
          at = IDLE;
        });
      running = { wish: whole, worker: undefined, done };
    }
    return state();
  }

  const state = (): BackupState => ({ ...at, ...(last === undefined ? {} : { last }) });

  return {
    state,
    start,
    tick(now) {
      const today = dateAt(now);
      const due = startOfDay(today) + (nightly?.at ?? 0);
      if (nightly === undefined || today === lastNight || now < due || now > due + LATE_MS) return;
      // A desk side that was started again does not make a second one.
      if (last?.ok === true && last.at >= due) return;
      lastNight = today;
      const { at: _at, ...wish } = nightly;
      start(wish);
    },
    async close() {
      const { worker, wish, done } = running ?? {};
      await worker?.terminate();
      await done;
      if (wish !== undefined) for (const dir of [wish.dir, wish.keysDir]) dropPartials(dir);
    },
  };
}
