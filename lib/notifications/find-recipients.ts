import type { Pool, PoolClient } from "pg";
import { defaultLocale, isLocale, type Locale } from "#lib/messages/locales.ts";
import { addressKey, parseMailAddress } from "#lib/outbox/mail-address.ts";
import type { QuietHours } from "#lib/quiet-hours/schema.ts";
import type { NotificationType } from "./schema.ts";

/** `timeZone` null: the one that the installation shows by default. */
export type Recipient = {
  address: string;
  key: string;
  locale: Locale;
  timeZone: string | null;
  /** Types that this address does not want of this channel. */
  mutedTypes: readonly NotificationType[];
  /** Null: such mails may come at any hour. */
  quietHours: QuietHours | null;
};

export type Audience = {
  channelName: string;
  recipients: Recipient[];
  /** Verified addresses (see addressKey) that want no mail at all of the channel. */
  unsubscribed: string[];
};

type Row = {
  channelId: string;
  channelName: string;
  /** Null: a channel of which no address is verified. */
  address: string | null;
  locale: string | null;
  timeZone: string | null;
} & { [Field in keyof QuietHours as `${Field}Quiet`]: QuietHours[Field] | null };

type Wish = { channelId: string; key: string; muted: NotificationType[]; unsubscribed: boolean };

/**
 * Who gets the mails of each channel: its own address and the registered address of every Admin whose account is not
 * disabled (docs/platform.md#mails), as far as they are verified and not unsubscribed; each address once, whatever its case. The
 * channel's address is written to in the language of the account with that address, or in English. An Admin's quiet hours are the
 * account's, also where it is the channel's address too. Channels that are gone are absent.
 */
export async function findRecipients(
  client: Pick<Pool | PoolClient, "query">,
  channelIds: readonly string[],
): Promise<Map<string, Audience>> {
  const rows = await readAddresses(client, channelIds);
  const wishes = await readWishes(client, channelIds);
  const audiences = new Map<string, Audience>();
  for (const row of rows) {
    const { channelId, channelName } = row;
    const audience = audiences.get(channelId) ?? { channelName, recipients: [], unsubscribed: [] };
    audiences.set(channelId, audience);
    const recipient = toRecipient(row, wishes);
    if (recipient === null) continue;
    const { isUnsubscribed, ...reader } = recipient;
    if (isUnsubscribed) audience.unsubscribed.push(reader.key);
    else if (!audience.recipients.some(({ key }) => key === reader.key)) {
      audience.recipients.push(reader);
    }
  }
  return audiences;
}

function toRecipient(
  row: Row,
  wishes: ReadonlyMap<string, Wish>,
): (Recipient & { isUnsubscribed: boolean }) | null {
  const given = row.address?.trim() ?? "";
  if (given === "") return null;
  const key = addressKey(given);
  const wish = wishes.get(`${row.channelId} ${key}`);
  return {
    // As it would be written to: two spellings of one domain are one address.
    address: parseMailAddress(given) ?? given,
    key,
    locale: isLocale(row.locale) ? row.locale : defaultLocale,
    timeZone: row.timeZone,
    mutedTypes: wish?.muted ?? [],
    quietHours: quietHoursOf(row),
    isUnsubscribed: wish?.unsubscribed === true,
  };
}

function quietHoursOf(row: Row): QuietHours | null {
  const { beginsAtQuiet: beginsAt, endsAtQuiet: endsAt, weekdaysQuiet: weekdays } = row;
  if (beginsAt === null || endsAt === null || weekdays === null) return null;
  const outagesCome = row.outagesComeQuiet === true;
  return { beginsAt, endsAt, weekdays, outagesCome, timeZone: row.timeZoneQuiet };
}

/** Carried by the primary keys of channels and channel_members and by users (email), quiet_hours (user_id) and (channel_id). */
async function readAddresses(
  client: Pick<Pool | PoolClient, "query">,
  channelIds: readonly string[],
): Promise<Row[]> {
  const { rows } = await client.query<Row>(
    `select c.id as "channelId", c.name as "channelName", a.address, a.locale, a.time_zone as "timeZone",
            a.begins_at as "beginsAtQuiet", a.ends_at as "endsAtQuiet", a.weekdays as "weekdaysQuiet",
            a.outages_come as "outagesComeQuiet", a.quiet_zone as "timeZoneQuiet"
       from channels c
       left join lateral (
        select 0 as place, u.created_at, u.email as address, u.locale, u.time_zone,
               q.begins_at, q.ends_at, q.weekdays, q.outages_come, u.time_zone as quiet_zone
          from channel_members m join users u on u.id = m.user_id left join quiet_hours q on q.user_id = u.id
         where m.channel_id = c.id and m.role = 'admin' and u.disabled_at is null and u.email_verified_at is not null
         union all
        select 1, null, c.email, u.locale, u.time_zone,
               q.begins_at, q.ends_at, q.weekdays, q.outages_come, q.time_zone
          from (select) one left join users u on u.email = lower(c.email) and u.disabled_at is null
          left join quiet_hours q on q.channel_id = c.id
         where c.email_verified_at is not null
      ) a on true
      where c.id = any($1)
      order by c.id, a.place, a.created_at, a.address`,
    [channelIds],
  );
  return rows;
}

/** By channel and address; index: the primary key of mail_preferences. */
async function readWishes(
  client: Pick<Pool | PoolClient, "query">,
  channelIds: readonly string[],
): Promise<Map<string, Wish>> {
  const { rows } = await client.query<Wish>(
    `select channel_id as "channelId", address_key as key, muted_types as muted,
            unsubscribed_at is not null as unsubscribed
       from mail_preferences where channel_id = any($1)`,
    [channelIds],
  );
  return new Map(rows.map((row) => [`${row.channelId} ${row.key}`, row]));
}
