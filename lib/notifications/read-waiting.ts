import type { Pool, PoolClient } from "pg";
import { ceaseFailuresMin } from "#lib/endpoint-health/ceased.ts";
import { isUrgent, type WaitingNotice } from "./plan-mails.ts";
import {
  type ClosingOptions,
  knownTypes,
  type NotificationPolicy,
  type SettledNotification,
  type ToldAs,
} from "./schema.ts";

/** A waiting notice with all that its mail says. */
export type Notice = WaitingNotice & {
  key: string;
  address: string;
  locale: string;
  timeZone: string | null;
  notification: SettledNotification & {
    remindsOf: Date | null;
    heldCount: number;
    toldAs: ToldAs | null;
    ceasedSince: Date | null;
  };
};

export type Standing = {
  key: string;
  unsettledChannels: number;
  ceasingChannels: number;
  mailsInHour: number;
  lastDigestAt: Date | null;
  mailsInDay: Map<string, number>;
  urgentToldAt: Map<string, Date>;
};

type Now = Date | undefined;
type Client = Pick<Pool | PoolClient, "query">;

/**
 * Recipients for whom something waits that nothing holds, in the order of their addresses after `after`. Index: notices (told_at,
 * look_again_at, address_key), so that what is held costs nothing.
 */
export async function listWaitingRecipients(
  client: PoolClient,
  after: string,
  limit: number,
  now: Now,
): Promise<string[]> {
  const { rows } = await client.query<{ key: string }>(
    `(select distinct address_key as key from notices
       where told_at is null and look_again_at is null and address_key > $1 order by 1 limit $2)
      union
     (select distinct address_key from notices
       where told_at is null and look_again_at <= coalesce($3::timestamptz, now()) and address_key > $1 order by 1 limit $2)
      order by 1 limit $2`,
    [after, limit, now ?? null],
  );
  return rows.map(({ key }) => key);
}

/** What waits for these recipients and is not held, oldest first. Index: notices (told_at, look_again_at, address_key). */
export async function readWaiting(
  client: PoolClient,
  keys: readonly string[],
  now: Now,
): Promise<Notice[]> {
  const { rows } = await client.query<
    Omit<Notice, "notification"> & Notice["notification"] & { noticeId: string; windowKey: string }
  >(
    `select w.id as "noticeId", w.address_key as key, w.address, w.locale, w.time_zone as "timeZone",
            w.created_at as "createdAt", w.look_again_at is not null as "wasHeld", n.id, n.channel_id as "channelId", n.type, n.key as "windowKey",
            n.detected_at as "detectedAt", n.closed_at as "closedAt", n.reason, n.detail, n.error_count as "errorCount",
            n.last_at as "lastAt", n.reasons, n.reminds_of as "remindsOf", n.held_count as "heldCount",
            n.told_as as "toldAs", n.ceased_since as "ceasedSince"
       from notices w join notifications n on n.id = w.notification_id
      where w.told_at is null and w.address_key = any($1) and n.type = any($2)
        and (w.look_again_at is null or w.look_again_at <= coalesce($3::timestamptz, now()))
      order by w.created_at, n.closed_at, w.id`,
    [keys, knownTypes, now ?? null],
  );
  return rows.map((row) => {
    const { noticeId, windowKey, key, address, locale, timeZone, createdAt, wasHeld, ...of } = row;
    const { channelId, type } = of;
    return {
      id: noticeId,
      ...{ key, address, locale, timeZone, createdAt, channelId, type },
      wasHeld: wasHeld === true,
      isUrgent: isUrgent({ type, key: windowKey, toldAs: of.toldAs }),
      notification: { ...of, key: windowKey },
    };
  });
}

/** How these recipients stand to the caps and digests. */
export async function readStandings(
  client: Client,
  keys: readonly string[],
  { now, policy }: Pick<ClosingOptions, "now" | "policy">,
): Promise<Map<string, Standing>> {
  const standings = new Map(
    keys.map((key) => [
      key,
      {
        ...{ key, unsettledChannels: 0, ceasingChannels: 0, mailsInHour: 0, lastDigestAt: null },
        ...{ mailsInDay: new Map(), urgentToldAt: new Map() },
      },
    ]) satisfies [string, Standing][],
  );
  const at = (key: string): Standing | undefined => standings.get(key);
  for (const { key, hour, lastDigestAt } of await countMails(client, keys, now)) {
    Object.assign(at(key) ?? {}, { mailsInHour: hour, lastDigestAt });
  }
  for (const { key, channelId, count, urgentAt } of await countOfChannels(client, keys, now)) {
    at(key)?.mailsInDay.set(channelId, count);
    if (urgentAt !== null) at(key)?.urgentToldAt.set(channelId, urgentAt);
  }
  for (const { key, count, ceasing } of await countUnsettled(client, keys, policy, now)) {
    Object.assign(at(key) ?? {}, { unsettledChannels: count, ceasingChannels: ceasing });
  }
  return standings;
}

/** Index: notices (address_key, told_at). */
async function countMails(client: Client, keys: readonly string[], now: Now) {
  const { rows } = await client.query<{ key: string; hour: number; lastDigestAt: Date | null }>(
    `select t.address_key as key, max(t.told_at) filter (where m.kind = 'digest') as "lastDigestAt",
            (count(distinct t.mail_id) filter (where t.told_at > coalesce($2::timestamptz, now()) - interval '1 hour'))::int
              as hour
       from notices t join mails m on m.id = t.mail_id and m.state <> 'withdrawn'
      where t.address_key = any($1) and t.told_at > coalesce($2::timestamptz, now()) - interval '24 hours'
      group by 1`,
    [keys, now ?? null],
  );
  return rows;
}

/** Single mails by channel, and when something urgent was told last. Index: notices (address_key, told_at). */
async function countOfChannels(client: Client, keys: readonly string[], now: Now) {
  const { rows } = await client.query<{
    key: string;
    channelId: string;
    count: number;
    urgentAt: Date | null;
  }>(
    `select t.address_key as key, t.channel_id as "channelId", (count(*) filter (where m.kind = 'notification'))::int as count,
            max(t.told_at) filter (where n.told_as = 'ceased' or n.type = 'endpoint_failing' and n.key = 'suspended')
              as "urgentAt"
       from notices t join mails m on m.id = t.mail_id and m.state <> 'withdrawn'
       join notifications n on n.id = t.notification_id
      where t.address_key = any($1) and t.told_at > coalesce($2::timestamptz, now()) - interval '24 hours'
      group by 1, 2`,
    [keys, now ?? null],
  );
  return rows;
}

/** An outage is told within two windows of its beginning. */
const beginningWindows = 3;

/**
 * Channels of these recipients that have the function and errors not settled yet, without those of which something waits
 * already that nothing holds; and of how many of them deliveries ceased so lately that it is about to be told. As many rows are looked at as
 * there are channels with an open window.
 */
async function countUnsettled(
  client: Client,
  keys: readonly string[],
  { access, windowMs }: NotificationPolicy,
  now: Now,
) {
  const { rows } = await client.query<{ key: string; count: number; ceasing: number }>(
    `with unsettled as materialized (
       select u.channel_id from (select channel_id from notification_windows
                                 union select channel_id from notifications where settled_at is null) u
        where $2 or exists (select from notification_grants g where g.holds_channel = u.channel_id and g.state = 'approved')
     ), concerned as (
       select lower(p.email) as key, m.channel_id from unsettled u
         join channel_members m on m.channel_id = u.channel_id and m.role = 'admin'
         join users p on p.id = m.user_id and p.disabled_at is null and p.email_verified_at is not null
        union
       select lower(c.email), c.id from unsettled u join channels c on c.id = u.channel_id and c.email_verified_at is not null
     )
     select key, count(*)::int as count, count(h.channel_id)::int as ceasing
       from concerned
       left join endpoint_health h
         on h.channel_id = concerned.channel_id and h.failed_count >= ${ceaseFailuresMin}
        and h.failing_since > coalesce($4::timestamptz, now()) - $3::float8 * interval '1 ms'
        -- What was closed early and is settled has been told, or waits already.
        and (not h.is_looked_at or exists (select from notifications e
                                            where e.channel_id = h.channel_id and e.settled_at is null and e.early_since is not null))
      where key = any($1)
        and not exists (select from notices w
                         where w.address_key = key and w.told_at is null and w.channel_id = concerned.channel_id
                           and (w.look_again_at is null or w.look_again_at <= coalesce($4::timestamptz, now())))
      group by key`,
    [keys, access === "open", beginningWindows * windowMs, now ?? null],
  );
  return rows;
}
