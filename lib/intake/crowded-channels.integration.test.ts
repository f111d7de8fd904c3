import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { findCrowdedChannels } from "./find-crowded-channels.ts";
import { inspectQueue } from "./inspect-queue.ts";
import { listCrowdedChannels } from "./list-crowded-channels.ts";

let database: Database;
const limits = { queueMax: 1_000_000, channelMax: 10_000, ageMaxMs: 60_000 };

beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(() => database.pool.query("truncate webhook_queue, ready_channels"));
afterAll(() => database.close());

const fill = (channelId: string, count: number) =>
  database.pool.query(
    `insert into webhook_queue (id, channel_id, lane, due_at, event_count, body)
     select gen_random_uuid(), $1, 1, now() + interval '1 minute', 1, repeat('x', 1000) from generate_series(1, $2)`,
    [channelId, count],
  );

async function inspect() {
  await database.pool.query("analyze webhook_queue");
  return inspectQueue(database.pool);
}

test("of a queue that is only looked into in part, the channels that have most of it are known", async () => {
  const [long, short] = [await createChannel(database.db), await createChannel(database.db)];
  // Pages of either: more than are looked into, and far enough from the limit for any draw of them.
  await fill(long.id, 20_000);
  await fill(short.id, 5_000);
  const queue = await inspect();
  expect(queue.pageCount).toBeGreaterThan(3_000);
  const found = await findCrowdedChannels(database.pool, queue, limits, new Map());
  expect([...found]).toEqual([[long.id, "channel_long"]]);
});

test("a channel stays refused until a tenth of its limit is free", async () => {
  const { id } = await createChannel(database.db);
  const find = async (was: [string, "channel_long"][]) =>
    findCrowdedChannels(
      database.pool,
      await inspect(),
      { ...limits, channelMax: 100 },
      new Map(was),
    );
  await fill(id, 95);
  expect(await find([])).toEqual(new Map());
  expect(await find([[id, "channel_long"]])).toEqual(new Map([[id, "channel_long"]]));
  await database.pool.query(
    "delete from webhook_queue where ctid in (select ctid from webhook_queue limit 6)",
  );
  expect(await find([[id, "channel_long"]])).toEqual(new Map());
});

test("operators are told by name of which channels nothing is taken in, and why", async () => {
  const [long, old] = [
    await createChannel(database.db, { id: "1000000001", name: "Long" }),
    await createChannel(database.db, { id: "1000000002", name: "Old" }),
  ];
  await fill(long.id, 95);
  await database.db.readyChannel.create({
    data: { lane: 0, channelId: old.id, dueAt: new Date(0) },
  });
  const named = { ...limits, channelMax: 100 };
  expect(await listCrowdedChannels(database, await inspect(), named)).toEqual([
    { id: long.id, name: "Long", trouble: "channel_long" },
    { id: old.id, name: "Old", trouble: "channel_old" },
  ]);
});
