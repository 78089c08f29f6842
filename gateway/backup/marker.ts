import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { syncFolder } from '../store/durable-file.ts';

export const MARKER = 'restored.json';

/** What a restore leaves for the next start of the gateway. Times are epoch ms. */
export const Marker = Type.Object({
  format: Type.Literal('doorbook-restored/1'),
  at: Type.Integer(),
  /** When the backup was made. */
  backupAt: Type.Integer(),
  /** Newest entry of the log in the backup: what the log tells of later acts is to be done again. */
  after: Type.Integer(),
  journal: Type.Union([Type.Literal('kept'), Type.Literal('restored')]),
});
export type Marker = Static<typeof Marker>;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Undefined: nothing was restored since the last start. Throws for a file that cannot be read: going on would serve what was revoked. */
export function readMarker(data: string): Marker | undefined {
  const file = path.join(data, MARKER);
  if (!existsSync(file)) return undefined;
  const found = parsed(readFileSync(file, 'utf8'));
  if (!Value.Check(Marker, found)) throw new Error(`${file} is not of a form this version knows, or damaged. Start the version that restored, or restore again.`);
  return found;
}

/** For when all it asks for is done. */
export function removeMarker(data: string): void {
  rmSync(path.join(data, MARKER), { force: true });
  syncFolder(data);
}
