-- CreateTable
CREATE TABLE "ResidencePermit" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "personId" INTEGER NOT NULL,
    "occupantId" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "reason" TEXT NOT NULL DEFAULT '',
    "wordsSealed" BLOB,
    "appliedAt" BIGINT,
    "appliedBy" INTEGER,
    "acceptedAt" BIGINT,
    "issueDueAt" BIGINT,
    "issueRuleId" INTEGER,
    "number" TEXT NOT NULL DEFAULT '',
    "issuedAt" BIGINT,
    "validUntil" BIGINT,
    "countedFrom" BIGINT,
    "replaced" INTEGER NOT NULL DEFAULT 0,
    "version" INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT "ResidencePermit_personId_fkey" FOREIGN KEY ("personId") REFERENCES "Person" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    CONSTRAINT "ResidencePermit_occupantId_fkey" FOREIGN KEY ("occupantId") REFERENCES "Occupant" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateIndex
CREATE UNIQUE INDEX "ResidencePermit_personId_key" ON "ResidencePermit"("personId");

-- CreateIndex
CREATE INDEX "ResidencePermit_state_idx" ON "ResidencePermit"("state");
