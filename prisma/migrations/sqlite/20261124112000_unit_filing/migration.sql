-- CreateTable
CREATE TABLE "UnitFiling" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "unitId" INTEGER NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'draft',
    "titleKind" TEXT NOT NULL DEFAULT '',
    "titleSealed" BLOB,
    "area" INTEGER NOT NULL DEFAULT 0,
    "checked" TEXT NOT NULL DEFAULT '',
    "checkedAt" BIGINT,
    "filledBy" INTEGER,
    "reasonSealed" BLOB,
    "supplemented" BOOLEAN NOT NULL DEFAULT false,
    "dueAt" BIGINT,
    "decidedBy" INTEGER,
    "claimedBy" INTEGER,
    "version" INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT "UnitFiling_unitId_fkey" FOREIGN KEY ("unitId") REFERENCES "RentalUnit" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateIndex
CREATE UNIQUE INDEX "UnitFiling_unitId_key" ON "UnitFiling"("unitId");

-- CreateIndex
CREATE INDEX "UnitFiling_state_idx" ON "UnitFiling"("state");
