import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { LastBackup } from '../http/schemas/backups.ts';

/** `DATA/backups.json`, as `gateway/backup/record.ts` writes it. */
const BackupFile = Type.Object({ last: LastBackup });

const DAY_MS = 86_400_000;
/** A backup a week, and a day for the weekend (62443: availability of the audit store). */
export const OVERDUE_DAYS = 8;

/** Undefined: none was made yet, or what is told of it cannot be read. */
export function lastBackup(data: string): LastBackup | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(path.join(data, 'backups.json'), 'utf8'));
    return Value.Check(BackupFile, found) ? found.last : undefined;
  } catch {
    return undefined;
  }
}

/** When this register was made here, epoch ms; undefined when there is none. */
export function siteSince(data: string): number | undefined {
  const found = statSync(path.join(data, 'register.sqlite'), { throwIfNoEntry: false });
  return found && (found.birthtimeMs || found.ctimeMs);
}

/** How backups stand. A site without any is `fresh` for its first days. */
export function backupState(last: LastBackup | undefined, since: number | undefined, now: number): 'fresh' | 'old' | 'none' | 'failed' {
  if (last !== undefined && !last.ok) return 'failed';
  const from = last?.at ?? since;
  if (from === undefined || now - from <= OVERDUE_DAYS * DAY_MS) return 'fresh';
  return last === undefined ? 'none' : 'old';
}
