import { createHash, hkdfSync } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';

export const MANIFEST = 'manifest.json';
/** Folder of a backup: local date and time of the moment it shows, `yyyymmdd-hhmmss`. */
const STAMP = /^\d{8}-\d{6}$/;
export const PARTIAL = '.partial';

const FileSum = Type.Object({ name: Type.String({ pattern: '^[a-z0-9.-]{1,40}$' }), bytes: Type.Integer({ minimum: 0 }), sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }) });
export type FileSum = Static<typeof FileSum>;

const common = { site: Type.String(), at: Type.Integer(), files: Type.Array(FileSum) };

/** What lies beside the databases of a backup. Times are epoch ms. */
export const Manifest = Type.Object({
  format: Type.Literal('doorbook-backup/1'),
  ...common,
  /** `n`: number of the register's newest change; `schema`: its newest schema change. */
  register: Type.Object({ n: Type.Integer(), schema: Type.String(), people: Type.Integer(), credentials: Type.Integer() }),
  /** The newest log at that moment: `last` is the row of its newest entry, `root` (base64) that of its first `size`. */
  journal: Type.Object({ last: Type.Integer(), origin: Type.String(), size: Type.Integer(), root: Type.String(), checkpoint: Type.Union([Type.String(), Type.Null()]) }),
  listEpoch: Type.Integer(),
  /** Number of the key that sealed then. */
  vaultKey: Type.Integer(),
});
export type Manifest = Static<typeof Manifest>;

/** What lies beside a copy of the keys. */
export const KeysManifest = Type.Object({ format: Type.Literal('doorbook-backup-keys/1'), ...common });
export type KeysManifest = Static<typeof KeysManifest>;

/** A backup that cannot be made, or cannot be used: one sentence for the operator. */
export class BackupFailed extends Error {
  override readonly name = 'BackupFailed';
}

/** Name of the folder for a moment, in local time. */
export const stampOf = (at: number): string => new Date(at + 8 * 3_600_000).toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);

/** A name for a site that tells nothing of its keys: backups of two sites may lie in one folder. */
export const siteOf = (fingerprintKey: Uint8Array): string => Buffer.from(hkdfSync('sha256', fingerprintKey, '', 'doorbook/site-name/1', 8)).toString('hex');

const PIECE = 1 << 20;

/** Length and SHA-256 of a file; `each` is called after every megabyte. */
export function sumOf(file: string, each: () => void = () => undefined): Omit<FileSum, 'name'> {
  const handle = openSync(file, 'r');
  try {
    const [sum, piece] = [createHash('sha256'), Buffer.alloc(PIECE)];
    let bytes = 0;
    for (let read = readSync(handle, piece); read > 0; read = readSync(handle, piece)) {
      sum.update(piece.subarray(0, read));
      bytes += read;
      each();
    }
    return { bytes, sha256: sum.digest('hex') };
  } finally {
    closeSync(handle);
  }
}

/** Makes a folder for this user alone, and those above it. Not by `recursive`: where a system lets nobody make one (/proc), Node tries for ever. */
export function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    throw new BackupFailed(`${folder}: this folder cannot be made (${error instanceof Error ? error.message : error}). Is the disk there?`, { cause: error });
  }
}

/** Returns when the file's bytes outlive a power cut. */
export function syncFile(file: string): void {
  const handle = openSync(file, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new BackupFailed(`${file}: ${existsSync(file) ? 'cannot be read; the backup is damaged' : 'is missing; this is no whole backup'}.`, { cause: error });
  }
}

/** Reads the manifest in a folder of databases. Throws BackupFailed. */
export function readManifest(folder: string): Manifest {
  const [file, found] = [path.join(folder, MANIFEST), readJson(path.join(folder, MANIFEST))];
  if (!Value.Check(Manifest, found)) throw new BackupFailed(`${file}: not of a form this version knows. A newer Doorbook may have made it.`);
  return found;
}

/** As `readManifest`, of a copy of the keys. */
export function readKeysManifest(folder: string): KeysManifest {
  const [file, found] = [path.join(folder, MANIFEST), readJson(path.join(folder, MANIFEST))];
  if (!Value.Check(KeysManifest, found)) throw new BackupFailed(`${file}: not of a form this version knows.`);
  return found;
}

/** Stamped folders in a folder, newest first; with `ending` those that were not finished. */
export function stampedIn(dir: string, ending = ''): string[] {
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  return readdirSync(dir)
    .filter((name) => name.endsWith(ending) && STAMP.test(name.slice(0, name.length - ending.length)) && statSync(path.join(dir, name)).isDirectory())
    .sort()
    .reverse();
}
