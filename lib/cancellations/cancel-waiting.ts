import type { Db } from "#lib/db.ts";
import { endStale } from "./end-stale.ts";

/** Of all channels together: more is left to the workers, so that the switch takes effect at once. */
const atOnce = { rows: 100, bytes: 4_000_000 };

export type Cancelled = {
  /** Webhooks that ended at once, by channel; channels without any are absent. */
  ended: Map<string, number>;
  /** There is more: workers end it, from now on (step.ts). */
  isEndingMore: boolean;
};

/**
 * Cancels what waits for channels, in the caller's transaction, however much it is: `redeliveries` when Webhook redelivery
 * is switched off, `all` when Use webhook is, or the channel goes. From the commit on no claim hands any of it out, also when
 * the switch is on again: the channel's epochs have grown past that of what was queued (docs/decisions/0023). A little of it
 * ends at once. What a worker has in hand at this moment is left to it: its outcome is recorded, and the record step
 * schedules nothing more. What was set aside waits too, and ends like the rest.
 * Locks the channels' rows; call it before their health is locked, as the record step locks in that order.
 */
export async function cancelWaiting(
  tx: Db,
  channelIds: readonly string[],
  { lanes }: { lanes: "redeliveries" | "all" },
): Promise<Cancelled> {
  const ids = [...channelIds].sort();
  await tx.$executeRaw`
    update channels set first_epoch = first_epoch + ${lanes === "all" ? 1 : 0}::int, redelivery_epoch = redelivery_epoch + 1
     where id = any(${ids})`;
  return endLeftBehind(tx, ids);
}

/** For the audit log: how many ended at once, and that workers end more. */
export const describeEnded = ({
  endedCount,
  isEndingMore,
}: {
  endedCount: number;
  isEndingMore: boolean;
}) => ({
  ...(endedCount === 0 ? {} : { endedWebhooks: endedCount }),
  ...(isEndingMore ? { endingMore: true } : {}),
});

/** The same for channels that the caller's transaction has deleted: of these everything is stale. */
export async function endLeftBehind(tx: Db, channelIds: readonly string[]): Promise<Cancelled> {
  const { ended, isWhole } = await endStale(tx, channelIds, atOnce);
  const counts = channelIds.map((id) => ended.get(id) ?? 0);
  // One under way goes on with more; of one that is over only the row was still there.
  await tx.$executeRaw`
    insert into cancellations as known (channel_id, ended_count)
    select * from unnest(${[...channelIds]}::text[], ${counts}::int[]) as new (id, count) order by id
    on conflict (channel_id) do update
       set started_at = now(), next_step_at = now(), expected_count = null,
           ended_count = excluded.ended_count
             + case when known.expected_count <= known.ended_count then 0 else known.ended_count end,
           cursor_lane = null, cursor_epoch = null, cursor_at = null`;
  return { ended, isEndingMore: !isWhole };
}
