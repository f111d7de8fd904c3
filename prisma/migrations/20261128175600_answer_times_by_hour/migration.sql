-- Answer times by hour beside those by minute, so that a long range costs a few rows per hour of it.
ALTER TABLE "delivered_hours" ADD COLUMN     "answers" INTEGER[];

-- CreateTable
CREATE TABLE "answered_error_hours" (
    "channel_id" TEXT NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "answers" INTEGER[],

    CONSTRAINT "answered_error_hours_pkey" PRIMARY KEY ("channel_id","hour")
);

-- CreateIndex
CREATE INDEX "answered_error_hours_hour_idx" ON "answered_error_hours" USING BRIN ("hour");

-- Minutes are kept as long as hours, so nothing is lost.
UPDATE "delivered_hours" h SET "answers" = m."answers"
  FROM (SELECT "channel_id", date_trunc('hour', "minute", 'UTC') AS "hour",
               ARRAY[sum("answers"[1])::int, sum("answers"[2])::int, sum("answers"[3])::int, sum("answers"[4])::int, sum("answers"[5])::int, sum("answers"[6])::int, sum("answers"[7])::int, sum("answers"[8])::int, sum("answers"[9])::int, sum("answers"[10])::int, sum("answers"[11])::int, sum("answers"[12])::int, sum("answers"[13])::int] AS "answers"
          FROM "delivered_minutes" WHERE "answers" IS NOT NULL GROUP BY 1, 2) m
 WHERE h."channel_id" = m."channel_id" AND h."hour" = m."hour";
INSERT INTO "answered_error_hours" ("channel_id", "hour", "answers")
SELECT "channel_id", date_trunc('hour', "minute", 'UTC'),
       ARRAY[sum("answers"[1])::int, sum("answers"[2])::int, sum("answers"[3])::int, sum("answers"[4])::int, sum("answers"[5])::int, sum("answers"[6])::int, sum("answers"[7])::int, sum("answers"[8])::int, sum("answers"[9])::int, sum("answers"[10])::int, sum("answers"[11])::int, sum("answers"[12])::int, sum("answers"[13])::int]
  FROM "answered_error_minutes" GROUP BY 1, 2 ORDER BY 2;
