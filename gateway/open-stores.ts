import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Alarms } from './alarms.ts';
import type { Config } from './config.ts';
import { type AccessIndex, createAccessIndex } from './core/access-index.ts';
import { type JournalClient, openJournal } from './journal/client.ts';
import type { Alarm } from './journal/writer-messages.ts';
import { isFull, mayPass, type Patience, patiently, said } from './patience.ts';
import { PUBLIC_HOLIDAYS } from './register/public-holidays.ts';
import { type IndexSource, openIndexSource } from './store/index-source.ts';
import { ownListKey } from './store/list-key.ts';
import { loadKeys } from './store/keys.ts';
import { markTime } from './store/mark-time.ts';
import { isCurrent, migrateRegister } from './store/migrate.ts';
import { StoreError } from './store/sqlite.ts';
import { createVault, type Vault } from './store/vault.ts';
import type { WaitingRoom } from './waiting-room.ts';
import { type ListSigner, listSigner } from './wire/mqtt/list-header.ts';

/** The stores of one data directory, opened in order, closed in reverse. */
export interface Stores {
  readonly vault: Vault;
  readonly source: IndexSource;
  readonly index: AccessIndex;
  readonly journal: JournalClient;
  /** Has this start been counted as a change of the register? Until then no list may be made: its version would not rise. */
  timeMarked(): boolean;
  /** Signs the headers of access lists. */
  readonly signer: ListSigner;
}

/** Who is told while a store keeps us waiting. */
export interface OpeningParts {
  readonly alarms: Alarms;
  readonly room: WaitingRoom;
  readonly say: (line: string) => void;
}

/** The main thread answers nobody while it waits for a lock: rather short and often. */
const START_WAIT_MS = 500;

type Waited = 'register-waiting' | 'log-waiting';

/** Pauses with an alarm, and a page in the console's place. A full disk costs the log's reserve: without room nothing starts at all. */
export function waiting(data: string, what: Waited, { alarms, room }: Pick<OpeningParts, 'alarms' | 'room'>): Patience {
  return {
    onWait(error, waitMs) {
      alarms.raise(what, `${said(error)} Trying again in ${waitMs} ms.`);
      room.open(what);
      if (!isFull(error)) return;
      alarms.raise('disk-full', said(error));
      rmSync(path.join(data, 'journal.reserve'), { force: true });
    },
  };
}

/** A register that is gone while its log is there is not made anew: nobody in it would be let in any more. */
function checkThere(register: string, journal: string): void {
  if (existsSync(register) || !existsSync(journal)) return;
  throw new StoreError(`${register} is not there, but its log ${path.basename(journal)} is. Put it back, or restore it: npm run doorbook -- restore DIR`);
}

/** Brings the register up to date. One that another program is writing to is good as it is, when nothing is missing. */
function migrated(register: string): string[] {
  try {
    return migrateRegister(register, undefined, START_WAIT_MS);
  } catch (error) {
    if (mayPass(error) && isCurrent(register, undefined, START_WAIT_MS)) return [];
    throw error;
  }
}

/** Counts this start as a change of the register; one that is locked now is tried again while doors are served, without holding them up. */
function mark(register: string, alarms: Alarms): () => boolean {
  let done = false;
  const once = (waitMs: number): void => {
    markTime(register, waitMs);
    done = true;
  };
  try {
    once(START_WAIT_MS);
  } catch (error) {
    if (!mayPass(error)) throw error;
    // The console is on its way to its port: nothing may stand there in its place any more.
    const onWait: Patience['onWait'] = (why, waitMs) => void alarms.raise('register-waiting', `${said(why)} Trying again in ${waitMs} ms.`);
    void patiently(() => once(0), { onWait }).then(
      () => alarms.clear('register-waiting'),
      (why: unknown) => alarms.raise('register-unread', said(why)),
    );
  }
  return () => done;
}

/** The writer's alarms as ours. */
function onJournalAlarm(alarms: Alarms): (alarm: Alarm) => void {
  return ({ what, message, over }) => {
    if (what !== 'recovered') alarms.raise(what, message);
    else if (over !== undefined) alarms.clear(over);
  };
}

/**
 * Opens keys, register, log and access index. What may pass (a lock, a full or failing disk) is waited for with
 * growing pauses and an alarm; rejects only with what a person must put right: wrong keys, a newer schema, damage.
 */
export async function openStores({ data }: Config, parts: OpeningParts): Promise<Stores> {
  const { alarms, say } = parts;
  const [register, log, keysDir] = [path.join(data, 'register.sqlite'), path.join(data, 'journal.sqlite'), path.join(data, 'keys')];
  checkThere(register, log);
  const patience = waiting(data, 'register-waiting', parts);
  const keys = await patiently(() => loadKeys(keysDir), patience);
  for (const name of await patiently(() => migrated(register), patience)) say(`✓ register: applied ${name}`);
  const signer = await patiently(() => listSigner(ownListKey(keysDir)), patience);
  const source = await patiently(() => openIndexSource(register), patience);
  alarms.clear('register-waiting');
  const timeMarked = mark(register, alarms);
  const opening = { file: log, keysDir, root: keys.journalRoot, onAlarm: onJournalAlarm(alarms) };
  const journal = await patiently(() => openJournal(opening), waiting(data, 'log-waiting', parts));
  alarms.clear('log-waiting');
  return { vault: createVault(keys), source, index: createAccessIndex(0, PUBLIC_HOLIDAYS), journal, timeMarked, signer };
}
