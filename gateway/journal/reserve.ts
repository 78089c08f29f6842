import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { randomBytes } from 'node:crypto';

const RESERVE_BYTES = 16 * 1024 * 1024;

/**
 * A file that does nothing but hold space. When the disk is full it is given up, and the log can take some
 * fifteen thousand more entries while somebody makes room.
 */
export interface Reserve {
  /** Gives the space up; false when it was not held. */
  release(): boolean;
  /** Takes the space again when as much is left besides; true when that changed anything. */
  restore(): boolean;
}

const held = (file: string): boolean => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) >= RESERVE_BYTES;

/** Random bytes, because a file system may store zeros in no space at all. */
function fill(file: string): void {
  const handle = openSync(file, 'w', 0o600);
  try {
    const bytes = randomBytes(RESERVE_BYTES);
    for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Holds the reserve in this file, if there is room for it now. */
export function openReserve(file: string): Reserve {
  function restore(): boolean {
    if (held(file)) return false;
    try {
      const { bavail, bsize } = statfsSync(dirname(file));
      if (bavail * bsize < 2 * RESERVE_BYTES) return false;
      fill(file);
      return true;
    } catch {
      rmSync(file, { force: true });
      return false;
    }
  }
  restore();
  return {
    restore,
    release() {
      const had = held(file);
      rmSync(file, { force: true });
      return had;
    },
  };
}
