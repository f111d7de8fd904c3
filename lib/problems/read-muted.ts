import type { Pool, PoolClient } from "pg";
import { isMutedSql } from "./mark-sql.ts";
import { type ProblemKey, problemName } from "./problem-name.ts";

/** The muted problems of channels by `problemName`; a channel without one is absent. Index: the primary key of problem_marks. */
export type Muted = ReadonlyMap<string, ReadonlySet<string>>;

export async function readMuted(
  client: Pick<Pool | PoolClient, "query">,
  channelIds: readonly string[],
): Promise<Muted> {
  const { rows } = await client.query<ProblemKey & { channelId: string }>(
    `select channel_id as "channelId", reason::text, detail from problem_marks m
      where channel_id = any($1) and ${isMutedSql("m")}`,
    [channelIds],
  );
  const muted = new Map<string, Set<string>>();
  for (const { channelId, ...key } of rows) {
    muted.set(channelId, (muted.get(channelId) ?? new Set()).add(problemName(key)));
  }
  return muted;
}
