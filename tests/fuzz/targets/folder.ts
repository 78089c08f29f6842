import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const MEMORY = '/dev/shm';

/** A folder for files under test. */
export interface Folder {
  readonly path: string;
  /** Empties it, and puts these files in. */
  fill(files: Readonly<Record<string, Uint8Array>>): void;
  remove(): void;
}

/** In memory where there is such a place: thousands of files are written, and none of them matters. */
export function temporaryFolder(): Folder {
  const folder = mkdtempSync(path.join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'doorbook-fuzz-'));
  return {
    path: folder,
    fill(files) {
      for (const name of readdirSync(folder)) rmSync(path.join(folder, name), { recursive: true });
      for (const [name, bytes] of Object.entries(files)) {
        mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
        writeFileSync(path.join(folder, name), bytes);
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
