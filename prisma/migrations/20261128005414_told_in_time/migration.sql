-- AlterTable
ALTER TABLE "notification_windows" ADD COLUMN     "last_at" TIMESTAMPTZ(3),
ADD COLUMN     "reasons" JSONB NOT NULL DEFAULT '{}';

-- AlterTable
ALTER TABLE "notifications" ADD COLUMN     "ceased_since" TIMESTAMPTZ(3),
ADD COLUMN     "last_at" TIMESTAMPTZ(3),
ADD COLUMN     "reasons" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "told_as" TEXT;

-- CreateTable
CREATE TABLE "outages" (
    "channel_id" TEXT NOT NULL,
    "thread_id" UUID NOT NULL,
    "last_at" TIMESTAMPTZ(3) NOT NULL,
    "is_over" BOOLEAN NOT NULL,
    "ceased_until" TIMESTAMPTZ(3),

    CONSTRAINT "outages_pkey" PRIMARY KEY ("channel_id")
);

-- CreateTable
CREATE TABLE "tellings" (
    "channel_id" TEXT NOT NULL,
    "type" "notification_type" NOT NULL,
    "key" TEXT NOT NULL,
    "thread_id" UUID NOT NULL,
    "told_count" INTEGER NOT NULL,
    "last_told_at" TIMESTAMPTZ(3),
    "held_count" INTEGER NOT NULL,
    "rates" JSONB NOT NULL DEFAULT '{}',
    "recent" JSONB NOT NULL DEFAULT '[]',

    CONSTRAINT "tellings_pkey" PRIMARY KEY ("channel_id","type","key")
);

-- The outages that go on, and what was told and held of them, as it was worked out from the notifications until now.
INSERT INTO "outages" ("channel_id", "thread_id", "last_at", "is_over")
SELECT n.channel_id, n.thread_id, max(n.closed_at), bool_or(n.type = 'recovered')
  FROM (SELECT DISTINCT ON (channel_id) channel_id, thread_id FROM "notifications"
         WHERE thread_id IS NOT NULL ORDER BY channel_id, closed_at DESC) newest
  JOIN "notifications" n ON n.channel_id = newest.channel_id AND n.thread_id = newest.thread_id
 GROUP BY n.channel_id, n.thread_id;

INSERT INTO "tellings" ("channel_id", "type", "key", "thread_id", "told_count", "last_told_at", "held_count", "rates")
SELECT channel_id, type, key, thread_id, count(*) FILTER (WHERE untold IS NULL), last_told_at,
       coalesce(sum(error_count) FILTER (WHERE untold = 'reminder_pause' AND detected_at > last_told_at), 0),
       coalesce(jsonb_object_agg(reason::text || ' ' || detail,
                                 error_count * 3600 / extract(epoch FROM closed_at - detected_at))
                  FILTER (WHERE untold IS NULL AND closed_at > detected_at), '{}')
  FROM (SELECT n.*, max(n.detected_at) FILTER (WHERE n.untold IS NULL) OVER (PARTITION BY n.channel_id, n.type, n.key) AS last_told_at
          FROM "notifications" n JOIN "outages" o ON o.channel_id = n.channel_id AND o.thread_id = n.thread_id
         WHERE n.mailed_at IS NOT NULL) of_outage
 GROUP BY channel_id, type, key, thread_id, last_told_at;
