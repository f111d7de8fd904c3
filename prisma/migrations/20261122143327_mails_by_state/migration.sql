-- CreateIndex
CREATE INDEX "mails_state_id_idx" ON "mails"("state", "id");
