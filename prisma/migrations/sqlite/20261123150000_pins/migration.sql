-- PINs of cards: what a door and the gateway check digits against, and the index and the lists hear of a change.
ALTER TABLE "Credential" ADD COLUMN "pinVerifier" BLOB;

DROP TRIGGER "Credential_change_update";
CREATE TRIGGER "Credential_change_update" AFTER UPDATE ON "Credential"
WHEN OLD."fingerprint" IS NOT NEW."fingerprint" OR OLD."personId" IS NOT NEW."personId" OR OLD."status" IS NOT NEW."status" OR OLD."validFrom" IS NOT NEW."validFrom" OR OLD."validUntil" IS NOT NEW."validUntil" OR OLD."pinVerifier" IS NOT NEW."pinVerifier"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('credential', NEW."id");
END;
