import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { copySlots } from '../journal/slot-copy.ts';
import { LOG_SLOT } from '../journal/seal.ts';
import { openSlotReader } from '../journal/slots.ts';
import { syncFolder } from '../store/durable-file.ts';
import { readKeys } from '../store/keys.ts';
import { BackupFailed, type KeysManifest, makeFolder, MANIFEST, PARTIAL, readKeysManifest, siteOf, stampedIn, stampOf, sumOf, syncFile } from './manifest.ts';

/** Key files that are replaced as a whole, each kept twice: any moment's pair is good. */
const WHOLE = ['keys.json', 'keys-mirror.json', 'checkpoint.json', 'checkpoint-mirror.json', 'door-ca.json', 'door-ca-mirror.json', 'list.json', 'list-mirror.json'];
const RETRY_MS = 200;
/** Destroying the keys of a city takes minutes. */
const PATIENCE_MS = 30 * 60_000;

/** Copies keys into an empty folder of its own, flushed. `pause`: waits so many ms while keys are being destroyed. */
async function copyKeyFiles(from: string, to: string, pause: (ms: number) => Promise<unknown>): Promise<void> {
  for (let waited = 0; !copySlots(from, to); waited += RETRY_MS) {
    if (waited >= PATIENCE_MS) throw new BackupFailed('Keys of old entries are being destroyed, and that has not ended for half an hour. Try again later.');
    await pause(RETRY_MS);
  }
  for (const name of WHOLE) if (existsSync(path.join(from, name))) copyFileSync(path.join(from, name), path.join(to, name));
  const keys = readKeys(to);
  if (openSlotReader(to, keys.journalRoot).key(LOG_SLOT) === undefined) throw new BackupFailed(`The copy of the keys in ${to} does not open.`);
  for (const name of readdirSync(to)) syncFile(path.join(to, name));
}

/** Copies of this site's keys in a folder, newest first; damaged ones too. */
function copiesOf(keysDir: string, site: string): string[] {
  return stampedIn(keysDir).filter((name) => {
    try {
      return readKeysManifest(path.join(keysDir, name)).site === site;
    } catch {
      return false;
    }
  });
}

/** Unfinished folders of an earlier try. They hold what was secret then, so they go at once. */
export function dropPartials(dir: string): void {
  for (const name of stampedIn(dir, PARTIAL)) rmSync(path.join(dir, name), { recursive: true, force: true });
}

/**
 * Puts a fresh copy of the keys into `keysDir` and takes the earlier ones away: keys that were destroyed must not
 * live on there. Returns the folder of the copy.
 */
export async function replaceKeysCopy(from: string, keysDir: string, at: number, pause: (ms: number) => Promise<unknown>): Promise<string> {
  makeFolder(keysDir);
  dropPartials(keysDir);
  const folder = path.join(keysDir, stampOf(at));
  const partial = `${folder}${PARTIAL}`;
  mkdirSync(partial, { mode: 0o700 });
  try {
    await copyKeyFiles(from, partial, pause);
    const site = siteOf(readKeys(partial).fingerprint);
    const files = readdirSync(partial).map((name) => ({ name, ...sumOf(path.join(partial, name)) }));
    const manifest: KeysManifest = { format: 'doorbook-backup-keys/1', site, at, files };
    writeFileSync(path.join(partial, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o600 });
    syncFile(path.join(partial, MANIFEST));
    syncFolder(partial);
    const earlier = copiesOf(keysDir, site);
    renameSync(partial, folder);
    syncFolder(keysDir);
    for (const name of earlier) rmSync(path.join(keysDir, name), { recursive: true, force: true });
    syncFolder(keysDir);
    return folder;
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
}
