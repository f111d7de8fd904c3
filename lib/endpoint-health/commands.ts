import type { Actor } from "#lib/audit/actor.ts";
import { recordAudit } from "#lib/audit/record-audit.ts";
import type { Db, TransactionalDb } from "#lib/db.ts";
import { requireChannelRight } from "#lib/members/require-right.ts";

/** Ends a suspension, so that events are sent again; the limit begins anew. False: sending was not suspended. @throws AppError as requireChannelRight. */
export async function resumeSending(
  db: TransactionalDb,
  actor: Actor,
  channelId: string,
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    await requireChannelRight(tx, actor, channelId, "manage_messaging_api");
    const count = await tx.$executeRaw`
      update endpoint_health
         set failing_since = null, failed_count = 0, judged_until = clock_timestamp(), is_settled = false,
             warned_percent = 0, suspended_at = null
       where channel_id = ${channelId} and suspended_at is not null`;
    if (count > 0) await recordAudit(tx, { actor, action: "sending_resumed", channelId });
    return count > 0;
  });
}

/**
 * Forgets what is known of a channel's bot server, since what was known is no longer about what will be called: Use webhook
 * went off, or the URL became another. In the caller's transaction. Attempts still under way count for nothing either.
 */
export async function forgetHealth(db: Db, channelId: string): Promise<void> {
  await db.$executeRaw`
    update endpoint_health
       set failing_since = null, failed_count = 0, judged_until = clock_timestamp(), is_settled = false,
           warned_percent = 0, suspended_at = null, recovered_at = null, recovered_since = null, recovered_count = null
     where channel_id = ${channelId}`;
}
