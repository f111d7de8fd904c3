import type { PoolClient } from "pg";
import { defaultLocale, isLocale, type Locale } from "#lib/messages/locales.ts";
import { parseMailAddress } from "./mail-address.ts";

/** `timeZone` null: the one that the installation shows by default. */
export type Recipient = { address: string; locale: Locale; timeZone: string | null };

export type Audience = { channelName: string; recipients: Recipient[] };

type Row = {
  channelId: string;
  channelName: string;
  address: string;
  locale: string | null;
  timeZone: string | null;
};

/**
 * Who gets the mails of each channel: its own address and the registered address of every Admin whose account is not
 * disabled (fact sheet 3.1); each address once, whatever its case. The channel's address is written to in the language
 * of the account with that address, or in English. Channels that are gone are absent.
 */
export async function findRecipients(
  client: PoolClient,
  channelIds: readonly string[],
): Promise<Map<string, Audience>> {
  // Carried by the primary keys of channels and channel_members and by users (email).
  const { rows } = await client.query<Row>(
    `select c.id as "channelId", c.name as "channelName", a.address, a.locale, a.time_zone as "timeZone"
       from channels c
      cross join lateral (
        select 0 as place, u.created_at, u.email as address, u.locale, u.time_zone
          from channel_members m join users u on u.id = m.user_id
         where m.channel_id = c.id and m.role = 'admin' and u.disabled_at is null
         union all
        select 1, null, c.email, u.locale, u.time_zone
          from (select) one left join users u on u.email = lower(c.email) and u.disabled_at is null
      ) a
      where c.id = any($1)
      order by c.id, a.place, a.created_at, a.address`,
    [channelIds],
  );
  const audiences = new Map<string, Audience>();
  for (const row of rows) {
    const audience = audiences.get(row.channelId) ?? {
      channelName: row.channelName,
      recipients: [],
    };
    audiences.set(row.channelId, audience);
    // As it would be written to: two spellings of one domain are one address.
    const address = parseMailAddress(row.address.trim()) ?? row.address.trim();
    const known = audience.recipients.some(
      (one) => one.address.toLowerCase() === address.toLowerCase(),
    );
    if (known || address === "") continue;
    const locale = isLocale(row.locale) ? row.locale : defaultLocale;
    audience.recipients.push({ address, locale, timeZone: row.timeZone });
  }
  return audiences;
}
