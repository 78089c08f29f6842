-- CreateIndex
CREATE INDEX "Tenancy_startAt_idx" ON "Tenancy"("startAt");

-- CreateIndex
CREATE INDEX "Occupant_fromAt_idx" ON "Occupant"("fromAt");

-- CreateIndex
CREATE INDEX "Credential_validFrom_idx" ON "Credential"("validFrom");
