import type { Pool, PoolClient } from "pg";
import { ceaseFailuresMin } from "#lib/endpoint-health/ceased.ts";
import { isUrgent, type WaitingNotice } from "./plan-mails.ts";
import {
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

/** A recipient, see addressKey, at a time; undefined: the database's now. */
export type StandingAsk = { key: string; now: Date | undefined };

/** How each of these recipients stands to the caps and digests at its time, in the order asked. */
export async function readStandings(
  client: Client,
  asks: readonly StandingAsk[],
  policy: NotificationPolicy,
): Promise<Standing[]> {
  if (asks.length === 0) return [];
  const standings = asks.map(
    ({ key }): Standing => ({
      ...{ key, unsettledChannels: 0, ceasingChannels: 0, mailsInHour: 0, lastDigestAt: null },
      ...{ mailsInDay: new Map(), urgentToldAt: new Map() },
    }),
  );
  const at = (place: number): Standing | undefined => standings[place - 1];
  for (const { place, hour, lastDigestAt } of await countMails(client, asks)) {
    Object.assign(at(place) ?? {}, { mailsInHour: hour, lastDigestAt });
  }
  for (const { place, channelId, count, urgentAt } of await countOfChannels(client, asks)) {
    at(place)?.mailsInDay.set(channelId, count);
    if (urgentAt !== null) at(place)?.urgentToldAt.set(channelId, urgentAt);
  }
  for (const { place, count, ceasing } of await countUnsettled(client, asks, policy)) {
    Object.assign(at(place) ?? {}, { unsettledChannels: count, ceasingChannels: ceasing });
  }
  return standings;
}

/** SQL: what is asked, as `a` with key, at and place (from 1 on), by the first two parameters. */
const asksSql =
  "unnest($1::text[], $2::timestamptz[]) with ordinality as asked (key, given_at, place) cross join lateral (select asked.key, coalesce(asked.given_at, now()) as at, asked.place::int as place) a";
const asksOf = (asks: readonly StandingAsk[]) => [
  asks.map(({ key }) => key),
  asks.map(({ now }) => now ?? null),
];

/** Index: notices (address_key, told_at). */
async function countMails(client: Client, asks: readonly StandingAsk[]) {
  const { rows } = await client.query<{ place: number; hour: number; lastDigestAt: Date | null }>(
    `select a.place, max(t.told_at) filter (where m.kind = 'digest') as "lastDigestAt",
            (count(distinct t.mail_id) filter (where t.told_at > a.at - interval '1 hour'))::int as hour
       from ${asksSql}
       join notices t on t.address_key = a.key and t.told_at > a.at - interval '24 hours'
       join mails m on m.id = t.mail_id and m.state <> 'withdrawn'
      group by 1`,
    asksOf(asks),
  );
  return rows;
}

/** Single mails by channel, and when something urgent was told last. Index: notices (address_key, told_at). */
async function countOfChannels(client: Client, asks: readonly StandingAsk[]) {
  const { rows } = await client.query<{
    place: number;
    channelId: string;
    count: number;
    urgentAt: Date | null;
  }>(
    `select a.place, t.channel_id as "channelId", (count(*) filter (where m.kind = 'notification'))::int as count,
            max(t.told_at) filter (where n.told_as = 'ceased' or n.type = 'endpoint_failing' and n.key = 'suspended')
              as "urgentAt"
       from ${asksSql}
       join notices t on t.address_key = a.key and t.told_at > a.at - interval '24 hours'
       join mails m on m.id = t.mail_id and m.state <> 'withdrawn'
       join notifications n on n.id = t.notification_id
      group by 1, 2`,
    asksOf(asks),
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
  asks: readonly StandingAsk[],
  { access, windowMs }: NotificationPolicy,
) {
  const { rows } = await client.query<{ place: number; count: number; ceasing: number }>(
    `with unsettled as materialized (
       select u.channel_id from (select channel_id from notification_windows
                                 union select channel_id from notifications where settled_at is null) u
        where $3 or exists (select from notification_grants g where g.holds_channel = u.channel_id and g.state = 'approved')
     ), concerned as (
       select lower(p.email) as key, m.channel_id from unsettled u
         join channel_members m on m.channel_id = u.channel_id and m.role = 'admin'
         join users p on p.id = m.user_id and p.disabled_at is null and p.email_verified_at is not null
        union
       select lower(c.email), c.id from unsettled u join channels c on c.id = u.channel_id and c.email_verified_at is not null
     )
     select a.place, count(*)::int as count, count(h.channel_id)::int as ceasing
       from ${asksSql}
       join concerned on concerned.key = a.key
       left join endpoint_health h
         on h.channel_id = concerned.channel_id and h.failed_count >= ${ceaseFailuresMin}
        and h.failing_since > a.at - $4::float8 * interval '1 ms'
        -- What was closed early and is settled has been told, or waits already.
        and (not h.is_looked_at or exists (select from notifications e
                                            where e.channel_id = h.channel_id and e.settled_at is null and e.early_since is not null))
      where not exists (select from notices w
                         where w.address_key = a.key and w.told_at is null and w.channel_id = concerned.channel_id
                           and (w.look_again_at is null or w.look_again_at <= a.at))
      group by 1`,
    [...asksOf(asks), access === "open", beginningWindows * windowMs],
  );
  return rows;
}
