-- AlterTable
ALTER TABLE "Occupant" ADD COLUMN "registrationRuleId" INTEGER;

-- CreateTable
CREATE TABLE "Jurisdiction" (
    "code" TEXT NOT NULL PRIMARY KEY,
    "parentCode" TEXT,
    "name" TEXT NOT NULL,
    "nameEn" TEXT NOT NULL DEFAULT ''
);

-- CreateTable
CREATE TABLE "JurisdictionRule" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "jurisdiction" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "mode" TEXT NOT NULL DEFAULT '',
    "version" INTEGER NOT NULL,
    "law" TEXT NOT NULL,
    "amount" INTEGER,
    "most" INTEGER,
    "unit" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "recipient" TEXT NOT NULL,
    "exemptions" TEXT NOT NULL DEFAULT '',
    "source" TEXT NOT NULL,
    "sourceEn" TEXT NOT NULL,
    "article" TEXT NOT NULL DEFAULT '',
    "verified" TEXT NOT NULL,
    "effectiveFrom" TEXT,
    "effectiveTo" TEXT,
    "setAt" BIGINT,
    "setBy" INTEGER
);

-- CreateIndex
CREATE UNIQUE INDEX "JurisdictionRule_jurisdiction_subject_mode_version_key" ON "JurisdictionRule"("jurisdiction", "subject", "mode", "version");
