-- AlterTable
ALTER TABLE "AccessGrant" ADD COLUMN "purpose" TEXT NOT NULL DEFAULT 'other';

-- AlterTable
ALTER TABLE "CardStop" ADD COLUMN "grantId" INTEGER;
