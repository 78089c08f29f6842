import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BackupPace, makeBackup, type BackupWish, type MadeBackup } from '../../gateway/backup/make.ts';
import { PersonId } from '../../gateway/core/ids.ts';
import { eventOf, type NewEntry, NO_PERSON } from '../../gateway/journal/entry.ts';
import { type Log, openLog } from '../../gateway/journal/log.ts';
import { stage } from '../../gateway/journal/packet.ts';
import { readKeys } from '../../gateway/store/keys.ts';
import { openRegister, type Register } from '../../gateway/store/register.ts';
import { type BenchSite, makeSite } from '../bench/site.ts';

/** A site on disk that no gateway runs on, with folders for its backups. */
export interface BackupSite {
  readonly root: string;
  readonly data: string;
  readonly dir: string;
  readonly keysDir: string;
  readonly made: BenchSite;
  /** Opens register and log as the gateway has them, and closes them again. */
  open<T>(work: (register: Register, log: Log) => Promise<T>): Promise<T>;
  back(over?: Partial<BackupWish>, pace?: Partial<BackupPace>): Promise<MadeBackup>;
  remove(): void;
}

export const journalPlace = (data: string) => ({ file: path.join(data, 'journal.sqlite'), keysDir: path.join(data, 'keys'), root: readKeys(path.join(data, 'keys')).journalRoot });

/** An entry about a person, or about nobody. */
export const entryAbout = (personId: number, words = '', at = Date.now()): NewEntry => ({
  event: eventOf({ kind: 'access', granted: true, reason: 'OK', method: 'card', gatewayTime: at }),
  person: { ...NO_PERSON, ...(personId === 0 ? {} : { personId: PersonId(personId) }), words },
});

/** Opens a data directory for the time of some work. */
export async function opened<T>(data: string, work: (register: Register, log: Log) => Promise<T>): Promise<T> {
  const keys = readKeys(path.join(data, 'keys'));
  const register = await openRegister({ file: path.join(data, 'register.sqlite'), keys });
  const log = openLog(journalPlace(data));
  try {
    return await work(register, log);
  } finally {
    log.close();
    await register.close();
  }
}

const UNHURRIED: BackupPace = {
  still: async (pin) => pin(),
  told: () => undefined,
  rest: () => undefined,
  pause: () => new Promise((resolve) => setTimeout(resolve, 1)),
  now: Date.now,
};

/** Makes one: two doors, `people` tenants with a card each, a hundred entries. */
export async function backupSite(people = 20): Promise<BackupSite> {
  const root = mkdtempSync(path.join(tmpdir(), 'doorbook-backup-'));
  const data = path.join(root, 'data');
  const [dir, keysDir] = [path.join(root, 'backups'), path.join(root, 'backups-keys')];
  mkdirSync(data);
  const made = await makeSite(2, people, data);
  const site: BackupSite = {
    root,
    data,
    dir,
    keysDir,
    made,
    open: (work) => opened(data, work),
    back: (over = {}, pace = {}) => makeBackup({ data, dir, keysDir, keep: 14, ...over }, { ...UNHURRIED, ...pace }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  await site.open(async (_register, log) => {
    log.append(Array.from({ length: 100 }, (_, at) => stage(entryAbout(1 + (at % people)))));
  });
  return site;
}
