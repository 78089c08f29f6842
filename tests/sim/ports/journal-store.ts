import type { LogRow, ProofRows, ProofWrites } from '../../../gateway/store/journal-proofs.ts';
import { type EntryRow, type JournalStore, openJournalStore as openReally } from '../../../gateway/store/journal-store.ts';
import { current } from '../engine/current.ts';
import { type Added, disk } from '../world/disk.ts';
import { randomBytes } from './crypto.ts';

const nothing = (): Added => ({ rows: [], logs: [], signers: [], tiles: [], checkpoints: [] });
const tileName = (log: LogRow, level: number, n: number): string => `${log.no}/${level}/${n}`;

/** What is open in this transaction, seen by whoever asks in it. */
interface Open {
  added: Added | undefined;
}

function proofsOver(open: Open): ProofRows {
  const logs = (): LogRow[] => [...disk().logs, ...(open.added?.logs ?? [])];
  const rows = (): EntryRow[] => [...disk().rows, ...(open.added?.rows ?? [])];
  const checkpoints = () => [...disk().checkpoints, ...(open.added?.checkpoints ?? [])];
  return {
    logs,
    sizeOf: ({ first }) => (logs().find((log) => log.first > first)?.first ?? rows().length) - first,
    hashes(log, level, from, to) {
      if (level === 0)
        return rows()
          .slice(log.first + from, log.first + to)
          .map(({ leafHash }) => leafHash);
      const found: Buffer[] = [];
      for (let n = from; n < to; n += 1) {
        const hash = disk().tiles.get(tileName(log, level, n)) ?? open.added?.tiles.find(([name]) => name === tileName(log, level, n))?.[1];
        if (hash !== undefined) found.push(hash);
      }
      return found;
    },
    newest: (log) => checkpoints().findLast((row) => row.log === log.no),
    after: (log, size, limit) =>
      checkpoints()
        .filter((row) => row.log === log.no && row.size > size)
        .slice(0, limit),
    before: (log, size, limit) =>
      checkpoints()
        .filter((row) => row.log === log.no && row.size < size)
        .reverse()
        .slice(0, limit),
    rootSigned: (log, size) => checkpoints().find((row) => row.log === log.no && row.size === size)?.root,
    signer: (log) => disk().signers.get(log.no),
  };
}

/** In a transaction what is added waits for its commit; outside each is one of its own. */
function writesOver(open: Open): ProofWrites {
  const add = (write: (added: Added) => void): void => {
    if (open.added !== undefined) return write(open.added);
    const alone = nothing();
    write(alone);
    disk().commit(alone);
  };
  return {
    log: (row) => add(({ logs }) => void logs.push(row)),
    signer: ({ no }, key) => add(({ signers }) => void signers.push([no, Buffer.from(key)])),
    tile: (log, level, n, hash) => add(({ tiles }) => void tiles.push([tileName(log, level, n), Buffer.from(hash)])),
    checkpoint: (row) => add(({ checkpoints }) => void checkpoints.push(row)),
  };
}

/** The store's contract over the simulated disk. */
function simulated(): JournalStore {
  disk().lock();
  disk().touch();
  disk().opened();
  const open: Open = { added: undefined };
  const add = writesOver(open);
  const proofs = proofsOver(open);
  if (disk().logs.length === 0) add.log({ no: 1, logId: randomBytes(16), first: 0, cites: undefined });
  const find = (dedup: Buffer): EntryRow | undefined => disk().byDedup.get(dedup.toString('hex')) ?? open.added?.rows.find((row) => row.dedup?.equals(dedup));
  return {
    proofs,
    add,
    last: () => disk().rows.length + (open.added?.rows.length ?? 0) - 1,
    begin() {
      disk().lock();
      open.added = nothing();
    },
    insert(row) {
      if (open.added === undefined) throw new Error('simulation: a row outside of a transaction');
      if (row.idx !== disk().rows.length + open.added.rows.length) throw new Error(`UNIQUE constraint failed: entry.idx ${row.idx}`);
      if (row.dedup !== null && find(row.dedup) !== undefined) return false;
      open.added.rows.push(row);
      return true;
    },
    commit() {
      const { added } = open;
      if (added === undefined) throw new Error('simulation: a commit without a transaction');
      disk().commit(added);
      open.added = undefined;
    },
    rollback() {
      open.added = undefined;
    },
    byDedup: find,
    newest: (limit) => disk().rows.slice(-limit).reverse(),
    hasPerson: () => true,
    trimWal: () => 0,
    close: () => undefined,
  };
}

/** The real store, with a copy of each row it commits on the simulated disk, where checkers look. */
function mirrored(file: string): JournalStore {
  const store = openReally(file);
  let added = nothing();
  let wasOpen = false;
  const { proofs } = store;
  if (disk().logs.length === 0) disk().logs.push(...proofs.logs());
  return {
    ...store,
    begin() {
      store.begin();
      wasOpen = true;
      added = nothing();
    },
    insert(row) {
      const fresh = store.insert(row);
      if (fresh) added.rows.push(row);
      return fresh;
    },
    add: {
      ...store.add,
      checkpoint(row) {
        store.add.checkpoint(row);
        added.checkpoints.push(row);
        if (!wasOpen) disk().checkpoints.push(row);
      },
    },
    commit() {
      store.commit();
      wasOpen = false;
      disk().commit(added);
    },
    rollback() {
      store.rollback();
      wasOpen = false;
    },
  };
}

/** The simulated disk, or in a world with a directory the real file. */
export const openJournalStore = (file: string): JournalStore => (current().dir === undefined ? simulated() : mirrored(file));
