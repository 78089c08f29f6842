-- CreateTable
CREATE TABLE "ResidenceRegistration" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "occupantId" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "stayReason" TEXT NOT NULL DEFAULT '',
    "basis" TEXT NOT NULL DEFAULT '',
    "months" INTEGER NOT NULL DEFAULT 0,
    "wordsSealed" BLOB,
    "supplemented" BOOLEAN NOT NULL DEFAULT false,
    "dueAt" BIGINT,
    "submittedAt" BIGINT,
    "submittedBy" INTEGER,
    "submittedAs" TEXT NOT NULL DEFAULT '',
    "decidedAt" BIGINT,
    "decidedBy" INTEGER,
    "certificate" TEXT NOT NULL DEFAULT '',
    "printedAt" BIGINT,
    "version" INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT "ResidenceRegistration_occupantId_fkey" FOREIGN KEY ("occupantId") REFERENCES "Occupant" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateIndex
CREATE UNIQUE INDEX "ResidenceRegistration_occupantId_key" ON "ResidenceRegistration"("occupantId");

-- CreateIndex
CREATE INDEX "ResidenceRegistration_state_idx" ON "ResidenceRegistration"("state");

-- CreateIndex
CREATE INDEX "ResidenceRegistration_certificate_idx" ON "ResidenceRegistration"("certificate");
