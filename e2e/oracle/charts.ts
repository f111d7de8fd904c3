import { openDatabase } from "#lib/db.ts";
import { countErrorsByBucket } from "#lib/webhook-errors/count-by-bucket.ts";
import { dayMs, resolveRange } from "#lib/webhook-errors/range.ts";
import type { OracleChannel, World } from "./world.ts";

type Sums = { errors: number; delivered: number };

/** What the bars of the charts come to over the channels: of the last day, by minutes, and of 90 days, by days. */
export async function readCharts({ place }: World, channels: readonly OracleChannel[]) {
  const { rows } = await place.pool.query("select now()");
  const asked = { retentionDays: 400, timeZone: "Asia/Tokyo" };
  const read = async (preset: "24h" | "90d"): Promise<Sums> => {
    const range = resolveRange(preset, rows[0].now, asked);
    const question = { from: range.from, to: new Date(range.to.getTime() + dayMs), ...everything };
    const sums = { errors: 0, delivered: 0 };
    for (const { id: channelId } of channels) {
      const { buckets } = await countErrorsByBucket(
        database.db,
        { ...question, channelId },
        { zone: asked.timeZone, by: "reason" },
      );
      for (const { counts, deliveredCount } of buckets) {
        sums.errors += Object.values(counts).reduce((sum, count) => sum + (count ?? 0), 0);
        sums.delivered += deliveredCount ?? 0;
      }
    }
    return sums;
  };
  const database = openDatabase(place.url, { connectionsMax: 2 });
  try {
    return { day: await read("24h"), quarter: await read("90d") };
  } finally {
    await database.close();
  }
}

const everything = { reason: null, detail: null, status: null, attempt: null } as const;
