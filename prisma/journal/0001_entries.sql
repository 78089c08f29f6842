-- The log. Applied by the journal writer itself; the number in the file name becomes PRAGMA user_version.
-- Only tags and commitments are readable; what happened and to whom is sealed (design.md 8).
CREATE TABLE log (
  id    INTEGER PRIMARY KEY CHECK (id = 1),
  logId BLOB NOT NULL CHECK (length(logId) = 16)
) STRICT;

CREATE TABLE entry (
  idx         INTEGER PRIMARY KEY,          -- place in the tree, from 0 without gaps
  at          INTEGER NOT NULL,             -- gateway time, epoch ms: says which day and month keys apply
  kind        INTEGER NOT NULL,
  result      INTEGER NOT NULL,             -- of a decision: 1 granted, 2 refused; 0 for any other entry
  buildingTag BLOB,                         -- tags: HMAC under the month's key, 8 bytes; NULL for none
  doorTag     BLOB,
  personTag   BLOB,
  dedup       BLOB,                         -- HMAC of the device's event key, 16 bytes; NULL when not from a device
  cEvent      BLOB NOT NULL,
  cPerson     BLOB NOT NULL,
  leafHash    BLOB NOT NULL,
  event       BLOB NOT NULL,
  person      BLOB NOT NULL
) STRICT;

-- idx is the row id, so it is the last part of every index.
CREATE UNIQUE INDEX entry_dedup ON entry (dedup) WHERE dedup IS NOT NULL;
CREATE INDEX entry_building ON entry (buildingTag, result) WHERE buildingTag IS NOT NULL;
CREATE INDEX entry_door ON entry (doorTag) WHERE doorTag IS NOT NULL;
CREATE INDEX entry_person ON entry (personTag) WHERE personTag IS NOT NULL;

CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_no_update BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_no_delete BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
