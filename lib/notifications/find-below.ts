import type { Pool, PoolClient } from "pg";
import { countAttempts } from "./attempt-starts.ts";
import { type ChannelThreshold, readThresholds } from "./read-thresholds.ts";
import { countsOf } from "./reason-counts.ts";
import type { SettledNotification } from "./schema.ts";
import { isBelow } from "./threshold.ts";

/** The windows, by id, that have fewer errors than their channel wants to be told of, each with that threshold. */
export type Below = ReadonlyMap<string, ChannelThreshold>;

/**
 * Which of these windows of errors stay below the threshold of their channel, as it is now. `windows`: without what is muted
 * (see withoutMuted), which does not count. A share judges only windows that began after its attempts began to be counted.
 */
export async function findBelow(
  client: Pick<Pool | PoolClient, "query">,
  windows: readonly SettledNotification[],
): Promise<Below> {
  const errors = windows.filter(({ type }) => type === "error_detected");
  const thresholds = await readThresholds(client, [
    ...new Set(errors.map(({ channelId }) => channelId)),
  ]);
  const judged = errors.flatMap((window) => {
    const threshold = thresholds.get(window.channelId);
    return threshold === undefined ? [] : [{ window, threshold }];
  });
  const attempts = await countAttempts(
    client,
    judged.filter(isShared).map(({ window: { id, channelId, detectedAt, closedAt } }) => ({
      ...{ id, channelId, from: detectedAt, to: closedAt },
    })),
  );
  const below = judged.filter(({ window, threshold }) =>
    isBelow(threshold, {
      errorCount: Object.values(countsOf(window)).reduce((sum, count) => sum + count, 0),
      lengthMs: window.closedAt.getTime() - window.detectedAt.getTime(),
      attemptCount: attempts.get(window.id) ?? null,
    }),
  );
  return new Map(below.map(({ window, threshold }) => [window.id, threshold]));
}

type Judged = { window: SettledNotification; threshold: ChannelThreshold };

const isShared = ({ window, threshold }: Judged): boolean =>
  threshold.kind === "share" && window.detectedAt >= threshold.countedFrom;
