-- CreateTable
CREATE TABLE "SerialLine" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "controllerId" INTEGER NOT NULL,
    "port" TEXT NOT NULL,
    "baud" INTEGER NOT NULL DEFAULT 9600,
    "floorMs" INTEGER NOT NULL DEFAULT 10,
    "adapterMs" INTEGER NOT NULL DEFAULT 16,
    "fireDeviceId" INTEGER,
    "fireInput" INTEGER,
    "fireActiveLow" BOOLEAN NOT NULL DEFAULT false,
    CONSTRAINT "SerialLine_controllerId_fkey" FOREIGN KEY ("controllerId") REFERENCES "DoorController" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "SerialLine_fireDeviceId_fkey" FOREIGN KEY ("fireDeviceId") REFERENCES "LineDevice" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "LineDevice" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "lineId" INTEGER NOT NULL,
    "address" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "keySealed" BLOB,
    "nextKeySealed" BLOB,
    "identity" TEXT NOT NULL DEFAULT '',
    "nextIdentity" TEXT NOT NULL DEFAULT '',
    "keyExposed" BOOLEAN NOT NULL DEFAULT false,
    "enrolledAt" BIGINT,
    "clearUntil" BIGINT,
    CONSTRAINT "LineDevice_lineId_fkey" FOREIGN KEY ("lineId") REFERENCES "SerialLine" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "DoorWiring" (
    "doorId" INTEGER NOT NULL PRIMARY KEY,
    "readerId" INTEGER NOT NULL,
    "readerNumber" INTEGER NOT NULL DEFAULT 0,
    "relayId" INTEGER NOT NULL,
    "relayOutput" INTEGER NOT NULL DEFAULT 0,
    "contactId" INTEGER,
    "contactInput" INTEGER,
    "contactActiveLow" BOOLEAN NOT NULL DEFAULT false,
    "exitId" INTEGER,
    "exitInput" INTEGER,
    "exitActiveLow" BOOLEAN NOT NULL DEFAULT false,
    CONSTRAINT "DoorWiring_doorId_fkey" FOREIGN KEY ("doorId") REFERENCES "Door" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "DoorWiring_readerId_fkey" FOREIGN KEY ("readerId") REFERENCES "LineDevice" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "DoorWiring_relayId_fkey" FOREIGN KEY ("relayId") REFERENCES "LineDevice" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "DoorWiring_contactId_fkey" FOREIGN KEY ("contactId") REFERENCES "LineDevice" ("id") ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT "DoorWiring_exitId_fkey" FOREIGN KEY ("exitId") REFERENCES "LineDevice" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateIndex
CREATE UNIQUE INDEX "SerialLine_controllerId_key" ON "SerialLine"("controllerId");

-- CreateIndex
CREATE UNIQUE INDEX "SerialLine_port_key" ON "SerialLine"("port");

-- CreateIndex
CREATE UNIQUE INDEX "SerialLine_fireDeviceId_key" ON "SerialLine"("fireDeviceId");

-- CreateIndex
CREATE UNIQUE INDEX "LineDevice_lineId_address_key" ON "LineDevice"("lineId", "address");

-- The door side reads lines anew with their controller.
CREATE TRIGGER "SerialLine_change_insert" AFTER INSERT ON "SerialLine"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('controller', NEW."controllerId");
END;

CREATE TRIGGER "SerialLine_change_update" AFTER UPDATE ON "SerialLine"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('controller', NEW."controllerId");
END;

CREATE TRIGGER "SerialLine_change_delete" AFTER DELETE ON "SerialLine"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('controller', OLD."controllerId");
END;

CREATE TRIGGER "LineDevice_change_insert" AFTER INSERT ON "LineDevice"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") SELECT 'controller', "controllerId" FROM "SerialLine" WHERE "id" = NEW."lineId";
END;

CREATE TRIGGER "LineDevice_change_update" AFTER UPDATE ON "LineDevice"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") SELECT 'controller', "controllerId" FROM "SerialLine" WHERE "id" = NEW."lineId";
END;

CREATE TRIGGER "LineDevice_change_delete" AFTER DELETE ON "LineDevice"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") SELECT 'controller', "controllerId" FROM "SerialLine" WHERE "id" = OLD."lineId";
END;

CREATE TRIGGER "DoorWiring_change_insert" AFTER INSERT ON "DoorWiring"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('door', NEW."doorId");
END;

CREATE TRIGGER "DoorWiring_change_update" AFTER UPDATE ON "DoorWiring"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('door', NEW."doorId");
END;

CREATE TRIGGER "DoorWiring_change_delete" AFTER DELETE ON "DoorWiring"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('door', OLD."doorId");
END;
