-- CreateTable
CREATE TABLE "CardStop" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "credentialId" INTEGER NOT NULL,
    "personId" INTEGER,
    "tail" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "stoppedAt" BIGINT NOT NULL,
    "stoppedBy" INTEGER NOT NULL,
    "changeN" INTEGER NOT NULL DEFAULT 0,
    "undoneAt" BIGINT,
    "undoEntry" INTEGER
);

-- CreateTable
CREATE TABLE "CardStopHome" (
    "stopId" INTEGER NOT NULL,
    "buildingId" INTEGER NOT NULL,
    "unitId" INTEGER NOT NULL,

    PRIMARY KEY ("stopId", "buildingId", "unitId"),
    CONSTRAINT "CardStopHome_stopId_fkey" FOREIGN KEY ("stopId") REFERENCES "CardStop" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "CardStopDoor" (
    "stopId" INTEGER NOT NULL,
    "doorId" INTEGER NOT NULL,
    "holds" TEXT NOT NULL,
    "latestAt" BIGINT,
    "confirmedAt" BIGINT,
    "list" TEXT NOT NULL DEFAULT '',
    "entryIndex" INTEGER,

    PRIMARY KEY ("stopId", "doorId"),
    CONSTRAINT "CardStopDoor_stopId_fkey" FOREIGN KEY ("stopId") REFERENCES "CardStop" ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateIndex
CREATE INDEX "CardStop_credentialId_idx" ON "CardStop"("credentialId");

-- CreateIndex
CREATE INDEX "CardStop_personId_idx" ON "CardStop"("personId");

-- CreateIndex
CREATE INDEX "CardStopHome_buildingId_idx" ON "CardStopHome"("buildingId");

-- CreateIndex
CREATE INDEX "CardStopHome_unitId_idx" ON "CardStopHome"("unitId");
