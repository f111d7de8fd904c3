import type { Pool } from "pg";
import { v7 as newId } from "uuid";
import { poolTime } from "#lib/time/database-time.ts";
import { findRecipients, type Recipient } from "./find-recipients.ts";
import type { WeeklyChannel } from "./mail-orders.ts";
import type { ClosingOptions } from "./schema.ts";
import { type Week, weekDue } from "./week.ts";

type Wish = { channelId: string; key: string };
/** A digest later than this is no news any more; who chooses it on a Wednesday begins with the next week. */
const lateMaxMs = 24 * 3_600_000;
const wishesMax = 20_000;

/**
 * Orders the weekly digest for everyone who chose it for a channel and may get its mails: one mail a person with all
 * their channels. Whatever calls this how often, a key of the order makes it one a week. Returns how many were ordered.
 */
export async function orderWeeklyDigests(pool: Pool, options: ClosingOptions): Promise<number> {
  const now = options.now ?? (await poolTime(pool));
  const week = weekDue(now, options.displayTimeZone);
  if (now.getTime() - week.dueAt.getTime() > lateMaxMs) return 0;
  const wishes = await listWishes(pool, week);
  if (wishes.length === 0) return 0;
  const channelIds = [...new Set(wishes.map(({ channelId }) => channelId))];
  const audiences = await findRecipients(pool, channelIds);
  const figures = await countWeek(pool, channelIds, week);
  const digests = new Map<string, { recipient: Recipient; channels: WeeklyChannel[] }>();
  for (const { channelId, key } of wishes) {
    const recipient = audiences.get(channelId)?.recipients.find((one) => one.key === key);
    const channel = figures.get(channelId);
    if (recipient === undefined || channel === undefined) continue;
    const digest = digests.get(key) ?? { recipient, channels: [] };
    digest.channels.push(channel);
    digests.set(key, digest);
  }
  return insertOrders(pool, week, [...digests.values()]);
}

const onceKey = (week: Week, key: string): string => `weekly ${week.fromDay} ${key}`;

async function listWishes(pool: Pool, week: Week): Promise<Wish[]> {
  const { rows } = await pool.query<Wish>(
    `select channel_id as "channelId", address_key as key from mail_preferences
      where weekly_digest and unsubscribed_at is null
        and not exists (select from mail_orders where once_key = $1 || address_key)
      order by address_key, channel_id limit ${wishesMax}`,
    [onceKey(week, "")],
  );
  return rows;
}

/** The figures of a week and of the one before, by channel, from the counted hours. */
async function countWeek(
  pool: Pool,
  channelIds: readonly string[],
  { from, to }: Week,
): Promise<Map<string, WeeklyChannel>> {
  const before = new Date(2 * from.getTime() - to.getTime());
  const { rows } = await pool.query<WeeklyChannel>(
    `select c.id as "channelId", c.name, c.error_statistics_aggregation as "isCounted",
            coalesce(e.errors, 0)::int as errors, coalesce(e.before, 0)::int as "errorsBefore",
            coalesce(d.delivered, 0)::int as delivered, r.reason
       from channels c
       left join lateral (select sum(error_count) filter (where hour >= $2) as errors,
                                 sum(error_count) filter (where hour < $2) as before
                            from error_hours where channel_id = c.id and hour >= $4 and hour < $3) e on true
       left join lateral (select sum(delivered_count) as delivered
                            from delivered_hours where channel_id = c.id and hour >= $2 and hour < $3) d on true
       left join lateral (select reason from error_hours where channel_id = c.id and hour >= $2 and hour < $3
                           group by reason order by sum(error_count) desc limit 1) r on true
      where c.id = any($1) order by c.name`,
    [channelIds, from, to, before],
  );
  return new Map(rows.map((row) => [row.channelId, row]));
}

async function insertOrders(
  pool: Pool,
  week: Week,
  digests: readonly { recipient: Recipient; channels: WeeklyChannel[] }[],
): Promise<number> {
  const { rowCount } = await pool.query(
    `insert into mail_orders (id, kind, recipient, locale, time_zone, params, once_key)
     select id, 'weekly', recipient, locale, time_zone, params::jsonb, once_key
       from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
         as o(id, recipient, locale, time_zone, params, once_key)
     on conflict (once_key) do nothing`,
    [
      digests.map(() => newId()),
      digests.map(({ recipient }) => recipient.address),
      digests.map(({ recipient }) => recipient.locale),
      digests.map(({ recipient }) => recipient.timeZone),
      digests.map(({ channels }) =>
        JSON.stringify({ from: week.fromDay, to: week.toDay, channels }),
      ),
      digests.map(({ recipient }) => onceKey(week, recipient.key)),
    ],
  );
  return rowCount ?? 0;
}
