import type { Database } from "#lib/db.ts";
import { findCrowdedChannels } from "./find-crowded-channels.ts";
import type { IntakeLimits, NamedCrowdedChannel, QueueFigures } from "./schema.ts";

/** As many as anybody reads. */
const namedMax = 10;

/** The channels of which the intakes take nothing in, by name, for people: some of them where there are many. */
export async function listCrowdedChannels(
  { db, pool }: Pick<Database, "db" | "pool">,
  queue: QueueFigures,
  limits: IntakeLimits,
): Promise<NamedCrowdedChannel[]> {
  // Which were found full before only the intakes know: whatever may be so is named.
  const crowded = await findCrowdedChannels(pool, queue, limits, { get: () => "channel_long" });
  const channels = await db.channel.findMany({
    where: { id: { in: [...crowded.keys()].slice(0, 1_000) } },
    select: { id: true, name: true },
    orderBy: { id: "asc" },
    take: namedMax,
  });
  return channels.flatMap(({ id, name }) => {
    const trouble = crowded.get(id);
    return trouble === undefined ? [] : [{ id, name, trouble }];
  });
}
