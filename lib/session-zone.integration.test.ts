import { afterAll, beforeAll, expect, test } from "vitest";
import { countHealth } from "#lib/channels/health.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { openDatabase } from "./db.ts";

let database: Awaited<ReturnType<typeof createTestDatabase>>;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

/** As PostgreSQL sets itself up on a machine in India. */
function openElsewhere() {
  const url = new URL(database.url);
  url.searchParams.set("options", "-c timezone=Asia/Kolkata");
  return openDatabase(url.href);
}

test("a database that is set to another zone gives and takes the same times", async () => {
  const elsewhere = openElsewhere();
  const at = new Date("2026-03-29T00:59:59.999Z");
  const { id } = await createChannel(elsewhere.db, { createdAt: at });
  const read = async ({ db, pool }: typeof elsewhere) => [
    (await db.channel.findUniqueOrThrow({ where: { id } })).createdAt,
    (await db.$queryRaw<{ at: Date }[]>`select created_at as at from channels where id = ${id}`)[0]
      ?.at,
    (await pool.query("select created_at as at from channels where id = $1", [id])).rows[0]?.at,
  ];
  expect([...(await read(elsewhere)), ...(await read(database))]).toEqual(Array(6).fill(at));
  await elsewhere.close();
});

test("and counts the same hours", async () => {
  const elsewhere = openElsewhere();
  const { id } = await createChannel(database.db, { useWebhook: true });
  for (const hoursAgo of [0, 1, 23, 24]) {
    await database.db.$executeRaw`
      insert into error_hours (channel_id, hour, reason, detail, error_count, first_attempt_count, first_at, last_at)
      select ${id}, at, 'error_status_code', '503', 10, 5, at, at
        from (select date_trunc('hour', now(), 'UTC') - make_interval(hours => ${hoursAgo}::int) as at) began`;
  }
  for (const { db } of [database, elsewhere]) {
    expect((await countHealth(db, [id])).get(id)).toMatchObject({ errorCount: 30 });
  }
  await elsewhere.close();
});
