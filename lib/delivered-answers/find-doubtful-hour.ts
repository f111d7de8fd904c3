import type { Db } from "#lib/db.ts";
import { type DoubtfulHour, readDoubt } from "./schema.ts";

/** Fewer doubtful answers than this say nothing about a channel. */
const doubtfulMin = 10;
/** So many of the newest deliveries tell how most of the hour's were answered. */
const newestMax = 200;

/**
 * Whether most of what a channel had delivered was answered doubtfully: of what was accepted within the last hour the
 * newest 200 deliveries, of which at least 10 and more than half are doubted. Null otherwise. It needs no counting, so
 * nothing is written for it, and holds whether or not errors are counted. Indexes: mostly one probe of the
 * partial one for doubtful answers, which ends it; then 200 rows of the log's primary key, however much there is.
 */
export async function findDoubtfulHour(db: Db, channelId: string): Promise<DoubtfulHour | null> {
  const [row] = await db.$queryRaw<{ delivered: number; doubtful: number; doubt: string | null }[]>`
    select count(*)::int as delivered, count(doubt)::int as doubtful, mode() within group (order by doubt) as doubt
      from (select doubt from webhooks
             where channel_id = ${channelId} and accepted_at > now() - interval '1 hour' and state = 'delivered'
               and (select count(*) from (select 1 from webhooks
                      where channel_id = ${channelId} and accepted_at > now() - interval '1 hour' and doubt is not null
                      limit ${doubtfulMin}::int) doubted) = ${doubtfulMin}::int
             order by accepted_at desc, id desc limit ${newestMax}::int) newest`;
  const { delivered = 0, doubtful = 0 } = row ?? {};
  const doubt = readDoubt(row?.doubt ?? null);
  if (doubt === null || doubtful < doubtfulMin || doubtful * 2 <= delivered) return null;
  return { doubtfulCount: doubtful, deliveredCount: delivered, doubt };
}
