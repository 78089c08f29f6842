-- AlterTable
ALTER TABLE "DoorController" ADD COLUMN "boardCards" TEXT NOT NULL DEFAULT '';
