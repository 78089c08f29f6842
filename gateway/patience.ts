import { setTimeout as sleep } from 'node:timers/promises';

/** Troubles that end without anybody changing a setting: a lock, a full or failing disk, a thread that died, a port or address not there yet. */
const PASSING =
  /^(SQLITE_(BUSY|IOERR|FULL|CANTOPEN|READONLY|PROTOCOL|NOMEM)|ENOSPC$|EDQUOT$|EIO$|EROFS$|EMFILE$|ENFILE$|ENOMEM$|EAGAIN$|EBUSY$|ESTALE$|EADDRINUSE$|EADDRNOTAVAIL$|WRITER_ENDED$)/;
const FULL = /^(SQLITE_FULL|ENOSPC|EDQUOT)/;
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 10_000;

/** The code of an error, or of what caused it; '' when neither has one. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return codeOf(error.cause);
}

/** Could the same work, tried again later, succeed without a person changing a setting or restoring a file? */
export const mayPass = (error: unknown): boolean => PASSING.test(codeOf(error));

/** Is there no room on the disk? */
export const isFull = (error: unknown): boolean => FULL.test(codeOf(error));

/** An error in one line for the log. */
export const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What `patiently` may be told. */
export interface Patience {
  /** Called before each pause with what went wrong and how long the pause is, ms. */
  readonly onWait: (error: unknown, waitMs: number) => void;
  /** Waits; for tests. */
  readonly pause?: (ms: number) => Promise<unknown>;
}

/** Does the work, again and again while it fails of something that may pass; pauses double from 0.2 s to 10 s. Throws anything else. */
export async function patiently<T>(work: () => T | Promise<T>, { onWait, pause = sleep }: Patience): Promise<T> {
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
    try {
      return await work();
    } catch (error) {
      if (!mayPass(error)) throw error;
      onWait(error, wait);
      await pause(wait);
    }
  }
}
