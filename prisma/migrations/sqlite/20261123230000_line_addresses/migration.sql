-- The address a device on a serial line is being given, beside the one it has.
ALTER TABLE "LineDevice" ADD COLUMN "nextAddress" INTEGER;

-- Nobody on a line has, or is being given, an address that another has or is being given.
CREATE TRIGGER "LineDevice_address_insert" BEFORE INSERT ON "LineDevice"
WHEN EXISTS (SELECT 1 FROM "LineDevice" WHERE "lineId" = NEW."lineId" AND ("nextAddress" = NEW."address" OR "address" = NEW."nextAddress" OR "nextAddress" = NEW."nextAddress"))
BEGIN
  SELECT RAISE(ABORT, 'address: one that no other device on the line has or is being given');
END;

CREATE TRIGGER "LineDevice_address_update" BEFORE UPDATE OF "address", "nextAddress" ON "LineDevice"
WHEN EXISTS (
  SELECT 1 FROM "LineDevice"
  WHERE "lineId" = NEW."lineId" AND "id" <> NEW."id" AND ("nextAddress" = NEW."address" OR "address" = NEW."nextAddress" OR "nextAddress" = NEW."nextAddress")
)
BEGIN
  SELECT RAISE(ABORT, 'address: one that no other device on the line has or is being given');
END;
