import { afterAll, beforeAll, beforeEach, test } from "vitest";
import { type Database, inTransaction } from "#lib/db.ts";
import { closingOptions } from "#testing/closing-options.ts";
import { createChannel } from "#testing/factories.ts";
import { createTestDatabase } from "#testing/test-database.ts";
import { closeDueWindows } from "./close-windows.ts";
import { countIntoWindows } from "./count-failures.ts";

const start = Date.parse("2026-11-22T01:00:00Z");
const after = (seconds: number) => new Date(start + seconds * 1_000);
let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.pool.query(
    "truncate notification_windows, notifications, notices, mails, alerts, endpoint_health, outages, tellings",
  );
});

const close = (seconds: number) =>
  closeDueWindows(database.pool, closingOptions({}, { now: after(seconds) }));
const fail = (channelId: string, seconds: number, statusCode: number, windowMs = 300_000) =>
  inTransaction(database.pool, (client) =>
    countIntoWindows(
      client,
      [
        {
          ...{ channelId, statusCode, type: "error_detected", reason: "error_status_code" },
          ...{ detail: String(statusCode), occurredAt: after(seconds), errorCount: 1 },
        },
      ],
      windowMs,
    ),
  );

/** A channel told of an outage from 0 on, which a delivery ended at `recoveredAt`. */
async function recoveredChannel(recoveredAt: number): Promise<string> {
  const { id } = await createChannel(database.db, { emailVerifiedAt: null });
  await database.db.alertTarget.create({
    data: { channelId: id, kind: "pagerduty", name: "Team", sealedUrl: "", host: "a.example.com" },
  });
  await fail(id, 0, 500);
  await close(400);
  await database.pool.query(
    `insert into endpoint_health (channel_id, last_failure_at, failed_count, reason, detail, recovered_at, recovered_since, recovered_count)
     values ($1, $2, 0, 'error_status_code', '500', $3, $4, 17)`,
    [id, after(recoveredAt - 60), after(recoveredAt), after(0)],
  );
  return id;
}

/** What PagerDuty is sent, in this order. */
async function sent(): Promise<string[]> {
  const { rows } = await database.pool.query<{ told: string }>(
    `select concat_ws(' ', body::jsonb ->> 'event_action', body::jsonb #>> '{payload,custom_details,detail}') as told
       from alerts order by created_at, id`,
  );
  return rows.map(({ told }) => told);
}

test("engines that were away tell the last failures of an outage, its recovery, and what failed then, in this order", async ({
  expect,
}) => {
  const channelId = await recoveredChannel(900);
  await fail(channelId, 840, 503);
  await fail(channelId, 1_320, 502);
  await close(1_700);
  expect(await sent()).toEqual(["trigger 500", "trigger 503", "resolve", "trigger 502"]);
});

test("a recovery is not told before the last window of its outage is, however long that is", async ({
  expect,
}) => {
  const channelId = await recoveredChannel(900);
  // As long as windows were before the engine was started anew.
  await fail(channelId, 840, 503, 600_000);
  await close(1_300);
  await close(1_441);
  expect(await sent()).toEqual(["trigger 500"]);
  await close(1_460);
  expect(await sent()).toEqual(["trigger 500", "trigger 503", "resolve"]);
});
