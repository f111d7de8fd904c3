-- Deleting an account looks for what refers to it: without these it read each of the tables from end to end.

-- CreateIndex
CREATE INDEX "redelivery_jobs_created_by_id_idx" ON "redelivery_jobs"("created_by_id");

-- CreateIndex
CREATE INDEX "problem_marks_muted_by_id_idx" ON "problem_marks"("muted_by_id");

-- CreateIndex
CREATE INDEX "problem_marks_taken_by_id_idx" ON "problem_marks"("taken_by_id");

-- CreateIndex
CREATE INDEX "notification_grants_applied_by_id_idx" ON "notification_grants"("applied_by_id");

-- CreateIndex
CREATE INDEX "notification_grants_decided_by_id_idx" ON "notification_grants"("decided_by_id");
