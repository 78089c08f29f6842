import type { Checkpoint, HeldCheckpoint, Judged } from './checkpoints.ts';
import type { Destroyed, Destruction } from './destroy.ts';
import type { Appended, StoredEntry } from './entry.ts';
import type { LogPlace } from './log.ts';
import type { Packet } from './packet.ts';

/** What the writer thread is started with. */
export type WriterStart = LogPlace;

/** Something a person must know of: the log is not, or was not, taking entries as it should. */
export interface Alarm {
  /** `keys-lost`: entries that were there to stay cannot be opened. `recovered`: what was wrong before is over. `log-forked`: the log is not what a checkpoint of it says. `log-lost`: a restore lost entries, and somebody outside holds proof of them. */
  readonly what: 'disk-full' | 'storage-failing' | 'writer-ended' | 'stalled' | 'wal-large' | 'log-forked' | 'log-lost' | 'keys-lost' | 'recovered';
  readonly message: string;
  /** What is over, with `recovered`. */
  readonly over?: Exclude<Alarm['what'], 'recovered'>;
  /** Epoch ms. */
  readonly at: number;
}

/** Door side → writer. Entries are numbered by the sender, without gaps, and answered in that order. */
export type ToWriter =
  | { readonly t: 'append'; readonly first: number; readonly packet: Packet }
  | { readonly t: 'find'; readonly id: number; readonly key: Uint8Array }
  /** Destroy the keys of old entries; answered when they are gone, while entries go on. */
  | { readonly t: 'destroy'; readonly id: number; readonly wish: Destruction }
  /** What does a checkpoint from outside say of the log? */
  | { readonly t: 'judge'; readonly id: number; readonly held: HeldCheckpoint }
  /** Finish what was sent before, close, end. */
  | { readonly t: 'stop' };

/** Writer → door side. */
export type FromWriter =
  | { readonly t: 'ready'; readonly last: number; readonly checkpoint: Checkpoint | undefined }
  | { readonly t: 'checkpoint'; readonly checkpoint: Checkpoint }
  /** The log cannot be opened; `code`: what the database or the system calls it, '' when it is none of theirs. */
  | { readonly t: 'failed'; readonly message: string; readonly code: string }
  /** `count` entries from `first` on are on disk. Their indexes follow one another from `index`, but for the duplicates. */
  | {
      readonly t: 'stored';
      readonly first: number;
      readonly count: number;
      readonly index: number;
      readonly duplicates: readonly (readonly [id: number, answer: Appended])[];
      readonly last: number;
    }
  /** Nothing of these was stored. */
  | { readonly t: 'refused'; readonly first: number; readonly count: number; readonly message: string }
  | { readonly t: 'found'; readonly id: number; readonly entry: StoredEntry | undefined }
  | { readonly t: 'not-found-out'; readonly id: number; readonly message: string }
  | { readonly t: 'destroyed'; readonly id: number; readonly result: Destroyed | { readonly error: string } }
  | { readonly t: 'judged'; readonly id: number; readonly result: Judged | { readonly error: string } }
  | { readonly t: 'alarm'; readonly alarm: Alarm };
