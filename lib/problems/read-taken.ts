import type { Pool, PoolClient } from "pg";
import { isTakenSql } from "./mark-sql.ts";
import { type ProblemKey, problemName } from "./problem-name.ts";
import type { SetBy } from "./schema.ts";

/** Who is on which problems of channels, by channel and `problemName`; a channel without one is absent. */
export type Taken = ReadonlyMap<string, ReadonlyMap<string, SetBy>>;

/** Indexes: the primary keys of problem_marks and problems. */
export async function readTaken(
  client: Pick<Pool | PoolClient, "query">,
  channelIds: readonly string[],
): Promise<Taken> {
  if (channelIds.length === 0) return new Map();
  const { rows } = await client.query<ProblemKey & SetBy & { channelId: string }>(
    `select m.channel_id as "channelId", m.reason::text, m.detail, m.taken_at as at, u.name as by
       from problem_marks m
       join problems p on p.channel_id = m.channel_id and p.reason = m.reason and p.detail = m.detail
       left join users u on u.id = m.taken_by_id
      where m.channel_id = any($1) and ${isTakenSql("m", "p")}`,
    [channelIds],
  );
  const taken = new Map<string, Map<string, SetBy>>();
  for (const { channelId, at, by, ...key } of rows) {
    const ofChannel = taken.get(channelId) ?? new Map<string, SetBy>();
    taken.set(channelId, ofChannel.set(problemName(key), { at, by }));
  }
  return taken;
}
