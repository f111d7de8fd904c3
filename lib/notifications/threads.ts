import type { PoolClient } from "pg";
import type { SettledNotification } from "./schema.ts";

/** Notifications of one channel with less than this between them belong to one outage. */
const outageGap = "1 hour";

/**
 * Marks the notifications as mailed and ties each to the first one of its outage, so that a mail program shows the mails
 * of one outage as one conversation. Must run in their order of time: one may continue another of the same call.
 */
export async function assignThreads(
  client: PoolClient,
  settled: readonly SettledNotification[],
  now: Date | undefined,
): Promise<void> {
  for (const { id, channelId, detectedAt } of settled) {
    // Carried by the index on (channel_id, closed_at); an outage has few notifications.
    await client.query(
      `update notifications n
          set mailed_at = coalesce($4::timestamptz, now()),
              thread_id = coalesce(
                (select e.thread_id from notifications e
                  where e.channel_id = $2 and e.thread_id is not null
                    and e.closed_at > $3::timestamptz - interval '${outageGap}'
                  order by e.closed_at desc limit 1),
                n.id)
        where n.id = $1`,
      [id, channelId, detectedAt, now ?? null],
    );
  }
}
