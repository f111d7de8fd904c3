import type { Pool, PoolClient } from "pg";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudits } from "#lib/audit/record-audit.ts";
import { inTransaction } from "#lib/db.ts";
import type { UnsubscribeLink } from "./mail-token.ts";

/**
 * What a link would end, for its page: the channels' names; none for the weekly digest. `isForgotten`: it would end nothing,
 * because it is not known any more which channels its mail told of.
 */
export async function describeLink(
  pool: Pool,
  link: UnsubscribeLink,
): Promise<{ channelNames: string[]; isForgotten: boolean }> {
  const ids = await channelIdsOf(pool, link);
  if (ids === null) return { channelNames: [], isForgotten: true };
  const { rows } = await pool.query<{ name: string }>(
    "select name from channels where id = any($1) order by name limit 100",
    [ids],
  );
  return { channelNames: rows.map(({ name }) => name), isForgotten: false };
}

/**
 * Ends mails as the link of a mail says; doing it again changes nothing. Whoever has the mail may do it, signed in or
 * not: that is what the link is for (RFC 8058), so it is never refused, also not to a channel's last recipient. `forgotten`: nothing was ended, as describeLink says.
 */
export async function unsubscribe(
  pool: Pool,
  actor: Actor,
  link: UnsubscribeLink,
): Promise<"ended" | "forgotten"> {
  return inTransaction(pool, async (client) => {
    const channelIds = await channelIdsOf(client, link);
    if (channelIds === null) return "forgotten";
    await (link.kind === "weekly"
      ? client.query("update mail_preferences set weekly_digest = false where address_key = $1", [
          link.address,
        ])
      : endMails(client, channelIds, link.address));
    await recordAudits(
      client,
      channelIds.map((channelId) => ({ actor, action: "mail_unsubscribed", channelId })),
    );
    return "ended";
  });
}

async function endMails(
  client: PoolClient,
  channelIds: readonly string[],
  key: string,
): Promise<void> {
  await client.query(
    `insert into mail_preferences (channel_id, address_key, muted_types, unsubscribed_at)
     select c.id, $2, '{}', now() from channels c where c.id = any($1)
     on conflict (channel_id, address_key) do update
        set unsubscribed_at = coalesce(mail_preferences.unsubscribed_at, now())`,
    [channelIds, key],
  );
}

/** Of the channels that are there; null when it is not known which are meant. */
async function channelIdsOf(
  client: Pick<Pool | PoolClient, "query">,
  link: UnsubscribeLink,
): Promise<string[] | null> {
  switch (link.kind) {
    case "channel":
      return [link.channelId];
    case "weekly":
      return [];
    case "digest": {
      const { channels, mailId } = link;
      const { rows } = await (channels === undefined
        ? client.query<{ id: string }>(
            "select distinct channel_id as id from notices where mail_id = $1 order by 1",
            [mailId],
          )
        : client.query<{ id: string }>("select id from channels where id = any($1) order by 1", [
            channels.split("."),
          ]));
      const isForgotten = channels === undefined && rows.length === 0;
      return isForgotten ? null : rows.map(({ id }) => id);
    }
  }
}
