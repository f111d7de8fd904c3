import type { Pool, PoolClient } from "pg";
import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import { inTransaction } from "#lib/db.ts";
import type { UnsubscribeScope } from "./mail-token.ts";

/** What a link would end, for its page: the channels' names; none for the weekly digest. */
export async function describeScope(
  pool: Pool,
  scope: UnsubscribeScope,
): Promise<{ channelNames: string[] }> {
  const ids = await channelIdsOf(pool, scope);
  const { rows } = await pool.query<{ name: string }>(
    "select name from channels where id = any($1) order by name limit 100",
    [ids],
  );
  return { channelNames: rows.map(({ name }) => name) };
}

/**
 * Ends mails as the link of a mail says; doing it again changes nothing. Whoever has the mail may do it, signed in or
 * not: that is what the link is for (RFC 8058), so it is never refused, also not to a channel's last recipient.
 */
export async function unsubscribe(
  pool: Pool,
  actor: Actor,
  scope: UnsubscribeScope,
): Promise<void> {
  await inTransaction(pool, async (client) => {
    const channelIds = await channelIdsOf(client, scope);
    await (scope.kind === "weekly"
      ? client.query("update mail_preferences set weekly_digest = false where address_key = $1", [
          scope.address,
        ])
      : endMails(client, channelIds, scope.address));
    for (const channelId of channelIds) {
      await recordAudit(client, { actor, action: "mail_unsubscribed", channelId });
    }
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

async function channelIdsOf(
  client: Pick<Pool | PoolClient, "query">,
  scope: UnsubscribeScope,
): Promise<string[]> {
  switch (scope.kind) {
    case "channel":
      return [scope.channelId];
    case "weekly":
      return [];
    case "digest": {
      const { rows } = await client.query<{ id: string }>(
        "select distinct channel_id as id from notices where mail_id = $1 order by 1",
        [scope.mailId],
      );
      return rows.map(({ id }) => id);
    }
  }
}
