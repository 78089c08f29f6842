-- CreateTable
CREATE TABLE "DoorAlarm" (
    "id" INTEGER NOT NULL PRIMARY KEY,
    "word" TEXT NOT NULL,
    "doorId" INTEGER NOT NULL,
    "buildingId" INTEGER NOT NULL,
    "day" TEXT NOT NULL,
    "raisedAt" BIGINT NOT NULL,
    "lastAt" BIGINT NOT NULL,
    "count" INTEGER NOT NULL DEFAULT 1,
    "endedAt" BIGINT,
    "entryIndex" BIGINT NOT NULL,
    "acknowledgedAt" BIGINT,
    "acknowledgedBy" INTEGER,
    "noteSealed" BLOB
);

-- CreateTable
CREATE TABLE "DoorAway" (
    "doorId" INTEGER NOT NULL PRIMARY KEY,
    "buildingId" INTEGER NOT NULL,
    "sinceAt" BIGINT NOT NULL,
    "entryIndex" BIGINT NOT NULL
);

-- CreateTable
CREATE TABLE "FollowedLog" (
    "job" TEXT NOT NULL PRIMARY KEY,
    "upTo" BIGINT NOT NULL
);

-- CreateIndex
CREATE INDEX "DoorAlarm_acknowledgedAt_day_id_idx" ON "DoorAlarm"("acknowledgedAt", "day", "id");

-- CreateIndex
CREATE INDEX "DoorAlarm_doorId_idx" ON "DoorAlarm"("doorId");
