import { encodeTime } from "ulid";
import { type Database, openDatabase } from "#lib/db.ts";
import type { LogQuestion } from "#lib/delivery-log/schema.ts";
import { makePartitions } from "#lib/retention/make-partitions.ts";
import { migrate } from "#prisma/migrate.ts";
import { administer } from "#prisma/throwaway-database.ts";
import { createChannel } from "#testing/factories.ts";

const dayMs = 86_400_000;
const days = 30;
/** One channel has this share of the webhooks, nineteen others the rest. */
const hotShare = 0.2;

export type LogWorld = {
  size: number;
  database: Database;
  /** All of the hot channel's webhooks. */
  question: LogQuestion;
  /** A webhook in the middle of the range. */
  middle: string;
  /** When the event with `rareEventId` was made. */
  eventFrom: Date;
};

/** An event id of that moment. */
export const rareEventId = (at: Date): string => `${encodeTime(at.getTime(), 10)}ABCDEFGHJKMNPQRS`;

/** A database with `size` webhooks in the log over 30 days: 1 % failed, one event each, messages and some follows. */
export async function makeLogWorld(clusterUrl: string, size: number): Promise<LogWorld> {
  const url = clusterUrl.replace(/\/[^/]*$/, `/log_${size}`);
  await administer(clusterUrl, `create database log_${size}`);
  await migrate(url);
  const database = openDatabase(url);
  const to = new Date();
  const from = new Date(to.getTime() - days * dayMs);
  await makePartitions(database.pool, { from, to });
  const { id: channelId } = await createChannel(database.db);
  const eventFrom = new Date(from.getTime() + 12 * dayMs);
  await fillLog(database, { channelId, from, count: Math.round(size * hotShare), eventFrom });
  for (let other = 0; other < 19; other += 1) {
    const { id } = await createChannel(database.db);
    const count = Math.round((size * (1 - hotShare)) / 19);
    await fillLog(database, { channelId: id, from, count, eventFrom });
  }
  await database.pool.query("vacuum analyze");
  const [row] = await database.db.webhook.findMany({
    where: { channelId, acceptedAt: { lt: new Date(from.getTime() + 15 * dayMs) } },
    orderBy: { acceptedAt: "desc" },
    take: 1,
    select: { id: true },
  });
  const question = {
    channelId,
    from,
    to,
    states: null,
    eventType: null,
    eventId: null,
    doubtful: false,
  };
  return { size, database, question, middle: row?.id ?? "", eventFrom };
}

/** One channel's log over 30 days from `from`. The log's partitions have to be there. */
export async function fillLog(
  database: Database,
  made: { channelId: string; from: Date; count: number; eventFrom: Date },
): Promise<void> {
  await database.pool.query(fillSql, [
    made.channelId,
    made.from,
    made.count,
    made.eventFrom,
    rareEventId(made.eventFrom),
  ]);
  // Each user is in ten webhooks of a channel, spread over the days.
  await database.pool.query(
    `insert into webhook_sources (channel_id, source_id, accepted_at, webhook_id)
     select channel_id, 'U' || row_number() over (order by id) % greatest(1, $2::int / 10), accepted_at, id
       from webhooks where channel_id = $1`,
    [made.channelId, made.count],
  );
}

// Evenly over the 30 days, in the order of time, as a log is written.
const fillSql = `
  insert into webhooks (channel_id, accepted_at, id, state, attempts, event_count, finished_at, started_at, url, status_code,
                        phases, reason, body)
  select $1, at, (lpad(to_hex((extract(epoch from at) * 1000)::bigint), 12, '0') || '7' || substr(md5(i::text || $1), 1, 3)
                  || '8' || substr(md5($1 || i::text), 1, 15))::uuid,
         (case when i % 100 = 7 then 'stopped' else 'delivered' end)::webhook_state, 1, 1, at + interval '50 ms', at,
         'https://bot.example.com/webhook', case when i % 100 = 7 then 503 else 200 end,
         jsonb_build_object('tcp', 8.4, 'headers', case when i % 20000 = 9 then 1900 else 20 + i % 60 end, 'total', 41.3),
         (case when i % 100 = 7 then 'error_status_code' end)::error_reason,
         '{"destination":"U0123456789abcdef0123456789abcdef","events":[{"type":"' || case when i % 10 = 3 then 'follow' else 'message' end
         || '","message":{"type":"text","id":"' || i || '","text":"' || repeat('Two flat whites, please. ', 4)
         || '"},"source":{"type":"user","userId":"U0123456789abcdef0123456789abcdef"},"webhookEventId":"'
         || case when at >= $4::timestamptz and at < $4::timestamptz + interval '30 days' / $3::int then $5
                 else '01' || substr(upper(md5(i::text)), 1, 24) end
         || '","deliveryContext":{"isRedelivery":false},"timestamp":1795369540782,"mode":"active"}]}'
    from generate_series(1, $3::int) as i,
         lateral (select date_trunc('milliseconds', $2::timestamptz + interval '30 days' * (i - 0.5) / $3::int) as at) t`;
