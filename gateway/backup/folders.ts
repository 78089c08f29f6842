import { existsSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { syncFolder } from '../store/durable-file.ts';
import { BackupFailed, MANIFEST, type Manifest, readManifest, stampedIn, stampOf } from './manifest.ts';

/** The databases of a site, in the order they are pinned: what the log says of a change is written before the change. */
export const DATABASES = ['register.sqlite', 'journal.sqlite'] as const;

const SECOND_MS = 1000;

/** A stamp that no folder in these has yet, of this moment or the first free one after it. */
export function freeStamp(dirs: readonly string[], now: number): { readonly name: string; readonly at: number } {
  let at = now;
  while (dirs.some((dir) => existsSync(path.join(dir, stampOf(at))))) at += SECOND_MS;
  return { name: stampOf(at), at };
}

/** The manifest of a folder whose files are all there with their length; undefined for anything else. */
function wholeIn(folder: string): Manifest | undefined {
  try {
    const manifest = readManifest(folder);
    return manifest.files.every(({ name, bytes }) => statSync(path.join(folder, name)).size === bytes) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

/** Removes whole backups of this site but the newest `keep`. What is not whole counts for nothing and is left for a person to look at. */
export function pruneBackups(dir: string, site: string, keep: number): void {
  const whole = stampedIn(dir).filter((name) => wholeIn(path.join(dir, name))?.site === site);
  for (const name of whole.slice(Math.max(1, keep))) {
    // The manifest first: a folder without one is no backup, however far the removing comes.
    rmSync(path.join(dir, name, MANIFEST), { force: true });
    rmSync(path.join(dir, name), { recursive: true, force: true });
  }
  syncFolder(dir);
}

/** The folder of databases that is meant: the one named, when it is one backup, else the newest in it. Throws BackupFailed. */
export function chosenBackup(dir: string): string {
  if (!existsSync(dir)) throw new BackupFailed(`${dir}: there is no such folder.`);
  if (existsSync(path.join(dir, MANIFEST)) || DATABASES.some((name) => existsSync(path.join(dir, name)))) return dir;
  const newest = stampedIn(dir).at(0);
  if (newest === undefined) throw new BackupFailed(`${dir}: there is no backup in it.`);
  return path.join(dir, newest);
}

/** The copy of the keys that is meant: the folder named, when the keys are in it, else the newest in it; undefined when there is none. */
export function chosenKeys(keysDir: string): string | undefined {
  if (existsSync(path.join(keysDir, 'keys.json'))) return keysDir;
  const newest = stampedIn(keysDir).at(0);
  return newest === undefined ? undefined : path.join(keysDir, newest);
}

/** Where the keys of a folder of backups lie unless one says otherwise: beside it. */
export const besideOf = (dir: string): string => `${dir.replace(/\/+$/, '')}-keys`;
