-- CreateTable
CREATE TABLE "CommissioningSheet" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "doorId" INTEGER NOT NULL,
    "version" INTEGER NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'draft',
    "revision" INTEGER NOT NULL,
    "bodySealed" BLOB NOT NULL,
    "photoId" INTEGER,
    "changedAt" BIGINT NOT NULL,
    "changedBy" INTEGER,
    "signedAt" BIGINT,
    "signedBy" INTEGER,
    "retestDue" BIGINT,
    "entryIndex" BIGINT
);

-- CreateTable
CREATE TABLE "DoorPhoto" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "doorId" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "imageSealed" BLOB NOT NULL
);

-- CreateIndex
CREATE UNIQUE INDEX "CommissioningSheet_doorId_version_key" ON "CommissioningSheet"("doorId", "version");

-- CreateIndex
CREATE INDEX "DoorPhoto_doorId_idx" ON "DoorPhoto"("doorId");
