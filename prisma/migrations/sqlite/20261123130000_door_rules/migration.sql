-- A door's rules, schedules, and the rights of people who work in a building.

DROP TRIGGER "Door_change_update";

ALTER TABLE "Door" ADD COLUMN "lockdownUntil" BIGINT;
ALTER TABLE "Door" ADD COLUMN "openSchedule" INTEGER;
ALTER TABLE "Door" ADD COLUMN "firstCard" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "Door" ADD COLUMN "pinSchedule" INTEGER;
ALTER TABLE "Door" ADD COLUMN "interlock" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "Door" ADD COLUMN "passbackMinutes" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "Door" ADD COLUMN "passbackHard" BOOLEAN NOT NULL DEFAULT false;
-- A lockdown now ends by itself: one that was set has its two hours from now.
UPDATE "Door" SET "lockdownUntil" = CAST(unixepoch() AS INTEGER) * 1000 + 7200000 WHERE "lockdown";
ALTER TABLE "Door" DROP COLUMN "lockdown";

CREATE TRIGGER "Door_change_update" AFTER UPDATE ON "Door"
WHEN OLD."code" IS NOT NEW."code" OR OLD."buildingId" IS NOT NEW."buildingId" OR OLD."unitId" IS NOT NEW."unitId" OR OLD."controllerId" IS NOT NEW."controllerId" OR OLD."number" IS NOT NEW."number" OR OLD."kind" IS NOT NEW."kind" OR OLD."openMs" IS NOT NEW."openMs" OR OLD."heldMs" IS NOT NEW."heldMs" OR OLD."lockdownUntil" IS NOT NEW."lockdownUntil" OR OLD."openSchedule" IS NOT NEW."openSchedule" OR OLD."firstCard" IS NOT NEW."firstCard" OR OLD."pinSchedule" IS NOT NEW."pinSchedule" OR OLD."interlock" IS NOT NEW."interlock" OR OLD."passbackMinutes" IS NOT NEW."passbackMinutes" OR OLD."passbackHard" IS NOT NEW."passbackHard"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('door', NEW."id");
END;

-- CreateTable
CREATE TABLE "AccessSchedule" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "siteId" INTEGER NOT NULL,
    "number" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "week" TEXT NOT NULL,
    CONSTRAINT "AccessSchedule_siteId_fkey" FOREIGN KEY ("siteId") REFERENCES "Site" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "AccessGrant" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "personId" INTEGER NOT NULL,
    "buildingId" INTEGER NOT NULL,
    "scheduleId" INTEGER,
    "fromAt" BIGINT NOT NULL,
    "untilAt" BIGINT,
    "duty" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" BIGINT NOT NULL,
    "createdBy" INTEGER,
    CONSTRAINT "AccessGrant_personId_fkey" FOREIGN KEY ("personId") REFERENCES "Person" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "AccessGrant_buildingId_fkey" FOREIGN KEY ("buildingId") REFERENCES "Building" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "AccessGrant_scheduleId_fkey" FOREIGN KEY ("scheduleId") REFERENCES "AccessSchedule" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateIndex
CREATE UNIQUE INDEX "AccessSchedule_siteId_number_key" ON "AccessSchedule"("siteId", "number");

-- CreateIndex
CREATE INDEX "AccessGrant_personId_idx" ON "AccessGrant"("personId");

-- CreateIndex
CREATE INDEX "AccessGrant_buildingId_idx" ON "AccessGrant"("buildingId");

-- Changes, as the first migration notes them.
CREATE TRIGGER "AccessSchedule_change_insert" AFTER INSERT ON "AccessSchedule"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('schedule', NEW."id");
END;

CREATE TRIGGER "AccessSchedule_change_update" AFTER UPDATE ON "AccessSchedule"
WHEN OLD."siteId" IS NOT NEW."siteId" OR OLD."number" IS NOT NEW."number" OR OLD."week" IS NOT NEW."week"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('schedule', NEW."id");
END;

CREATE TRIGGER "AccessSchedule_change_delete" AFTER DELETE ON "AccessSchedule"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('schedule', OLD."id");
END;

CREATE TRIGGER "AccessGrant_change_insert" AFTER INSERT ON "AccessGrant"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('grant', NEW."id");
END;

CREATE TRIGGER "AccessGrant_change_update" AFTER UPDATE ON "AccessGrant"
WHEN OLD."personId" IS NOT NEW."personId" OR OLD."buildingId" IS NOT NEW."buildingId" OR OLD."scheduleId" IS NOT NEW."scheduleId" OR OLD."fromAt" IS NOT NEW."fromAt" OR OLD."untilAt" IS NOT NEW."untilAt" OR OLD."duty" IS NOT NEW."duty"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('grant', NEW."id");
END;

CREATE TRIGGER "AccessGrant_change_delete" AFTER DELETE ON "AccessGrant"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('grant', OLD."id");
END;
