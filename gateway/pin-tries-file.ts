import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import path from 'node:path';
import { createPinTries, type PinTries, type Tries } from './core/pin-tries.ts';

const NAME = 'pin-tries.json';
/** Tries that come together are one write, ms. */
const WAIT_MS = 200;
const OWNER_ONLY = 0o600;

const isRow = (row: unknown): row is [string, Tries] => {
  const [key, tries]: readonly unknown[] = Array.isArray(row) ? row : [];
  const { wrong, shutUntil }: { wrong?: unknown; shutUntil?: unknown } = Object(tries);
  return typeof key === 'string' && Number.isSafeInteger(wrong) && Number.isSafeInteger(shutUntil);
};

/** A file that is missing or damaged holds no rows: whoever can change it can open the register, too. */
function rowsIn(file: string): [string, Tries][] {
  try {
    const rows: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return Array.isArray(rows) ? rows.filter(isRow) : [];
  } catch {
    return [];
  }
}

/** As a whole, and on the disk; off this thread, for a tap must not wait for it. */
async function replace(file: string, text: string): Promise<void> {
  const handle = await open(`${file}.tmp`, 'w', OWNER_ONLY);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.tmp`, file);
}

/** The gateway's count of wrong PINs, which outlives a restart: a fifth of a second of it may be lost. `onFailure` hears of what was not written. */
export function openPinTries(data: string, onFailure: (error: unknown) => void): PinTries {
  const file = path.join(data, NAME);
  const tries = createPinTries(rowsIn(file));
  let [kept, writing, due] = [JSON.stringify(tries.rows()), Promise.resolve(), false];
  async function write(): Promise<void> {
    due = false;
    const rows = JSON.stringify(tries.rows());
    // A right PIN begins and ends a row between two writes.
    if (rows === kept) return;
    await replace(file, rows).then(
      () => (kept = rows),
      (error: unknown) => onFailure(error),
    );
  }
  function soon<T>(result: T): T {
    if (due) return result;
    due = true;
    setTimeout(() => {
      writing = writing.then(write);
    }, WAIT_MS).unref();
    return result;
  }
  return { ...tries, begin: (key, now) => soon(tries.begin(key, now)), right: (key) => soon(tries.right(key)), undo: (key, now) => soon(tries.undo(key, now)) };
}
