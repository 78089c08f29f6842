-- The log proves itself: roots of whole subtrees, signed checkpoints, and several logs one after the other in a file.

-- One row for each log. After a restore a new one begins that cites the last; row numbers of entries go on over all of
-- them, and the leaf of an entry says its place in its own log, idx − first.
DROP TRIGGER log_no_update;
DROP TRIGGER log_no_delete;
ALTER TABLE log RENAME TO log_of_old;
CREATE TABLE log (
  id    INTEGER PRIMARY KEY,
  logId BLOB NOT NULL UNIQUE CHECK (length(logId) = 16),
  first INTEGER NOT NULL UNIQUE,             -- idx of its first entry
  cites TEXT                                 -- 'origin size root' of the log before it
) STRICT;
INSERT INTO log (id, logId, first, cites) SELECT id, logId, 0, NULL FROM log_of_old;
DROP TABLE log_of_old;

-- The public key that signs a log's checkpoints.
CREATE TABLE signer (
  log INTEGER PRIMARY KEY,
  key BLOB NOT NULL CHECK (length(key) = 32)
) STRICT;

-- Root of the n-th whole subtree of 256^level leaves of a log (RFC 6962; tiles as in C2SP tlog-tiles). Level 0 is
-- entry.leafHash.
CREATE TABLE tile (
  log   INTEGER NOT NULL,
  level INTEGER NOT NULL,
  n     INTEGER NOT NULL,
  hash  BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (log, level, n)
) STRICT, WITHOUT ROWID;

-- Signed statements about a log's first `size` entries. Handed out only after they are on disk here.
CREATE TABLE checkpoint (
  log  INTEGER NOT NULL,
  size INTEGER NOT NULL,
  at   INTEGER NOT NULL,                     -- gateway time, epoch ms
  root BLOB NOT NULL CHECK (length(root) = 32),
  note TEXT NOT NULL,                        -- C2SP signed note
  PRIMARY KEY (log, size)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER log_no_update BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_no_delete BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER signer_no_update BEFORE UPDATE ON signer BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER signer_no_delete BEFORE DELETE ON signer BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER tile_no_update BEFORE UPDATE ON tile BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER tile_no_delete BEFORE DELETE ON tile BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER checkpoint_no_update BEFORE UPDATE ON checkpoint BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER checkpoint_no_delete BEFORE DELETE ON checkpoint BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
