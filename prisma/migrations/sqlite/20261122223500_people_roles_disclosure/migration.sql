-- CreateTable
CREATE TABLE "Assignment" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "accountId" INTEGER NOT NULL,
    "place" TEXT NOT NULL,
    "placeId" INTEGER NOT NULL,
    "fromAt" BIGINT NOT NULL,
    "untilAt" BIGINT,
    "createdAt" BIGINT NOT NULL,
    "createdBy" INTEGER,
    "endedBy" INTEGER,
    CONSTRAINT "Assignment_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "SecondFactor" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "accountId" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "labelSealed" BLOB NOT NULL,
    "secretSealed" BLOB,
    "credentialId" BLOB,
    "publicKey" BLOB,
    "counter" INTEGER NOT NULL DEFAULT 0,
    "transports" TEXT NOT NULL DEFAULT '',
    "lastStep" INTEGER NOT NULL DEFAULT 0,
    "confirmedAt" BIGINT,
    "createdAt" BIGINT NOT NULL,
    "lastUsedAt" BIGINT,
    CONSTRAINT "SecondFactor_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "RecoveryCode" (
    "accountId" INTEGER NOT NULL,
    "codeHash" BLOB NOT NULL,
    "usedAt" BIGINT,

    PRIMARY KEY ("accountId", "codeHash"),
    CONSTRAINT "RecoveryCode_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Invitation" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "tokenHash" BLOB NOT NULL,
    "accountId" INTEGER NOT NULL,
    "kind" TEXT NOT NULL DEFAULT 'join',
    "createdAt" BIGINT NOT NULL,
    "createdBy" INTEGER,
    "expiresAt" BIGINT NOT NULL,
    "usedAt" BIGINT,
    "revokedAt" BIGINT
);

-- CreateTable
CREATE TABLE "OutboxMessage" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "at" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "accountId" INTEGER,
    "bodySealed" BLOB NOT NULL,
    "sentAt" BIGINT
);

-- CreateTable
CREATE TABLE "AccessToken" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "accountId" INTEGER NOT NULL,
    "tokenHash" BLOB NOT NULL,
    "name" TEXT NOT NULL,
    "scopes" TEXT NOT NULL,
    "createdAt" BIGINT NOT NULL,
    "expiresAt" BIGINT NOT NULL,
    "lastUsedAt" BIGINT,
    "revokedAt" BIGINT,
    CONSTRAINT "AccessToken_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "IdempotentAnswer" (
    "accountId" INTEGER NOT NULL,
    "key" TEXT NOT NULL,
    "route" TEXT NOT NULL,
    "bodyHash" BLOB NOT NULL,
    "status" INTEGER NOT NULL,
    "bodySealed" BLOB,
    "createdAt" BIGINT NOT NULL,

    PRIMARY KEY ("accountId", "key")
);

-- CreateTable
CREATE TABLE "PendingAct" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "kind" TEXT NOT NULL,
    "bodySealed" BLOB NOT NULL,
    "reasonSealed" BLOB NOT NULL,
    "requestedBy" INTEGER NOT NULL,
    "requestedAt" BIGINT NOT NULL,
    "expiresAt" BIGINT NOT NULL,
    "decidedBy" INTEGER,
    "decidedAt" BIGINT,
    "decision" TEXT NOT NULL DEFAULT '',
    "breakGlass" BOOLEAN NOT NULL DEFAULT false
);

-- CreateTable
CREATE TABLE "Division" (
    "code" TEXT NOT NULL PRIMARY KEY,
    "level" TEXT NOT NULL,
    "kind" TEXT NOT NULL DEFAULT '',
    "parentCode" TEXT,
    "name" TEXT NOT NULL,
    "nameEn" TEXT NOT NULL DEFAULT '',
    "validFrom" BIGINT NOT NULL,
    "validUntil" BIGINT,
    "replacedBy" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1
);

-- CreateTable
CREATE TABLE "OrgUnit" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "parentId" INTEGER,
    "depth" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "nameEn" TEXT NOT NULL DEFAULT '',
    "closedAt" BIGINT,
    "version" INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT "OrgUnit_parentId_fkey" FOREIGN KEY ("parentId") REFERENCES "OrgUnit" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "OrgCover" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "orgId" INTEGER NOT NULL,
    "divisionCode" TEXT,
    "buildingId" INTEGER,
    "fromAt" BIGINT NOT NULL,
    "untilAt" BIGINT,
    CONSTRAINT "OrgCover_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "OrgUnit" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Area" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "code" TEXT NOT NULL,
    "orgId" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "nameEn" TEXT NOT NULL DEFAULT '',
    "closedAt" BIGINT,
    "version" INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT "Area_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "OrgUnit" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "Grid" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "code" TEXT NOT NULL,
    "communityCode" TEXT NOT NULL,
    "areaId" INTEGER,
    "name" TEXT NOT NULL,
    "nameEn" TEXT NOT NULL DEFAULT '',
    "closedAt" BIGINT,
    "version" INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT "Grid_areaId_fkey" FOREIGN KEY ("areaId") REFERENCES "Area" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "GridVersion" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "gridId" INTEGER NOT NULL,
    "n" INTEGER NOT NULL,
    "fromAt" BIGINT NOT NULL,
    "untilAt" BIGINT,
    CONSTRAINT "GridVersion_gridId_fkey" FOREIGN KEY ("gridId") REFERENCES "Grid" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "GridBuilding" (
    "versionId" INTEGER NOT NULL,
    "buildingId" INTEGER NOT NULL,

    PRIMARY KEY ("versionId", "buildingId"),
    CONSTRAINT "GridBuilding_versionId_fkey" FOREIGN KEY ("versionId") REFERENCES "GridVersion" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
-- Without a row id: a city has millions of terms, and the key is all there is to a row.
CREATE TABLE "PersonTerm" (
    "hash" BLOB NOT NULL,
    "personId" INTEGER NOT NULL,

    PRIMARY KEY ("hash", "personId")
) WITHOUT ROWID;

-- CreateTable
CREATE TABLE "Purpose" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "accountId" INTEGER NOT NULL,
    "purpose" TEXT NOT NULL,
    "caseNumber" TEXT NOT NULL DEFAULT '',
    "caseDueAt" BIGINT,
    "reasonSealed" BLOB NOT NULL,
    "buildingId" INTEGER,
    "rangeFrom" BIGINT NOT NULL,
    "rangeUntil" BIGINT NOT NULL,
    "openedAt" BIGINT NOT NULL,
    "expiresAt" BIGINT NOT NULL,
    "closedAt" BIGINT,
    "peopleAt" BIGINT,
    "entryIndex" INTEGER NOT NULL
);

-- CreateTable
CREATE TABLE "DailyLooks" (
    "accountId" INTEGER NOT NULL,
    "day" INTEGER NOT NULL,
    "looks" INTEGER NOT NULL DEFAULT 0,
    "released" INTEGER NOT NULL DEFAULT 0,

    PRIMARY KEY ("accountId", "day")
);

-- CreateTable
CREATE TABLE "RetentionRule" (
    "kind" TEXT NOT NULL PRIMARY KEY,
    "days" INTEGER NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "setAt" BIGINT NOT NULL,
    "setBy" INTEGER
);

-- CreateTable
CREATE TABLE "RetentionRun" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "kind" TEXT NOT NULL,
    "startedAt" BIGINT NOT NULL,
    "finishedAt" BIGINT,
    "cutoff" BIGINT NOT NULL,
    "due" INTEGER NOT NULL DEFAULT 0,
    "done" INTEGER NOT NULL DEFAULT 0,
    "held" INTEGER NOT NULL DEFAULT 0,
    "state" TEXT NOT NULL,
    "approvedBy" INTEGER,
    "entryIndex" INTEGER
);

-- CreateTable
CREATE TABLE "Hold" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "caseNumber" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "subjectId" INTEGER NOT NULL,
    "rangeFrom" BIGINT,
    "rangeUntil" BIGINT,
    "reasonSealed" BLOB NOT NULL,
    "placedBy" INTEGER NOT NULL,
    "placedAt" BIGINT NOT NULL,
    "reviewAt" BIGINT NOT NULL,
    "releasedBy" INTEGER,
    "releasedAt" BIGINT
);

-- CreateTable
CREATE TABLE "DataRequest" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "kind" TEXT NOT NULL,
    "personId" INTEGER NOT NULL,
    "filedBy" INTEGER NOT NULL,
    "receivedAt" BIGINT NOT NULL,
    "dueAt" BIGINT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "bodySealed" BLOB NOT NULL,
    "answerSealed" BLOB,
    "decidedBy" INTEGER,
    "decidedAt" BIGINT,
    "version" INTEGER NOT NULL DEFAULT 1
);

-- CreateTable
CREATE TABLE "PrivacyNotice" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "number" INTEGER NOT NULL,
    "textZh" TEXT NOT NULL,
    "textEn" TEXT NOT NULL,
    "publishedAt" BIGINT,
    "publishedBy" INTEGER
);

-- CreateTable
CREATE TABLE "Consent" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "personId" INTEGER NOT NULL,
    "noticeId" INTEGER NOT NULL,
    "purpose" TEXT NOT NULL,
    "given" BOOLEAN NOT NULL,
    "at" BIGINT NOT NULL,
    "withdrawnAt" BIGINT,
    CONSTRAINT "Consent_noticeId_fkey" FOREIGN KEY ("noticeId") REFERENCES "PrivacyNotice" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

-- CreateTable
CREATE TABLE "ImpactAssessment" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "title" TEXT NOT NULL,
    "bodySealed" BLOB NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'draft',
    "createdBy" INTEGER NOT NULL,
    "createdAt" BIGINT NOT NULL,
    "decidedBy" INTEGER,
    "decidedAt" BIGINT,
    "reviewAt" BIGINT,
    "version" INTEGER NOT NULL DEFAULT 1
);

-- RedefineTables
PRAGMA defer_foreign_keys=ON;
PRAGMA foreign_keys=OFF;
CREATE TABLE "new_Account" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "login" TEXT NOT NULL,
    "passwordHash" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "nameSealed" BLOB,
    "holderHash" BLOB,
    "personId" INTEGER,
    "orgId" INTEGER,
    "state" TEXT NOT NULL DEFAULT 'active',
    "failures" INTEGER NOT NULL DEFAULT 0,
    "lockedUntil" BIGINT,
    "disabledAt" BIGINT,
    "createdAt" BIGINT NOT NULL,
    "createdBy" INTEGER,
    "version" INTEGER NOT NULL DEFAULT 1,
    CONSTRAINT "Account_orgId_fkey" FOREIGN KEY ("orgId") REFERENCES "OrgUnit" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);
INSERT INTO "new_Account" ("createdAt", "disabledAt", "failures", "id", "lockedUntil", "login", "passwordHash", "role") SELECT "createdAt", "disabledAt", "failures", "id", "lockedUntil", "login", "passwordHash", "role" FROM "Account";
DROP TABLE "Account";
ALTER TABLE "new_Account" RENAME TO "Account";
CREATE UNIQUE INDEX "Account_login_key" ON "Account"("login");
CREATE INDEX "Account_holderHash_idx" ON "Account"("holderHash");
CREATE INDEX "Account_personId_idx" ON "Account"("personId");
-- Added in place: making the table anew, as Prisma proposes, would lose its change triggers.
ALTER TABLE "Building" ADD COLUMN "version" INTEGER NOT NULL DEFAULT 1;
ALTER TABLE "Person" ADD COLUMN "termForm" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "Person" ADD COLUMN "anonymisedAt" BIGINT;
ALTER TABLE "Person" ADD COLUMN "version" INTEGER NOT NULL DEFAULT 1;
CREATE INDEX "Person_documentTail_idx" ON "Person"("documentTail");
CREATE INDEX "Person_phoneTail_idx" ON "Person"("phoneTail");
CREATE INDEX "Person_termForm_idx" ON "Person"("termForm");
-- A value sealed anew under another key is the same card: only its fingerprint tells that it is another one.
DROP TRIGGER "Credential_change_update";
CREATE TRIGGER "Credential_change_update" AFTER UPDATE ON "Credential"
WHEN OLD."fingerprint" IS NOT NEW."fingerprint" OR OLD."personId" IS NOT NEW."personId" OR OLD."status" IS NOT NEW."status" OR OLD."validFrom" IS NOT NEW."validFrom" OR OLD."validUntil" IS NOT NEW."validUntil"
BEGIN
  INSERT INTO "Change" ("entity", "rowId") VALUES ('credential', NEW."id");
END;
CREATE TABLE "new_Session" (
    "tokenHash" BLOB NOT NULL PRIMARY KEY,
    "publicId" TEXT NOT NULL,
    "accountId" INTEGER NOT NULL,
    "step" TEXT NOT NULL DEFAULT 'full',
    "strongAt" BIGINT,
    "agent" TEXT NOT NULL DEFAULT '',
    "address" TEXT NOT NULL DEFAULT '',
    "createdAt" BIGINT NOT NULL,
    "lastSeenAt" BIGINT NOT NULL,
    CONSTRAINT "Session_accountId_fkey" FOREIGN KEY ("accountId") REFERENCES "Account" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
-- Sessions now have a public name; whoever was signed in signs in again.
DROP TABLE "Session";
ALTER TABLE "new_Session" RENAME TO "Session";
CREATE UNIQUE INDEX "Session_publicId_key" ON "Session"("publicId");
CREATE INDEX "Session_accountId_idx" ON "Session"("accountId");
-- What an account could see becomes assignments without an end.
INSERT INTO "Assignment" ("accountId", "place", "placeId", "fromAt", "createdAt") SELECT "accountId", 'building', "buildingId", 0, 0 FROM "AccountScope";
INSERT INTO "Assignment" ("accountId", "place", "placeId", "fromAt", "createdAt") SELECT "id", 'site', 0, 0, 0 FROM "Account" WHERE "role" = 'SA';
DROP TABLE "AccountScope";
PRAGMA foreign_keys=ON;
PRAGMA defer_foreign_keys=OFF;

-- CreateIndex
CREATE INDEX "Assignment_accountId_idx" ON "Assignment"("accountId");

-- CreateIndex
CREATE INDEX "Assignment_place_placeId_idx" ON "Assignment"("place", "placeId");

-- CreateIndex
CREATE UNIQUE INDEX "SecondFactor_credentialId_key" ON "SecondFactor"("credentialId");

-- CreateIndex
CREATE INDEX "SecondFactor_accountId_idx" ON "SecondFactor"("accountId");

-- CreateIndex
CREATE UNIQUE INDEX "Invitation_tokenHash_key" ON "Invitation"("tokenHash");

-- CreateIndex
CREATE INDEX "Invitation_accountId_idx" ON "Invitation"("accountId");

-- CreateIndex
CREATE INDEX "OutboxMessage_accountId_idx" ON "OutboxMessage"("accountId");

-- CreateIndex
CREATE UNIQUE INDEX "AccessToken_tokenHash_key" ON "AccessToken"("tokenHash");

-- CreateIndex
CREATE INDEX "AccessToken_accountId_idx" ON "AccessToken"("accountId");

-- CreateIndex
CREATE INDEX "PendingAct_requestedBy_idx" ON "PendingAct"("requestedBy");

-- CreateIndex
CREATE INDEX "OrgCover_orgId_idx" ON "OrgCover"("orgId");

-- CreateIndex
CREATE UNIQUE INDEX "Area_code_key" ON "Area"("code");

-- CreateIndex
CREATE UNIQUE INDEX "Grid_code_key" ON "Grid"("code");

-- CreateIndex
CREATE UNIQUE INDEX "GridVersion_gridId_n_key" ON "GridVersion"("gridId", "n");

-- CreateIndex
CREATE INDEX "GridBuilding_buildingId_idx" ON "GridBuilding"("buildingId");

-- CreateIndex
CREATE INDEX "PersonTerm_personId_idx" ON "PersonTerm"("personId");

-- CreateIndex
CREATE INDEX "Purpose_accountId_idx" ON "Purpose"("accountId");

-- CreateIndex
CREATE INDEX "DataRequest_personId_idx" ON "DataRequest"("personId");

-- CreateIndex
CREATE UNIQUE INDEX "PrivacyNotice_number_key" ON "PrivacyNotice"("number");

-- CreateIndex
CREATE INDEX "Consent_personId_idx" ON "Consent"("personId");

