import Database from 'better-sqlite3';

/** One of the logs in a file. Its entries are those from row `first` on, up to the next log's. */
export interface LogRow {
  readonly no: number;
  /** 16 random bytes, in every leaf. */
  readonly logId: Buffer;
  readonly first: number;
  /** The log before it, as `origin size root`. */
  readonly cites: string | undefined;
}

/** A signed checkpoint as it is stored. `size` counts the entries of its own log; `at`: epoch ms. */
export interface CheckpointRow {
  readonly log: number;
  readonly size: number;
  readonly at: number;
  readonly root: Buffer;
  readonly note: string;
}

/** What proofs are made from, over any connection of journal.sqlite. */
export interface ProofRows {
  /** All logs, oldest first. */
  logs(): readonly LogRow[];
  /** Entries a log has. */
  sizeOf(log: LogRow): number;
  /** Roots of the subtrees `from` … `to` − 1 of 256^level leaves; level 0: leaf hashes. Shorter when they are not there. */
  hashes(log: LogRow, level: number, from: number, to: number): readonly Buffer[];
  newest(log: LogRow): CheckpointRow | undefined;
  /** Root that was signed for so many entries; undefined: none was. */
  rootSigned(log: LogRow, size: number): Buffer | undefined;
  /** Checkpoints of more than `size` entries, smallest first. */
  after(log: LogRow, size: number, limit: number): readonly CheckpointRow[];
  /** Checkpoints of less than `size` entries, largest first. */
  before(log: LogRow, size: number, limit: number): readonly CheckpointRow[];
  /** Public key that signs a log, 32 bytes. */
  signer(log: LogRow): Buffer | undefined;
}

/** What the writer adds, in whatever transaction is open. */
export interface ProofWrites {
  log(row: LogRow): void;
  signer(log: LogRow, key: Uint8Array): void;
  tile(log: LogRow, level: number, n: number, hash: Uint8Array): void;
  checkpoint(row: CheckpointRow): void;
}

/** Statements that read, over a connection. */
export function proofRows(db: Database.Database): ProofRows {
  const logs = db.prepare<[], Omit<LogRow, 'cites'> & { readonly cites: string | null }>('SELECT id AS no, logId, first, cites FROM log ORDER BY id');
  const next = db.prepare<[number], number | null>('SELECT min(first) FROM log WHERE first > ?').pluck();
  const last = db.prepare<[], number | null>('SELECT max(idx) FROM entry').pluck();
  const leaves = db.prepare<[number, number], Buffer>('SELECT leafHash FROM entry WHERE idx >= ? AND idx < ? ORDER BY idx').pluck();
  const tiles = db.prepare<[number, number, number, number], Buffer>('SELECT hash FROM tile WHERE log = ? AND level = ? AND n >= ? AND n < ? ORDER BY n').pluck();
  const newest = db.prepare<[number], CheckpointRow>('SELECT * FROM checkpoint WHERE log = ? ORDER BY size DESC LIMIT 1');
  const signed = db.prepare<[number, number], Buffer>('SELECT root FROM checkpoint WHERE log = ? AND size = ?').pluck();
  const after = db.prepare<[number, number, number], CheckpointRow>('SELECT * FROM checkpoint WHERE log = ? AND size > ? ORDER BY size LIMIT ?');
  const before = db.prepare<[number, number, number], CheckpointRow>('SELECT * FROM checkpoint WHERE log = ? AND size < ? ORDER BY size DESC LIMIT ?');
  const signer = db.prepare<[number], Buffer>('SELECT key FROM signer WHERE log = ?').pluck();
  return {
    logs: () => logs.all().map((row) => ({ ...row, cites: row.cites ?? undefined })),
    sizeOf: ({ first }) => (next.get(first) ?? (last.get() ?? -1) + 1) - first,
    hashes: (log, level, from, to) => (level === 0 ? leaves.all(log.first + from, log.first + to) : tiles.all(log.no, level, from, to)),
    newest: (log) => newest.get(log.no),
    rootSigned: (log, size) => signed.get(log.no, size),
    after: (log, size, limit) => after.all(log.no, size, limit),
    before: (log, size, limit) => before.all(log.no, size, limit),
    signer: (log) => signer.get(log.no),
  };
}

/** Statements that add, over the one connection that writes. */
export function proofWrites(db: Database.Database): ProofWrites {
  const log = db.prepare('INSERT INTO log (id, logId, first, cites) VALUES (?, ?, ?, ?)');
  const signer = db.prepare('INSERT INTO signer (log, key) VALUES (?, ?)');
  const tile = db.prepare('INSERT INTO tile (log, level, n, hash) VALUES (?, ?, ?, ?)');
  const checkpoint = db.prepare('INSERT INTO checkpoint (log, size, at, root, note) VALUES (?, ?, ?, ?, ?)');
  return {
    log: ({ no, logId, first, cites }) => void log.run(no, logId, first, cites ?? null),
    signer: ({ no }, key) => void signer.run(no, key),
    tile: ({ no }, level, n, hash) => void tile.run(no, level, n, hash),
    checkpoint: (row) => void checkpoint.run(row.log, row.size, row.at, row.root, row.note),
  };
}

/** The same over a read-only connection of its own. The file must exist and be up to date. */
export function openProofRows(file: string): { readonly rows: ProofRows; close(): void } {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  return { rows: proofRows(db), close: () => void db.close() };
}
