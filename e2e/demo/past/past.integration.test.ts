import { expect, test } from "vitest";
import { createSampleWorld, pointAtBots } from "#e2e/demo/sample-world.ts";
import { testEncryptionKey } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { stories } from "./story.ts";
import { writePast } from "./write-past.ts";

test("thirty days of past, whose log, attempts, errors, counts and health agree; written once", async () => {
  const database = await createTestDatabase();
  const { db, pool } = database;
  await createSampleWorld(db, { encryptionKey: testEncryptionKey, password: "a long sample one" });
  await pointAtBots(db, { botPort: 1, closedPort: 2 });
  const count = await writePast(pool);
  expect(count).toBeGreaterThan(10_000);
  expect(await writePast(pool)).toBe(0);
  const read = async (sql: string): Promise<unknown> => (await pool.query(sql)).rows;

  // One who looks for the names of channels that have a story finds them all.
  expect(
    await read(
      `select distinct c.name from webhooks w join channels c on c.id = w.channel_id order by 1`,
    ),
  ).toHaveLength(Object.keys(stories).length);
  // Of every webhook: as many attempts as it says, the delivered one in its own row.
  expect(
    await read(
      `select w.id from webhooks w
         left join (select webhook_id as id, count(*) as failed from webhook_attempts group by 1) a using (id)
        where w.attempts <> coalesce(a.failed, 0) + case when w.state = 'delivered' then 1 else 0 end
           or (w.state = 'delivered') <> (w.started_at is not null) or w.finished_at < w.accepted_at or w.finished_at > now()`,
    ),
  ).toEqual([]);
  // Where aggregation is on, each attempt that failed is an error; nowhere else.
  const differing = (one: string, other: string) =>
    read(`(${one} except all ${other}) union all (${other} except all ${one})`);
  expect(
    await differing(
      `select webhook_id, attempt::int, reason, detail from webhook_errors`,
      `select a.webhook_id, a.attempt::int, a.reason, a.detail from webhook_attempts a
         join channels c on c.id = a.channel_id and c.error_statistics_aggregation`,
    ),
  ).toEqual([]);
  for (const [table, unit] of [
    ["error_rows", "minute"],
    ["error_hours", "hour"],
  ]) {
    expect(
      await differing(
        `select channel_id, ${unit}, reason, sum(error_count)::int, sum(first_attempt_count)::int from ${table} group by 1, 2, 3`,
        `select channel_id, date_trunc('${unit}', occurred_at, 'UTC'), reason, count(*)::int,
                (count(*) filter (where is_first))::int from webhook_errors group by 1, 2, 3`,
      ),
      table,
    ).toEqual([]);
  }
  for (const [table, unit] of [
    ["delivered_minutes", "minute"],
    ["delivered_hours", "hour"],
  ]) {
    expect(
      await differing(
        `select channel_id, ${unit}, delivered_count from ${table}`,
        `select w.channel_id, date_trunc('${unit}', w.started_at, 'UTC'), count(*)::int from webhooks w
           join channels c on c.id = w.channel_id and c.error_statistics_aggregation
          where w.state = 'delivered' group by 1, 2`,
      ),
      table,
    ).toEqual([]);
  }
  // Each attempt that was answered is in one bucket of its answer time.
  for (const unit of ["minute", "hour"]) {
    expect(
      await read(
        `select channel_id, ${unit} from delivered_${unit}s
          where delivered_count is distinct from (select sum(n) from unnest(answers) as n)`,
      ),
    ).toEqual([]);
    expect(
      await read(
        `select from (select coalesce(sum(n), 0) as counted from answered_error_${unit}s m, unnest(m.answers) as n) c,
                (select count(*) as answered from webhook_errors where status_code is not null) a
          where counted <> answered`,
      ),
    ).toEqual([]);
  }
  // Found by whom they are from.
  expect(
    await differing(
      `select webhook_id from webhook_sources`,
      `select id from webhooks where body like '%"userId":%'`,
    ),
  ).toEqual([]);
  // A channel fails still if nothing was delivered after its last failure, and since its first one after that.
  expect(
    await differing(
      `select channel_id, failing_since, failed_count from endpoint_health`,
      `select a.channel_id, min(a.started_at), count(*)::int from webhook_attempts a
        where a.started_at > (select max(w.started_at) from webhooks w
                               where w.channel_id = a.channel_id and w.state = 'delivered')
        group by 1`,
    ),
  ).toEqual([]);
  expect(
    await read(
      `select c.name from endpoint_health h join channels c on c.id = h.channel_id
        where shown_since is distinct from failing_since`,
    ),
  ).toEqual([]);
  await database.close();
});
