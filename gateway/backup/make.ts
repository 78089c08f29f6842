import { mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { BackupStep } from '../http/schemas/backups.ts';
import { openProofs } from '../journal/proofs.ts';
import { readEpoch } from '../list-epoch.ts';
import { diskSpace } from '../machine/disk.ts';
import { syncFolder } from '../store/durable-file.ts';
import { type Keys, readKeys } from '../store/keys.ts';
import { checkSealed, registerFacts } from '../store/restored-register.ts';
import { faultIn, pinSnapshot, type Snapshot, walBytes } from '../store/snapshot.ts';
import { createVault } from '../store/vault.ts';
import { dropPartials, replaceKeysCopy } from './copy-keys.ts';
import { DATABASES, freeStamp, pruneBackups } from './folders.ts';
import { BackupFailed, makeFolder, type Manifest, MANIFEST, PARTIAL, siteOf, sumOf, syncFile } from './manifest.ts';

/** What is to be copied, and where to. Absolute paths. */
export interface BackupWish {
  readonly data: string;
  readonly dir: string;
  readonly keysDir: string;
  /** Whole backups of this site that stay in `dir`, this one among them. */
  readonly keep: number;
}

/** How it goes on beside a gateway that runs. */
export interface BackupPace {
  /** Runs `pin` while no change of the register is under way, and returns what it returned. */
  readonly still: <T>(pin: () => T) => Promise<T>;
  readonly told: (step: BackupStep, copied: number, total: number) => void;
  /** Blocks this thread for a moment so that others have the disk; throws to stop. `ms`: how long the last piece took. */
  readonly rest: (ms: number) => void;
  readonly pause: (ms: number) => Promise<unknown>;
  /** Epoch ms. */
  readonly now: () => number;
}

/** A backup that is whole. */
export interface MadeBackup {
  readonly at: number;
  readonly folder: string;
  readonly keysFolder: string;
  readonly bytes: number;
  readonly manifest: Manifest;
}

const SPARE_BYTES = 64 << 20;
/** While we read, the log's write-ahead log cannot be emptied: beyond this we give way. */
const MOST_WAL_BYTES = 1 << 30;
const ATTEMPTS = 3;

/** Keys were changed while we copied: what we have and what we would keep do not go together. */
class KeysChanged extends Error {}

/** Refuses folders that would be lost together with what they are a copy of. */
function checkPlaces({ data, dir, keysDir }: BackupWish): void {
  const within = (inner: string, outer: string): boolean => `${inner}${path.sep}`.startsWith(`${outer}${path.sep}`);
  if (within(dir, data) || within(keysDir, data)) throw new BackupFailed(`A backup inside ${data} would be lost together with it. Name a folder on another disk.`);
  if (within(keysDir, dir)) throw new BackupFailed(`The keys must not lie with the databases: whoever finds ${dir} could read everything. Name another folder with --keys.`);
}

async function checkRoom(dir: string, bytes: number): Promise<void> {
  const { free } = await diskSpace(dir);
  const mega = (value: number): number => Math.ceil(value / 1e6);
  if (free < bytes + SPARE_BYTES) throw new BackupFailed(`${dir}: the backup needs about ${mega(bytes + SPARE_BYTES)} MB and ${mega(free)} MB are free.`);
}

const pinBoth = (data: string): readonly Snapshot[] => {
  const pinned: Snapshot[] = [];
  try {
    for (const name of DATABASES) pinned.push(pinSnapshot(path.join(data, name)));
    return pinned;
  } catch (error) {
    for (const each of pinned) each.close();
    throw error;
  }
};

/** Both databases into a folder, as of one moment: no change of the register lies between the two. Returns that moment. */
async function copyBoth({ data }: BackupWish, { still, told, rest, now }: BackupPace, folder: string): Promise<number> {
  told('waiting', 0, 0);
  const [pinned, at] = await still(() => [pinBoth(data), now()] as const);
  try {
    const total = pinned.reduce((sum, { bytes }) => sum + bytes, 0);
    await checkRoom(folder, total);
    let before = 0;
    for (const [place, snapshot] of pinned.entries()) {
      const name = DATABASES[place] ?? '';
      let since = performance.now();
      await snapshot.copyTo(path.join(folder, name), (copied) => {
        told('copying', before + copied, total);
        if (walBytes(path.join(data, name)) > MOST_WAL_BYTES)
          throw new BackupFailed('Copying takes too long beside what is written meanwhile. Use a quicker disk, or a quieter hour.');
        rest(performance.now() - since);
        since = performance.now();
      });
      before += snapshot.bytes;
      snapshot.close();
    }
    return at;
  } finally {
    for (const each of pinned) each.close();
  }
}

/** Checks both copies as they lie there, and says what they are. */
function manifestOf(folder: string, at: number, data: string, keys: Keys): Manifest {
  for (const name of DATABASES) {
    const fault = faultIn(path.join(folder, name));
    if (fault !== undefined) throw new BackupFailed(`The copy of ${name} is damaged: ${fault}. Is the database itself sound? Run: npm run doorbook -- doctor`);
    syncFile(path.join(folder, name));
  }
  const proofs = openProofs(path.join(folder, 'journal.sqlite'));
  try {
    const log = proofs.logs().at(-1);
    if (log === undefined) throw new BackupFailed('The copy of journal.sqlite holds no log.');
    const root = log.size === 0 ? '' : Buffer.from(proofs.rootAt(log.origin, log.size)).toString('base64');
    return {
      format: 'doorbook-backup/1',
      site: siteOf(keys.fingerprint),
      at,
      register: registerFacts(path.join(folder, 'register.sqlite')),
      journal: { last: log.first + log.size - 1, origin: log.origin, size: log.size, root, checkpoint: proofs.newest()?.note ?? null },
      listEpoch: readEpoch(data),
      vaultKey: keys.vault[0].n,
      files: DATABASES.map((name) => ({ name, ...sumOf(path.join(folder, name)) })),
    };
  } finally {
    proofs.close();
  }
}

/** The keys go after the databases, so that every row has its key. Changed meanwhile, they would not open what was copied before. */
async function keysFor(wish: BackupWish, pace: BackupPace, folder: string, at: number): Promise<string> {
  const copy = await replaceKeysCopy(path.join(wish.data, 'keys'), wish.keysDir, at, pace.pause);
  try {
    checkSealed(path.join(folder, 'register.sqlite'), createVault({ ...readKeys(copy), dir: copy }));
  } catch (error) {
    throw new KeysChanged('The keys were being changed.', { cause: error });
  }
  return copy;
}

async function attempt(wish: BackupWish, pace: BackupPace): Promise<MadeBackup> {
  const { dir } = wish;
  const stamp = freeStamp([dir, wish.keysDir], pace.now());
  const [folder, partial] = [path.join(dir, stamp.name), path.join(dir, `${stamp.name}${PARTIAL}`)];
  mkdirSync(partial, { mode: 0o700 });
  try {
    const keys = readKeys(path.join(wish.data, 'keys'));
    const at = await copyBoth(wish, pace, partial);
    pace.told('checking', 0, 0);
    const manifest = manifestOf(partial, at, wish.data, keys);
    pace.told('keys', 0, 0);
    const keysFolder = await keysFor(wish, pace, partial, stamp.at);
    const file = path.join(partial, MANIFEST);
    writeFileSync(file, `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o600 });
    syncFile(file);
    syncFolder(partial);
    renameSync(partial, folder);
    syncFolder(dir);
    pruneBackups(dir, manifest.site, wish.keep);
    return { at, folder, keysFolder, bytes: manifest.files.reduce((sum, { bytes }) => sum + bytes, 0), manifest };
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Makes a backup: both databases as of one moment, checked, with their sums; then the keys, into a folder of their own.
 * The folder has its name only when everything is in it and on disk. Rejects with BackupFailed or StoreError and
 * leaves nothing that looks whole.
 */
export async function makeBackup(wish: BackupWish, pace: BackupPace): Promise<MadeBackup> {
  checkPlaces(wish);
  for (const name of DATABASES) {
    if (statSync(path.join(wish.data, name), { throwIfNoEntry: false }) === undefined)
      throw new BackupFailed(`${path.join(wish.data, name)} is not there: there is nothing to back up.`);
  }
  makeFolder(wish.dir);
  dropPartials(wish.dir);
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(wish, pace);
    } catch (error) {
      if (!(error instanceof KeysChanged)) throw error;
      if (tries === ATTEMPTS) throw new BackupFailed('The keys are being changed, and that has not ended. Try again later.', { cause: error });
    }
  }
}
