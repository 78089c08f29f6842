import { chmodSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { replaceFile } from './durable-file.ts';
import { StoreError } from './sqlite.ts';

/** What a key file holds. `generation` rises with every change: of two good copies the newer one counts. */
export interface Kept {
  readonly generation: number;
}

/**
 * A file of keys, kept twice. A change is written to one copy and then to the other, so that a crash at any moment
 * leaves a good one; each file has one thread that writes it.
 */
export interface KeyFile<T extends Kept> {
  /** What the better copy holds; writes nothing. `there`: at least one file exists. Throws StoreError when two equally new copies differ. */
  find(dir: string): { readonly best: T | undefined; readonly there: boolean };
  /** As `find`, and makes a missing, damaged or older copy good. For the thread that owns the file. */
  settle(dir: string): { readonly best: T | undefined; readonly there: boolean };
  /** Returns when both copies hold the value and outlive a power cut. */
  write(dir: string, value: T): void;
}

/** The two names, the first being the first to be written, and the text of a value and back; undefined for damaged text. */
export interface KeyForm<T extends Kept> {
  readonly names: readonly [string, string];
  encode(value: T): string;
  decode(text: string): T | undefined;
}

/** A mirrored key file of this form. */
export function keyFile<T extends Kept>({ names, encode, decode }: KeyForm<T>): KeyFile<T> {
  const filesIn = (dir: string): string[] => names.map((name) => path.join(dir, name));
  const look = (dir: string) => filesIn(dir).map((file) => ({ file, value: existsSync(file) ? decode(readFileSync(file, 'utf8')) : undefined }));

  function bestOf(dir: string, found: readonly { readonly value: T | undefined }[]): T | undefined {
    const good = found.flatMap(({ value }) => (value === undefined ? [] : [value])).sort((a, b) => b.generation - a.generation);
    const [best, other] = good;
    if (best !== undefined && other !== undefined && best.generation === other.generation && encode(best) !== encode(other))
      throw new StoreError(`The two key files ${names.join(' and ')} in ${dir} hold different keys. Restore both from the same backup.`);
    return best;
  }

  function write(dir: string, value: T): void {
    for (const file of filesIn(dir)) replaceFile(file, Buffer.from(encode(value)));
  }

  return {
    write,
    find: (dir) => ({ best: bestOf(dir, look(dir)), there: filesIn(dir).some((file) => existsSync(file)) }),
    settle(dir) {
      const found = look(dir);
      const best = bestOf(dir, found);
      for (const { file, value } of found) {
        if (existsSync(file)) chmodSync(file, 0o600);
        if (best !== undefined && (value === undefined || encode(value) !== encode(best))) replaceFile(file, Buffer.from(encode(best)));
      }
      return { best, there: filesIn(dir).some((file) => existsSync(file)) };
    },
  };
}
