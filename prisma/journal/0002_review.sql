-- For log review: by unit, by reason, by who acted, by kind and by time.
-- Entries of version 1 keep NULL in the new columns, for a row is never changed: they are found as before, not by these.
ALTER TABLE entry ADD COLUMN unitTag BLOB;     -- tags as the others are
ALTER TABLE entry ADD COLUMN reasonTag BLOB;   -- of a refusal: building and reason in one
ALTER TABLE entry ADD COLUMN accountTag BLOB;  -- who acted; NULL for a tap

CREATE INDEX entry_unit ON entry (unitTag, result) WHERE unitTag IS NOT NULL;
CREATE INDEX entry_reason ON entry (reasonTag) WHERE reasonTag IS NOT NULL;

-- Below a tap and its outcome touch nothing.
CREATE INDEX entry_account ON entry (accountTag) WHERE accountTag IS NOT NULL;
CREATE INDEX entry_kind ON entry (kind) WHERE kind > 2;
CREATE INDEX entry_audit_person ON entry (personTag) WHERE kind = 8 AND personTag IS NOT NULL;
CREATE INDEX entry_audit_unit ON entry (unitTag) WHERE kind = 8 AND unitTag IS NOT NULL;
CREATE INDEX entry_audit_building ON entry (buildingTag) WHERE kind = 8 AND buildingTag IS NOT NULL;

-- Earliest and latest time among entries n × 1024 … n × 1024 + 1023, written when the last of them is: which part of
-- the log a time can lie in, also when the clock has jumped.
CREATE TABLE span (
  n     INTEGER PRIMARY KEY,
  minAt INTEGER NOT NULL,
  maxAt INTEGER NOT NULL
) STRICT;
CREATE TRIGGER span_no_update BEFORE UPDATE ON span BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER span_no_delete BEFORE DELETE ON span BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
