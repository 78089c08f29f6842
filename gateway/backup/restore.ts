import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { lockData } from '../data-lock.ts';
import { beginNewLog } from '../journal/new-log.ts';
import { openProofs } from '../journal/proofs.ts';
import { epochAfter, readEpoch, writeEpoch } from '../list-epoch.ts';
import { beginAgain, registerFacts } from '../store/restored-register.ts';
import { walBytes } from '../store/snapshot.ts';
import { besideOf, chosenBackup, chosenKeys, DATABASES } from './folders.ts';
import { BackupFailed, makeFolder, type Manifest, stampOf, syncFile } from './manifest.ts';
import { MARKER, type Marker } from './marker.ts';
import { presentLogFault, type Source, stageBackup } from './stage.ts';
import { asideFor, finishRestore, STAGING, switchOver } from './switch-over.ts';

/** What is to be restored, and where to. Absolute paths. */
export interface RestoreWish {
  readonly data: string;
  readonly dir: string;
  /** Undefined: beside `dir`. */
  readonly keysDir: string | undefined;
  /** What is there may be moved aside. */
  readonly replace: boolean;
}

/** What came of it. */
export interface Restored {
  /** False: an earlier restore was interrupted and is finished now; nothing of this wish was done. */
  readonly begun: boolean;
  readonly folder: string;
  readonly manifest: Manifest | undefined;
  /** Kept: the log that was there goes on, only the register was replaced. */
  readonly journal: 'kept' | 'restored';
  /** Why the log that was there was not kept; undefined: it was, or there was none. */
  readonly why: string | undefined;
  readonly listEpoch: number;
  /** Where what was there lies now; undefined: nothing was there. */
  readonly aside: string | undefined;
}

const INTERRUPTED: Omit<Restored, 'listEpoch'> = { begun: false, folder: '', manifest: undefined, journal: 'restored', why: undefined, aside: undefined };

/** Anything of a site. */
const isUsed = (data: string): boolean => [...DATABASES, 'keys'].some((name) => existsSync(path.join(data, name)));

function sourceOf({ data, dir, keysDir }: RestoreWish): Source {
  const folder = chosenBackup(dir);
  const places = keysDir === undefined ? [besideOf(dir), besideOf(path.dirname(folder))] : [keysDir];
  const keys = places.map(chosenKeys).find((found) => found !== undefined);
  if (keys !== undefined) return { folder, keys, present: false };
  const present = path.join(data, 'keys');
  if (keysDir === undefined && existsSync(path.join(present, 'keys.json'))) return { folder, keys: present, present: true };
  throw new BackupFailed(`${places.at(0)}: the keys of this backup are not there. Name their folder with --keys.`);
}

function writeMarker(staging: string, marker: Marker): void {
  const file = path.join(staging, MARKER);
  writeFileSync(file, `${JSON.stringify(marker)}\n`, { mode: 0o600 });
  syncFile(file);
}

/** Makes what was staged a site to go on with, and says what of it goes into place. */
function prepare(wish: RestoreWish, staging: string, manifest: Manifest, now: number): Pick<Restored, 'journal' | 'why' | 'listEpoch'> & { readonly names: readonly string[] } {
  const { data } = wish;
  const register = path.join(staging, 'register.sqlite');
  const there = existsSync(path.join(data, 'journal.sqlite'));
  const fault = presentLogFault(data, register, manifest);
  const journal = fault === undefined ? 'kept' : 'restored';
  beginAgain(register, now);
  const listEpoch = epochAfter([manifest.listEpoch, readEpoch(data)], now);
  writeEpoch(staging, listEpoch);
  writeMarker(staging, { format: 'doorbook-restored/1', at: now, backupAt: manifest.at, after: manifest.journal.last, journal });
  if (journal === 'restored') beginNewLog(path.join(staging, 'journal.sqlite'));
  const names = ['register.sqlite', 'epoch.json', 'epoch-mirror.json', MARKER];
  if (journal === 'restored') names.push('journal.sqlite', ...(existsSync(path.join(staging, 'keys')) ? ['keys'] : []));
  for (const name of DATABASES) if (walBytes(path.join(staging, name)) > 0) throw new BackupFailed(`${path.join(staging, name)} was not closed. Try again.`);
  return { journal, why: there ? fault : undefined, listEpoch, names };
}

function carryOut(wish: RestoreWish, now: number): Restored {
  const { data, replace } = wish;
  if (finishRestore(data)) return { ...INTERRUPTED, listEpoch: readEpoch(data) };
  const used = isUsed(data);
  if (used && !replace) throw new BackupFailed(`${data} holds a site already. With --replace what is there is moved aside, and nothing is deleted.`);
  const source = sourceOf(wish);
  const staging = path.join(data, STAGING);
  try {
    const manifest = stageBackup(source, staging);
    const { names, ...made } = prepare(wish, staging, manifest, now);
    const aside = asideFor(data, stampOf(now));
    switchOver(data, names, aside);
    const left = readdirSync(aside).length > 0;
    if (!left) rmSync(aside, { recursive: true });
    return { begun: true, folder: source.folder, manifest, aside: left ? aside : undefined, ...made };
  } catch (error) {
    // Before the switch nothing of what was there has been touched; after it the next start goes on.
    if (!existsSync(path.join(data, 'restore.json'))) rmSync(staging, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Puts a backup into a data directory that no gateway uses. Where the log that is there is whole and goes on from the
 * backup, it and its keys stay. `now`: epoch ms. Throws BackupFailed, StoreError or ConfigError in one sentence, and
 * then everything is as it was.
 */
export function restoreBackup(wish: RestoreWish, now: number): Restored {
  makeFolder(wish.data);
  const release = lockData(wish.data);
  try {
    return carryOut(wish, now);
  } finally {
    release();
  }
}

/** What a rehearsal found. */
export interface Rehearsed extends Pick<Restored, 'folder'> {
  readonly manifest: Manifest;
  readonly people: number;
  readonly credentials: number;
  readonly entries: number;
}

/** Restores into a folder of its own, opens everything, and removes it. `scratch`: a folder that does not exist yet. */
export function rehearse({ dir, keysDir }: Pick<RestoreWish, 'dir' | 'keysDir'>, scratch: string, now: number): Rehearsed {
  try {
    const { folder, manifest } = restoreBackup({ data: scratch, dir, keysDir, replace: false }, now);
    if (manifest === undefined) throw new BackupFailed(`${scratch} was in use.`);
    const facts = registerFacts(path.join(scratch, 'register.sqlite'));
    const proofs = openProofs(path.join(scratch, 'journal.sqlite'));
    try {
      for (const { origin, size } of proofs.logs()) {
        const signed = proofs.newestOf(origin);
        if (signed !== undefined && !Buffer.from(proofs.rootAt(origin, signed.size)).equals(signed.root))
          throw new BackupFailed(`The log ${origin} in ${folder} is not what its checkpoint says.`);
        if (signed !== undefined && signed.size > size) throw new BackupFailed(`The log ${origin} in ${folder} is shorter than its checkpoint.`);
      }
      return { folder, manifest, people: facts.people, credentials: facts.credentials, entries: manifest.journal.last + 1 };
    } finally {
      proofs.close();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
