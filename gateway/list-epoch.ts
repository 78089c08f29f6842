import { existsSync } from 'node:fs';
import path from 'node:path';
import { type Kept, keyFile } from './store/key-file.ts';

/** `generation` is the epoch itself. */
const file = keyFile<Kept>({
  names: ['epoch.json', 'epoch-mirror.json'],
  encode: ({ generation }) => `${JSON.stringify({ format: 'doorbook-epoch/1', epoch: generation })}\n`,
  decode(text) {
    try {
      const { format, epoch }: { format?: unknown; epoch?: unknown } = Object(JSON.parse(text));
      return format === 'doorbook-epoch/1' && typeof epoch === 'number' && Number.isSafeInteger(epoch) ? { generation: epoch } : undefined;
    } catch {
      return undefined;
    }
  },
});

const FIRST = 1;
/** An epoch travels as 32 bits. */
const MOST = 2 ** 32 - 1;
const MINUTE_MS = 60_000;
/** A device that holds a list from further ahead than this is not believed. */
const AHEAD_MINUTES = 10 * 366 * 24 * 60;

/** Epoch of the lists of this data directory; 1 for one that was never restored. */
export const readEpoch = (data: string): number => file.find(data).best?.generation ?? FIRST;

/** Puts the epoch on disk, in both copies. */
export function writeEpoch(data: string, epoch: number): void {
  if (!existsSync(data)) throw new Error(`${path.resolve(data)} does not exist`);
  file.write(data, { generation: epoch });
}

/** The epoch after these. By the minute, so that two restores of one backup never share one. `now`: epoch ms. */
export const epochAfter = (known: readonly number[], now: number): number => Math.min(MOST, Math.max(...known.map((each) => each + 1), Math.floor(now / MINUTE_MS)));

/** The epoch that lists are made under, kept ahead of what the doors hold. */
export interface ListEpoch {
  current(): number;
  /** Begins the next one. */
  raise(): void;
  /** A door holds this list (`epoch.n`, '' for none). True when it is one we never made: the register is older than it was. Then the next epoch has begun. */
  saw(have: string): boolean;
}

/** Opens the epoch of a data directory. `lastN`: number of the register's newest change. */
export function openListEpoch(data: string, lastN: () => number, now: () => number): ListEpoch {
  let epoch = file.settle(data).best?.generation ?? FIRST;
  /** Newest change known of: doors say what they hold at every turn, and the register need not be asked each time. */
  let newest = 0;
  function isPast(n: number): boolean {
    if (n > newest) newest = lastN();
    return n <= newest;
  }
  function begin(after: number): void {
    epoch = epochAfter([epoch, after], now());
    writeEpoch(data, epoch);
  }
  return {
    current: () => epoch,
    raise: () => begin(epoch),
    saw(have) {
      const [e = 0, n = 0] = have.split('.').map(Number);
      const newer = e > epoch || (e === epoch && !isPast(n));
      if (!newer || e > now() / MINUTE_MS + AHEAD_MINUTES) return false;
      begin(e);
      return true;
    },
  };
}
