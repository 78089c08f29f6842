import path from 'node:path';
import { timeAt } from '../core/local-date.ts';
import type { JournalClient } from '../journal/client.ts';
import { eventOf, NO_PERSON } from '../journal/entry.ts';
import { openReader } from '../journal/reader.ts';
import type { ListEpoch } from '../list-epoch.ts';
import { missedRevocations, neededChange, replayRevocations } from '../register/replay-revocations.ts';
import { readAgainEntry } from '../register/revocations.ts';
import { readKeys } from '../store/keys.ts';
import { openRegister } from '../store/register.ts';
import { registerFacts } from '../store/restored-register.ts';
import { type Marker, readMarker, removeMarker } from './marker.ts';

/** What is settled before anything is served. */
export interface SettleParts {
  readonly data: string;
  readonly journal: Pick<JournalClient, 'append'>;
  readonly epoch: ListEpoch;
  /** Has this start been counted as a change of the register? */
  readonly counted: boolean;
  /** The register is older than it was, and nobody said so. */
  readonly older: (detail: string) => void;
  readonly say: (line: string) => void;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Prisma's word for a database that another program holds. */
const HELD = /P1008|SQLITE_BUSY|database is locked/;

/** A lock as the driver names it, so that it is waited for. */
function waitable(error: unknown): unknown {
  const words = error instanceof Error ? `${'code' in error ? error.code : ''} ${error.message}` : '';
  return HELD.test(words) ? Object.assign(new Error('The register is in use by another program.', { cause: error }), { code: 'SQLITE_BUSY' }) : error;
}

/** Does to the register what the log says was taken away since; how much that was, and the register's newest change then. */
async function readAgain(
  { data, now }: SettleParts,
  since: { readonly n: number; readonly after?: number | undefined },
): Promise<{ readonly found: number; readonly done: number }> {
  const keysDir = path.join(data, 'keys');
  const keys = readKeys(keysDir);
  const reader = openReader({ file: path.join(data, 'journal.sqlite'), keysDir, root: keys.journalRoot });
  try {
    const missed = missedRevocations(reader, since);
    if (missed.length === 0) return { found: 0, done: 0 };
    const register = await openRegister({ file: path.join(data, 'register.sqlite'), keys });
    try {
      return { found: missed.length, done: await replayRevocations(register, missed, now()) };
    } finally {
      await register.close();
    }
  } finally {
    reader.close();
  }
}

/** Change number that the newest revocation of the log asks for. */
function needed({ data }: SettleParts): number {
  const keysDir = path.join(data, 'keys');
  const reader = openReader({ file: path.join(data, 'journal.sqlite'), keysDir, root: readKeys(keysDir).journalRoot });
  try {
    return neededChange(reader);
  } finally {
    reader.close();
  }
}

/** Ends the revocations so far: the register has them all. */
async function mark({ data, journal, now }: SettleParts, done: number): Promise<void> {
  const { n } = registerFacts(path.join(data, 'register.sqlite'));
  await journal.append(readAgainEntry(done, n, now()));
}

/** After a restore: what was revoked after the backup is revoked again, and the log says that it was restored. */
async function afterRestore(parts: SettleParts, marker: Marker): Promise<void> {
  const { data, journal, epoch, say, now } = parts;
  const { found, done } = await readAgain(parts, { n: 0, after: marker.after });
  const log = marker.journal === 'kept' ? 'the log that was here goes on' : 'a new log begins, which cites the one in the backup';
  const words = `backup ${timeAt(marker.backupAt)}, lists ${epoch.current()}, revoked again ${done} of ${found}`;
  try {
    await journal.append({ event: eventOf({ kind: 'system', what: 'restored', gatewayTime: now() }), person: { ...NO_PERSON, words } });
    await mark(parts, done);
    removeMarker(data);
  } catch (error) {
    // What was to be stopped is stopped. The next start says so in the log.
    say(`! the restore could not be written into the log: ${error instanceof Error ? error.message : String(error)}`);
  }
  say(`✓ restored from the backup of ${timeAt(marker.backupAt)}; ${log}; ${done} of ${found} revocations since then carried out again`);
}

/**
 * Brings a register to what the log says before anything is served: after a restore, and when somebody put an older
 * register into place without one. Then lists begin a new epoch too, for doors hold newer ones. Rejects when that
 * cannot be done now.
 */
export async function settleRegister(parts: SettleParts): Promise<void> {
  try {
    await settle(parts);
  } catch (error) {
    throw waitable(error);
  }
}

async function settle(parts: SettleParts): Promise<void> {
  const { data, epoch, counted, older } = parts;
  const marker = readMarker(data);
  if (marker !== undefined) return afterRestore(parts, marker);
  const n = registerFacts(path.join(data, 'register.sqlite')).n + (counted ? 0 : 1);
  const wanted = needed(parts);
  if (wanted <= n) return;
  epoch.raise();
  const { found, done } = await readAgain(parts, { n });
  await mark(parts, done).catch((error: unknown) => parts.say(`! not written into the log: ${String(error)}`));
  older(
    `The register is at change ${n}, the log knows of ${wanted}: it was replaced by an older one. ${done} of ${found} revocations carried out again; lists begin anew as ${epoch.current()}.`,
  );
}
