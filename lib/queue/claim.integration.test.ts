import { afterAll, beforeAll, expect, test } from "vitest";
import { type Database, openDatabase } from "#lib/db.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { acceptSome, claimSome } from "#testing/test-webhooks.ts";

let main: Awaited<ReturnType<typeof createTestDatabase>>;
/** With one connection, whose reads are counted. */
let database: Database;
beforeAll(async () => {
  main = await createTestDatabase();
  database = openDatabase(main.url, { connectionsMax: 1 });
});
afterAll(async () => {
  await database.close();
  await main.close();
});

/** Entries read so far of the index that has the turns in their order. */
async function turnsRead(): Promise<number> {
  await database.pool.query("select pg_stat_force_next_flush()");
  const { rows } = await database.pool.query<{ read: number }>(
    "select idx_tup_read::int as read from pg_stat_user_indexes where indexrelname = 'ready_channels_lane_due_at_idx'",
  );
  return rows[0]?.read ?? 0;
}

test("a claim looks at no more channels than it may serve, however many wait and whatever the statistics say", async () => {
  // Settings of a table, so that no statistics come in between: a burst waits before they are fresh.
  await database.pool.query("alter table ready_channels set (autovacuum_enabled = off)");
  await database.pool.query(
    `insert into ready_channels (lane, channel_id, due_at)
     select 0, 'channel ' || n, now() - interval '1 minute' + n * interval '1 ms' from generate_series(1, 20000) n`,
  );
  const before = await turnsRead();
  await claimSome(database.pool, { turnsMax: 128 });
  const read = (await turnsRead()) - before;
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThan(2_000);
});

test("what a dead worker held is all claimed once its leases are over, whatever one claim takes of it", async () => {
  const { id } = await createChannel(main.db, {
    webhookUrl: "https://bot.example.com",
    useWebhook: true,
  });
  await main.pool.query("truncate ready_channels");
  await acceptSome(main.pool, id, 60);
  const claim = (places: number) => claimSome(main.pool, { share: () => [places] });
  expect(await claim(60)).toHaveLength(60);
  await main.pool.query(
    "update webhook_queue set lease_until = now() - interval '1 second', due_at = now() - interval '1 minute'",
  );
  await main.pool.query("update ready_channels set due_at = now() - interval '1 second'");
  expect(await claim(30)).toHaveLength(30);
  expect(await claim(30)).toHaveLength(30);
});
