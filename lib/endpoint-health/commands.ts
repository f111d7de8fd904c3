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
         set failing_since = null, failed_count = 0, judged_until = clock_timestamp(), is_settled = false, is_looked_at = false,
             warned_percent = 0, suspended_at = null, shown_since = null, good_left = 0, ended_at = clock_timestamp()
       where channel_id = ${channelId} and suspended_at is not null`;
    if (count > 0) await recordAudit(tx, { actor, action: "sending_resumed", channelId });
    return count > 0;
  });
}

/**
 * Forgets what is known of channels' bot servers, since what was known is no longer about what will be called: Use webhook
 * went off, or the URL became another. In the caller's transaction. Attempts still under way count for nothing either.
 * Locks in the order of ids, as the record step does.
 */
export async function forgetHealth(db: Db, channelIds: readonly string[]): Promise<void> {
  await db.$executeRaw`
    with known as materialized (
      select channel_id from endpoint_health where channel_id = any(${[...channelIds]}) order by channel_id for update
    )
    update endpoint_health h
       set failing_since = null, failed_count = 0, judged_until = clock_timestamp(), is_settled = false, is_looked_at = false,
           warned_percent = 0, suspended_at = null, shown_since = null, good_left = 0, recovered_at = null, recovered_since = null, recovered_count = null,
           ended_at = clock_timestamp()
      from known where h.channel_id = known.channel_id`;
}
