-- CreateIndex
CREATE INDEX "error_rows_channel_id_detail_minute_idx" ON "error_rows"("channel_id", "detail", "minute");

-- CreateIndex
CREATE INDEX "error_hours_hour_idx" ON "error_hours" USING BRIN ("hour");

-- CreateIndex
CREATE INDEX "delivered_hours_hour_idx" ON "delivered_hours" USING BRIN ("hour");
