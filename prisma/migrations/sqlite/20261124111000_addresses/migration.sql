-- CreateTable
CREATE TABLE "BuildingAddress" (
    "buildingId" INTEGER NOT NULL PRIMARY KEY,
    "group" TEXT NOT NULL DEFAULT '',
    "street" TEXT NOT NULL DEFAULT '',
    "doorNumber" TEXT NOT NULL DEFAULT '',
    "compound" TEXT NOT NULL DEFAULT '',
    "block" TEXT NOT NULL DEFAULT '',
    "entrance" TEXT NOT NULL DEFAULT '',
    "listed" BOOLEAN NOT NULL DEFAULT false,
    CONSTRAINT "BuildingAddress_buildingId_fkey" FOREIGN KEY ("buildingId") REFERENCES "Building" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "StreetCommunityMap" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "streetCode" TEXT NOT NULL,
    "street" TEXT NOT NULL,
    "fromNo" INTEGER NOT NULL,
    "toNo" INTEGER NOT NULL,
    "side" TEXT NOT NULL,
    "communityCode" TEXT NOT NULL,
    "stationCode" TEXT NOT NULL DEFAULT ''
);

-- CreateIndex
CREATE INDEX "StreetCommunityMap_street_idx" ON "StreetCommunityMap"("street");

-- CreateIndex
CREATE INDEX "StreetCommunityMap_streetCode_idx" ON "StreetCommunityMap"("streetCode");
