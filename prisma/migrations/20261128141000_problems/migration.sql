-- Hours by detail too, with their first and last error: what a problem shows of a long range comes from them.
DROP TABLE "error_hours";
CREATE TABLE "error_hours" (
    "channel_id" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "reason" "error_reason" NOT NULL,
    "detail" TEXT NOT NULL,
    "error_count" INTEGER NOT NULL,
    "first_attempt_count" INTEGER NOT NULL,
    "first_at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "error_hours_pkey" PRIMARY KEY ("channel_id","hour","reason","detail")
);
-- Minutes are kept as long as hours, so nothing is lost.
INSERT INTO "error_hours" ("channel_id", "hour", "reason", "detail", "error_count", "first_attempt_count", "first_at", "last_at")
SELECT "channel_id", date_trunc('hour', "minute", 'UTC'), "reason", "detail", sum("error_count"), sum("first_attempt_count"),
       min("first_at"), max("last_at")
  FROM "error_rows" GROUP BY 1, 2, 3, 4 ORDER BY 2;
CREATE INDEX "error_hours_hour_idx" ON "error_hours" USING BRIN ("hour");

CREATE TABLE "problems" (
    "channel_id" TEXT NOT NULL,
    "reason" "error_reason" NOT NULL,
    "detail" TEXT NOT NULL,
    "began_at" TIMESTAMPTZ(3) NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,
    "former_began_at" TIMESTAMPTZ(3),
    "former_last_at" TIMESTAMPTZ(3),

    CONSTRAINT "problems_pkey" PRIMARY KEY ("channel_id","reason","detail")
);
-- What was counted before is a problem that has not come back.
INSERT INTO "problems" ("channel_id", "reason", "detail", "began_at", "last_at")
SELECT "channel_id", "reason", "detail", min("first_at"), max("last_at") FROM "error_hours" GROUP BY 1, 2, 3;
CREATE INDEX "problems_last_at_idx" ON "problems"("last_at");

CREATE TABLE "problem_marks" (
    "channel_id" TEXT NOT NULL,
    "reason" "error_reason" NOT NULL,
    "detail" TEXT NOT NULL,
    "muted_at" TIMESTAMPTZ(3),
    "muted_until" TIMESTAMPTZ(3),
    "muted_by_id" UUID,
    "taken_at" TIMESTAMPTZ(3),
    "taken_by_id" UUID,

    CONSTRAINT "problem_marks_pkey" PRIMARY KEY ("channel_id","reason","detail")
);
ALTER TABLE "problem_marks" ADD CONSTRAINT "problem_marks_channel_id_fkey" FOREIGN KEY ("channel_id") REFERENCES "channels"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "problem_marks" ADD CONSTRAINT "problem_marks_muted_by_id_fkey" FOREIGN KEY ("muted_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;
ALTER TABLE "problem_marks" ADD CONSTRAINT "problem_marks_taken_by_id_fkey" FOREIGN KEY ("taken_by_id") REFERENCES "users"("id") ON DELETE SET NULL ON UPDATE CASCADE;
