import type { BackupStep } from '../http/schemas/backups.ts';
import type { BackupWish } from './make.ts';

/** What the thread is started with. */
export type BackupStart = BackupWish;

/** Desk side → thread: no change of the register is under way, pin now. */
export interface ToBackup {
  readonly t: 'still';
}

/** Thread → desk side. */
export type FromBackup =
  /** Hold changes of the register until `pinned`. */
  | { readonly t: 'hold' }
  | { readonly t: 'pinned' }
  | { readonly t: 'at'; readonly step: BackupStep; readonly copied: number; readonly total: number }
  | { readonly t: 'made'; readonly at: number; readonly folder: string; readonly keysFolder: string; readonly bytes: number; readonly n: number; readonly last: number }
  /** One sentence. */
  | { readonly t: 'failed'; readonly message: string };
