-- AlterTable
ALTER TABLE "Occupant" ADD COLUMN "relation" TEXT NOT NULL DEFAULT '';

-- AlterTable
ALTER TABLE "CardStop" ADD COLUMN "endsAt" BIGINT;

-- CreateTable
CREATE TABLE "TermChange" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "tenancyId" INTEGER NOT NULL,
    "before" BIGINT,
    "after" BIGINT NOT NULL,
    "accessBefore" BIGINT,
    "changedAt" BIGINT NOT NULL,
    "changedBy" INTEGER NOT NULL,
    "undoneAt" BIGINT,
    CONSTRAINT "TermChange_tenancyId_fkey" FOREIGN KEY ("tenancyId") REFERENCES "Tenancy" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "MoveOut" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "tenancyId" INTEGER NOT NULL,
    "personId" INTEGER,
    "until" BIGINT NOT NULL,
    "untilBefore" BIGINT,
    "endedByBefore" TEXT NOT NULL DEFAULT '',
    "statedAt" BIGINT NOT NULL,
    "statedBy" INTEGER NOT NULL,
    "own" BOOLEAN NOT NULL DEFAULT false,
    "stopId" INTEGER,
    "undoneAt" BIGINT,
    "confirmedAt" BIGINT,
    "objectedAt" BIGINT,
    "objectedBy" INTEGER,
    "decidedAt" BIGINT,
    "decidedBy" INTEGER,
    "decision" TEXT NOT NULL DEFAULT '',
    "basisSealed" BLOB,
    "decidedUntil" BIGINT,
    "decisionStopId" INTEGER,
    CONSTRAINT "MoveOut_tenancyId_fkey" FOREIGN KEY ("tenancyId") REFERENCES "Tenancy" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateIndex
CREATE INDEX "TermChange_tenancyId_idx" ON "TermChange"("tenancyId");

-- CreateIndex
CREATE INDEX "MoveOut_tenancyId_idx" ON "MoveOut"("tenancyId");

-- CreateIndex
CREATE INDEX "MoveOut_objectedAt_idx" ON "MoveOut"("objectedAt");
