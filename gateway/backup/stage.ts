import { chmodSync, constants, copyFileSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { LOG_SLOT } from '../journal/seal.ts';
import { openSlotReader } from '../journal/slots.ts';
import { openProofs } from '../journal/proofs.ts';
import { type Keys, readKeys } from '../store/keys.ts';
import { migrateRegister } from '../store/migrate.ts';
import { checkSealed } from '../store/restored-register.ts';
import { faultIn, faultInPlace } from '../store/snapshot.ts';
import { createVault } from '../store/vault.ts';
import { DATABASES } from './folders.ts';
import { BackupFailed, type FileSum, type Manifest, readKeysManifest, readManifest, siteOf, sumOf, syncFile } from './manifest.ts';

/** A backup and the keys that go with it, where they lie. */
export interface Source {
  readonly folder: string;
  /** Folder of key files. `present`: those of the data directory itself. */
  readonly keys: string;
  readonly present: boolean;
}

/** Copies files and holds what came of them against their sums. */
function copyChecked(from: string, to: string, files: readonly FileSum[]): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const { name, bytes, sha256 } of files) {
    const source = path.join(from, name);
    if (!existsSync(source)) throw new BackupFailed(`${source} is missing. Choose another backup.`);
    copyFileSync(source, path.join(to, name), constants.COPYFILE_EXCL);
    const found = sumOf(path.join(to, name));
    if (found.bytes !== bytes) throw new BackupFailed(`${source} has ${found.bytes} bytes and should have ${bytes}: it was cut off or changed. Choose another backup.`);
    if (found.sha256 !== sha256) throw new BackupFailed(`${source} is damaged: its sum is not the one noted when it was made. Choose another backup.`);
    chmodSync(path.join(to, name), 0o600);
    syncFile(path.join(to, name));
  }
}

/** Do these keys open this log's slots? */
const opensLog = (keysDir: string, keys: Keys): boolean => openSlotReader(keysDir, keys.journalRoot).key(LOG_SLOT) !== undefined;

/** Holds keys against what they must open. Throws BackupFailed or StoreError. */
function checkKeys(keysDir: string, register: string, site: string): Keys {
  const keys = readKeys(keysDir);
  if (siteOf(keys.fingerprint) !== site) throw new BackupFailed(`The keys in ${keysDir} are those of another site.`);
  if (!opensLog(keysDir, keys)) throw new BackupFailed(`The keys in ${keysDir} do not open the log: its key slots are damaged, or of another time.`);
  checkSealed(register, createVault({ ...keys, dir: keysDir }));
  return keys;
}

/** Copies a backup and its keys into `to` and checks everything: sums, both databases, versions, and that the keys open them. Throws BackupFailed or StoreError naming what is wrong. */
export function stageBackup({ folder, keys, present }: Source, to: string): Manifest {
  const manifest = readManifest(folder);
  const missing = DATABASES.find((name) => !manifest.files.some((file) => file.name === name));
  if (missing !== undefined) throw new BackupFailed(`${folder}: the manifest does not name ${missing}.`);
  copyChecked(folder, to, manifest.files);
  for (const name of DATABASES) {
    const fault = faultIn(path.join(to, name));
    if (fault !== undefined) throw new BackupFailed(`${path.join(folder, name)} is damaged: ${fault}. Choose another backup.`);
  }
  const register = path.join(to, 'register.sqlite');
  if (!present) copyChecked(keys, path.join(to, 'keys'), readKeysManifest(keys).files);
  checkKeys(present ? keys : path.join(to, 'keys'), register, manifest.site);
  migrateRegister(register);
  return manifest;
}

/** Why the log of a data directory cannot be kept when this backup is restored; undefined: it goes on from the backup, whole and with its keys. */
export function presentLogFault(data: string, register: string, { journal, site }: Manifest): string | undefined {
  const [file, keysDir] = [path.join(data, 'journal.sqlite'), path.join(data, 'keys')];
  if (!existsSync(file)) return 'there is none';
  try {
    const proofs = openProofs(file);
    try {
      const log = proofs.logs().find(({ origin }) => origin === journal.origin);
      if (log === undefined) return 'it is another log than the one in the backup';
      if (log.size < journal.size) return 'it is shorter than the one in the backup';
      if (journal.size > 0 && Buffer.from(proofs.rootAt(journal.origin, journal.size)).toString('base64') !== journal.root) return 'its entries are not those in the backup';
    } finally {
      proofs.close();
    }
    const fault = faultInPlace(file);
    if (fault !== undefined) return `it is damaged (${fault})`;
    checkKeys(keysDir, register, site);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
