import type { Pool, PoolClient } from "pg";
import type { Db } from "#lib/db.ts";
import { type Threshold, thresholdKinds } from "./threshold.ts";

/** `countedFrom`: of a share, since when every attempt is counted. */
export type ChannelThreshold = Threshold & { countedFrom: Date };

/**
 * The thresholds of channels; a channel that is told of every error is absent, and so is one with a kind that this version
 * does not know. Index: the primary key of notification_thresholds.
 */
export async function readThresholds(
  client: Pick<Pool | PoolClient, "query">,
  channelIds: readonly string[],
): Promise<Map<string, ChannelThreshold>> {
  const { rows } = await client.query<ChannelThreshold & { channelId: string }>(
    `select channel_id as "channelId", kind, value, counted_from as "countedFrom" from notification_thresholds
      where channel_id = any($1) and kind = any($2)`,
    [channelIds, thresholdKinds],
  );
  return new Map(rows.map(({ channelId, ...threshold }) => [channelId, threshold]));
}

/** Null: every error is told. */
export async function findThreshold(db: Db, channelId: string): Promise<Threshold | null> {
  const row = await db.notificationThreshold.findUnique({
    where: { channelId },
    select: { kind: true, value: true },
  });
  const kind = thresholdKinds.find((one) => one === row?.kind);
  return row === null || kind === undefined ? null : { kind, value: row.value };
}
