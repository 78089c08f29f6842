-- AlterTable
ALTER TABLE "DoorController" ADD COLUMN "enrolCodeId" INTEGER;
ALTER TABLE "DoorController" ADD COLUMN "enrolledAt" BIGINT;
ALTER TABLE "DoorController" ADD COLUMN "firmware" TEXT NOT NULL DEFAULT '';
ALTER TABLE "DoorController" ADD COLUMN "model" TEXT NOT NULL DEFAULT '';

-- CreateTable
CREATE TABLE "EnrolCode" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "codeHash" BLOB NOT NULL,
    "controllerId" INTEGER NOT NULL,
    "createdAt" BIGINT NOT NULL,
    "createdBy" INTEGER,
    "expiresAt" BIGINT NOT NULL,
    "usedAt" BIGINT,
    "keyHash" BLOB,
    "cancelledAt" BIGINT,
    CONSTRAINT "EnrolCode_controllerId_fkey" FOREIGN KEY ("controllerId") REFERENCES "DoorController" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateIndex
CREATE UNIQUE INDEX "EnrolCode_codeHash_key" ON "EnrolCode"("codeHash");

-- CreateIndex
CREATE INDEX "EnrolCode_controllerId_idx" ON "EnrolCode"("controllerId");
