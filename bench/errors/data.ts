import { type Database, openDatabase } from "#lib/db.ts";
import { makePartitions } from "#lib/retention/make-partitions.ts";
import { rebuildErrorCounts } from "#lib/webhook-errors/rebuild-counts.ts";
import { migrate } from "#prisma/migrate.ts";
import { administer } from "#prisma/throwaway-database.ts";
import { createBelievableErrors } from "#testing/error-factory.ts";
import { createChannel } from "#testing/factories.ts";

const dayMs = 86_400_000;
const days = 30;
const otherChannels = 19;
/** This share of the errors is of the one channel that is looked at. */
const hotShare = 0.2;

export type World = {
  size: number;
  url: string;
  database: Database;
  channelId: string;
  from: Date;
  to: Date;
};

/** A database of `size` stored errors over 30 days, a fifth of them of one channel, counted, with that channel's deliveries. */
export async function makeWorld(clusterUrl: string, size: number): Promise<World> {
  const url = clusterUrl.replace(/\/[^/]*$/, `/errors_${size}`);
  await administer(clusterUrl, `create database errors_${size}`);
  await migrate(url);
  const database = openDatabase(url);
  const to = new Date(Math.floor(Date.now() / 60_000) * 60_000);
  const from = new Date(to.getTime() - days * dayMs);
  await makePartitions(database.pool, { from, to });
  const channelId = (
    await createChannel(database.db, { errorStatisticsAggregation: true, createdAt: from })
  ).id;
  const range = { from, to, counted: false };
  await createBelievableErrors(database.pool, {
    ...range,
    channelId,
    count: Math.round(size * hotShare),
  });
  for (let other = 0; other < otherChannels; other += 1) {
    const count = Math.round((size * (1 - hotShare)) / otherChannels);
    const { id } = await createChannel(database.db);
    await createBelievableErrors(database.pool, {
      ...range,
      channelId: id,
      count,
      seed: other + 2,
    });
  }
  await createBelievableErrors(database.pool, { from, to, channelId, count: 0 });
  for (let day = from.getTime(); day < to.getTime(); day += dayMs) {
    await rebuildErrorCounts(database.pool, { from: new Date(day), to: new Date(day + dayMs) });
  }
  await database.pool.query("vacuum analyze");
  return { size, url, database, channelId, from, to };
}

/** A channel with a million counted rows or more, for the download. Returns how many. */
export async function fillRows({ database, from, to }: World, channelId: string): Promise<number> {
  const { rowCount } = await database.pool.query(
    `insert into error_rows (channel_id, minute, reason, detail, status_code, error_count, first_attempt_count, first_at, last_at)
     select $1, minute, 'error_status_code', code::text, code, code - 499, 1, minute + interval '1.2 s', minute + interval '47.9 s'
       from generate_series($2::timestamptz, $3::timestamptz - interval '1 minute', interval '1 minute') as minute,
            generate_series(500, 523) as code`,
    [channelId, from, to],
  );
  await database.pool.query("vacuum analyze error_rows");
  return rowCount ?? 0;
}
