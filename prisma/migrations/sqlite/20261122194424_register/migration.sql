-- CreateTable
CREATE TABLE "Site" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "code" TEXT NOT NULL,
    "name" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "Building" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "code" TEXT NOT NULL,
    "siteId" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "nameEn" TEXT NOT NULL DEFAULT '',
    "address" TEXT NOT NULL DEFAULT '',
    "mode" TEXT NOT NULL DEFAULT 'scattered',
    "jurisdiction" TEXT NOT NULL DEFAULT 'CN',
    "readerBits" INTEGER NOT NULL DEFAULT 32,
    "readerOrder" TEXT NOT NULL DEFAULT 'msb',
    "holdoverDays" INTEGER,
    CONSTRAINT "Building_siteId_fkey" FOREIGN KEY ("siteId") REFERENCES "Site" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "RentalUnit" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "code" TEXT NOT NULL,
    "buildingId" INTEGER NOT NULL,
    "floor" INTEGER NOT NULL,
    "room" TEXT NOT NULL,
    "use" TEXT NOT NULL DEFAULT 'let',
    CONSTRAINT "RentalUnit_buildingId_fkey" FOREIGN KEY ("buildingId") REFERENCES "Building" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "DoorController" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "deviceId" TEXT NOT NULL,
    "siteId" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "secretSealed" BLOB NOT NULL,
    "retiredAt" BIGINT,
    CONSTRAINT "DoorController_siteId_fkey" FOREIGN KEY ("siteId") REFERENCES "Site" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Door" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "code" TEXT NOT NULL,
    "buildingId" INTEGER NOT NULL,
    "unitId" INTEGER,
    "controllerId" INTEGER,
    "number" INTEGER NOT NULL DEFAULT 1,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "nameEn" TEXT NOT NULL DEFAULT '',
    "openMs" INTEGER NOT NULL DEFAULT 5000,
    "heldMs" INTEGER NOT NULL DEFAULT 60000,
    "lockdown" BOOLEAN NOT NULL DEFAULT false,
    CONSTRAINT "Door_buildingId_fkey" FOREIGN KEY ("buildingId") REFERENCES "Building" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "Door_unitId_fkey" FOREIGN KEY ("unitId") REFERENCES "RentalUnit" ("id") ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT "Door_controllerId_fkey" FOREIGN KEY ("controllerId") REFERENCES "DoorController" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Person" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "nameSealed" BLOB NOT NULL,
    "documentType" TEXT NOT NULL DEFAULT '',
    "documentSealed" BLOB,
    "documentHash" BLOB,
    "documentTail" TEXT NOT NULL DEFAULT '',
    "phoneSealed" BLOB,
    "phoneHash" BLOB,
    "phoneTail" TEXT NOT NULL DEFAULT '',
    "sex" INTEGER NOT NULL DEFAULT 0,
    "birthSealed" BLOB,
    "documentCheckedBy" TEXT NOT NULL DEFAULT '',
    "documentCheckedAt" BIGINT,
    "slow" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "Tenancy" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "unitId" INTEGER NOT NULL,
    "kind" TEXT NOT NULL DEFAULT 'rent',
    "startAt" BIGINT NOT NULL,
    "termEnd" BIGINT,
    "accessUntil" BIGINT,
    "endedBy" TEXT NOT NULL DEFAULT '',
    "createdAt" BIGINT NOT NULL,
    CONSTRAINT "Tenancy_unitId_fkey" FOREIGN KEY ("unitId") REFERENCES "RentalUnit" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Occupant" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "tenancyId" INTEGER NOT NULL,
    "personId" INTEGER NOT NULL,
    "role" TEXT NOT NULL DEFAULT 'tenant',
    "fromAt" BIGINT NOT NULL,
    "untilAt" BIGINT,
    "registrationState" TEXT NOT NULL DEFAULT 'none',
    "registrationDue" BIGINT,
    CONSTRAINT "Occupant_tenancyId_fkey" FOREIGN KEY ("tenancyId") REFERENCES "Tenancy" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "Occupant_personId_fkey" FOREIGN KEY ("personId") REFERENCES "Person" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Credential" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "tech" TEXT NOT NULL DEFAULT 'CARD',
    "fingerprint" BLOB NOT NULL,
    "valueSealed" BLOB NOT NULL,
    "tail" TEXT NOT NULL,
    "personId" INTEGER,
    "kind" TEXT NOT NULL DEFAULT 'tenant',
    "label" TEXT NOT NULL DEFAULT '',
    "status" TEXT NOT NULL DEFAULT 'active',
    "validFrom" BIGINT,
    "validUntil" BIGINT,
    "buildingId" INTEGER,
    "createdAt" BIGINT NOT NULL,
    CONSTRAINT "Credential_personId_fkey" FOREIGN KEY ("personId") REFERENCES "Person" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Change" (
    "n" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "entity" TEXT NOT NULL,
    "rowId" INTEGER NOT NULL
);

-- CreateTable
CREATE TABLE "Account" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "login" TEXT NOT NULL,
    "passwordHash" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "displayName" TEXT NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "lockedUntil" BIGINT,
    "disabledAt" BIGINT,
    "createdAt" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "AccountScope" (
    "accountId" INTEGER NOT NULL,
    "buildingId" INTEGER NOT NULL,

    PRIMARY KEY ("accountId", "buildingId"),
    CONSTRAINT "AccountScope_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Session" (
    "tokenHash" BLOB NOT NULL PRIMARY KEY,
    "accountId" INTEGER NOT NULL,
    "createdAt" BIGINT NOT NULL,
    "lastSeenAt" BIGINT NOT NULL,
    CONSTRAINT "Session_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "RosterImport" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "buildingId" INTEGER NOT NULL,
    "accountId" INTEGER,
    "fileHash" BLOB NOT NULL,
    "fileName" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "bodySealed" BLOB,
    "goodRows" INTEGER NOT NULL,
    "badRows" INTEGER NOT NULL,
    "createdAt" BIGINT NOT NULL,
    "appliedAt" BIGINT
);

-- CreateIndex
CREATE UNIQUE INDEX "Site_code_key" ON "Site"("code");

-- CreateIndex
CREATE UNIQUE INDEX "Building_code_key" ON "Building"("code");

-- CreateIndex
CREATE UNIQUE INDEX "RentalUnit_code_key" ON "RentalUnit"("code");

-- CreateIndex
CREATE UNIQUE INDEX "RentalUnit_buildingId_room_key" ON "RentalUnit"("buildingId", "room");

-- CreateIndex
CREATE UNIQUE INDEX "DoorController_deviceId_key" ON "DoorController"("deviceId");

-- CreateIndex
CREATE UNIQUE INDEX "Door_code_key" ON "Door"("code");

-- CreateIndex
CREATE INDEX "Door_buildingId_idx" ON "Door"("buildingId");

-- CreateIndex
CREATE UNIQUE INDEX "Door_controllerId_number_key" ON "Door"("controllerId", "number");

-- CreateIndex
CREATE INDEX "Person_documentHash_idx" ON "Person"("documentHash");

-- CreateIndex
CREATE INDEX "Person_phoneHash_idx" ON "Person"("phoneHash");

-- CreateIndex
CREATE INDEX "Tenancy_unitId_idx" ON "Tenancy"("unitId");

-- CreateIndex
CREATE INDEX "Occupant_personId_idx" ON "Occupant"("personId");

-- CreateIndex
CREATE UNIQUE INDEX "Occupant_tenancyId_personId_key" ON "Occupant"("tenancyId", "personId");

-- CreateIndex
CREATE UNIQUE INDEX "Credential_fingerprint_key" ON "Credential"("fingerprint");

-- CreateIndex
CREATE INDEX "Credential_personId_idx" ON "Credential"("personId");

-- CreateIndex
CREATE UNIQUE INDEX "Account_login_key" ON "Account"("login");

-- CreateIndex
CREATE INDEX "Session_accountId_idx" ON "Session"("accountId");

-- Written by hand: the triggers that write Change, so that no writer can forget it. An update counts only when a
-- column changed that a door decides by. A row holds no state: whoever pulls reads the entity's current row, or
-- finds it gone. n is AUTOINCREMENT, so a number is never used twice, also after old rows were cleared.
-- (INSERT OR REPLACE would delete without telling; the code never uses it.)

CREATE TRIGGER "Credential_change_insert" AFTER INSERT ON "Credential"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('credential', NEW."id");
END;

CREATE TRIGGER "Credential_change_update" AFTER UPDATE ON "Credential"
WHEN OLD."fingerprint" IS NOT NEW."fingerprint" OR OLD."valueSealed" IS NOT NEW."valueSealed" OR OLD."personId" IS NOT NEW."personId" OR OLD."status" IS NOT NEW."status" OR OLD."validFrom" IS NOT NEW."validFrom" OR OLD."validUntil" IS NOT NEW."validUntil"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('credential', NEW."id");
END;

CREATE TRIGGER "Credential_change_delete" AFTER DELETE ON "Credential"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('credential', OLD."id");
END;

CREATE TRIGGER "Person_change_insert" AFTER INSERT ON "Person"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('person', NEW."id");
END;

CREATE TRIGGER "Person_change_update" AFTER UPDATE ON "Person"
WHEN OLD."documentCheckedBy" IS NOT NEW."documentCheckedBy" OR OLD."slow" IS NOT NEW."slow"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('person', NEW."id");
END;

CREATE TRIGGER "Person_change_delete" AFTER DELETE ON "Person"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('person', OLD."id");
END;

CREATE TRIGGER "Tenancy_change_insert" AFTER INSERT ON "Tenancy"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('tenancy', NEW."id");
END;

CREATE TRIGGER "Tenancy_change_update" AFTER UPDATE ON "Tenancy"
WHEN OLD."unitId" IS NOT NEW."unitId" OR OLD."startAt" IS NOT NEW."startAt" OR OLD."termEnd" IS NOT NEW."termEnd" OR OLD."accessUntil" IS NOT NEW."accessUntil"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('tenancy', NEW."id");
END;

CREATE TRIGGER "Tenancy_change_delete" AFTER DELETE ON "Tenancy"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('tenancy', OLD."id");
END;

CREATE TRIGGER "Occupant_change_insert" AFTER INSERT ON "Occupant"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('tenancy', NEW."tenancyId");
  INSERT INTO "Change" ("entity", "rowId") VALUES ('person', NEW."personId");
END;

CREATE TRIGGER "Occupant_change_update" AFTER UPDATE ON "Occupant"
WHEN OLD."tenancyId" IS NOT NEW."tenancyId" OR OLD."personId" IS NOT NEW."personId" OR OLD."fromAt" IS NOT NEW."fromAt" OR OLD."untilAt" IS NOT NEW."untilAt" OR OLD."registrationState" IS NOT NEW."registrationState" OR OLD."registrationDue" IS NOT NEW."registrationDue"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('tenancy', NEW."tenancyId");
  INSERT INTO "Change" ("entity", "rowId") VALUES ('person', NEW."personId");
  INSERT INTO "Change" ("entity", "rowId") SELECT 'tenancy', OLD."tenancyId" WHERE OLD."tenancyId" <> NEW."tenancyId";
  INSERT INTO "Change" ("entity", "rowId") SELECT 'person', OLD."personId" WHERE OLD."personId" <> NEW."personId";
END;

CREATE TRIGGER "Occupant_change_delete" AFTER DELETE ON "Occupant"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('tenancy', OLD."tenancyId");
  INSERT INTO "Change" ("entity", "rowId") VALUES ('person', OLD."personId");
END;

CREATE TRIGGER "Door_change_insert" AFTER INSERT ON "Door"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('door', NEW."id");
END;

CREATE TRIGGER "Door_change_update" AFTER UPDATE ON "Door"
WHEN OLD."code" IS NOT NEW."code" OR OLD."buildingId" IS NOT NEW."buildingId" OR OLD."unitId" IS NOT NEW."unitId" OR OLD."controllerId" IS NOT NEW."controllerId" OR OLD."number" IS NOT NEW."number" OR OLD."kind" IS NOT NEW."kind" OR OLD."openMs" IS NOT NEW."openMs" OR OLD."heldMs" IS NOT NEW."heldMs" OR OLD."lockdown" IS NOT NEW."lockdown"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('door', NEW."id");
END;

CREATE TRIGGER "Door_change_delete" AFTER DELETE ON "Door"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('door', OLD."id");
END;

CREATE TRIGGER "RentalUnit_change_insert" AFTER INSERT ON "RentalUnit"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('unit', NEW."id");
END;

CREATE TRIGGER "RentalUnit_change_update" AFTER UPDATE ON "RentalUnit"
WHEN OLD."code" IS NOT NEW."code" OR OLD."buildingId" IS NOT NEW."buildingId"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('unit', NEW."id");
  INSERT INTO "Change" ("entity", "rowId") SELECT 'tenancy', "id" FROM "Tenancy" WHERE "unitId" = NEW."id" AND OLD."buildingId" <> NEW."buildingId";
END;

CREATE TRIGGER "RentalUnit_change_delete" AFTER DELETE ON "RentalUnit"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('unit', OLD."id");
END;

CREATE TRIGGER "Building_change_insert" AFTER INSERT ON "Building"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('building', NEW."id");
END;

CREATE TRIGGER "Building_change_update" AFTER UPDATE ON "Building"
WHEN OLD."code" IS NOT NEW."code" OR OLD."siteId" IS NOT NEW."siteId" OR OLD."mode" IS NOT NEW."mode" OR OLD."readerBits" IS NOT NEW."readerBits" OR OLD."readerOrder" IS NOT NEW."readerOrder" OR OLD."holdoverDays" IS NOT NEW."holdoverDays"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('building', NEW."id");
END;

CREATE TRIGGER "Building_change_delete" AFTER DELETE ON "Building"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('building', OLD."id");
END;

CREATE TRIGGER "DoorController_change_insert" AFTER INSERT ON "DoorController"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('controller', NEW."id");
END;

CREATE TRIGGER "DoorController_change_update" AFTER UPDATE ON "DoorController"
WHEN OLD."deviceId" IS NOT NEW."deviceId" OR OLD."siteId" IS NOT NEW."siteId" OR OLD."secretSealed" IS NOT NEW."secretSealed" OR OLD."retiredAt" IS NOT NEW."retiredAt"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('controller', NEW."id");
END;

CREATE TRIGGER "DoorController_change_delete" AFTER DELETE ON "DoorController"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('controller', OLD."id");
END;

CREATE TRIGGER "Site_change_update" AFTER UPDATE ON "Site"
WHEN OLD."code" IS NOT NEW."code"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") SELECT 'controller', "id" FROM "DoorController" WHERE "siteId" = NEW."id";
END;
