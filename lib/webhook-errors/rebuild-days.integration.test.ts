import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "#lib/db.ts";
import { makePartitions } from "#lib/retention/make-partitions.ts";
import { createBelievableErrors } from "#testing/error-factory.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { type DayReport, type RebuildOptions, rebuildDays } from "./rebuild-days.ts";

let database: Database;
let channelId: string;
const day = (text: string): Date => new Date(`2031-03-${text}T00:00:00Z`);

beforeAll(async () => {
  database = await createTestDatabase();
  await makePartitions(database.pool, { from: day("10") });
  channelId = (await createChannel(database.db)).id;
  const other = await createChannel(database.db);
  for (const id of [channelId, other.id]) {
    const range = { from: day("10"), to: day("13"), count: 900 };
    await createBelievableErrors(database.pool, { channelId: id, ...range });
  }
});
afterAll(() => database.close());

async function rebuild(options: Partial<RebuildOptions> = {}): Promise<DayReport[]> {
  const reports: DayReport[] = [];
  const asked = { from: day("10"), to: day("12"), apply: false, ...options };
  for await (const report of rebuildDays(database.pool, asked)) reports.push(report);
  return reports;
}

const states = (reports: readonly DayReport[]) => reports.map((report) => report.state);

/** Everything that is counted, to see that nothing changed. */
async function counted(): Promise<unknown> {
  const { rows } = await database.pool.query(
    `select (select jsonb_agg(r order by r) from error_rows r) as rows, (select jsonb_agg(h order by h) from error_hours h) as hours`,
  );
  return rows[0];
}

test("a rebuild of what was counted changes nothing", async () => {
  const before = await counted();
  expect(states(await rebuild({ apply: true }))).toEqual(["agrees", "agrees", "agrees"]);
  expect(await counted()).toEqual(before);
});

test("a wrong, a missing and an extra count are told without --apply, and mended with it", async () => {
  const right = await counted();
  await database.pool.query(
    `with wrong as (
       update error_rows set error_count = error_count + 7 where (channel_id, minute, reason, detail) in
         (select channel_id, minute, reason, detail from error_rows where channel_id = $1 and minute >= $2 order by minute limit 1)
     ), missing as (
       delete from error_rows where (channel_id, minute, reason, detail) in
         (select channel_id, minute, reason, detail from error_rows where channel_id = $1 and minute < $3 order by minute desc limit 1)
     )
     insert into error_hours (channel_id, hour, reason, detail, error_count, first_attempt_count, first_at, last_at)
     values ($1, $2::timestamptz + interval '3 hours', 'unclassified', 'Session closed unexpectedly', 99, 99, $2, $2)
     on conflict (channel_id, hour, reason, detail) do update set error_count = 99`,
    [channelId, day("11"), day("12")],
  );
  const broken = await counted();
  const told = await rebuild();
  expect(states(told)).toEqual(["agrees", "differs", "agrees"]);
  expect(await counted()).toEqual(broken);
  const [, differs] = told;
  if (differs?.state !== "differs") return expect.fail("the day does not differ");
  expect(differs.differences).toEqual([expect.objectContaining({ channelId, missing: 1 })]);
  expect(states(await rebuild({ apply: true }))).toEqual(["agrees", "fixed", "agrees"]);
  expect(await counted()).toEqual(right);
});

test("one channel can be mended alone", async () => {
  await database.pool.query("update error_hours set error_count = error_count + 1");
  expect(states(await rebuild({ apply: true, channelId }))).toEqual(["fixed", "fixed", "fixed"]);
  expect(states(await rebuild({ channelId }))).toEqual(["agrees", "agrees", "agrees"]);
  expect(states(await rebuild())).toEqual(["differs", "differs", "differs"]);
  await rebuild({ apply: true });
});

test("a day whose single errors retention has dropped keeps its counts", async () => {
  const before = await counted();
  await database.pool.query("drop table webhook_errors_20310310");
  const all = await rebuild({ from: day("09"), apply: true });
  expect(states(all)).toEqual(["skipped", "skipped", "agrees", "agrees"]);
  expect(await counted()).toEqual(before);
});
